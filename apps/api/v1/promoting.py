"""Transitions: asked for, followed, taken back, carried out. Signing needs a browser."""

from typing import Literal

from django.http import HttpResponse
from ninja import Router

from apps.api.callers import Call
from apps.api.describing import DOSSIER
from apps.api.v1 import found
from apps.api.v1.answers.promotions import Promotion, PromotionLine, PromotionPage
from apps.api.v1.asked.common import Limit, Reason, Words
from apps.api.v1.asked.promotions import NewPromotion
from apps.approvals import cases, operations, pages, queries
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.approvals.operations import access
from apps.approvals.pages import transitions
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.paging import Order

router = Router(tags=["promotions"])
NEWEST_FIRST = Order(("id",))
_PROMOTION = "/promotions/{int:promotion}"

State = Literal["", "open", "promoted", "declined", "withdrawn", "lapsed"]


@router.get("/promotions", url_name="promotions", response=PromotionPage)
def list_promotions(
    request: Call, model: Words = "", state: State = "", limit: Limit = 100, page: str = ""
) -> PromotionPage:
    """List the promotion requests the caller may see, the newest first."""
    requests = queries.requests_visible_to(request.actor).select_related("closed_by")
    if model:
        requests = requests.filter(version__model__name=model)
    if state:
        requests = requests.filter(state=state)
    bound_to = f"promotions for {request.actor.id}: {[model, state]}"
    rows = NEWEST_FIRST.page(requests, size=limit, mark=page, bound_to=bound_to)
    lines = [PromotionLine.of(one) for one in rows.rows]
    return PromotionPage(promotions=lines, next=rows.older or None)


@router.post(
    "/models/{name}/versions/{int:number}/promotions",
    url_name="request_promotion",
    response={201: Promotion},
)
def request_promotion(request: Call, name: str, number: int, asked: NewPromotion) -> Promotion:
    """Ask to move a version to another stage, or to renew its place there.

    From ``archived`` to ``production`` it is the way back, which operators ask for.
    """
    version = found.version(request.actor, name, number, to=operations.REQUEST_PROMOTION)
    made = operations.request_promotion(
        version,
        by=request.actor,
        target=Stage(asked.target),
        reason=asked.reason,
        note=asked.note,
    )
    return whole(made)


@router.get(_PROMOTION, url_name="promotion", response=Promotion)
def show_promotion(request: Call, promotion: int) -> Promotion:
    """Show a request with the verdicts and sign-offs of its gate, and what keeps it shut."""
    return whole(found.request(request.actor, promotion))


@router.get(f"{_PROMOTION}/dossier", url_name="dossier", openapi_extra=DOSSIER)
def take_dossier(request: Call, promotion: int) -> HttpResponse:
    """Give what a sign-off binds as the text its digest is of, once it is recorded who takes it."""
    asked = found.request(request.actor, promotion)
    text = pages.dossier_text(_case(asked))
    access.take_dossier(asked, by=request.actor)
    return HttpResponse(text, content_type="application/json")


@router.post(f"{_PROMOTION}/withdraw", url_name="withdraw", response=Promotion)
def withdraw(request: Call, promotion: int, asked: Reason) -> Promotion:
    """Take an open request back."""
    wanted = found.request(
        request.actor,
        promotion,
        to=operations.WITHDRAW_REQUEST,
        or_to=operations.WITHDRAW_ROLLBACK,
    )
    operations.withdraw_request(wanted, by=request.actor, reason=asked.reason)
    return whole(wanted)


@router.post(f"{_PROMOTION}/promote", url_name="promote", response=Promotion)
def promote(request: Call, promotion: int, asked: Reason) -> Promotion:
    """Carry out what was asked for: a promotion, a renewal, a retirement or the way back.

    While its gate is closed, the refusal says what would open it.
    """
    wanted = found.request(request.actor, promotion, to=operations.PROMOTE)
    transitions.of(wanted).carry_out(wanted, by=request.actor, reason=asked.reason)
    wanted.refresh_from_db()
    return whole(wanted)


def whole(request: PromotionRequest) -> Promotion:
    """Return a request as it is shown whole."""
    return Promotion.whole(_case(request))


def _case(request: PromotionRequest) -> Case:
    [case] = cases.complete([request], at=database_now())
    return case
