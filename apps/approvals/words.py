"""How decisions are said to people who read the record."""

from collections.abc import Mapping

from apps.audit.timeline import TimelineEntry, Words, as_it_ended

ACTIONS: Mapping[str, Words] = {
    "version.request_promotion": Words(
        "Requested the promotion of", "request the promotion of", "git-pull-request", "info"
    ),
    "version.promote": Words("Promoted", "promote", "arrow-up", "good"),
    "model.roll_back": Words("Rolled back", "roll back", "undo-2", "warn"),
    "request.sign_off": Words("Signed off", "sign off", "pen-line", "good"),
    "request.withdraw": Words(
        "Withdrew the request for", "withdraw the request for", "ban", "warn"
    ),
    "request.withdraw_rollback": Words(
        "Withdrew the request for", "withdraw the request for", "ban", "warn"
    ),
    "request.take_dossier": Words(
        "Took away the dossier of", "take away the dossier of", "download"
    ),
    "sign_off.withdraw": Words("Withdrew", "withdraw", "ban", "warn"),
    "policy.draft": Words("Drafted the policy", "draft a policy", "scroll-text"),
    "policy.change_draft": Words("Changed the draft", "change the draft", "pencil"),
    "policy.drop_draft": Words("Dropped the draft", "drop the draft", "trash-2"),
    "policy.propose": Words("Proposed the policy", "propose the policy", "send", "info"),
    "policy.sign": Words("Signed the policy", "sign the policy", "pen-line", "good"),
    "policy.decline": Words("Declined the policy", "decline the policy", "x", "bad"),
    "policy.publish": Words("Published the policy", "publish the policy", "scale", "good"),
    "version.renew": Words("Renewed the authorization of", "renew", "refresh-cw", "good"),
    "version.archive": Words("Archived", "archive", "archive", "warn"),
    "version.decommission": Words("Decommissioned", "decommission", "archive-x", "warn"),
    "version.send_back": Words("Sent back", "send back", "undo-2", "warn"),
    "version.set_aside": Words("Set aside", "set aside", "archive", "warn"),
    "version.request_rollback": Words(
        "Asked to go back to", "ask to go back to", "git-pull-request", "warn"
    ),
    "request.note_warnings": Words(
        "Answered the warnings of", "answer the warnings of", "message-square", "info"
    ),
    "request.comment": Words("Wrote", "comment", "message-square"),
    "comment.resolve": Words("Marked as resolved", "mark as resolved", "check", "good"),
    "sign_off.answer": Words("Answered", "answer", "message-square", "info"),
    "condition.meet": Words("Met", "meet", "check", "good"),
    "user.delegate": Words("Lets somebody sign:", "delegate for", "users", "info"),
    "delegation.end": Words("Ended", "end", "ban", "warn"),
    # waivers
    "version.ask_for_waiver": Words("Asked for", "ask for a waiver of", "file-clock", "info"),
    "waiver.renew": Words("Asked for a renewal:", "renew", "refresh-cw", "info"),
    "waiver.sign": Words("Signed", "sign", "pen-line", "good"),
    "waiver.withdraw": Words("Withdrew", "withdraw", "ban", "warn"),
    "waiver.revoke": Words("Revoked", "revoke", "ban", "bad"),
    "waiver.end": Words("Ended", "end", "hourglass", "warn"),
    # emergencies
    "model.roll_back_at_once": Words("Rolled back at once", "roll back at once", "siren", "bad"),
    "emergency.ratify": Words("Confirmed", "confirm", "pen-line", "good"),
    "emergency.lapse": Words("Not confirmed in time:", "end", "hourglass", "bad"),
    "emergency.review": Words("Reviewed", "review", "search-check", "info"),
    # what happens by itself
    "request.carry_out": Words("Carried out", "carry out", "arrow-up", "good"),
    "request.lapse": Words("Closed, since nobody went on with", "close", "hourglass", "warn"),
    "condition.miss": Words("Not met in time:", "note as missed", "hourglass", "bad"),
    "authorization.end": Words("Ended", "end", "hourglass", "warn"),
    "version.break_rule": Words("Does not hold any more:", "note about", "triangle-alert", "bad"),
    "rule_breach.end": Words("Holds again:", "settle", "check", "good"),
    "version.suspend_authorization": Words(
        "Suspended the authorization of", "suspend the authorization of", "ban", "bad"
    ),
    # retention and disposal
    "model.set_retention": Words("Set the retention of", "set the retention of", "archive"),
    "model.place_legal_hold": Words("Placed", "place a legal hold on", "lock", "warn"),
    "legal_hold.lift": Words("Lifted", "lift", "lock-open", "warn"),
    "retirement.ask_disposal": Words("Asked to dispose of", "ask to dispose of", "trash-2", "warn"),
    "retirement.call_off_disposal": Words("Called off:", "call off the disposal of", "undo-2"),
    "retirement.dispose": Words("Disposed of files:", "dispose of the files of", "trash-2", "warn"),
    # evidence packs
    "pack.order": Words("Ordered", "order", "package-check", "info"),
    "pack.repeat": Words("Had made again:", "have made again", "refresh-cw"),
    "pack.bind": Words("Put together", "put together", "package"),
    "pack.make": Words("Made", "make", "package-check", "good"),
    "pack.fail": Words("Could not make", "make", "package-x", "bad"),
    "pack.clear": Words("Cleared the file of", "clear the file of", "trash-2"),
    "pack.download": Words("Took away", "take away", "download"),
    # admission
    "admission.publish_key": Words(
        "Named a key of admission answers", "name a key of admission answers", "key-round"
    ),
}
DECLINED = Words("Declined", "sign off", "x", "bad")


def of_decision(entry: TimelineEntry) -> Words:
    """Return the words of an entry about a decision: a signature may also say no."""
    known = ACTIONS[entry.action]
    if entry.sign is not None and entry.sign["meaning"] == "decline":
        return DECLINED
    return as_it_ended(entry, known)
