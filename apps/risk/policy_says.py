"""What the policy in force says that judgment goes by; policies are kept above, which supplies it.

Settings name the supplier (``RISK_POLICY``), so that nothing here imports upward.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class SignatureRules:
    """How a signature is made."""

    factors_required: int
    reason_required: bool


@dataclass(frozen=True)
class AtTier:
    """What a policy sets at one tier."""

    tier: int
    title: str
    settings: Mapping[str, object]

    def months(self, name: str) -> int:
        """Return a setting in months, such as ``owner_attestation_months``; 0 where none is set."""
        value = self.settings.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    def days_for(self, severity: str) -> int:
        """Return how many days a finding of a severity has; a year where nothing is set."""
        due = self.settings.get("finding_due_days")
        days = due.get(severity) if isinstance(due, Mapping) else None
        return days if isinstance(days, int) else 365


@dataclass(frozen=True)
class PolicySays:
    """What questionnaires may refer to, and what judgment goes by."""

    name: str
    """The policy and its number, as people call it."""
    digest: str
    tiers: Mapping[int, AtTier]
    signature: SignatureRules
    transitions: Mapping[str, str] = field(default_factory=dict)
    """Transitions by id, with their title."""
    roles: Mapping[str, str] = field(default_factory=dict)
    evidence_types: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    """The continuous rules watched in production."""

    def at(self, tier: int) -> AtTier:
        """Return what is set at a tier; of a model without one, what is set at the strictest."""
        return self.tiers.get(tier) or self.tiers[min(self.tiers)]


class Supplier(Protocol):
    def __call__(self) -> PolicySays: ...


def policy() -> PolicySays:
    """Return what the policy in force says, in one query at most."""
    supplier: Supplier = import_string(settings.RISK_POLICY)
    return supplier()
