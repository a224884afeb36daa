"""Risk assessments: started, answered, handed in for review, and read with what they come to.

Reviewing them, which is signing, needs a person in a browser.
"""

from datetime import date
from functools import partial
from typing import Literal

from django.http import Http404, HttpResponse
from ninja import Router

from apps.api.callers import Call
from apps.api.conditional import unless_changed
from apps.api.describing import DOSSIER
from apps.api.strictness import Nothing
from apps.api.v1 import found
from apps.api.v1.answers.assessments import (
    AssessmentAnswer,
    AssessmentLine,
    AssessmentPage,
    AttachedEvidence,
    Standings,
)
from apps.api.v1.answers.outcomes import LastApproved, OutcomeAnswer
from apps.api.v1.asked.assessments import (
    AnswerFile,
    NewAnswers,
    NewAssessment,
    NewAttachment,
    NewerText,
)
from apps.api.v1.asked.common import Limit, Reason, Words
from apps.catalog.models import RegisteredModel, UseCase
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import DomainError
from apps.core.inputs import MOST_INTEGER, InputRefused
from apps.core.paging import Order
from apps.risk import assessment_queries as queries
from apps.risk import offered
from apps.risk.answering import Subject
from apps.risk.models import AnswerEvidence, Assessment
from apps.risk.operations import answers, assessment_exports, assessment_review, assessments
from apps.risk.operations import attachments as attaching
from apps.risk.pages import assessment_lists
from apps.risk.pages.asking import Asked
from apps.risk.pages.assessments import answers_in_words
from apps.risk.questionnaires import Questionnaire
from apps.risk.reviewing import digest_of_kept
from apps.validation.models import EvidenceItem

router = Router(tags=["assessments"])
NEWEST_FIRST = Order(("id",))
_OF_MODEL = "/models/{name}/assessments"
_ONE = "/assessments/{int:assessment}"

State = Literal["", "draft", "submitted", "approved", "superseded", "dropped"]


@router.get("/assessments", url_name="assessments", response=AssessmentPage)
def list_assessments(
    request: Call,
    model: Words = "",
    questionnaire: Words = "",
    state: State = "",
    *,
    limit: Limit = 100,
    page: str = "",
) -> AssessmentPage:
    """List the assessments the caller may see, the newest first."""
    seen = queries.assessments_visible_to(request.actor)
    if model:
        seen = seen.filter(model__name=model)
    if questionnaire:
        seen = seen.filter(kind=questionnaire)
    if state:
        seen = seen.filter(state=state)
    bound_to = f"assessments for {request.actor.id}: {[model, questionnaire, state]}"
    rows = NEWEST_FIRST.page(seen, size=limit, mark=page, bound_to=bound_to)
    on = _today()
    lines = [AssessmentLine.of(one, on=on) for one in rows.rows]
    return AssessmentPage(assessments=lines, next=rows.older or None)


@router.get(_OF_MODEL, url_name="model_assessments", response=Standings)
def list_standings(request: Call, name: str) -> Standings:
    """List every questionnaire that applies to a model, its uses and its versions, and how each
    stands."""
    model = found.model(request.actor, name)
    return Standings.of(model.name, assessment_lists.listing(model, request.actor)["offered"])


@router.post(_OF_MODEL, url_name="model_assessments", response={201: AssessmentAnswer})
def start_assessment(request: Call, name: str, asked: NewAssessment) -> AssessmentAnswer:
    """Start to assess a model, or a version or use of it; what the inventory knows is filled in."""
    subject = _subject(found.model(request.actor, name), asked)
    started = assessments.start_assessment(subject, asked.questionnaire, by=request.actor)
    return show_assessment(request, started.pk)


@router.get(_ONE, url_name="assessment", response=AssessmentAnswer)
def show_assessment(request: Call, assessment: int) -> AssessmentAnswer:
    """Show an assessment: what is asked and was answered, by whom, what is left, who signs."""
    shown, on = _found(request.actor, assessment), _today()
    asked = Asked.of(shown, on, attaching.usable_items(shown))
    is_draft = shown.state == Assessment.State.DRAFT
    return AssessmentAnswer.whole(
        asked,
        on=on,
        signed=queries.signed_in_round(shown),
        not_ready=_not_ready(asked, on) if is_draft else "",
        newer=_newer(shown) if is_draft else None,
    )


@router.patch(_ONE, url_name="assessment", response=AssessmentAnswer)
def answer_questions(request: Call, assessment: int, asked: NewAnswers) -> AssessmentAnswer:
    """Keep answers of one section or several, and notes beside them, all or none.

    What somebody else answered meanwhile is not overwritten: the refusal holds both texts under
    ``conflicts``.
    """
    draft = _found(request.actor, assessment)
    with unless_changed(request, partial(show_assessment, request, assessment)):
        answers.answer_at_once(
            draft,
            asked.answers,
            by=request.actor,
            notes=asked.notes,
            seen=asked.seen,
            confirmed=asked.confirmed,
        )
    return show_assessment(request, assessment)


@router.post(f"{_ONE}/import", url_name="import_answers", response=AssessmentAnswer)
def import_answers(request: Call, assessment: int, asked: AnswerFile) -> AssessmentAnswer:
    """Take a whole set of answers over, or none of it; it replaces what was answered before."""
    draft = _found(request.actor, assessment)
    answers.import_answers(draft, asked.text, by=request.actor)
    return show_assessment(request, assessment)


@router.post(f"{_ONE}/evidence", url_name="answer_evidence", response={201: AttachedEvidence})
def attach_evidence(request: Call, assessment: int, asked: NewAttachment) -> AttachedEvidence:
    """Attach an item of evidence of the model to the answer to a question."""
    draft = _found(request.actor, assessment)
    item = _item(draft, asked.evidence)
    attached = attaching.attach_evidence(draft, asked.question, item, by=request.actor)
    return AttachedEvidence.of(attached)


@router.delete(
    f"{_ONE}/evidence/{{int:attached}}", url_name="attached_evidence", response={204: None}
)
def remove_evidence(
    request: Call,
    assessment: int,
    attached: int,
    asked: Nothing | None = None,  # noqa: ARG001 - declared, so that a body with fields is refused
) -> None:
    """Take an item of evidence off an answer; that it was attached stays on record."""
    held = _attached(_found(request.actor, assessment), attached)
    attaching.remove_evidence(held, by=request.actor)


@router.post(f"{_ONE}/move", url_name="move_assessment", response=AssessmentAnswer)
def move_to_newer(request: Call, assessment: int, asked: NewerText) -> AssessmentAnswer:
    """Go on with the newer version of its questionnaire; answers to the same questions stay."""
    draft = _found(request.actor, assessment)
    assessments.move_to_newer(draft, to=asked.digest, by=request.actor)
    return show_assessment(request, assessment)


@router.post(f"{_ONE}/submit", url_name="submit_assessment", response=AssessmentAnswer)
def submit_assessment(
    request: Call,
    assessment: int,
    asked: Nothing | None = None,  # noqa: ARG001 - as above
) -> AssessmentAnswer:
    """Ask for the review of a draft; the refusal names what is still to be done."""
    draft = _found(request.actor, assessment)
    assessment_review.submit_assessment(draft, by=request.actor)
    return show_assessment(request, assessment)


@router.post(f"{_ONE}/take-back", url_name="take_back_assessment", response=AssessmentAnswer)
def take_back_assessment(request: Call, assessment: int, asked: Reason) -> AssessmentAnswer:
    """Make a draft again of what waits for review."""
    waiting = _found(request.actor, assessment)
    assessment_review.take_back(waiting, by=request.actor, reason=asked.reason)
    return show_assessment(request, assessment)


@router.post(f"{_ONE}/withdraw", url_name="withdraw_assessment", response=AssessmentAnswer)
def withdraw_assessment(request: Call, assessment: int, asked: Reason) -> AssessmentAnswer:
    """Give up an assessment that was not approved; what was answered stays on record."""
    given_up = _found(request.actor, assessment)
    assessments.drop_assessment(given_up, by=request.actor, reason=asked.reason)
    return show_assessment(request, assessment)


@router.get(f"{_ONE}/outcome", url_name="assessment_outcome", response=OutcomeAnswer)
def show_outcome(request: Call, assessment: int) -> OutcomeAnswer:
    """Show what an assessment came to, or would as it is answered now: the rule that fired, what it
    read, and what is otherwise than in the last that was approved."""
    shown = _found(request.actor, assessment)
    asked = Asked.of(shown, _today(), attaching.usable_items(shown))
    is_approved = bool(shown.outcome)
    return OutcomeAnswer.of(
        asked.sheet.questionnaire,
        shown.result if is_approved else asked.result.plain(),
        provisional=not is_approved,
        digest=digest_of_kept(shown) if is_approved else asked.result.digest,
        last=_last(shown, asked),
    )


@router.get(f"{_ONE}/export", url_name="assessment_export", openapi_extra=DOSSIER)
def export_assessment(request: Call, assessment: int) -> HttpResponse:
    """Give an assessment as JSON with its digests and signatures, once it is recorded who takes
    it."""
    taken = assessment_exports.export_assessment(
        _found(request.actor, assessment), assessment_exports.Form.JSON, by=request.actor
    )
    return HttpResponse(taken.content, content_type=taken.media_type)


def _found(actor: Actor, number: int) -> Assessment:
    """Return an assessment of a model the actor may see."""
    if number > MOST_INTEGER:
        raise Http404
    known = queries.assessments_visible_to(actor).filter(pk=number).first()
    if known is None:
        raise Http404
    return known


def _subject(model: RegisteredModel, asked: NewAssessment) -> Subject:
    """Return what a body names: a model, or a version or a use of it."""
    if asked.version is not None and asked.use is not None:
        raise InputRefused("An assessment is about a version or about a use, not about both.")
    if asked.version is not None:
        return found.version_of(model, asked.version)
    if asked.use is None:
        return model
    use: UseCase | None = model.use_cases.filter(key=asked.use).first()
    if use is None:
        raise InputRefused(f"{model} has no use {asked.use!a:.80}.")
    return use


def _item(draft: Assessment, number: int) -> EvidenceItem:
    item: EvidenceItem | None = None
    if 0 < number <= MOST_INTEGER:
        item = EvidenceItem.objects.filter(model=draft.model_id, pk=number).first()
    if item is None:
        raise InputRefused("There is no such evidence on this model.")
    return item


def _attached(draft: Assessment, number: int) -> AnswerEvidence:
    if number > MOST_INTEGER:
        raise Http404
    held = draft.attached.select_related("assessment__model", "assessment__questionnaire")
    known: AnswerEvidence | None = held.filter(pk=number).first()
    if known is None:
        raise Http404
    return known


def _not_ready(asked: Asked, on: date) -> str:
    try:
        assessment_review.require_ready(asked.sheet, on)
    except DomainError as refusal:
        return str(refusal)
    return ""


def _newer(draft: Assessment) -> Questionnaire | None:
    newest = offered.newest(draft.kind)
    is_newer = newest is not None and newest.digest != draft.questionnaire.digest
    return newest if is_newer else None


def _last(shown: Assessment, asked: Asked) -> LastApproved | None:
    earlier = queries.approved_before(shown)
    if earlier is None:
        return None
    return LastApproved.of(earlier, answers_in_words(shown, asked))


def _today() -> date:
    return database_now().date()
