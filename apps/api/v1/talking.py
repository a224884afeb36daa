"""The talk about a promotion request: comments, warnings and signers answered, conditions met.

A program says these for the person or service account its token belongs to, where that asks for
promotions; signing needs a person in a browser.
"""

from django.db.models import QuerySet
from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import found, promoting
from apps.api.v1.answers.promotions import Promotion
from apps.api.v1.answers.talk import CommentAnswer, CommentPage
from apps.api.v1.asked.common import Limit, Reason
from apps.api.v1.asked.promotions import Met, NewComment
from apps.approvals import operations
from apps.approvals.models import Comment, PromotionRequest, SignOff, SignOffCondition
from apps.core.inputs import MOST_INTEGER, InputRefused
from apps.core.paging import Order
from apps.validation.models import EvidenceItem

router = Router(tags=["promotions"])
IN_ORDER = Order(("id",), least_first=True)
_PROMOTION = "/promotions/{int:promotion}"


@router.get(f"{_PROMOTION}/comments", url_name="comments", response=CommentPage)
def list_comments(request: Call, promotion: int, limit: Limit = 100, page: str = "") -> CommentPage:
    """List what was said about a request, the oldest first."""
    asked = found.request(request.actor, promotion)
    bound_to = f"comments on {asked.record_id} for {request.actor.id}"
    said = asked.comments.select_related("author", "resolved_by")
    rows = IN_ORDER.page(said, size=limit, mark=page, bound_to=bound_to)
    comments = [CommentAnswer.of(one) for one in rows.rows]
    return CommentPage(comments=comments, next=rows.older or None)


@router.post(f"{_PROMOTION}/comments", url_name="comments", response={201: CommentAnswer})
def comment(request: Call, promotion: int, asked: NewComment) -> CommentAnswer:
    """Say something about a request; people named with ``@`` who may see it are told."""
    wanted = found.request(request.actor, promotion)
    said = operations.comment(
        wanted,
        by=request.actor,
        text=asked.text,
        section=asked.section,
        answers=_comment(wanted, asked.answers),
    )
    return CommentAnswer.of(said)


@router.post(f"{_PROMOTION}/note", url_name="note_warnings", response=Promotion)
def note_warnings(request: Call, promotion: int, asked: Reason) -> Promotion:
    """Say why the transition may go on although its gate warns."""
    wanted = found.request(request.actor, promotion, to=operations.NOTE_WARNINGS)
    operations.note_warnings(wanted, by=request.actor, reason=asked.reason)
    return promoting.whole(wanted)


@router.post(
    f"{_PROMOTION}/sign-offs/{{int:sign_off}}/answer", url_name="answer_dissent", response=Promotion
)
def answer_dissent(request: Call, promotion: int, sign_off: int, asked: Reason) -> Promotion:
    """Answer a signer who declined or asked for changes."""
    wanted = found.request(request.actor, promotion, to=operations.ANSWER_DISSENT)
    given = _sign_offs(wanted, sign_off).first()
    if given is None:
        raise Http404
    operations.answer_dissent(given, by=request.actor, reason=asked.reason)
    return promoting.whole(wanted)


@router.post(
    f"{_PROMOTION}/conditions/{{int:condition}}/meet", url_name="meet_condition", response=Promotion
)
def meet_condition(request: Call, promotion: int, condition: int, asked: Met) -> Promotion:
    """Say that a condition of a sign-off is met, how, and by which evidence."""
    wanted = found.request(request.actor, promotion)
    met = _condition(wanted, condition)
    evidence = _evidence(wanted, asked.evidence)
    operations.meet_condition(met, by=request.actor, reason=asked.reason, evidence=evidence)
    return promoting.whole(wanted)


def _comment(request: PromotionRequest, number: int | None) -> Comment | None:
    if number is None:
        return None
    known: Comment | None = None
    if 0 < number <= MOST_INTEGER:
        known = request.comments.filter(pk=number).first()
    if known is None:
        raise InputRefused("There is no such comment on this request.")
    return known


def _sign_offs(request: PromotionRequest, number: int) -> QuerySet[SignOff]:
    if number > MOST_INTEGER:
        raise Http404
    given: QuerySet[SignOff] = request.sign_offs.filter(pk=number)
    return given


def _condition(request: PromotionRequest, number: int) -> SignOffCondition:
    if number > MOST_INTEGER:
        raise Http404
    asked = SignOffCondition.objects.filter(sign_off__request=request, pk=number)
    known: SignOffCondition | None = asked.select_related("owner").first()
    if known is None:
        raise Http404
    return known


def _evidence(request: PromotionRequest, number: int | None) -> EvidenceItem | None:
    if number is None:
        return None
    known: EvidenceItem | None = None
    if 0 < number <= MOST_INTEGER:
        known = EvidenceItem.objects.filter(model=request.version.model_id, pk=number).first()
    if known is None:
        raise InputRefused("There is no such evidence on this model.")
    return known
