"""Evidence items of the same model are attached to answers, and taken off again."""

from collections.abc import Collection

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused
from apps.risk.answering import Sheet
from apps.risk.models import AnswerEvidence, Assessment
from apps.risk.operations.assessments import ANSWERING, require_answering
from apps.validation.models import EvidenceItem

_REFUSAL = "You do not answer risk assessments of this model."
ATTACH = Action("assessment.attach_evidence", permission=ANSWERING, refusal=_REFUSAL)
REMOVE = Action("answer_evidence.remove", permission=ANSWERING, refusal=_REFUSAL)

MOST_ATTACHED = 20
"""How many items one answer has at a time."""


def attach_evidence(
    assessment: Assessment, key: str, item: EvidenceItem, *, by: Actor
) -> AnswerEvidence:
    """Attach an evidence item of the same model to the answer to a question."""
    with change(ATTACH, assessment, by=by) as record:
        sheet = Sheet.of(assessment)
        user_id = require_answering(sheet, by=by)
        if key not in sheet.questionnaire.question_keys:
            raise InputRefused(f"There is no question {key!a:.80} in this questionnaire.")
        item.refresh_from_db()
        _require_usable(assessment, item)
        held = assessment.attached.filter(key=key, removed_at=None)
        if held.filter(item=item).exists():
            raise RuleBroken(f"{item} is attached to this answer already.")
        if held.count() >= MOST_ATTACHED:
            raise RuleBroken(f"An answer has at most {MOST_ATTACHED} items attached.")
        attached = AnswerEvidence(
            assessment=assessment,
            key=key,
            item=item,
            attached_by_id=user_id,
            attached_at=record.time,
        )
        attached.save()
        record.note(question=key, item=item.record_id)
    return attached


def remove_evidence(attached: AnswerEvidence, *, by: Actor) -> None:
    """Take an item off an answer; that it was attached stays on record."""
    with change(REMOVE, attached, by=by) as record:
        require_answering(Sheet.of(attached.assessment), by=by)
        if attached.removed_at is not None:
            raise RuleBroken("It was taken off already.")
        attached.removed_at = record.time
        attached.save()


def usable_items(assessment: Assessment) -> list[EvidenceItem]:
    """Return the evidence items of the model that an answer can rest on, the newest first."""
    items = EvidenceItem.objects.filter(
        model=assessment.model_id, withdrawn_at=None, declined_at=None
    )
    return list(items.order_by("-pk"))


def resting_on(sheet: Sheet, visible: Collection[str]) -> list[tuple[str, EvidenceItem]]:
    """Return the items that answers to what is asked rest on: attached to them, or named there."""
    held = sheet.assessment.attached.filter(removed_at=None, key__in=visible)
    attached = held.select_related("item").order_by("key", "pk")
    return [*((one.key, one.item) for one in attached), *_named(sheet, visible)]


def require_standing(sheet: Sheet, visible: Collection[str]) -> None:
    """Refuse answers that rest on evidence which was withdrawn or not accepted since."""
    for _, item in resting_on(sheet, visible):
        _require_usable(sheet.assessment, item)


def _named(sheet: Sheet, visible: Collection[str]) -> list[tuple[str, EvidenceItem]]:
    """Return the items that answers to questions for evidence name."""
    named = [
        (question.key, told)
        for question in sheet.questionnaire.questions
        if question.type == "evidence" and question.key in visible
        for told in sheet.answers.get(question.key, ())
    ]
    if not named:
        return []
    items = EvidenceItem.objects.filter(model=sheet.assessment.model_id)
    by_id = {item.record_id: item for item in items}
    return [(key, by_id[told]) for key, told in named if told in by_id]


def require_items(assessment: Assessment, told: list[str], types: Collection[str]) -> None:
    """Refuse an answer that names something other than evidence of the model, of some types."""
    usable = {
        item.record_id: item for item in usable_items(assessment) if not types or item.type in types
    }
    unknown = [one for one in told if one not in usable]
    if unknown:
        raise InputRefused(
            f"{', '.join(unknown)[:200]} is no evidence of this model that this question takes. "
            "Add the item to the model first."
        )


def _require_usable(assessment: Assessment, item: EvidenceItem) -> None:
    if item.model_id != assessment.model_id:
        raise RuleBroken("This item is evidence of another model.")
    if item.withdrawn_at is not None or item.declined_at is not None:
        raise RuleBroken(f"{item} was withdrawn or not accepted, so nothing rests on it.")
