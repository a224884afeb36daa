"""Obligations: listed, read, and given to whoever sees to them.

What they ask for meets them by being there; people say the rest in a browser.
"""

from typing import Literal

from django.db.models import QuerySet
from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.conditional import unless_changed
from apps.api.v1 import found
from apps.api.v1.answers.obligations import ObligationAnswer, ObligationLine, ObligationPage
from apps.api.v1.asked.common import Limit
from apps.api.v1.asked.obligations import GivenObligation
from apps.audit.actions import Action
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.inputs import MOST_INTEGER
from apps.core.paging import Order
from apps.risk.models import Obligation
from apps.risk.operations import obligations as operations
from apps.risk.pages import obligations as pages

router = Router(tags=["obligations"])
IN_ORDER = Order(("id",), least_first=True)
_OBLIGATION = "/obligations/{int:obligation}"
_RELATED = ("model__owner", "version", "use_case", "owner", "met_by", "deferred_by")

State = Literal["", "open", "met", "deferred", "lapsed"]
Kind = Literal["", "evidence", "document", "condition", "sign_off", "restriction"]


@router.get("/models/{name}/obligations", url_name="obligations", response=ObligationPage)
def list_obligations(
    request: Call,
    name: str,
    *,
    state: State = "",
    kind: Kind = "",
    limit: Limit = 100,
    page: str = "",
) -> ObligationPage:
    """List what approved assessments ask of a model, its versions and uses, the oldest first."""
    model = found.model(request.actor, name)
    asked = {"state": state, "kind": kind}
    rows = Obligation.objects.filter(model=model, **{key: one for key, one in asked.items() if one})
    bound_to = f"obligations of {model.record_id} for {request.actor.id}: {[state, kind]}"
    shown = IN_ORDER.page(rows.select_related(*_RELATED), size=limit, mark=page, bound_to=bound_to)
    at = database_now()
    known = pages.known_of(model, at)
    lines = [ObligationLine.of(one, known, on=at.date()) for one in shown.rows]
    return ObligationPage(obligations=lines, next=shown.older or None)


@router.get(_OBLIGATION, url_name="obligation", response=ObligationAnswer)
def show_obligation(request: Call, obligation: int) -> ObligationAnswer:
    """Show an obligation: what asks for it, and who said what about it."""
    return _whole(_found(request.actor, obligation))


@router.patch(_OBLIGATION, url_name="obligation", response=ObligationAnswer)
def give_obligation(request: Call, obligation: int, asked: GivenObligation) -> ObligationAnswer:
    """Give an obligation to whoever sees to it.

    A token with the scope ``assess`` is enough. Calling it met or putting it off needs a person in
    a browser, who does not answer for it.
    """
    held = _found(request.actor, obligation, to=operations.ASSIGN_OBLIGATION)
    owner = found.person(asked.owner)
    assert owner is not None  # one was named
    with unless_changed(request, lambda: show_obligation(request, obligation)):
        operations.assign_obligation(held, by=request.actor, owner=owner)
    return _whole(held)


def _found(actor: Actor, number: int, *, to: Action | None = None) -> Obligation:
    """Return an obligation of a model the actor may see, or do something to."""
    if number > MOST_INTEGER:
        raise Http404
    known = _on(catalog.models_visible_to(actor), number)
    if known is None and to is not None:
        known = _on(catalog.models_where(actor, to.permission), number)
    if known is None:
        raise Http404
    return known


def _on(models: QuerySet[RegisteredModel], number: int) -> Obligation | None:
    """Return an obligation of one of some models."""
    rows = Obligation.objects.filter(model__in=models.values("pk"), pk=number)
    held: Obligation | None = rows.select_related(*_RELATED).first()
    return held


def _whole(held: Obligation) -> ObligationAnswer:
    at = database_now()
    return ObligationAnswer.whole(held, pages.known_of(held.model, at), on=at.date())
