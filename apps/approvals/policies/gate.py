"""The gate of one transition at one tier: what of a policy holds there, with a digest of its own.

A sign-off binds this digest and not that of the whole policy, so that a change elsewhere in the
policy leaves it standing, and a change of anything it was given under does not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from apps.approvals.policies.parts import (
    Enforcement,
    GateCondition,
    Mode,
    Policy,
    SeparationRule,
    Settings,
    SlotRule,
    Transition,
    checks_read,
)
from apps.core.digests import digest_of
from apps.core.expressions import Expression


@dataclass(frozen=True)
class Gate:
    """All conditions, slots and duties of one transition, in one mode, at one tier."""

    transition: Transition
    mode: Mode
    tier: int
    settings: Settings
    conditions: tuple[GateCondition, ...]
    slots: tuple[SlotRule, ...]
    duties: tuple[SeparationRule, ...]
    distinct_needed: int
    cooling_off_days: int
    factors_required: int
    digest: str

    @property
    def checks(self) -> frozenset[str]:
        """The names of the checks whose results its conditions read at its tier."""
        return checks_read(self.conditions)

    def slot_or_none(self, role: str) -> SlotRule | None:
        """Return the slot a role signs in, whether or not it applies just now."""
        return next((slot for slot in self.slots if slot.role == role), None)


def gate_of(policy: Policy, transition_id: str, tier: int, mode: Mode = Mode.STANDARD) -> Gate:
    """Return the gate of a transition at a tier.

    Raises:
        NotFound: when the policy has no such transition.
    """
    return _gate(_ByDigest(policy), transition_id, tier, mode)


class _ByDigest:
    """A policy as the key of a cache: two with one digest say the same."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and other.policy == self.policy

    def __hash__(self) -> int:
        return hash(self.policy.digest)


@lru_cache(maxsize=512)
def _gate(held: _ByDigest, transition_id: str, tier: int, mode: Mode) -> Gate:
    policy = held.policy
    transition = policy.transition(transition_id)
    conditions = tuple(
        asked for asked in transition.conditions if asked.enforcement[tier] is not Enforcement.SKIP
    )
    exempt = _exempt_duties(transition, mode)
    duties = tuple(rule for rule in policy.duties if tier in rule.tiers and rule.id not in exempt)
    distinct = transition.distinct_at(tier, mode)
    said = {
        "transition": transition.id,
        "mode": mode.value,
        "tier": tier,
        "conditions": [_condition_record(asked, tier) for asked in conditions],
        "slots": [_slot_record(slot) for slot in transition.sign_offs[tier]],
        "duties": [_duty_record(rule, tier) for rule in duties],
        "settings": _plain(policy.tier(tier).settings),
        "distinct": distinct,
        "cooling_off_days": transition.cooling_off_days[tier],
        "factors": policy.signature.factors_required,
    }
    return Gate(
        transition,
        mode,
        tier,
        policy.tier(tier).settings,
        conditions,
        transition.sign_offs[tier],
        duties,
        distinct,
        transition.cooling_off_days[tier],
        policy.signature.factors_required,
        digest_of(said),
    )


def _exempt_duties(transition: Transition, mode: Mode) -> frozenset[str]:
    if mode is Mode.EMERGENCY and transition.emergency:
        return transition.emergency.exempt_duties
    return frozenset()


def _condition_record(asked: GateCondition, tier: int) -> dict[str, Any]:
    return {
        "id": asked.condition.id,
        "expr": asked.condition.expression.source,
        "waivable": asked.condition.waivable,
        "when": _source(asked.when),
        "enforcement": asked.enforcement[tier].value,
    }


def _slot_record(slot: SlotRule) -> dict[str, Any]:
    return {
        "role": slot.role,
        "count": slot.count,
        "meaning": slot.meaning,
        "when": _source(slot.when),
        "order": slot.order,
    }


def _duty_record(rule: SeparationRule, tier: int) -> dict[str, Any]:
    exempt = rule.exempt_roles | rule.exempt_roles_by_tier.get(tier, frozenset())
    return {
        "id": rule.id,
        "expr": rule.expression.source,
        "exempt": sorted(exempt),
        "applies_to": sorted(rule.applies_to_roles),
    }


def _source(expression: Expression | None) -> str:
    return expression.source if expression else ""


def _plain(settings: Settings) -> dict[str, Any]:
    """Return settings as a canonical form takes them: decimals as text."""
    return {name: _plain_value(value) for name, value in sorted(settings.items())}


def _plain_value(value: object) -> object:
    if isinstance(value, float):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain_value(inner) for key, inner in value.items()}
    return value


def roles_that_sign(transitions: Iterable[Transition]) -> frozenset[str]:
    """Return the roles that some transitions ask to sign, at whatever tier."""
    return frozenset(
        slot.role
        for transition in transitions
        for slots in transition.sign_offs.values()
        for slot in slots
    )
