"""What of judgment has a day of its own: reviews, obligations, findings, campaigns, reports.

Each kind is read in one query, in order of its days, and told as an entry of a calendar. What the
tier of a model schedules is told here, too; ``agenda`` reads it, and puts all of it in order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, DateField, F, Q, QuerySet, When
from django.db.models.functions import TruncDate
from django.urls import reverse

from apps.catalog.models import RegisteredModel
from apps.core import formats
from apps.risk.models import CampaignEntry, Finding, Obligation, ReportDuty, Review
from apps.risk.schedule_queries import Coming
from apps.risk.schedules import What
from apps.risk.spans import Entry, Span


@dataclass(frozen=True)
class Kind:
    """One kind of rows that have a ``day``: those of a span in order of it, and one in words."""

    read: Callable[[Span], QuerySet[Any]]
    tell: Callable[[Any], Entry]


_ICONS = {
    What.ATTESTATION: "pen-line",
    What.PERIODIC: "search-check",
    What.REVALIDATION: "clipboard-check",
    What.RETIERING: "scale",
}


# -- what the tier schedules


def tell_scheduled(one: Coming) -> Entry:
    """Tell what a tier schedules for a model."""
    what = one.scheduled.what
    return Entry(
        one.scheduled.due,
        f"{one.model.name}: {what.words.lower()} is due",
        f"{_last_words(one)} {_tier_words(one)} Owner {one.model.owner}.",
        _page(what, one.model),
        _ICONS[what],
        key=f"{one.model.record_id}-{what.value}",
    )


def _last_words(one: Coming) -> str:
    last = one.scheduled.last
    return f"Done last on {formats.calendar_day(last)}." if last else "Never done yet."


def _tier_words(one: Coming) -> str:
    tier = f"At tier {one.tier}" if one.tier else "Without a tier, as at the strictest"
    return f"{tier}: {one.scheduled.rule.lower()}."


def _page(what: What, model: RegisteredModel) -> str:
    name = "risk:attest" if what is What.ATTESTATION else "risk:reviews"
    return reverse(name, args=[model.name])


# -- what people planned, owe and were asked


def _reviews(span: Span) -> QuerySet[Review]:
    found: QuerySet[Review] = Review.objects.filter(
        span.whose("planned_by", "model__owner"),
        state=Review.State.PLANNED,
        model__in=span.visible(),
        due__gte=span.since,
        due__lte=span.last,
    )
    return _by_day(found.select_related("model", "planned_by"), F("due"))


def _tell_review(one: Review) -> Entry:
    return Entry(
        _day_of(one),
        f"{one.model.name}: {one.get_kind_display().lower()} is planned",
        f"Planned by {one.planned_by}. {one.why}",
        one.get_absolute_url(),
        "search-check",
        key=one.record_id,
    )


def _obligations(span: Span) -> QuerySet[Obligation]:
    """Read what begins to bind; whether it is met by then is told on its page."""
    state = Obligation.State
    days = (span.from_now, span.last)
    begins = Q(state=state.OPEN, applies_from__range=days) | Q(
        state=state.DEFERRED, deferred_until__range=days
    )
    found: QuerySet[Obligation] = Obligation.objects.filter(
        begins, span.whose("owner", "model__owner"), model__in=span.visible()
    )
    told = found.select_related("model__owner", "version__model", "use_case", "owner")
    put_off = When(state=state.DEFERRED, then=F("deferred_until"))
    return _by_day(told, Case(put_off, default=F("applies_from"), output_field=DateField()))


def _tell_obligation(one: Obligation) -> Entry:
    return Entry(
        _day_of(one),
        f"{one.subject_name}: obligation begins to bind",
        f"{one.title}. {one.owner or one.model.owner} sees to it.",
        one.get_absolute_url(),
        "list-checks",
        key=one.record_id,
    )


def _findings(span: Span) -> QuerySet[Finding]:
    found: QuerySet[Finding] = Finding.objects.filter(
        span.whose("owner"),
        state__in=Finding.UNSETTLED,
        model__in=span.visible(),
        due__gte=span.since,
        due__lte=span.last,
    )
    told = found.select_related("model", "version__model", "owner")
    return _by_day(told.defer("description", "plan", "remedy", "why_closed"), F("due"))


def _tell_finding(one: Finding) -> Entry:
    return Entry(
        _day_of(one),
        f"{one.subject}: finding is to be settled",
        f"{one.get_severity_display()}: {one.title} Owner {one.owner}.",
        one.get_absolute_url(),
        "flag",
        key=one.record_id,
    )


def _campaigns(span: Span) -> QuerySet[CampaignEntry]:
    found: QuerySet[CampaignEntry] = CampaignEntry.objects.filter(
        span.whose("model__owner"),
        state__in=CampaignEntry.WAITING,
        campaign__ended_at=None,
        model__in=span.visible(),
        campaign__due__gte=span.since,
        campaign__due__lte=span.last,
    )
    return _by_day(found.select_related("campaign", "model__owner"), F("campaign__due"))


def _tell_campaign(one: CampaignEntry) -> Entry:
    return Entry(
        _day_of(one),
        f"{one.model.name}: a campaign asks for your word",
        f"{one.campaign.title}. {one.model.owner} answers.",
        reverse("risk:attest", args=[one.model.name]),
        "megaphone",
        key=one.record_id,
    )


def _reports(span: Span) -> QuerySet[ReportDuty]:
    """Read the reports that authorities wait for; one set aside, or made, is owed no more."""
    found: QuerySet[ReportDuty] = ReportDuty.objects.filter(
        span.whose("incident__owner", "incident__model__owner"),
        reported_at=None,
        set_aside_at=None,
        incident__model__in=span.visible(),
        due_at__gte=_start(span.since),
        due_at__lt=_start(span.last + timedelta(days=1)),
    )
    return _by_day(found.select_related("incident__model", "incident__owner"), TruncDate("due_at"))


def _tell_report(one: ReportDuty) -> Entry:
    return Entry(
        _day_of(one),
        f"{one.incident.model.name}: report of an incident is due",
        f"{one.name} to {one.authority}, by {formats.moment(one.due_at, 'full')}. "
        f"{one.incident.title} Owner {one.incident.owner}.",
        one.incident.get_absolute_url(),
        "siren",
        key=one.record_id,
    )


def _by_day(rows: QuerySet[Any], day: Any) -> QuerySet[Any]:
    """Return rows with their day, in order of it."""
    found: QuerySet[Any] = rows.annotate(day=day).order_by("day", "pk")
    return found


def _day_of(one: Any) -> date:
    day: date = one.day
    return day


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


KINDS: tuple[Kind, ...] = (
    Kind(_reviews, _tell_review),
    Kind(_obligations, _tell_obligation),
    Kind(_findings, _tell_finding),
    Kind(_campaigns, _tell_campaign),
    Kind(_reports, _tell_report),
)
"""Everything of judgment that has a day of its own."""
