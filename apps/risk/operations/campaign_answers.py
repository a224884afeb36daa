"""What an owner says about a model answers the campaigns that ask; the last answer ends one."""

from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.catalog.models import RegisteredModel
from apps.core.actors import BY_WORKER, SYSTEM
from apps.risk.models import Campaign, CampaignEntry, Finding, OwnerAttestation

COMPLETE_CAMPAIGN = Action("campaign.complete", permission=BY_WORKER)


def answer(
    model: RegisteredModel,
    *,
    record: Record,
    attestation: OwnerAttestation | None = None,
    finding: Finding | None = None,
) -> list[str]:
    """Answer whatever asks about a model, inside the change of the owner; return the campaigns.

    Campaigns are locked after the model, in the order of their ids.
    """
    asking = CampaignEntry.objects.filter(
        model=model, state__in=CampaignEntry.WAITING
    ).select_related("campaign")
    answered = []
    for entry in asking.order_by("campaign"):
        record.lock(entry.campaign)
        entry.renew()
        if not entry.is_waiting or entry.campaign.is_over:
            continue
        is_right = attestation is not None
        entry.state = CampaignEntry.State.ATTESTED if is_right else CampaignEntry.State.CORRECTED
        entry.attestation, entry.finding, entry.answered_at = attestation, finding, record.time
        entry.save()
        answered.append(entry.campaign.record_id)
        complete_if_answered(entry.campaign)
    return answered


def complete_if_answered(campaign: Campaign) -> None:
    """End a campaign under way once everybody has answered, inside the change that found so."""
    waiting = campaign.entries.filter(state__in=CampaignEntry.WAITING)
    if campaign.state != Campaign.State.RUNNING or waiting.exists():
        return
    with change(COMPLETE_CAMPAIGN, campaign, by=SYSTEM) as record:
        campaign.state, campaign.ended_at = Campaign.State.ENDED, record.time
        campaign.save()
        record.note(total=campaign.total)
