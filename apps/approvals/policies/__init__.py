"""Policies: what must be true, and who must sign, before a version moves."""

from apps.approvals.policies.parts import (
    TIERS,
    Condition,
    Enforcement,
    Floor,
    GateCondition,
    Policy,
    Role,
    SeparationRule,
    SlotRule,
    Tier,
    Transition,
)
from apps.approvals.policies.reading import PolicyRefused, built_in, parse

__all__ = [
    "TIERS",
    "Condition",
    "Enforcement",
    "Floor",
    "GateCondition",
    "Policy",
    "PolicyRefused",
    "Role",
    "SeparationRule",
    "SlotRule",
    "Tier",
    "Transition",
    "built_in",
    "parse",
]
