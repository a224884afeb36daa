"""Waivers: listed, read, asked for and taken back. Signing them needs a person in a browser."""

from typing import Literal

from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import found
from apps.api.v1.answers.waivers import WaiverAnswer, WaiverLine, WaiverPage
from apps.api.v1.asked.common import Limit, Reason, Words
from apps.api.v1.asked.waivers import NewWaiver
from apps.approvals import operations, queries
from apps.approvals.models import Waiver
from apps.audit.actions import Action
from apps.catalog import queries as catalog
from apps.core.actors import Actor
from apps.core.inputs import MOST_INTEGER
from apps.core.paging import Order

router = Router(tags=["waivers"])
NEWEST_FIRST = Order(("id",))

State = Literal["", "asked", "granted", "declined", "withdrawn", "revoked", "ended"]


@router.get("/waivers", url_name="waivers", response=WaiverPage)
def list_waivers(
    request: Call, model: Words = "", state: State = "", limit: Limit = 100, page: str = ""
) -> WaiverPage:
    """List the waivers the caller may see, the newest first."""
    waivers = queries.waivers_visible_to(request.actor)
    if model:
        waivers = waivers.filter(version__model__name=model)
    if state:
        waivers = waivers.filter(state=state)
    bound_to = f"waivers for {request.actor.id}: {[model, state]}"
    rows = NEWEST_FIRST.page(waivers, size=limit, mark=page, bound_to=bound_to)
    return WaiverPage(waivers=[WaiverLine.of(one) for one in rows.rows], next=rows.older or None)


@router.post(
    "/models/{name}/versions/{int:number}/waivers",
    url_name="ask_for_waiver",
    response={201: WaiverAnswer},
)
def ask_for_waiver(request: Call, name: str, number: int, asked: NewWaiver) -> WaiverAnswer:
    """Ask that a version may go on without one condition until a day."""
    version = found.version(request.actor, name, number, to=operations.ASK_FOR_WAIVER)
    terms = operations.WaiverTerms(
        compensating_controls=asked.compensating_controls,
        use_limits=asked.use_limits,
        residual_risk=asked.residual_risk,
        ends_on=asked.ends_on,
    )
    made = operations.ask_for_waiver(
        version,
        by=request.actor,
        condition=asked.condition,
        reason=asked.reason,
        terms=terms,
        obligations=asked.obligations,
    )
    return _whole(made)


@router.get("/waivers/{int:waiver}", url_name="waiver", response=WaiverAnswer)
def show_waiver(request: Call, waiver: int) -> WaiverAnswer:
    """Show a waiver with its terms, the roles that must sign it, and who did."""
    return _whole(_found(request.actor, waiver))


@router.post("/waivers/{int:waiver}/withdraw", url_name="withdraw_waiver", response=WaiverAnswer)
def withdraw_waiver(request: Call, waiver: int, asked: Reason) -> WaiverAnswer:
    """Take back a waiver that waits for signatures."""
    wanted = _found(request.actor, waiver, to=operations.WITHDRAW_WAIVER)
    operations.withdraw_waiver(wanted, by=request.actor, reason=asked.reason)
    return _whole(wanted)


def _found(actor: Actor, number: int, *, to: Action | None = None) -> Waiver:
    """Return a waiver on a model the actor may see, or do something to."""
    if number > MOST_INTEGER:
        raise Http404
    known = queries.waivers_visible_to(actor).filter(pk=number).first()
    if known is None and to is not None:
        models = catalog.models_where(actor, to.permission)
        known = Waiver.objects.filter(version__model__in=models, pk=number).first()
    if known is None:
        raise Http404
    return known


def _whole(waiver: Waiver) -> WaiverAnswer:
    return WaiverAnswer.whole(waiver, waiver.sign_offs.select_related("signer").order_by("pk"))
