"""Campaigns in which owners attest, and what each said."""

from collections.abc import Mapping
from datetime import date, datetime

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.risk.models import Campaign, CampaignEntry

Entry = CampaignEntry.State


class CampaignAnswer(Answer):
    """A round in which owners attest; the numbers are of the models the caller may see.

    ``open`` and ``escalated`` wait for an answer, ``attested`` and ``corrected`` have one.
    """

    number: int
    title: str
    tiers: list[int]
    """The tiers of the models it is about; 0 are those without one."""
    due: date
    state: str
    overdue: bool
    begun_by: str
    begun_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    why_ended: str
    open: int
    escalated: int
    attested: int
    corrected: int
    url: str
    page: str

    @classmethod
    def of(cls, campaign: Campaign, told: Mapping[str, int], *, on: date) -> "CampaignAnswer":
        return cls(
            number=campaign.pk,
            title=campaign.title,
            tiers=list(campaign.tiers),
            due=campaign.due,
            state=campaign.state,
            overdue=not campaign.is_over and campaign.is_past(on),
            begun_by=campaign.begun_by.username,
            begun_at=campaign.begun_at,
            ended_by=campaign.ended_by.username if campaign.ended_by else None,
            ended_at=campaign.ended_at,
            why_ended=campaign.why_ended,
            open=told.get(Entry.OPEN, 0),
            escalated=told.get(Entry.ESCALATED, 0),
            attested=told.get(Entry.ATTESTED, 0),
            corrected=told.get(Entry.CORRECTED, 0),
            url=reverse("v1:campaign", args=[campaign.pk]),
            page=campaign.get_absolute_url(),
        )


class CampaignPage(Answer):
    """Some campaigns, the newest first; ``next`` leads on, or is nothing."""

    campaigns: list[CampaignAnswer]
    next: str | None


class CampaignEntryAnswer(Answer):
    """One model of a campaign: whose word was asked for, and what they said."""

    model: str
    owner: str
    tier: int
    state: str
    attestation: int | None
    finding: int | None
    answered_at: datetime | None
    escalated_at: datetime | None

    @classmethod
    def of(cls, entry: CampaignEntry) -> "CampaignEntryAnswer":
        return cls(
            model=entry.model.name,
            owner=entry.owner.username,
            tier=entry.tier,
            state=entry.state,
            attestation=entry.attestation_id,
            finding=entry.finding_id,
            answered_at=entry.answered_at,
            escalated_at=entry.escalated_at,
        )


class CampaignEntryPage(Answer):
    """Some models of a campaign; ``next`` leads on, or is nothing."""

    entries: list[CampaignEntryAnswer]
    next: str | None
