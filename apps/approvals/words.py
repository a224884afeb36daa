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
    "request.take_dossier": Words(
        "Took away the dossier of", "take away the dossier of", "download"
    ),
    "sign_off.withdraw": Words("Withdrew", "withdraw", "ban", "warn"),
}
DECLINED = Words("Declined", "sign off", "x", "bad")


def of_decision(entry: TimelineEntry) -> Words:
    """Return the words of an entry about a decision: a signature may also say no."""
    known = ACTIONS[entry.action]
    if entry.sign is not None and entry.sign["meaning"] == "decline":
        return DECLINED
    return as_it_ended(entry, known)
