"""Reads about campaigns, filtered to what the actor may see; and how their models stand."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.risk.facts.judged import Judged
from apps.risk.models import Campaign, CampaignEntry, Finding
from apps.risk.schedule_queries import live_models
from apps.risk.tier_columns import with_tier

MANAGE = "catalog.manage_reviews"
COLUMNS = ("Model", "Name", "Tier", "Owner", "Owner's name", "Open findings")
"""What a snapshot keeps of each model, in this order."""
_BATCH = 200


def candidates() -> QuerySet[RegisteredModel]:
    """Return the models a campaign can be about."""
    return live_models(RegisteredModel.objects.all())


def count(tiers: Collection[int], on: date) -> int:
    """Return how many models are at some tiers on a day."""
    return with_tier(candidates(), on).filter(tier__in=list(tiers)).count()


def counts(on: date) -> Mapping[int, int]:
    """Return how many models are at each tier on a day, in one query."""
    rows = with_tier(candidates(), on).order_by().values("tier").annotate(models=Count("pk"))
    return {row["tier"]: row["models"] for row in rows}


def campaigns_visible_to(actor: Actor) -> QuerySet[Campaign]:
    """Return the campaigns about a model an actor may see; all, for who runs campaigns."""
    campaigns: QuerySet[Campaign] = Campaign.objects.all()
    if actor.may(MANAGE):
        return campaigns
    return campaigns.filter(pk__in=entries_visible_to(actor).values("campaign"))


def entries_visible_to(actor: Actor) -> QuerySet[CampaignEntry]:
    """Return the entries about the models an actor may see."""
    visible = catalog.models_visible_to(actor)
    found: QuerySet[CampaignEntry] = CampaignEntry.objects.filter(model__in=visible.values("pk"))
    return found.select_related("model", "owner", "finding")


def tallies(
    campaign_ids: Collection[int], entries: QuerySet[CampaignEntry]
) -> Mapping[int, Mapping[str, int]]:
    """Return how many entries of each campaign are in which state, in one query."""
    rows = entries.filter(campaign__in=campaign_ids).order_by()
    told: dict[int, dict[str, int]] = {pk: {} for pk in campaign_ids}
    for pk, state, number in rows.values_list("campaign", "state").annotate(Count("pk")):
        told[pk][state] = number
    return told


def asking(model: RegisteredModel) -> QuerySet[CampaignEntry]:
    """Return the entries that wait for the owner of a model to answer."""
    found: QuerySet[CampaignEntry] = CampaignEntry.objects.filter(
        Q(campaign__state=Campaign.State.PREPARING) | Q(campaign__state=Campaign.State.RUNNING),
        model=model,
        state__in=CampaignEntry.WAITING,
    )
    return found.select_related("campaign").order_by("campaign__due", "pk")


def standing_of_models(campaign: Campaign) -> list[list[object]]:
    """Return how the models of a campaign stand now, one row each, by ``COLUMNS``."""
    entries = campaign.entries.select_related("model__owner").order_by("model")
    rows: list[list[object]] = []
    last = 0
    while batch := list(entries.filter(model__gt=last)[:_BATCH]):
        rows += _standing([entry.model for entry in batch])
        last = batch[-1].model_id
    return rows


def _standing(models: list[RegisteredModel]) -> list[list[Any]]:
    keys, at = [model.pk for model in models], database_now()
    judged, unsettled = Judged.of(keys), _unsettled(keys)
    return [
        [
            model.record_id,
            model.name,
            judged.tier(model.pk, at).tier,
            model.owner.record_id,
            str(model.owner),
            unsettled.get(model.pk, 0),
        ]
        for model in models
    ]


def _unsettled(model_ids: Collection[int]) -> Mapping[int, int]:
    findings = Finding.objects.filter(model__in=model_ids, state__in=Finding.UNSETTLED)
    return dict(findings.order_by().values_list("model").annotate(Count("pk")))
