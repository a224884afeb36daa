"""Obligations that assessments opened, as gates take them."""

from apps.approvals.obligations import Kind, Obligation
from apps.risk.facts import Owed

_KINDS = {
    "restriction": Kind.RESTRICTION,
    "sign_off": Kind.SIGN_OFF,
    "condition": Kind.CONDITION,
}
"""The kinds gates tell apart; evidence and documents are things to do."""


def as_gates_take_it(owed: Owed, waived_for: frozenset[str] = frozenset()) -> Obligation:
    """Return one open obligation as far as gates know it, with what waivers of it pass over."""
    row = owed.row
    kind = _KINDS.get(row.kind, Kind.ACTION)
    return Obligation(
        id=owed.id,
        kind=kind,
        title=row.title,
        transitions=frozenset(row.gates),
        applies_from=owed.applies_from,
        role=row.ref if kind is Kind.SIGN_OFF else "",
        count=row.count,
        condition=row.ref if kind is Kind.CONDITION else "",
        waived_for=waived_for,
    )
