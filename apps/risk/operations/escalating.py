"""What owners did not answer in time goes on to the risk officers, once."""

from datetime import datetime

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.sweeping import NotDue, batches, sweeping
from apps.risk.models import Campaign, CampaignEntry

ESCALATE_ENTRY = Action("campaign_entry.escalate", permission=BY_WORKER)
State = Campaign.State


def escalate_entries(now: datetime) -> int:
    """Escalate what nobody answered until the day of its campaign; return how many."""
    late = CampaignEntry.objects.filter(
        state=CampaignEntry.State.OPEN, campaign__state=State.RUNNING, campaign__due__lt=now.date()
    )
    with sweeping() as sweep:
        for batch in batches(late.select_related("campaign", "model")):
            sweep.each(batch, escalate_entry)
    return sweep.done


def escalate_entry(entry: CampaignEntry) -> None:
    """Escalate one answer that is late, once; it can still be given."""
    with change(ESCALATE_ENTRY, entry, by=SYSTEM) as record:
        campaign = entry.campaign
        is_late = campaign.state == State.RUNNING and campaign.is_past(record.time.date())
        if entry.state != CampaignEntry.State.OPEN or not is_late:
            raise NotDue("It was answered or escalated meanwhile, or its day is not over.")
        entry.state, entry.escalated_at = CampaignEntry.State.ESCALATED, record.time
        entry.save()
        record.note(model=entry.model.record_id, due=str(campaign.due))
