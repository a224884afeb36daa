"""Campaigns, to be read: people begin and end them, and owners answer, in a browser."""

from typing import Literal

from django.db.models import QuerySet
from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1.answers.campaigns import (
    CampaignAnswer,
    CampaignEntryAnswer,
    CampaignEntryPage,
    CampaignPage,
)
from apps.api.v1.asked.common import Limit
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.inputs import MOST_INTEGER
from apps.core.paging import Order
from apps.risk import campaign_queries as queries
from apps.risk.models import Campaign

router = Router(tags=["campaigns"])
NEWEST_FIRST = Order(("id",))
IN_ORDER = Order(("id",), least_first=True)
_CAMPAIGN = "/campaigns/{int:campaign}"

State = Literal["", "preparing", "running", "ended"]
Said = Literal["", "open", "escalated", "attested", "corrected"]


@router.get("/campaigns", url_name="campaigns", response=CampaignPage)
def list_campaigns(
    request: Call, state: State = "", limit: Limit = 100, page: str = ""
) -> CampaignPage:
    """List the campaigns about models the caller may see, the newest first."""
    campaigns = _visible(request.actor)
    if state:
        campaigns = campaigns.filter(state=state)
    bound_to = f"campaigns for {request.actor.id}: {[state]}"
    rows = NEWEST_FIRST.page(campaigns, size=limit, mark=page, bound_to=bound_to)
    shown = _told(rows.rows, request.actor)
    return CampaignPage(campaigns=shown, next=rows.older or None)


@router.get(_CAMPAIGN, url_name="campaign", response=CampaignAnswer)
def show_campaign(request: Call, campaign: int) -> CampaignAnswer:
    """Show a campaign with how many owners answered, of the models the caller may see."""
    [shown] = _told([_found(request.actor, campaign)], request.actor)
    return shown


@router.get(f"{_CAMPAIGN}/entries", url_name="campaign_entries", response=CampaignEntryPage)
def list_entries(
    request: Call, campaign: int, *, state: Said = "", limit: Limit = 100, page: str = ""
) -> CampaignEntryPage:
    """List the models of a campaign that the caller may see, and what their owners said."""
    known = _found(request.actor, campaign)
    entries = queries.entries_visible_to(request.actor).filter(campaign=known)
    if state:
        entries = entries.filter(state=state)
    bound_to = f"entries of {known.record_id} for {request.actor.id}: {[state]}"
    rows = IN_ORDER.page(entries, size=limit, mark=page, bound_to=bound_to)
    shown = [CampaignEntryAnswer.of(entry) for entry in rows.rows]
    return CampaignEntryPage(entries=shown, next=rows.older or None)


def _visible(actor: Actor) -> QuerySet[Campaign]:
    return queries.campaigns_visible_to(actor).select_related("begun_by", "ended_by")


def _found(actor: Actor, number: int) -> Campaign:
    """Return a campaign about a model the actor may see."""
    if number > MOST_INTEGER:
        raise Http404
    known = _visible(actor).filter(pk=number).first()
    if known is None:
        raise Http404
    return known


def _told(campaigns: list[Campaign], actor: Actor) -> list[CampaignAnswer]:
    on, entries = database_now().date(), queries.entries_visible_to(actor)
    told = queries.tallies([one.pk for one in campaigns], entries)
    return [CampaignAnswer.of(one, told[one.pk], on=on) for one in campaigns]
