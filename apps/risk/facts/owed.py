"""Which obligations are open for a version: what is kept of them, beside what is there by now."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from apps.risk.models import Obligation
from apps.validation.evidence.queries import is_live
from apps.validation.evidence.types import Binding, types
from apps.validation.models import EvidenceItem

Facts = Mapping[str, Any]
OfUses = Collection[tuple[int, str]]
"""Which types of evidence count for which uses."""
NOTICES = frozenset({"transparency_notice", "content_marking_test"})
"""The evidence by which a use discloses what it is to people."""
BY_ITSELF = frozenset({Obligation.Kind.EVIDENCE, Obligation.Kind.DOCUMENT})
"""The kinds that what is attached or written meets, and no person's word."""


@dataclass(frozen=True)
class Owed:
    """One obligation that is open for a version, as gates and pages take it."""

    row: Obligation
    applies_from: date | None
    """The day from which it binds, put off or not."""
    is_put_off: bool = False

    @property
    def id(self) -> str:
        return self.row.record_id

    def binds(self, on: date) -> bool:
        """Say whether it binds on a day."""
        return self.applies_from is None or on >= self.applies_from


def of_uses(items: Iterable[EvidenceItem], at: datetime) -> OfUses:
    """Return which types of evidence somebody verified for which uses, and count."""
    return frozenset(
        (item.use_case_id, item.type)
        for item in items
        if item.use_case_id is not None and item.verified_at is not None and is_live(item, at)
    )


def owed(row: Obligation, known: Facts, attached: OfUses, on: date) -> Owed | None:
    """Return an obligation as it is open, or nothing once it is met.

    ``known`` are the facts about the evidence and documents of a version.
    """
    if not row.is_live or row.state == Obligation.State.MET or is_there(row, known, attached):
        return None
    if row.is_put_off(on):
        assert row.deferred_until is not None
        until = row.deferred_until + timedelta(days=1)
        return Owed(row, max(until, row.applies_from or until), is_put_off=True)
    return Owed(row, row.applies_from)


def is_there(row: Obligation, known: Facts, attached: OfUses) -> bool:
    """Say whether the evidence is valid, or the document approved, that an obligation asks for.

    What is asked of one use, and is evidence about a use, is there once it is about that use.
    """
    if row.kind == Obligation.Kind.EVIDENCE:
        if row.use_case_id is not None and _is_of_use(row.ref):
            return (row.use_case_id, row.ref) in attached
        return bool(_fact(known, "evidence", row.ref, "valid", 0))
    if row.kind == Obligation.Kind.DOCUMENT:
        return bool(_fact(known, "documents", row.ref, "status", "") == "approved")
    return False


def _is_of_use(type_id: str) -> bool:
    kind = types().get(type_id)
    return kind is not None and kind.binds_to is Binding.USE_CASE


def _fact(known: Facts, group: str, name: str, key: str, otherwise: object) -> object:
    entry = known.get(group, {}).get(name)
    return entry.get(key, otherwise) if isinstance(entry, Mapping) else otherwise
