"""At which tier a model would be today: its approved tiering, worked out again on what is so now.

What people answered stays as they answered it. What the inventory says by now, and what the
registry tells the questionnaire about the model, are today's.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.catalog.inventory import facts as inventory
from apps.catalog.models import ModelSheet, RegisteredModel
from apps.core.errors import DomainError
from apps.core.formats import calendar_day
from apps.risk import offered, subjects
from apps.risk.kept import TIER, tier_of
from apps.risk.models import Assessment
from apps.risk.questionnaires import Question, Questionnaire, Result, checked, evaluate
from apps.risk.tiers import UNASSESSED, CurrentTier

_MODEL = "model."
_NOT_TIERED = 99
"""How strict it is to be no model: less than any tier."""


@dataclass(frozen=True)
class TierPreview:
    """The tier a model would be assessed at today, since when, and because of what."""

    tier: int
    assessed: int
    changed: tuple[str, ...]
    since: date | None = None
    """The day the last of what makes the difference was recorded, where that is known."""
    asks: tuple[str, ...] = ()
    """What would be asked besides, which nobody answered: then no tier can be told."""

    @property
    def is_stricter(self) -> bool:
        """Whether more would be asked of it than its tiering found, or nobody knows."""
        return bool(self.asks) or _strictness(self.tier) < _strictness(self.assessed)

    @property
    def in_words(self) -> str:
        since = f"since {calendar_day(self.since)}" if self.since else "today"
        why = "; ".join(self.changed) or "what the registry knows of it changed"
        if self.asks:
            asks = ", ".join(f"“{one}”" for one in self.asks)
            return f"Which tier it would be {since} cannot be told: {asks} is not answered. {why}."
        return f"It would be {_tier(self.tier)} {since}, not {_tier(self.assessed)}, because {why}."


@dataclass(frozen=True)
class _Change:
    """One answer that the inventory gives otherwise by now."""

    question: Question
    before: Any
    now: Any

    @property
    def field(self) -> str:
        return self.question.maps_to.removeprefix(_MODEL)

    @property
    def words(self) -> str:
        said = (self.question.in_words(one).replace("\n", ", ") for one in (self.now, self.before))
        now, before = (f"“{one}”" for one in said)
        return f"“{self.question.text}” is {now} now and was {before}"


def preview(model: RegisteredModel, current: CurrentTier, at: datetime) -> TierPreview | None:
    """Return at which tier a model would be today where that is another one, or nothing."""
    if current.tiering is None:
        return None
    tiering = Assessment.objects.select_related("questionnaire").get(pk=current.tiering.pk)
    told = inventory.of_model(model, inventory.live_third_parties(model))
    again = _Again(
        offered.asked_of(tiering.questionnaire),
        subjects.from_answers(told, tier=_tier_then(tiering)),
        tiering.result.get("values", {}),
        at.date(),
    )
    changes, assessed = list(again.changes(told)), tier_of(tiering) or UNASSESSED
    result = again.result(changes)
    if result is None or not result.applies:
        return None
    if result.is_provisional:
        asks = tuple(again.questionnaire.question(key).text for key in result.missing)
        return _said(UNASSESSED, assessed, changes, _since(model, changes, told), asks)
    tier = _found(result)
    if tier is None or tier == assessed:
        return None
    reasons = again.reasons(changes, tier)
    return _said(tier, assessed, reasons, _since(model, reasons, told))


@dataclass(frozen=True)
class _Again:
    """A tiering to be worked out again, on a day."""

    questionnaire: Questionnaire
    subject: Mapping[str, bool | int]
    answers: Mapping[str, Any]
    on: date

    def changes(self, told: Mapping[str, object]) -> Iterable[_Change]:
        """Return the answers the inventory gives otherwise by now."""
        for question in self.questionnaire.questions:
            now, before = _value_now(question, told), self.answers.get(question.key)
            if now is not None and before is not None and now != before:
                yield _Change(question, before, now)

    def result(self, changes: Iterable[_Change]) -> Result | None:
        """Return what it comes to with some answers changed, where that can be worked out."""
        answers = {**self.answers, **{one.question.key: one.now for one in changes}}
        try:
            return evaluate(
                self.questionnaire, subject=self.subject, answers=answers, today=self.on
            )
        except DomainError:
            return None

    def reasons(self, changes: Collection[_Change], tier: int) -> Collection[_Change]:
        """Return the changes without which the tier would be another; where none is, all."""
        needed = []
        for change in changes:
            without = self.result(one for one in changes if one is not change)
            if without is None or _found(without) != tier:
                needed.append(change)
        return needed or changes


def _found(result: Result) -> int | None:
    tier = result.sets.get(TIER)
    return tier if isinstance(tier, int) and not isinstance(tier, bool) else None


def _said(
    tier: int,
    assessed: int,
    changes: Collection[_Change],
    since: date | None,
    asks: tuple[str, ...] = (),
) -> TierPreview:
    return TierPreview(tier, assessed, tuple(one.words for one in changes), since, asks)


def _value_now(question: Question, told: Mapping[str, object]) -> Any:
    if not question.maps_to.startswith(_MODEL):
        return None
    value = told.get(question.maps_to.removeprefix(_MODEL))
    try:
        return None if value is None else checked(question, value)
    except DomainError:
        return None


def _tier_then(tiering: Assessment) -> int:
    """Return the tier the model had when it was assessed: what was found then is no news."""
    tier = tiering.result.get("subject", {}).get("tier", 0)
    return tier if isinstance(tier, int) else 0


def _since(
    model: RegisteredModel, changes: Collection[_Change], told: Mapping[str, object]
) -> date | None:
    """Return the day the last of some fields came to hold what it holds."""
    if not changes:
        return None
    held = ModelSheet.history.filter(model=model).order_by("-history_date", "-history_id")
    waiting, days = {one.field for one in changes}, list[date]()
    last: datetime | None = None
    for values, moment in held.values_list("values", "history_date"):
        over = {key for key in waiting if values.get(key) != told.get(key)}
        if over and last is not None:
            days.append(last.date())
            waiting -= over
        last = moment
    if waiting and last is not None:
        days.append(last.date())
    return max(days, default=None)


def _strictness(tier: int) -> int:
    return tier or _NOT_TIERED


def _tier(tier: int) -> str:
    return f"tier {tier}" if tier else "outside the inventory"
