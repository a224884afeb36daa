"""Judgment of a gate: facts and sign-offs in, verdicts out. Pure: no rows, no clock, no writes.

Everything defaults to closed. A fact that is missing or an expression that fails blocks its
condition, asks for its slot, raises the tier or refuses the signer, and says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from apps.approvals.obligations import Named, Obligation, blocking, kept_from, left_open
from apps.approvals.policies import (
    TIERS,
    Enforcement,
    Floor,
    Gate,
    GateCondition,
    Mode,
    Policy,
    SeparationRule,
    SlotRule,
    gate_of,
)
from apps.approvals.readiness import (
    Closed,
    GivenSignOff,
    Readiness,
    SlotState,
    Verdict,
    VerdictState,
)
from apps.core.expressions import Expression, ExpressionError

Facts: TypeAlias = Mapping[str, object]

STRICTEST_TIER, *_ = TIERS
"""What a model without a recorded tier is gated at."""


def judge(
    policy: Policy,
    transition_id: str,
    facts: Facts,
    sign_offs: Sequence[GivenSignOff],
    *,
    mode: Mode = Mode.STANDARD,
    obligations: Sequence[Obligation] = (),
    note: str = "",
    debts: Sequence[Closed] = (),
) -> Readiness:
    """Judge every condition and signer slot of a transition's gate.

    ``note`` is what the requester says about its warnings; without one, a warned gate stays shut.
    ``debts`` are what keeps it shut beside the policy, until it is settled.

    Raises:
        NotFound: when the policy has no such transition.
    """
    gate = gate_of(policy, transition_id, effective_tier(policy, facts), mode)
    known = {**facts, "settings": gate.settings, "sign_offs": sign_off_facts(sign_offs)}
    named = kept_from(obligations, policy, transition_id, known)
    owed = blocking(obligations, policy, transition_id, _moment(facts))
    own = _slots(gate, known)
    slots = _filled([*own, *named.slots_beside(gate, own)], sign_offs)
    verdicts = (
        *(
            _verdict(asked, _enforced(asked, gate, named), known, owed)
            for asked in _asked(policy, gate, named)
        ),
        *named.verdicts,
    )
    return Readiness(
        policy=f"{policy.id} {policy.version}",
        policy_digest=policy.digest,
        gate_digest=gate.digest,
        transition=transition_id,
        mode=mode,
        tier=gate.tier,
        verdicts=verdicts,
        slots=slots,
        distinct_needed=gate.distinct_needed,
        distinct_given=len({given.signer_id for slot in slots for given in slot.filled_by}),
        dissents=tuple(given for given in sign_offs if given.is_unanswered),
        opens_at=_opens_at(gate, slots),
        now=_moment(facts),
        is_noted=bool(note.strip()),
        debts=tuple(debts),
    )


def blocked_by(asked: Iterable[GateCondition], gate: Gate, facts: Facts) -> frozenset[str]:
    """Return which of a gate's conditions keep it shut, without telling why: for many versions."""
    known = {**facts, "settings": gate.settings}
    return frozenset(
        one.condition.id
        for one in asked
        if _state(one, one.enforcement[gate.tier], known)[0] is VerdictState.BLOCKED
    )


def blocked_by_obligations(
    policy: Policy, gate: Gate, facts: Facts, obligations: Sequence[Obligation]
) -> frozenset[str]:
    """Return what open obligations keep a gate shut by: lines of their own, and conditions."""
    named = kept_from(obligations, policy, gate.transition.id, facts)
    known = {**facts, "settings": gate.settings}
    lines = (one.condition for one in named.verdicts if one.state is VerdictState.BLOCKED)
    asked = (one for one in _asked(policy, gate, named) if one.condition.id in named.conditions)
    return frozenset(lines).union(
        one.condition.id
        for one in asked
        if _state(one, Enforcement.BLOCK, known)[0] is VerdictState.BLOCKED
    )


def effective_tier(policy: Policy, facts: Facts) -> int:
    """Return the tier a model is gated at: the strictest of the recorded one and all floors."""
    model = facts.get("model")
    recorded = model.get("tier") if isinstance(model, Mapping) else None
    known = recorded if type(recorded) is int and recorded in TIERS else STRICTEST_TIER
    return min([known, *(floor.tier for floor in _floors(policy, facts))])


def floors_in_effect(policy: Policy, facts: Facts) -> tuple[str, ...]:
    """Return the ids of the floors that gate a model at a stricter tier than the recorded one."""
    model = facts.get("model")
    recorded = model.get("tier") if isinstance(model, Mapping) else None
    known = recorded if type(recorded) is int and recorded in TIERS else max(TIERS) + 1
    tier = effective_tier(policy, facts)
    return tuple(
        floor.id for floor in _floors(policy, facts) if floor.tier == tier and tier < known
    )


def _floors(policy: Policy, facts: Facts) -> list[Floor]:
    return [floor for floor in policy.floors if _holds_or_fails(floor.when, facts)]


def refusals(
    policy: Policy,
    transition_id: str,
    facts: Facts,
    actor_facts: Facts,
    slot: SlotRule,
    *,
    mode: Mode = Mode.STANDARD,
) -> tuple[str, ...]:
    """Return why this person may not sign in this slot, in sentences; nothing when they may.

    ``facts`` carries ``sign_offs``, the ones given so far (see ``sign_off_facts``).
    """
    gate = gate_of(policy, transition_id, effective_tier(policy, facts), mode)
    if slot not in gate.slots and not slot.is_added:
        return (f"This gate asks for no sign-off by {slot.signer}.",)
    known = {
        **facts,
        "settings": gate.settings,
        "actor": actor_facts,
        "approval": {"role": slot.role, "meaning": slot.meaning},
    }
    return _refusals(gate.duties, gate.tier, slot, known)


def refusals_of(policy: Policy, tier: int, facts: Facts, slot: SlotRule) -> tuple[str, ...]:
    """Return why somebody may not sign what no transition of the policy asks for, in sentences.

    Asked are the duties at the tier that look at nothing but what ``facts`` tell of the signer.
    """
    known = {
        **facts,
        "settings": policy.tier(tier).settings,
        "approval": {"role": slot.role, "meaning": slot.meaning},
    }
    told = [
        rule
        for rule in policy.duties
        if all(_is_told(path, known) for path, _ in rule.expression.reads)
    ]
    return _refusals(told, tier, slot, known)


def sign_off_facts(sign_offs: Iterable[GivenSignOff]) -> list[dict[str, object]]:
    """Return sign-offs as expressions read them."""
    return [
        {
            "role": given.role,
            "user_id": given.signer_id,
            "decision": "approve" if given.is_yes else given.decision,
            "valid": given.valid,
        }
        for given in sign_offs
    ]


def _asked(policy: Policy, gate: Gate, named: Named) -> Iterator[GateCondition]:
    """Yield the conditions of a gate; one that an obligation names is asked at every tier.

    So is one that the policy has for other gates only.
    """
    held = gate.transition.conditions
    for asked in held:
        if asked in gate.conditions or asked.condition.id in named.conditions:
            yield asked
    beside = named.conditions - {asked.condition.id for asked in held}
    for condition in policy.conditions:
        if condition.id in beside:
            yield GateCondition(condition, None, {})


def _enforced(asked: GateCondition, gate: Gate, named: Named) -> Enforcement:
    """Return what a condition does here: an obligation makes it block whatever the tier."""
    if asked.condition.id in named.conditions:
        return Enforcement.BLOCK
    return asked.enforcement[gate.tier]


def _verdict(
    asked: GateCondition, enforcement: Enforcement, facts: Facts, owed: Sequence[Obligation]
) -> Verdict:
    condition = asked.condition
    state, reason = _state(asked, enforcement, facts)
    if state is VerdictState.BLOCKED and condition.asks_obligations:
        reason = f"{reason} {left_open(condition.id, owed)}".strip()
    return Verdict(
        condition=condition.id,
        state=state,
        reason=reason,
        remedy=condition.remediation,
        title=condition.title,
        cites=condition.cites,
        inputs=condition.expression.inputs(facts),
    )


def _state(
    asked: GateCondition, enforcement: Enforcement, facts: Facts
) -> tuple[VerdictState, str]:
    condition = asked.condition
    try:
        if asked.when and not asked.when.evaluate(facts):
            return VerdictState.NOT_APPLICABLE, "It does not apply here."
        if condition.expression.evaluate(facts):
            return VerdictState.PASSED, ""
    except ExpressionError as error:
        return VerdictState.BLOCKED, f"This could not be judged. {error}"
    if enforcement is Enforcement.WARN:
        return VerdictState.WARNED, condition.fail_message
    if condition.waivable and _is_waived(condition.id, facts):
        return VerdictState.WAIVED, condition.fail_message
    return VerdictState.BLOCKED, condition.fail_message


def _is_waived(condition_id: str, facts: Facts) -> bool:
    waivers = facts.get("waivers")
    waived = waivers.get("waived_conditions") if isinstance(waivers, Mapping) else None
    return isinstance(waived, list | tuple) and condition_id in waived


def _slots(gate: Gate, facts: Facts) -> list[SlotRule]:
    return [rule for rule in gate.slots if rule.when is None or _holds_or_fails(rule.when, facts)]


def _opens_at(gate: Gate, slots: Sequence[SlotState]) -> datetime | None:
    """Return when the days of cooling off are over, counted from the last sign-off needed."""
    if not gate.cooling_off_days or any(slot.missing for slot in slots):
        return None
    signed = [given.signed_at for slot in slots for given in slot.filled_by if given.signed_at]
    return max(signed) + timedelta(days=gate.cooling_off_days) if signed else None


def _moment(facts: Facts) -> datetime | None:
    now = facts.get("now")
    return now if isinstance(now, datetime) else None


def _filled(rules: Sequence[SlotRule], sign_offs: Sequence[GivenSignOff]) -> tuple[SlotState, ...]:
    """Return the slots with the sign-offs that fill them, one person in one seat only."""
    seats = [rule.role for rule in rules for _ in range(rule.count)]
    seated = _seated(seats, [given for given in sign_offs if given.counts])
    states: list[SlotState] = []
    for rule in sorted(rules, key=lambda rule: rule.order):
        filled_by = tuple(given for given in seated if given.role == rule.role)
        void = tuple(
            given for given in sign_offs if given.role == rule.role and given.valid is not True
        )
        waits = any(state.missing and state.rule.order < rule.order for state in states)
        states.append(SlotState(rule, filled_by, rule.count - len(filled_by), void, waits))
    return tuple(states)


def _seated(seats: Sequence[str], sign_offs: Sequence[GivenSignOff]) -> list[GivenSignOff]:
    """Seat as many people as possible, each once: a maximum matching by augmenting paths.

    Seating in the order of signing would not do: then taking a sign-off away could open a gate.
    """
    taken: dict[int, GivenSignOff] = {}

    def find_seat(signer_id: str, tried: set[int]) -> bool:
        for given in (given for given in sign_offs if given.signer_id == signer_id):
            for seat, role in enumerate(seats):
                if role != given.role or seat in tried:
                    continue
                tried.add(seat)
                if seat not in taken or find_seat(taken[seat].signer_id, tried):
                    taken[seat] = given
                    return True
        return False

    for signer_id in dict.fromkeys(given.signer_id for given in sign_offs):
        find_seat(signer_id, set())
    return [taken[seat] for seat in sorted(taken)]


def _refusals(
    duties: Iterable[SeparationRule], tier: int, slot: SlotRule, known: Facts
) -> tuple[str, ...]:
    asked = (rule for rule in duties if rule.concerns(slot.role, tier))
    return tuple(refusal for rule in asked if (refusal := _refusal(rule, slot, known)))


def _is_told(path: str, facts: Facts) -> bool:
    found: object = facts
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return False
        found = found[name]
    return True


def _refusal(rule: SeparationRule, slot: SlotRule, facts: Facts) -> str:
    try:
        return "" if rule.expression.evaluate(facts) else rule.refusal(slot)
    except ExpressionError as error:
        return f"This could not be ruled out: {rule.title}. {error}"


def _holds_or_fails(expression: Expression, facts: Facts) -> bool:
    """Say whether what makes a gate stricter applies; when that cannot be told, it does."""
    try:
        return expression.evaluate(facts)
    except ExpressionError:
        return True
