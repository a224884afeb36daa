"""At which tier a model would be today: its approved tiering, worked out again on what is so now.

What people answered stays as they answered it. What the inventory says by now, and what the
registry tells the questionnaire about the model, are today's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.catalog.inventory import facts as inventory
from apps.catalog.models import RegisteredModel
from apps.core.errors import DomainError
from apps.risk import offered, subjects
from apps.risk.kept import TIER, tier_of
from apps.risk.models import Assessment
from apps.risk.questionnaires import Question, checked, evaluate
from apps.risk.tiers import CurrentTier

_MODEL = "model."


@dataclass(frozen=True)
class TierPreview:
    """The tier a model would be assessed at today, and which answers are others by now."""

    tier: int
    assessed: int
    changed: tuple[str, ...]

    @property
    def in_words(self) -> str:
        would = f"tier {self.tier}" if self.tier else "outside the inventory"
        why = "; ".join(self.changed) or "what the registry knows of it changed"
        return f"It would be {would} today, instead of {self.assessed}: {why}."


def preview(model: RegisteredModel, current: CurrentTier, at: datetime) -> TierPreview | None:
    """Return at which tier a model would be today where that is another one, or nothing."""
    if current.tiering is None:
        return None
    tiering = Assessment.objects.select_related("questionnaire").get(pk=current.tiering.pk)
    questionnaire = offered.asked_of(tiering.questionnaire)
    told = inventory.of_model(model, inventory.live_third_parties(model))
    answers = dict(tiering.result.get("values", {}))
    changed = _brought_up_to_date(questionnaire.questions, answers, told)
    subject = subjects.from_answers(told, tier=current.tier)
    try:
        result = evaluate(questionnaire, subject=subject, answers=answers, today=at.date())
    except DomainError:
        return None
    tier, assessed = result.sets.get(TIER), tier_of(tiering) or 0
    if not isinstance(tier, int) or isinstance(tier, bool) or tier == assessed:
        return None
    return TierPreview(tier, assessed, tuple(changed))


def _brought_up_to_date(
    questions: Any, answers: dict[str, Any], told: Mapping[str, object]
) -> list[str]:
    """Put what the inventory says now in place of what it said then; return what changed."""
    changed: list[str] = []
    for question in questions:
        value = _value_now(question, told)
        if value is not None and question.key in answers and answers[question.key] != value:
            answers[question.key] = value
            changed.append(f"“{question.text}” is answered otherwise by the inventory")
    return changed


def _value_now(question: Question, told: Mapping[str, object]) -> Any:
    if not question.maps_to.startswith(_MODEL):
        return None
    value = told.get(question.maps_to.removeprefix(_MODEL))
    try:
        return None if value is None else checked(question, value)
    except DomainError:
        return None
