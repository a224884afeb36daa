"""A questionnaire tried out: what it would ask and come to, with nothing saved."""

from typing import Any

from django.utils.timezone import now

from apps.core.errors import DomainError
from apps.core.shapes import listed
from apps.risk.questionnaire_forms import PreviewForm
from apps.risk.questionnaires import (
    AnswerRefused,
    Duty,
    Questionnaire,
    Result,
    evaluate,
    number_text,
)


def preview(questionnaire: Questionnaire, form: PreviewForm) -> dict[str, Any]:
    """Return what is asked as the answers stand, and what they come to."""
    result = None
    if not form.is_bound or form.is_valid():
        result = _worked_out(questionnaire, form)
    if result is not None and result.applies:
        form.keep_only(result)
    return {
        "questionnaire": questionnaire,
        "form": form,
        "about": form.about(),
        "sections": _sections(questionnaire, form, result),
        "result": result,
        "progress": _progress(result),
        "flags": [questionnaire.flag(one).label for one in result.flags] if result else [],
        "duties": [_duty(one) for one in result.obligations] if result else [],
        "sets": [(path, str(value)) for path, value in result.sets.items()] if result else [],
        "shares": _shares(questionnaire, result),
    }


def _worked_out(questionnaire: Questionnaire, form: PreviewForm) -> Result | None:
    try:
        return evaluate(
            questionnaire, subject=form.subject, answers=form.answers, today=now().date()
        )
    except (AnswerRefused, DomainError) as refusal:
        if form.is_bound:
            form.add_error(None, str(refusal))
        return None


def _sections(
    questionnaire: Questionnaire, form: PreviewForm, result: Result | None
) -> list[dict[str, Any]]:
    shown = [
        {"section": one, "fields": form.asked_in([question.key for question in one.questions])}
        for one in questionnaire.sections
        if result is None or one.id in result.visible_sections
    ]
    return [one for one in shown if one["fields"]]


def _progress(result: Result | None) -> str:
    if result is None or not result.applies:
        return ""
    return f"{result.answered} of {result.required} required answers given"


def _duty(duty: Duty) -> dict[str, Any]:
    return {
        "title": duty.rule.title,
        "from": duty.applies_from,
        "cites": listed(duty.rule.cites, "and"),
    }


def _shares(questionnaire: Questionnaire, result: Result | None) -> list[tuple[str, str]]:
    """Return how each section that counts was scored, once everything is answered."""
    if result is None or result.is_provisional:
        return []
    return [
        (section.title, f"{number_text(round(score.pct, 1))}%")
        for section in questionnaire.sections
        if (score := result.sections.get(section.id)) is not None and score.max
    ]
