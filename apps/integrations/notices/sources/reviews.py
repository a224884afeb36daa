"""Attestations, reviews and campaigns: told before their day, and to risk officers once late."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.formats import calendar_day
from apps.integrations.notices.due import Due, days_before
from apps.integrations.notices.kinds import ESCALATION, REMINDER
from apps.integrations.notices.sources.decisions import row_id
from apps.risk import policy_says, schedule_queries
from apps.risk.models import Campaign, CampaignEntry, Review
from apps.risk.schedules import What

WITHIN = (14,)
OVERDUE = timedelta(days=90)
"""How long after its day something is still told as overdue to who was not told yet."""
_MOST = 5_000


def attestations_due(at: datetime) -> Iterator[Due]:
    """Tell owners that the attestation of a model is due within 14 days, or overdue."""
    return _coming(What.ATTESTATION, "risk:attest", lambda model: {model.owner_id}, at)


def reviews_due(at: datetime) -> Iterator[Due]:
    """Tell validators that a review of a model comes round, and who planned one that it is due."""
    yield from _coming(What.PERIODIC, "risk:reviews", _reviewers, at)
    last = at.date() + timedelta(days=max(WITHIN))
    planned = Review.objects.filter(state=Review.State.PLANNED, due__lte=last)
    for review in planned.select_related("model").order_by("pk"):
        if review.due is not None and (span := _span(review.due, at)) and review.planned_by_id:
            yield Due(
                {review.planned_by_id},
                f"review:{review.record_id}:{span}",
                REMINDER,
                f"{review} {_when(review.due, at)}",
                "It was planned for that day. Carry it out, or drop it with the reason.",
                review.get_absolute_url(),
                review.model_id,
            )


def campaigns_ask(at: datetime) -> Iterator[Due]:
    """Tell owners that a campaign asks about their models, and again 14 days before its day.

    It lasts weeks, so it is told with what is looked at every hour, not with each event.
    """
    return _asked(CampaignEntry.objects.all(), at)


def escalated(event: AuditEvent) -> Iterator[Due]:
    """Tell risk officers that an owner did not answer a campaign in time."""
    found = CampaignEntry.objects.select_related("campaign", "model", "owner")
    entry: CampaignEntry = found.get(pk=row_id(event.subject_id))
    yield Due(
        {person.pk for person in catalog.holders_of("risk_officer", entry.model)},
        f"campaign:{entry.record_id}:escalated",
        ESCALATION,
        f"{entry.model.name} was not attested by {calendar_day(entry.campaign.due)}",
        f"“{entry.campaign}” asked {entry.owner}. Talk to the owner, or hand the model on.",
        entry.campaign.get_absolute_url(),
        entry.model_id,
    )


def _asked(entries: QuerySet[CampaignEntry], at: datetime) -> Iterator[Due]:
    waiting = entries.filter(state=CampaignEntry.State.OPEN, campaign__state=Campaign.State.RUNNING)
    for entry in waiting.select_related("campaign", "model").order_by("pk"):
        span = _span(entry.campaign.due, at)
        yield Due(
            {entry.model.owner_id},
            f"campaign:{entry.record_id}:{span or 'asked'}",
            REMINDER,
            f"Say by {calendar_day(entry.campaign.due)} whether the record of "
            f"{entry.model.name} is right",
            f"“{entry.campaign}” asks its owner. Attest the record, or say what is wrong with it.",
            reverse("risk:attest", args=[entry.model.name]),
            entry.model_id,
        )


def _coming(
    what: What, page: str, told: Callable[[RegisteredModel], set[int]], at: datetime
) -> Iterator[Due]:
    today, says = at.date(), policy_says.policy()
    first, last = today - OVERDUE, today + timedelta(days=max(WITHIN))
    models = RegisteredModel.objects.all()
    for one in schedule_queries.falling_due(what, models, says, first, last, most=_MOST):
        model, day = one.model, one.scheduled.due
        if span := _span(day, at):
            yield Due(
                told(model),
                f"due:{model.record_id}:{what.value}:{day}:{span}",
                REMINDER,
                f"{what.words} of {model.name} {_when(day, at)}",
                "The policy in force schedules it by the tier of the model.",
                reverse(page, args=[model.name]),
                model.pk,
            )


def _reviewers(model: RegisteredModel) -> set[int]:
    return {person.pk for person in catalog.holders_of("validator", model)}


def _span(day: date, at: datetime) -> str:
    """Return the span a day is reached by, or that it is over; nothing while it is far."""
    end = datetime.combine(day, time.min, UTC) + timedelta(days=1)
    if end <= at:
        return "overdue"
    span = days_before(end, at, WITHIN)
    return str(span) if span else ""


def _when(day: date, at: datetime) -> str:
    if day < at.date():
        return f"is overdue since {calendar_day(day)}"
    return f"is due on {calendar_day(day)}"
