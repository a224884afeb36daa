"""A policy as people read it: each move with its gate by tier, then the rules beside gates."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.approvals.policies import (
    TIERS,
    Amount,
    Enforcement,
    GateCondition,
    Policy,
    SeparationRule,
    SlotRule,
    Transition,
)
from apps.approvals.policies.used import settings_used
from apps.core.shapes import listed

_ENFORCED = {
    Enforcement.BLOCK: ("Blocks", "bad"),
    Enforcement.WARN: ("Warns", "warn"),
    Enforcement.SKIP: ("", ""),
}


@dataclass(frozen=True)
class Cell:
    """What holds at one tier."""

    label: str
    words: str
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a table with a column for each tier."""

    title: str
    cells: tuple[Cell, ...]
    note: str = ""
    code: str = ""


@dataclass(frozen=True)
class Move:
    """A transition with its gate."""

    id: str
    title: str
    purpose: str
    leads: str
    conditions: tuple[Line, ...]
    slots: tuple[Line, ...]
    people: tuple[Line, ...]
    emergency: tuple[Line, ...]
    follows: tuple[str, ...]


def readable(policy: Policy) -> dict[str, Any]:
    """Return everything a policy says, for its page."""
    return {
        "policy": policy,
        "tiers": [f"Tier {tier.number}" for tier in policy.tiers],
        "tier_titles": [(f"Tier {tier.number}", tier.title) for tier in policy.tiers],
        "moves": [_move(policy, transition) for transition in policy.transitions],
        "duties": [_duty(policy, rule) for rule in policy.duties],
        "settings": _settings(policy),
        "waivers": _waivers(policy),
        "reported_to": reported_to(policy),
        "watched": [
            {"rule": rule, "does": rule.action.value.replace("_", " ").capitalize()}
            for rule in policy.continuous_rules
        ],
        "floors": policy.floors,
    }


def _move(policy: Policy, transition: Transition) -> Move:
    return Move(
        transition.id,
        transition.title,
        transition.purpose,
        f"from {' or '.join(transition.from_stages)} to {transition.to}",
        tuple(_condition(asked) for asked in transition.conditions),
        _slots(policy, transition),
        _people(transition),
        _emergency(policy, transition),
        tuple(_follows(transition)),
    )


def _follows(transition: Transition) -> Iterator[str]:
    """Say what follows a move, with the setting that says when, where one does."""
    for step in transition.follows:
        yield f"{step.words}, by the setting {step.setting}." if step.setting else f"{step.words}."


def _condition(asked: GateCondition) -> Line:
    cells = tuple(Cell(f"Tier {tier}", *_ENFORCED[asked.enforcement[tier]]) for tier in TIERS)
    notes = [asked.condition.fail_message]
    if asked.condition.waivable:
        notes.append("Can be waived.")
    when = f"  when {asked.when.source}" if asked.when else ""
    return Line(
        asked.condition.title, cells, " ".join(notes), asked.condition.expression.source + when
    )


def _slots(policy: Policy, transition: Transition) -> tuple[Line, ...]:
    roles = dict.fromkeys(slot.role for tier in TIERS for slot in transition.sign_offs[tier])
    return tuple(
        Line(
            policy.role_title(role),
            tuple(Cell(f"Tier {tier}", _slot(transition, role, tier)) for tier in TIERS),
            "",
            " · ".join(_cases(transition, role)),
        )
        for role in roles
    )


def _slot(transition: Transition, role: str, tier: int) -> str:
    slot = _slot_or_none(transition, role, tier)
    if slot is None:
        return ""
    return f"{slot.count} {slot.meaning}{', sometimes' if slot.when else ''}"


def _slot_or_none(transition: Transition, role: str, tier: int) -> SlotRule | None:
    return next((slot for slot in transition.sign_offs[tier] if slot.role == role), None)


def _cases(transition: Transition, role: str) -> Iterable[str]:
    found = (_slot_or_none(transition, role, tier) for tier in TIERS)
    return dict.fromkeys(f"when {slot.when.source}" for slot in found if slot and slot.when)


def _people(transition: Transition) -> tuple[Line, ...]:
    lines = [_numbers("Different people", transition.distinct_approvers)]
    if any(transition.cooling_off_days.values()):
        lines.append(_numbers("Days to wait after the last sign-off", transition.cooling_off_days))
    return tuple(lines)


def _emergency(policy: Policy, transition: Transition) -> tuple[Line, ...]:
    emergency = transition.emergency
    if emergency is None:
        return ()
    confirming = {
        tier: ", ".join(policy.role_title(role) for role in emergency.ratification[tier])
        for tier in TIERS
    }
    consequence = dict.fromkeys(
        TIERS, "escalated as a critical finding" if emergency.is_critical else "escalated"
    )
    hours = {tier: emergency.ratify_within_hours.at(policy.tier(tier).settings) for tier in TIERS}
    return (
        _numbers("People who act at once", emergency.distinct_approvers),
        _numbers("Confirmed afterwards by", confirming),
        _numbers("Within hours", hours),
        _numbers("If nobody does, the authorization is suspended and", consequence),
    )


def _numbers(title: str, values: Mapping[int, object]) -> Line:
    return Line(title, tuple(Cell(f"Tier {tier}", str(values[tier])) for tier in TIERS))


def _duty(policy: Policy, rule: SeparationRule) -> dict[str, str]:
    tiers = "Every tier" if len(rule.tiers) == len(TIERS) else _tiers(rule.tiers)
    exempt = ", ".join(policy.role_title(role) for role in sorted(rule.exempt_roles))
    binds = ", ".join(policy.role_title(role) for role in sorted(rule.applies_to_roles))
    return {
        "title": rule.title,
        "tiers": tiers,
        "binds": binds or "Everybody who signs",
        "exempt": exempt or "Nobody",
        "code": rule.expression.source,
    }


def _tiers(tiers: Iterable[int]) -> str:
    return ", ".join(f"Tier {tier}" for tier in sorted(tiers))


def _settings(policy: Policy) -> list[Line]:
    names, used = policy.tiers[0].settings, settings_used(policy)
    return [
        Line(
            name.replace("_", " ").capitalize(),
            tuple(Cell(f"Tier {tier}", _value(policy.tier(tier).settings[name])) for tier in TIERS),
            "" if name in used else "Nothing in this policy reads it.",
        )
        for name in names
    ]


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _waivers(policy: Policy) -> list[Line]:
    rules = policy.waivers
    if rules is None:
        return []
    granting = {
        tier: ", ".join(policy.role_title(role) for role in rules.sign_offs[tier]) for tier in TIERS
    }
    return [
        _numbers("Granted by", granting),
        _numbers("Days at most", _amounts(policy, rules.max_days)),
        _numbers("Renewals at most", _amounts(policy, rules.max_renewals)),
    ]


def reported_to(policy: Policy) -> str:
    """Say who is told of every waiver, if anybody."""
    roles = policy.waivers.report_to if policy.waivers else ()
    return listed([policy.role_title(role) for role in roles], "and") if roles else ""


def _amounts(policy: Policy, amount: Amount) -> dict[int, int]:
    return {tier: amount.at(policy.tier(tier).settings) for tier in TIERS}
