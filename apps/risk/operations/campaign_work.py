"""What a worker does about a campaign: it asks the owners, opens it, keeps how models stood."""

from collections.abc import Sequence
from datetime import datetime

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog.models import RegisteredModel
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.digests import digest_of
from apps.core.sweeping import NotDue
from apps.risk import campaign_queries
from apps.risk.models import Campaign, CampaignEntry, CampaignSnapshot
from apps.risk.operations.campaign_answers import complete_if_answered

ASK_OWNERS = Action("campaign.ask_owners", permission=BY_WORKER)
OPEN_CAMPAIGN = Action("campaign.open", permission=BY_WORKER)
KEEP_SNAPSHOT = Action("campaign.keep_snapshot", permission=BY_WORKER)

AT_ONCE = 50
"""How many owners one event says were asked; each entry is a governed row."""
State = Campaign.State
Moment = CampaignSnapshot.Moment


def ask_owners(campaign: Campaign, models: Sequence[tuple[RegisteredModel, int]]) -> int:
    """Ask the owners of some models, given with their tiers, each once; return how many are new."""
    with change(ASK_OWNERS, campaign, by=SYSTEM) as record:
        if campaign.state != State.PREPARING:
            raise NotDue("The owners were asked already.")
        entries = campaign.entries.filter(model__in=[model.pk for model, _ in models])
        asked = set(entries.values_list("model", flat=True))
        new = [(model, tier) for model, tier in models if model.pk not in asked]
        for model, tier in new:
            CampaignEntry(campaign=campaign, model=model, owner_id=model.owner_id, tier=tier).save()
        record.note(asked=len(new))
    return len(new)


def open_campaign(campaign: Campaign) -> None:
    """Let a campaign be under way, once every owner was asked; it keeps how its models stand."""
    rows = campaign_queries.standing_of_models(campaign)
    with change(OPEN_CAMPAIGN, campaign, by=SYSTEM) as record:
        if campaign.state != State.PREPARING:
            raise NotDue("It is under way already.")
        campaign.state, campaign.total = State.RUNNING, campaign.entries.count()
        campaign.save()
        kept = _keep(campaign, Moment.BEFORE, rows, record.time)
        record.note(total=campaign.total, before=kept.digest)
        complete_if_answered(campaign)


def keep_snapshot_after(campaign: Campaign) -> None:
    """Keep how the models of a campaign stand once it ended."""
    rows = campaign_queries.standing_of_models(campaign)
    with change(KEEP_SNAPSHOT, campaign, by=SYSTEM) as record:
        if not campaign.is_over or campaign.snapshots.filter(moment=Moment.AFTER).exists():
            raise NotDue("It is kept already, or the campaign is under way.")
        record.note(after=_keep(campaign, Moment.AFTER, rows, record.time).digest)


def _keep(
    campaign: Campaign, moment: Moment, rows: list[list[object]], at: datetime
) -> CampaignSnapshot:
    kept = CampaignSnapshot(
        campaign=campaign, moment=moment, rows=rows, digest=digest_of(rows), taken_at=at
    )
    kept.save()
    return kept
