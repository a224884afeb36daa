"""Judgment of a gate: facts and sign-offs in, verdicts out. Pure: no rows, no clock, no writes.

Everything defaults to closed. A fact that is missing or an expression that fails blocks its
condition, asks for its slot, raises the tier or refuses the signer, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from apps.approvals.policies import (
    TIERS,
    Enforcement,
    GateCondition,
    Policy,
    SeparationRule,
    SlotRule,
    Transition,
)
from apps.approvals.readiness import (
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
_UNCERTAIN = "This could not be ruled out"


def judge(
    policy: Policy, transition_id: str, facts: Facts, sign_offs: Sequence[GivenSignOff]
) -> Readiness:
    """Judge every condition and signer slot of a transition's gate.

    Raises:
        NotFound: when the policy has no such transition.
    """
    transition = policy.transition(transition_id)
    tier = effective_tier(policy, facts)
    known = {
        **facts,
        "settings": policy.tier(tier).settings,
        "sign_offs": sign_off_facts(sign_offs),
    }
    slots = _filled(_slots(transition, tier, known), sign_offs)
    return Readiness(
        policy=f"{policy.id} {policy.version}",
        policy_digest=policy.digest,
        transition=transition.id,
        tier=tier,
        verdicts=tuple(
            _verdict(asked, tier, known)
            for asked in transition.conditions
            if asked.enforcement[tier] is not Enforcement.SKIP
        ),
        slots=slots,
        distinct_needed=transition.distinct_approvers[tier],
        distinct_given=len({given.signer_id for slot in slots for given in slot.filled_by}),
    )


def effective_tier(policy: Policy, facts: Facts) -> int:
    """Return the tier a model is gated at: the strictest of the recorded one and all floors."""
    model = facts.get("model")
    recorded = model.get("tier") if isinstance(model, Mapping) else None
    known = recorded if type(recorded) is int and recorded in TIERS else STRICTEST_TIER
    floors = (floor.tier for floor in policy.floors if _holds_or_fails(floor.when, facts))
    return min([known, *floors])


def refusals(
    policy: Policy, transition_id: str, facts: Facts, actor_facts: Facts, slot: SlotRule
) -> tuple[str, ...]:
    """Return why this person may not sign in this slot, in words; nothing when they may.

    ``facts`` carries ``sign_offs``, the ones given so far (see ``sign_off_facts``).
    """
    tier = effective_tier(policy, facts)
    if slot not in policy.transition(transition_id).sign_offs[tier]:
        return (f"This gate asks for no sign-off by {slot.signer}.",)
    known = {
        **facts,
        "settings": policy.tier(tier).settings,
        "actor": actor_facts,
        "approval": {"role": slot.role, "meaning": slot.meaning},
    }
    asked = (rule for rule in policy.duties if rule.concerns(slot.role, tier))
    return tuple(refusal for rule in asked if (refusal := _refusal(rule, known)))


def in_sentences(slot: SlotRule, refusals: Iterable[str]) -> str:
    """Return refusals in sentences: "Nobody who requested this promotion may sign as a …"."""
    return " ".join(
        refusal
        if refusal.endswith(".") or refusal.startswith(_UNCERTAIN)
        else f"Nobody who {refusal[0].lower()}{refusal[1:]} may sign as {slot.signer}."
        for refusal in refusals
    )


def sign_off_facts(sign_offs: Iterable[GivenSignOff]) -> list[dict[str, object]]:
    """Return sign-offs as expressions read them."""
    return [
        {
            "role": given.role,
            "user_id": given.signer_id,
            "decision": given.decision,
            "valid": given.valid,
        }
        for given in sign_offs
    ]


def _verdict(asked: GateCondition, tier: int, facts: Facts) -> Verdict:
    condition = asked.condition
    state, reason = _state(asked, tier, facts)
    return Verdict(
        condition=condition.id,
        state=state,
        reason=reason,
        remedy=condition.remediation,
        title=condition.title,
        cites=condition.cites,
        inputs=condition.expression.inputs(facts),
    )


def _state(asked: GateCondition, tier: int, facts: Facts) -> tuple[VerdictState, str]:
    condition = asked.condition
    try:
        if asked.when and not asked.when.evaluate(facts):
            return VerdictState.NOT_APPLICABLE, "It does not apply here."
        if condition.expression.evaluate(facts):
            return VerdictState.PASSED, ""
    except ExpressionError as error:
        return VerdictState.BLOCKED, f"This could not be judged. {error}"
    if asked.enforcement[tier] is Enforcement.WARN:
        return VerdictState.WARNED, condition.fail_message
    if condition.waivable and _is_waived(condition.id, facts):
        return VerdictState.WAIVED, condition.fail_message
    return VerdictState.BLOCKED, condition.fail_message


def _is_waived(condition_id: str, facts: Facts) -> bool:
    waivers = facts.get("waivers")
    waived = waivers.get("waived_conditions") if isinstance(waivers, Mapping) else None
    return isinstance(waived, list | tuple) and condition_id in waived


def _slots(transition: Transition, tier: int, facts: Facts) -> list[SlotRule]:
    return [
        rule
        for rule in transition.sign_offs[tier]
        if rule.when is None or _holds_or_fails(rule.when, facts)
    ]


def _filled(rules: Sequence[SlotRule], sign_offs: Sequence[GivenSignOff]) -> tuple[SlotState, ...]:
    """Return the slots with the sign-offs that fill them, one person in one seat only."""
    seats = [rule.role for rule in rules for _ in range(rule.count)]
    seated = _seated(seats, [given for given in sign_offs if given.counts])
    states = []
    for rule in rules:
        filled_by = tuple(given for given in seated if given.role == rule.role)
        void = tuple(
            given for given in sign_offs if given.role == rule.role and given.valid is not True
        )
        states.append(SlotState(rule, filled_by, rule.count - len(filled_by), void))
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


def _refusal(rule: SeparationRule, facts: Facts) -> str:
    try:
        return "" if rule.expression.evaluate(facts) else rule.title
    except ExpressionError as error:
        return f"{_UNCERTAIN}: {rule.title}. {error}"


def _holds_or_fails(expression: Expression, facts: Facts) -> bool:
    """Say whether what makes a gate stricter applies; when that cannot be told, it does."""
    try:
        return expression.evaluate(facts)
    except ExpressionError:
        return True
