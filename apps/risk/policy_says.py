"""What the policy in force says that judgment goes by; policies are kept above, which supplies it.

Settings name the supplier (``RISK_POLICY``), so that nothing here imports upward.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

SEVERITIES = ("critical", "high", "medium", "low")
DUE_DAYS = "finding_due_days"
"""The setting of a tier that says how many days a finding of each severity has."""
ACCEPTED_DAYS = "risk_acceptance_max_days"
"""The setting of a tier that says for how long somebody may bear the risk of a finding."""
MOST_ACCEPTED_DAYS = 366
"""For how long where a policy sets nothing, and never longer."""


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
        due = self.settings.get(DUE_DAYS)
        days = due.get(severity) if isinstance(due, Mapping) else None
        return days if isinstance(days, int) else 365

    @property
    def accepted_days(self) -> int:
        """For how many days somebody may bear the risk of a finding."""
        days = self.settings.get(ACCEPTED_DAYS)
        return min(days, MOST_ACCEPTED_DAYS) if isinstance(days, int) else MOST_ACCEPTED_DAYS


@dataclass(frozen=True)
class Signer:
    """Somebody who would sign what is judged, as the separation of duties looks at them."""

    user_id: int
    role: str
    roles: Collection[str]
    tier: int
    asked_by: str = ""
    """The id of who brought it up."""
    contributors: Collection[str] = ()
    """The ids of who built the version it is about."""


def _nobody_is_refused(_: Signer) -> tuple[str, ...]:
    return ()


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
    refusals: Callable[[Signer], tuple[str, ...]] = _nobody_is_refused
    """Why the separation of duties keeps somebody from signing, in sentences."""

    def at(self, tier: int) -> AtTier:
        """Return what is set at a tier; of a model without one, what is set at the strictest."""
        return self.tiers.get(tier) or self.tiers[min(self.tiers)]


class Supplier(Protocol):
    def __call__(self) -> PolicySays: ...


def policy() -> PolicySays:
    """Return what the policy in force says, in one query at most."""
    supplier: Supplier = import_string(settings.RISK_POLICY)
    return supplier()
