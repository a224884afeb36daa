"""What the page of one section shows, and the page that moves a draft to a newer questionnaire."""

from collections.abc import Sequence
from typing import Any

from django.utils.timezone import now

from apps.core.actors import Actor
from apps.risk import offered
from apps.risk.answering import Sheet
from apps.risk.assessment_forms import SectionForm
from apps.risk.models import Assessment
from apps.risk.operations.answers import Conflict
from apps.risk.pages.asking import Asked, questions_of
from apps.risk.pages.assessments import frame, may_answer
from apps.risk.questionnaires import carried, differences


def is_open(assessment: Assessment, reader: Actor, asked: Asked) -> bool:
    """Say whether a reader can answer an assessment now."""
    is_draft = assessment.state == Assessment.State.DRAFT
    return is_draft and may_answer(assessment, reader, asked.sheet.questionnaire)


def page_of(
    assessment: Assessment,
    asked: Asked,
    section_id: str,
    form: SectionForm,
    conflicts: Sequence[Conflict] = (),
) -> dict[str, Any]:
    """Return what the page of a section shows."""
    shown = asked.section(section_id)
    framed = frame(assessment, now().date())
    ids = [one.id for one in asked.sections]
    place = ids.index(section_id) + 1 if section_id in ids else 0
    title = next(one.title for one in asked.sheet.questionnaire.sections if one.id == section_id)
    return {
        **framed,
        "crumbs": [
            *framed["crumbs"],
            (assessment.questionnaire.title, assessment.get_absolute_url()),
        ],
        "here": title,
        "title": title,
        "shown": shown,
        "asked": asked,
        "form": form,
        "questions": questions_of(asked, shown, form, conflicts) if shown else [],
        "place": f"Section {place} of {len(ids)}" if place else "",
        "before": asked.sections[place - 2] if place > 1 else None,
        "progress": f"{asked.result.answered} of {asked.result.required} required answers given",
    }


def moving(assessment: Assessment, refusal: str) -> dict[str, Any]:
    """Return what a newer version of the questionnaire asks otherwise, and which answers stay."""
    framed = frame(assessment, now().date())
    sheet = Sheet.of(assessment)
    newer = offered.newest(assessment.kind)
    page = {
        **framed,
        "crumbs": [
            *framed["crumbs"],
            (assessment.questionnaire.title, assessment.get_absolute_url()),
        ],
        "here": "Newer version",
        "refusal": refusal,
        "newer": None,
    }
    if newer is None or newer.digest == assessment.questionnaire.digest:
        return page
    going = carried(sheet.questionnaire, newer, sheet.answers)
    return page | {
        "newer": newer,
        "differences": differences.between(sheet.questionnaire, newer),
        "kept": len(going.kept),
        "dropped": [(sheet.questionnaire.question(key).text, why) for key, why in going.dropped],
    }
