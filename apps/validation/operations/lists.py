"""What an organization loads for checks to judge by: known vulnerabilities and the like."""

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.catalog import ingest, places
from apps.catalog.store import Source, StoredBytes
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import require_text
from apps.validation import lists
from apps.validation.models import ReferenceList

LOAD_REFERENCE = Action(
    "reference_list.load",
    permission="catalog.manage_checks",
    needs_reason=True,
    refusal="Only a risk or security officer of the whole organization loads lists.",
    rules_everywhere=True,
)
MOST_ORIGIN = 300


def load_reference(
    kind: str, source: Source, *, by: Actor, reason: str, origin: str = ""
) -> ReferenceList:
    """Put a list in force for every model; results judged by an earlier one are out of date.

    The list is read to its end before anything is kept, and only by who may load it.

    Raises:
        InputRefused: when the list cannot be read; the message says where.
        RuleBroken: when the same list is in force already.
    """
    read = lists.reader_for(kind)
    require_text(origin, "The origin", MOST_ORIGIN)
    found = _read_and_kept(read, source) if _may_load(by, reason) else None
    with change(LOAD_REFERENCE, REGISTRY, by=by, reason=reason) as record:
        if found is None:
            raise NotAllowed("The right to load lists was given only now. Load it again.")
        stored, entries, digest = found
        _require_other(kind, stored)
        loaded = ReferenceList(
            kind=kind,
            digest=f"sha256:{stored.sha256}",
            artifact=places.artifact_of(stored, at=record.time),
            entries=entries,
            origin=origin,
            loaded_at=record.time,
        )
        loaded.save()
        record.about(loaded)
        record.note(kind=kind, entries=entries, kept=loaded.digest, source=digest)
    return loaded


def _may_load(by: Actor, reason: str) -> bool:
    """Say whether the change can go through, so that nothing is read for one that cannot."""
    return bool(reason.strip()) and by.may(LOAD_REFERENCE.permission)


def _read_and_kept(read: lists.Reader, source: Source) -> tuple[StoredBytes, int, str]:
    with lists.laid_aside(source) as (copy, digest):
        found = read(copy)
        return ingest.keep(found.kept, most=lists.MOST_BYTES), found.entries, digest


def _require_other(kind: str, stored: StoredBytes) -> None:
    """Refuse the list that is in force; an earlier one may come back."""
    newest = ReferenceList.objects.filter(kind=kind).order_by("-pk").first()
    if newest is not None and newest.digest == f"sha256:{stored.sha256}":
        raise RuleBroken(
            f"This list is in force already: it says the same as the one of "
            f"{newest.loaded_at:%d %B %Y}."
        )
