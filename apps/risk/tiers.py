"""The tier of a model: the one its tiering found, or another that was signed, until it ends. Pure.

A tiering is whatever approved assessment sets ``model.tier``; of several the newest counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.risk.kept import because_of, tier_of
from apps.risk.models import Assessment, TierOverride

UNASSESSED = 0
NEVER = -1


@dataclass(frozen=True)
class CurrentTier:
    """At which tier a model is, and why."""

    tier: int = UNASSESSED
    tiering: Assessment | None = None
    override: TierOverride | None = None
    """What was signed to hold instead of the assessed tier, where something is in force."""

    @property
    def assessed(self) -> int:
        """The tier its tiering found, 0 without one and for what is no model."""
        return (tier_of(self.tiering) or UNASSESSED) if self.tiering else UNASSESSED

    @property
    def since(self) -> datetime | None:
        """When the tier in force was signed."""
        if self.override is not None:
            return self.override.decided_at
        return self.tiering.approved_at if self.tiering else None

    def age_days(self, at: datetime) -> int:
        """Return the days since the tiering was approved; another tier does not renew it."""
        approved = self.tiering.approved_at if self.tiering else None
        return NEVER if approved is None else max((at - approved).days, 0)

    @property
    def in_words(self) -> str:
        if self.tiering is None:
            return "No tier yet"
        return f"Tier {self.tier}" if self.tier else "Not tiered: outside the inventory"


def tiering_of(assessments: Iterable[Assessment]) -> Assessment | None:
    """Return the newest approved assessment that found a tier."""
    found = [
        one
        for one in assessments
        if one.state == Assessment.State.APPROVED and tier_of(one) is not None
    ]
    return max(found, key=lambda one: (one.approved_at, one.pk), default=None)


def current(
    assessments: Iterable[Assessment], overrides: Iterable[TierOverride], at: datetime
) -> CurrentTier:
    """Return the tier a model is at, at a moment."""
    tiering = tiering_of(assessments)
    if tiering is None:
        return CurrentTier()
    on = at.date()
    held = next((o for o in overrides if o.assessment_id == tiering.pk and o.holds(on)), None)
    tier = held.tier if held else tier_of(tiering) or UNASSESSED
    return CurrentTier(tier, tiering, held)


@dataclass(frozen=True)
class Step:
    """One tier in the history of a model: from when, on what, and why."""

    at: datetime
    tier: int
    words: str
    url: str
    reason: str = ""

    @property
    def number(self) -> str:
        """The tier as text."""
        return str(self.tier)

    @property
    def told(self) -> str:
        """On what it came, and why."""
        return f"{self.words}: {self.reason}" if self.reason else f"{self.words}."


def history(assessments: Sequence[Assessment], overrides: Sequence[TierOverride]) -> list[Step]:
    """Return the tiers a model was at, the newest first: tierings, and what was signed instead."""
    steps = [
        Step(
            one.approved_at,
            tier,
            f"Assessed: {one.questionnaire}",
            one.get_absolute_url(),
            because_of(one),
        )
        for one in assessments
        if one.approved_at is not None and (tier := tier_of(one)) is not None
    ]
    for one in overrides:
        if one.decided_at is None or one.state not in {
            TierOverride.State.GRANTED,
            TierOverride.State.ENDED,
        }:
            continue
        url, words = one.get_absolute_url(), "Signed instead of the assessed tier"
        steps.append(
            Step(one.decided_at, one.tier, f"{words}, until {one.ends_on}", url, one.reason)
        )
        if one.ended_at is not None and not _is_tiered_at(one.ended_at, steps):
            words = "Back to the assessed tier"
            steps.append(Step(one.ended_at, one.assessed_tier, words, url, one.why))
    return sorted(steps, key=lambda step: step.at, reverse=True)


def _is_tiered_at(at: datetime, steps: Iterable[Step]) -> bool:
    """Say whether a tiering ended it at that moment, so that nothing goes back."""
    return any(step.at == at for step in steps)
