"""What the pages of campaigns show: the list, one with its progress and entries, how it began."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.core import links
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.risk import campaign_queries as queries
from apps.risk.models import Campaign, CampaignEntry, CampaignSnapshot, CampaignWork
from apps.risk.operations.campaigns import MANAGE

PAGE_SIZE = 25
NEWEST_FIRST = Order(("id",))
BY_ID = Order(("id",), least_first=True)
STATE = "state"
Entry = CampaignEntry.State

TONES = {
    Campaign.State.PREPARING: "info",
    Campaign.State.RUNNING: "info",
    Campaign.State.ENDED: "idle",
}
ENTRY_TONES = {
    Entry.OPEN: "info",
    Entry.ESCALATED: "bad",
    Entry.ATTESTED: "good",
    Entry.CORRECTED: "warn",
}


def listing(request: ActorRequest) -> dict[str, Any]:
    """Return the page of campaigns the address asks for."""
    reader = request.actor
    found = links.page_of(request, queries.campaigns_visible_to(reader), NEWEST_FIRST, PAGE_SIZE)
    told = queries.tallies([one.pk for one in found.rows], queries.entries_visible_to(reader))
    today = now().date()
    return {
        "rows": [_row(one, told[one.pk], today) for one in found.rows],
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "may_begin": may_run(reader),
    }


def one(request: ActorRequest, campaign: Campaign) -> dict[str, Any]:
    """Return what the page of a campaign shows: progress, entries, snapshots, how it ends."""
    reader, today = request.actor, now().date()
    entries = queries.entries_visible_to(reader)
    told = queries.tallies([campaign.pk], entries)[campaign.pk]
    wanted = entries.filter(campaign=campaign)
    state = links.asked(request, STATE)
    if state in Entry.values:
        wanted = wanted.filter(state=state)
    found = links.page_of(request, wanted, BY_ID, PAGE_SIZE)
    return {
        "campaign": campaign,
        **_row(campaign, told, today),
        "entries": [
            {"entry": entry, "tone": ENTRY_TONES[Entry(entry.state)]} for entry in found.rows
        ],
        "facets": _facets(request, told),
        "clear": request.path if state else "",
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "work": _work(campaign),
        "snapshots": _snapshots(campaign) if may_run(reader) else [],
        "facts": _facts(campaign),
        "may_end": campaign.state == Campaign.State.RUNNING
        and campaign.is_past(today)
        and may_run(reader),
    }


def progress(campaign: Campaign) -> dict[str, Any]:
    """Return how far the worker is that asks the owners."""
    return {"campaign": campaign, "work": _work(campaign)}


def may_run(reader: Actor) -> bool:
    """Say whether somebody runs campaigns of the whole organization."""
    return reader.is_person and reader.may(MANAGE)


def scope(campaign: Campaign) -> str:
    """Say which models a campaign is about."""
    tiers = [str(tier) for tier in campaign.tiers if tier]
    named = [f"tier {', '.join(tiers)}"] if tiers else []
    return " and ".join([*named, *(["models without a tier"] if 0 in campaign.tiers else [])])


def _row(campaign: Campaign, told: Mapping[str, int], today: date) -> dict[str, Any]:
    total = sum(told.values())
    answered = told.get(Entry.ATTESTED, 0) + told.get(Entry.CORRECTED, 0)
    is_late = not campaign.is_over and campaign.is_past(today)
    return {
        "campaign": campaign,
        "scope": scope(campaign),
        "total": total,
        "answered": answered,
        "attested": told.get(Entry.ATTESTED, 0),
        "corrected": told.get(Entry.CORRECTED, 0),
        "status": "Past its day" if is_late else campaign.get_state_display(),
        "tone": "bad" if is_late else TONES[Campaign.State(campaign.state)],
        "words": f"{answered} of {total} answered",
    }


def _facets(request: HttpRequest, told: Mapping[str, int]) -> list[dict[str, Any]]:
    chosen = links.asked(request, STATE)
    options = [
        {
            "label": f"{state.label} ({told.get(state.value, 0)})",
            "url": links.with_query(request, state="" if state.value == chosen else state.value),
            "current": state.value == chosen,
        }
        for state in Entry
    ]
    return [{"title": "Answer", "options": options}]


def _work(campaign: Campaign) -> CampaignWork | None:
    if campaign.state != Campaign.State.PREPARING:
        return None
    return CampaignWork.objects.filter(campaign=campaign).first()


def _snapshots(campaign: Campaign) -> list[CampaignSnapshot]:
    return list(campaign.snapshots.defer("rows").order_by("pk"))


def _facts(campaign: Campaign) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"term": "About", "value": scope(campaign).capitalize()},
        {"term": "Last day to answer", "at": campaign.due},
        {"term": "Begun by", "person": str(campaign.begun_by)},
        {"term": "Begun", "at": campaign.begun_at},
    ]
    if campaign.ended_at is not None:
        facts.append({"term": "Ended", "at": campaign.ended_at})
        by = str(campaign.ended_by) if campaign.ended_by else "By itself: everybody answered"
        facts.append({"term": "Ended by", "value": by})
    return facts
