"""Campaigns: begun by a person over the models at some tiers, ended by one after the day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db import transaction

from apps.accounts.signing.giving import require_person
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change, record_access
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused, require_text
from apps.risk import campaign_queries
from apps.risk.campaigns import tasks
from apps.risk.models import Campaign, CampaignEntry, CampaignSnapshot, CampaignWork

MANAGE = "catalog.manage_reviews"
_REFUSAL = "Validators and risk officers of the whole organization run campaigns."

BEGIN_CAMPAIGN = Action("campaign.begin", permission=MANAGE, needs_reason=True, refusal=_REFUSAL)
END_CAMPAIGN = Action("campaign.end", permission=MANAGE, needs_reason=True, refusal=_REFUSAL)

EXPORT_SNAPSHOT = Action(
    "campaign.export", permission=MANAGE, refusal=_REFUSAL, sealing=Sealing.FIRST
)

TIERS = (1, 2, 3, 4, 0)
State = Campaign.State


@dataclass(frozen=True)
class Planned:
    """What a campaign is about, and until when."""

    title: str
    tiers: Collection[int]
    due: date


def begin_campaign(planned: Planned, *, by: Actor, reason: str) -> Campaign:
    """Begin a campaign over all models at some tiers; a worker asks their owners.

    Raises:
        RuleBroken: when no model is at one of the tiers, or the day is no day to come.
    """
    with change(BEGIN_CAMPAIGN, REGISTRY, by=by, reason=reason) as record:
        person = require_person(by, "begins a campaign")
        _require_planned(planned, record.time.date())
        candidates = campaign_queries.candidates()
        if not campaign_queries.count(planned.tiers, record.time.date()):
            raise RuleBroken("No model is at one of these tiers, so there is nobody to ask.")
        campaign = Campaign(
            title=planned.title.strip(),
            tiers=sorted(set(planned.tiers)),
            due=planned.due,
            begun_by_id=person,
            begun_at=record.time,
        )
        campaign.save()
        CampaignWork.objects.create(campaign=campaign, total=candidates.count())
        record.about(campaign)
        record.note(tiers=campaign.tiers, due=str(campaign.due))
        transaction.on_commit(partial(tasks.ring, [campaign.pk]))
    return campaign


def end_campaign(campaign: Campaign, *, by: Actor, reason: str) -> None:
    """End a campaign after its last day, whoever has not answered.

    Raises:
        RuleBroken: while owners still have time to answer.
    """
    with change(END_CAMPAIGN, campaign, by=by, reason=reason) as record:
        person = require_person(by, "ends a campaign")
        campaign.require_running()
        if not campaign.is_past(record.time.date()):
            raise RuleBroken(f"Owners have until {campaign.due} to answer. End it after that day.")
        waiting = campaign.entries.filter(state__in=CampaignEntry.WAITING).count()
        campaign.state, campaign.ended_at = State.ENDED, record.time
        campaign.ended_by_id, campaign.why_ended = person, record.reason
        campaign.save()
        record.note(total=campaign.total, unanswered=waiting)


def export_snapshot(kept: CampaignSnapshot, *, by: Actor) -> None:
    """Record that somebody takes away how the models of a campaign stood."""
    facts = {"moment": kept.moment, "snapshot": kept.digest}
    record_access(EXPORT_SNAPSHOT, kept.campaign, by=by, facts=facts)


def _require_planned(planned: Planned, today: date) -> None:
    if not planned.title.strip():
        raise InputRefused("Give the campaign a title.")
    require_text(planned.title, "The title", 200)
    if not planned.tiers or not set(planned.tiers) <= set(TIERS):
        raise InputRefused("Choose the tiers whose models it is about.")
    if planned.due <= today:
        raise RuleBroken("Give owners at least until tomorrow.")
