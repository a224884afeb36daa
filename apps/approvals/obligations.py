"""What open obligations from assessments do to a gate (policies README section 4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from apps.approvals.policies import Enforcement, Gate, Policy, SlotRule
from apps.approvals.readiness import Verdict, VerdictState

_STANDS_IN = {"reauthorization": "staging_to_production"}
"""An obligation that names the promotion also counts for its renewal."""
_MOST_NAMED = 10


class Kind(StrEnum):
    """What an obligation asks for."""

    RESTRICTION = "restriction"
    SIGN_OFF = "sign_off"
    CONDITION = "condition"
    ACTION = "action"


@dataclass(frozen=True)
class Obligation:
    """One open obligation, as far as gates know it."""

    id: str
    kind: Kind
    title: str
    transitions: frozenset[str]
    applies_from: date | None = None
    role: str = ""
    count: int = 1
    condition: str = ""
    waived_for: frozenset[str] = frozenset()
    """The conditions that waivers which count waive as far as this one goes."""

    @property
    def line(self) -> str:
        """What its line at a gate goes by, among the ids of conditions."""
        return f"obligation:{self.id}"

    def names(self, transition: str) -> bool:
        """Say whether it stands in front of a transition."""
        return bool(self.transitions & {transition, _STANDS_IN.get(transition, transition)})

    def binds(self, at: datetime | None) -> bool:
        """Say whether it binds by now; when no moment is known, it does."""
        return self.applies_from is None or at is None or at.date() >= self.applies_from


@dataclass(frozen=True)
class Named:
    """What the obligations that name a transition add to its gate."""

    verdicts: tuple[Verdict, ...] = ()
    slots: tuple[SlotRule, ...] = ()
    conditions: frozenset[str] = field(default_factory=frozenset)

    def slots_beside(self, gate: Gate, applying: Iterable[SlotRule]) -> Iterator[SlotRule]:
        """Yield the added slots; a role whose slot applies already counts once.

        Where the gate has a slot of the role that does not apply by itself, that one is asked, of
        as many people as either asks for.
        """
        there = {slot.role for slot in applying}
        for slot in self.slots:
            if slot.role in there:
                continue
            own = gate.slot_or_none(slot.role)
            if own is None:
                yield slot
                continue
            yield replace(own, count=max(own.count, slot.count), when=None, is_added=True)


def kept_from(
    obligations: Sequence[Obligation],
    policy: Policy,
    transition: str,
    facts: Mapping[str, object],
) -> Named:
    """Return what open obligations add to the gate of a transition."""
    now = facts.get("now")
    at = now if isinstance(now, datetime) else None
    named = [one for one in obligations if one.names(transition)]
    verdicts = (_verdict(one, policy, bound=one.binds(at)) for one in named)
    asked = sorted((one for one in named if one.kind is Kind.SIGN_OFF), key=lambda one: one.count)
    return Named(
        tuple(verdict for verdict in verdicts if verdict is not None),
        tuple({one.role: _slot(one, policy) for one in asked}.values()),
        frozenset(one.condition for one in named if one.kind is Kind.CONDITION and one.binds(at)),
    )


def blocking(
    obligations: Sequence[Obligation], policy: Policy, transition: str, at: datetime | None
) -> list[Obligation]:
    """Return the open obligations that are counted as blocking at the gate of a transition.

    A condition blocks as one, a sign-off adds a slot and a restriction blocks by itself, so what is
    counted as blocking is what is left: evidence and documents that bind, where the policy blocks.
    """
    if policy.obligations.from_applies_from is not Enforcement.BLOCK:
        return []
    return [
        one
        for one in obligations
        if one.kind is Kind.ACTION and one.names(transition) and one.binds(at)
    ]


def counted(
    obligations: Sequence[Obligation], policy: Policy, transition: str, at: datetime
) -> dict[str, object]:
    """Return the facts about open obligations at the gate of a transition."""
    binding = blocking(obligations, policy, transition, at)
    return {"open_blocking": len(binding), "open_total": len(obligations)}


def left_open(condition: str, owed: Iterable[Obligation]) -> str:
    """Say which blocking obligations no waiver of a condition covers, or nothing."""
    titles = [f"“{one.title}”" for one in owed if condition not in one.waived_for]
    if not titles:
        return ""
    told = "; ".join(titles[:_MOST_NAMED])
    more = len(titles) - _MOST_NAMED
    return f"Open, and covered by no waiver: {told}{f'; and {more} more' if more > 0 else ''}."


def _slot(obligation: Obligation, policy: Policy) -> SlotRule:
    title = next(
        (role.title for role in policy.roles if role.id == obligation.role), obligation.role
    )
    return SlotRule(obligation.role, title, obligation.count, "approval", None, is_added=True)


def _verdict(obligation: Obligation, policy: Policy, *, bound: bool) -> Verdict | None:
    """Return the line of a restriction, or what another obligation does before and from its date.

    One that binds and blocks is counted in ``obligations.open_blocking``, and has no line here.
    """
    if obligation.kind is Kind.RESTRICTION:
        return _line(obligation, VerdictState.BLOCKED, "A restriction stands in front of this.")
    if obligation.kind is Kind.SIGN_OFF:
        return None
    if bound and _is_beyond(obligation, policy):
        reason = f"The policy has no condition {obligation.condition}, so nothing judges it here."
        return _line(obligation, VerdictState.BLOCKED, reason)
    rules = policy.obligations
    state = {
        Enforcement.BLOCK: None if bound else VerdictState.BLOCKED,
        Enforcement.WARN: VerdictState.WARNED,
        Enforcement.SKIP: None,
    }[rules.from_applies_from if bound else rules.before_applies_from]
    if state is None:
        return None
    return _line(obligation, state, _since(obligation, bound=bound))


def _is_beyond(obligation: Obligation, policy: Policy) -> bool:
    """Say whether an obligation names a condition that the policy does not have."""
    is_condition = obligation.kind is Kind.CONDITION
    return is_condition and policy.condition_or_none(obligation.condition) is None


def _since(obligation: Obligation, *, bound: bool) -> str:
    if obligation.applies_from is None:
        return "It is open, and binds."
    return f"It binds {'since' if bound else 'from'} {obligation.applies_from}."


def _line(obligation: Obligation, state: VerdictState, reason: str) -> Verdict:
    return Verdict(
        condition=obligation.line,
        state=state,
        reason=reason,
        remedy="Close the obligation, or have it formally deferred.",
        title=obligation.title,
        cites=(),
        inputs=(),
    )
