"""How actions, doors and ways to sign in are said to people who read the record."""

from apps.approvals import words as approvals
from apps.audit.models import AuditEvent
from apps.audit.timeline import Words
from apps.console.serving import recorded
from apps.risk import finding_words
from apps.risk import words as risk

ACTIONS: dict[str, Words] = {
    **approvals.ACTIONS,
    **risk.ACTIONS,
    **finding_words.ACTIONS,
    **recorded.ACTIONS,
    # models
    "model.register": Words("Registered the model", "register a model", "plus", "info"),
    "model.describe": Words("Described", "describe", "pencil"),
    "model.delete": Words("Deleted", "delete", "trash-2"),
    "model.rename": Words("Renamed", "rename", "pencil"),
    "model.set_tag": Words("Set a tag of", "set a tag of", "tag"),
    "model.delete_tag": Words("Deleted a tag of", "delete a tag of", "tag"),
    "model.import": Words("Imported", "import", "import", "info"),
    "model.set_alias": Words("Set an alias of", "set an alias of", "at-sign"),
    "model.remove_alias": Words("Removed an alias of", "remove an alias of", "at-sign"),
    "model.grant_duty": Words("Appointed", "grant a duty on", "user-round-plus"),
    "model.end_duty": Words("Ended the duty of", "end the duty of", "user-round-minus"),
    "model.grant_oversight_duty": Words("Appointed", "grant a duty on", "user-round-plus"),
    "model.end_oversight_duty": Words("Ended the duty of", "end the duty of", "user-round-minus"),
    # inventory
    "inventory.record": Words(
        "Recorded in the inventory of", "record in the inventory of", "table-properties"
    ),
    "inventory.export": Words("Took the inventory away:", "take the inventory away:", "download"),
    "use_case.add": Words("Added the use", "add a use to", "target"),
    "use_case.approve": Words("Approved the use", "approve the use", "check", "good"),
    "use_case.end": Words("Ended the use", "end the use", "target"),
    "third_party.add": Words("Added the supplier record", "add a supplier record to", "handshake"),
    "third_party.end": Words("Ended the supplier record", "end the supplier record", "handshake"),
    "own_field.add": Words("Added the inventory field", "add an inventory field to", "plus"),
    "own_field.require": Words("Made required:", "make a field required in", "asterisk"),
    "own_field.end": Words("Took back the rule on", "take back the rule on", "undo-2"),
    # versions
    "version.register": Words("Registered", "register a version of", "plus", "info"),
    "version.register_and_check": Words(
        "Registered with its checks:", "register and check a version of", "plus", "info"
    ),
    "version.import": Words("Imported", "import a version of", "import", "info"),
    "version.note_missing": Words("Noted as missing:", "note a missing version of", "circle-off"),
    "version.delete": Words("Deleted", "delete", "trash-2"),
    "version.export": Words("Exported", "export", "download"),
    "version.describe": Words("Described", "describe", "pencil"),
    "version.complete": Words("Fetched the files of", "fetch the files of", "download"),
    "version.complete_and_check": Words(
        "Fetched for its checks:", "fetch and check the files of", "download"
    ),
    "version.set_tag": Words("Set a tag of", "set a tag of", "tag"),
    "version.delete_tag": Words("Deleted a tag of", "delete a tag of", "tag"),
    "version.download": Words("Downloaded a file of", "download a file of", "download"),
    "version.start_checks": Words("Started checks on", "start checks on", "play"),
    "version.cancel_checks": Words("Canceled checks on", "cancel checks on", "ban"),
    "version.quarantine": Words("Quarantined files of", "quarantine files of", "shield-x", "bad"),
    "version.lift_quarantine": Words(
        "Lifted the quarantine on files of", "lift a quarantine on", "shield-check"
    ),
    "version.declare_lineage": Words("Added to lineage:", "add to lineage:", "workflow"),
    "version.end_lineage": Words("Took from lineage:", "take from lineage:", "workflow"),
    "version.observe_lineage": Words("Observed lineage of", "observe lineage of", "workflow"),
    "version.export_lineage": Words("Exported lineage of", "export lineage of", "download"),
    # assets
    "asset.declare": Words("Declared the asset", "declare an asset", "plus", "info"),
    "asset.observe": Words("Observed the asset", "observe an asset", "plus", "info"),
    "asset.describe": Words("Described the asset", "describe the asset", "pencil"),
    "asset.retire": Words("Retired the asset", "retire the asset", "archive"),
    "asset.observe_lineage": Words("Observed lineage of", "observe lineage of", "workflow"),
    "asset.declare_lineage": Words("Added to lineage:", "add to lineage:", "workflow"),
    "asset.end_lineage": Words("Took from lineage:", "take from lineage:", "workflow"),
    "user.export_models": Words(
        "Exported the list of models, as", "export the list of models, as", "download"
    ),
    "user.export_asset": Words("Exported lineage, as", "export lineage, as", "download"),
    # checks
    "check_run.claim": Words("Began the check", "begin the check", "play"),
    "check_run.conclude": Words("Concluded the check", "conclude the check", "list-checks"),
    "check_run.take_back": Words("Took back the check", "take back the check", "rotate-ccw"),
    "check_run.expire": Words("Awaited no longer:", "await no longer", "hourglass"),
    "check_run.post": Words("Posted the result of", "post the result of", "list-checks"),
    "check.set_parameters": Words("Set parameters:", "set parameters of checks on", "settings-2"),
    "check.set_for_all": Words("Set parameters:", "set parameters of checks for all", "settings-2"),
    "external_check.expect": Words("Expected the check", "expect an external check", "plus"),
    "external_check.end": Words("Ended the external check", "end the external check", "ban"),
    # evidence
    "evidence.add": Words("Added evidence:", "add evidence to", "folder-plus"),
    "evidence.verify": Words("Verified the evidence", "verify the evidence", "check", "good"),
    "evidence.decline": Words("Did not accept the evidence", "decline the evidence", "x"),
    "evidence.withdraw": Words("Withdrew the evidence", "withdraw the evidence", "circle-off"),
    "evidence.download": Words("Downloaded the evidence", "download the evidence", "download"),
    "attestation.attach": Words("Attached", "attach an attestation to", "paperclip"),
    "attestation.withdraw": Words("Withdrew", "withdraw an attestation of", "circle-off"),
    "attestation.download": Words("Downloaded", "download an attestation of", "download"),
    "document.start": Words("Began the document", "begin a document about", "file-pen"),
    "document.save_section": Words("Wrote in the document", "write in a document", "file-pen"),
    "document.submit": Words("Submitted the document", "submit the document", "send"),
    "document.return": Words("Returned the document", "return the document", "undo-2"),
    "document.approve": Words("Approved the document", "approve the document", "check", "good"),
    "document.revise": Words("Began a revision of", "begin a revision of", "file-plus"),
    "document.export": Words("Exported the document", "export the document", "download"),
    "reference_list.load": Words("Loaded the list:", "load a list for checks", "list-checks"),
    # monitoring
    "monitoring.start": Words("Began to watch", "watch a metric of", "activity"),
    "monitoring.change_bands": Words("Changed the bands of", "change the bands of", "pencil"),
    "monitoring.end": Words("Ended the series", "end the series", "circle-off"),
    "monitoring.post": Words("Posted measurements of", "post measurements of", "activity"),
    "monitoring.export": Words("Took away the points of", "take away the points of", "download"),
    "breach.open": Words("Opened a breach:", "open a breach of", "triangle-alert", "warn"),
    "breach.change": Words("Changed a breach:", "change a breach:", "triangle-alert", "warn"),
    "breach.end": Words("Ended a breach:", "end a breach:", "check"),
    "breach.acknowledge": Words("Answered for a breach:", "answer for a breach:", "message-square"),
    # webhooks
    "webhook.create": Words("Created the webhook", "create a webhook", "webhook"),
    "webhook.change": Words("Changed the webhook", "change the webhook", "webhook"),
    "webhook.delete": Words("Deleted the webhook", "delete the webhook", "webhook"),
    "webhook.test": Words("Tested the webhook", "test the webhook", "webhook"),
    "webhook.change_anothers": Words("Changed the webhook", "change the webhook", "webhook"),
    "webhook.delete_anothers": Words("Deleted the webhook", "delete the webhook", "webhook"),
    "webhook.test_anothers": Words("Tested the webhook", "test the webhook", "webhook"),
    # backups
    "backup.make": Words("Took a backup", "take a backup", "save"),
    "backup.restore": Words(
        "Restored from a backup", "restore from a backup", "archive-restore", "warn"
    ),
    # exam rooms
    "exam_room.open": Words("Opened the exam room", "open an exam room for", "eye", "info"),
    "exam_room.close": Words("Closed the exam room", "close the exam room", "eye-off"),
    "exam_room.add_models": Words("Added models to the exam", "add models to the exam", "plus"),
    "exam_room.withdraw_model": Words(
        "Withdrew a model from the exam", "withdraw a model from the exam", "minus"
    ),
    "exam_room.look": Words("Was shown something in the exam", "look in the exam", "eye"),
    "exam_room.turn_away": Words(
        "Was refused a look in the exam", "look in the exam", "ban", "bad"
    ),
    # people
    "user.create": Words("Opened the account of", "open an account", "user-round-plus"),
    "user.create_first_administrator": Words(
        "Opened the first administrator's account,",
        "open the first administrator's account",
        "user-round-plus",
    ),
    "user.close": Words("Closed the account of", "close the account of", "user-round-x"),
    "user.reopen": Words("Reopened the account of", "reopen the account of", "user-round-check"),
    "user.change_password": Words("Changed the password of", "change the password of", "key-round"),
    "user.set_password": Words("Set the password of", "set the password of", "key-round"),
    "user.appoint_administrator": Words(
        "Appointed as administrator", "appoint as administrator", "shield-plus"
    ),
    "user.dismiss_administrator": Words(
        "Dismissed as administrator", "dismiss as administrator", "shield-minus"
    ),
    "sign_on.admit": Words("Opened at first sign-in:", "open an account at sign-in", "log-in"),
    "sign_on.link": Words("Let sign in elsewhere:", "let sign in elsewhere", "link"),
    "sign_on.unlink": Words(
        "Ended signing in elsewhere of", "end signing in elsewhere of", "unlink"
    ),
    "sign_on.follow_groups": Words("Followed the groups of", "follow the groups of", "users-round"),
    "directory_person.admit": Words(
        "Took over from the directory:", "take a person over from the directory", "user-round-plus"
    ),
    "directory_person.update": Words(
        "Took over what the directory says of", "take over what the directory says of", "pencil"
    ),
    "directory_person.drop": Words(
        "Dropped with the directory:", "drop with the directory", "user-round-x"
    ),
    "directory_team.admit": Words(
        "Took over from the directory:", "take a team over from the directory", "users-round"
    ),
    "directory_team.update": Words(
        "Took over what the directory says of", "take over what the directory says of", "pencil"
    ),
    "directory_team.drop": Words(
        "Emptied with the directory:", "empty with the directory", "users-round"
    ),
    "team.create": Words("Created the team", "create a team", "users-round"),
    "team.join": Words("Added a person to", "add a person to", "user-round-plus"),
    "team.leave": Words("Took a person out of", "take a person out of", "user-round-minus"),
    "duty.grant": Words("Appointed", "grant a duty to", "user-round-plus"),
    "duty.end": Words("Ended the duty of", "end the duty of", "user-round-minus"),
    "token.create": Words("Created the token", "create a token of", "key-round"),
    "token.renew": Words("Renewed the token", "renew the token", "key-round"),
    "token.revoke": Words("Revoked the token", "revoke the token", "key-round"),
    "token.withdraw": Words("Withdrew the token", "withdraw the token", "key-round"),
    "code_device.add": Words("Added", "add an authenticator app to", "smartphone"),
    "code_device.remove": Words("Removed", "remove", "smartphone"),
    "passkey.add": Words("Added", "add a passkey to", "fingerprint-pattern"),
    "passkey.remove": Words("Removed", "remove", "fingerprint-pattern"),
    "passkey.suspect": Words("Refused as a copy", "refuse as a copy", "shield-alert", "bad"),
    "confirmation.refuse": Words(
        "Was not confirmed as", "note a refused confirmation of", "shield-alert", "bad"
    ),
    "recovery_code.renew": Words("Made recovery codes for", "make recovery codes for", "life-buoy"),
    "recovery_code.use": Words("Used", "use a recovery code of", "life-buoy", "warn"),
    "user.entrust": Words("Named who answers for", "name who answers for", "user-round-plus"),
    "user.withdraw_factors": Words(
        "Removed the lost factors of", "remove the lost factors of", "shield-minus", "warn"
    ),
    "user.export_entries": Words(
        "Took entries of the record away, as", "take entries of the record away, as", "download"
    ),
    "record.export": Words("Took the whole record away", "take the whole record away", "download"),
    "record.take": Words("Took entries of the log", "take entries of the log", "download"),
    "record.compare": Words("Compared rows with", "compare rows with", "scale"),
    "log.open": Words("Opened the log", "open the log", "lock-keyhole"),
    "log.halt": Words("Halted the log", "halt the log", "octagon-alert", "bad"),
    "log.beat": Words("Saw nothing happen for an hour on", "beat on", "heart-pulse"),
    "log.key": Words("Named a new key of", "name a new key of", "key-round"),
    "anchor.away": Words("Lost touch with", "reach", "cloud-off", "bad"),
    "anchor.back": Words("Reached again", "reach", "cloud"),
    "redaction.ask": Words("Asked to erase words of", "ask to erase words of", "eraser", "warn"),
    "redaction.approve": Words(
        "Approved erasing words of", "approve erasing words of", "eraser", "warn"
    ),
    "redaction.decline": Words("Declined to erase words of", "decline to erase words of", "eraser"),
    "event.redact": Words("Erased words of", "erase words of", "eraser", "warn"),
    "event.forged": Words(
        "Set a forged event aside from", "set an event aside from", "shield-x", "bad"
    ),
    "event.unqueued": Words(
        "Queued again events that were lost to", "queue events of", "shield-alert", "bad"
    ),
    "session.sign_in": Words("Signed in", "sign in", "log-in"),
    "session.sign_out": Words("Signed out", "sign out", "log-out"),
}

DOORS = {
    "web": "Browser",
    "api": "API",
    "admin": "Administration",
    "command": "Command on the host",
    "worker": "Background work",
}
WAYS_IN = {
    "session": "Signed in by password",
    "token": "API token",
    "oidc": "Signed in by the organization",
    "none": "Not signed in",
}
MEANINGS = {
    "approve": "Approved",
    "with_conditions": "Approved with conditions",
    "ask_changes": "Asked for changes",
    "decline": "Declined",
    "approval": "Approval",
    "responsibility": "Responsibility",
}
OUTCOMES = {
    AuditEvent.Outcome.DONE: "Done",
    AuditEvent.Outcome.REFUSED: "Refused",
    AuditEvent.Outcome.FAILED: "Failed",
    AuditEvent.Outcome.INTENT: "Announced",
}


def of_action(action: str) -> Words:
    """Return an action in words; one this release does not know is said by its own name."""
    known = ACTIONS.get(action)
    if known is not None:
        return known
    subject, _, verb = action.partition(".")
    plain = f"{verb} {subject}".replace("_", " ")
    return Words(plain.capitalize(), plain)


def choices() -> list[tuple[str, str]]:
    """Return every action with what was tried, for a form that looks for one."""
    return [(name, f"{words.tried[0].upper()}{words.tried[1:]}") for name, words in ACTIONS.items()]
