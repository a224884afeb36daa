"""When owners attest and models are reviewed: by the months of the tier, from when it was done.

Pure. Nothing is stored of what follows from the policy in force; only what was done is a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from apps.core.months import in_months
from apps.risk.policy_says import AtTier


class What(StrEnum):
    """What comes round for every model."""

    ATTESTATION = "attestation"
    PERIODIC = "periodic"
    REVALIDATION = "revalidation"
    RETIERING = "retiering"

    @property
    def words(self) -> str:
        """What it is called on pages."""
        return _WORDS[self]


_WORDS = {
    What.ATTESTATION: "Owner attestation",
    What.PERIODIC: "Periodic review",
    What.REVALIDATION: "Revalidation",
    What.RETIERING: "Re-tiering",
}
SETTINGS: Mapping[What, str] = {
    What.ATTESTATION: "owner_attestation_months",
    What.PERIODIC: "periodic_review_months",
    What.REVALIDATION: "revalidation_months",
    What.RETIERING: "retiering_months",
}
"""The setting of a tier that says after how many months each comes round."""


@dataclass(frozen=True)
class Done:
    """What was done last about a model, by its days."""

    registered: date
    attested: date | None = None
    reviewed: date | None = None
    validated: date | None = None
    """The newest of the validation reports that stand, and of the revalidations done."""
    tiered: date | None = None
    in_production: date | None = None
    """Since when what is in production is authorized; nothing while nothing is."""

    def last(self, what: What) -> date | None:
        """Return when something was done last."""
        days = {
            What.ATTESTATION: self.attested,
            What.PERIODIC: self.reviewed,
            What.REVALIDATION: self.validated,
            What.RETIERING: self.tiered,
        }
        return days[what]

    def counted_from(self, what: What) -> date | None:
        """Return the day from which the months are counted; nothing, where it does not apply yet.

        What was never done is counted from registering; a review, and a validation, from the day
        that production was authorized, since nothing is reviewed that nobody uses.
        """
        is_for_all = what in {What.ATTESTATION, What.RETIERING}
        return self.last(what) or (self.registered if is_for_all else self.in_production)


@dataclass(frozen=True)
class Scheduled:
    """The next time something is due, and what that follows from."""

    what: What
    months: int
    last: date | None
    due: date

    def is_overdue(self, on: date) -> bool:
        return self.due < on

    @property
    def rule(self) -> str:
        """How often it comes round, in words."""
        return "Every month" if self.months == 1 else f"Every {self.months} months"


def next_due(what: What, done: Done, rules: AtTier) -> Scheduled | None:
    """Return when something is due next at a tier, unless the policy does not schedule it."""
    months, counted_from = rules.months(SETTINGS[what]), done.counted_from(what)
    if not months or counted_from is None:
        return None
    return Scheduled(what, months, done.last(what), in_months(counted_from, months))


def all_due(done: Done, rules: AtTier) -> list[Scheduled]:
    """Return everything that is scheduled for a model, what is due first before the rest."""
    found = [one for what in What if (one := next_due(what, done, rules)) is not None]
    return sorted(found, key=lambda one: (one.due, one.what))
