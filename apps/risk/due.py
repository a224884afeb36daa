"""What judgment falls due: attestations, reviews, re-tierings, obligations, findings, campaigns.

Each kind is read in one bounded query and told as entries of a calendar.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.catalog.models import RegisteredModel
from apps.core import formats
from apps.risk import policy_says, schedule_queries
from apps.risk.models import CampaignEntry, Finding, Obligation, Review
from apps.risk.schedule_queries import Coming
from apps.risk.schedules import What
from apps.risk.spans import Entry, Span

MOST = 200
"""How many of a kind are read, and one more that says there are more."""
Kind = tuple[Callable[[Span], Any], Callable[[Any], list[Entry]]]

_ICONS = {
    What.ATTESTATION: "pen-line",
    What.PERIODIC: "search-check",
    What.REVALIDATION: "clipboard-check",
    What.RETIERING: "scale",
}


# -- what the tier schedules


def _scheduled(what: What, span: Span) -> list[Coming]:
    models = RegisteredModel.objects.filter(span.whose("owner"), pk__in=span.visible())
    says = policy_says.policy()
    return schedule_queries.falling_due(what, models, says, span.since, span.last, most=MOST)


def _scheduled_again(what: What, span: Span) -> list[Coming]:
    """Read what was done before and is due again: the first time follows the authorization."""
    return [one for one in _scheduled(what, span) if one.scheduled.last is not None]


def _tell_scheduled(what: What, found: Iterable[Coming]) -> list[Entry]:
    return [
        Entry(
            one.scheduled.due,
            f"{one.model.name}: {what.words.lower()} is due",
            f"{_last_words(one)} {_tier_words(one)} Owner {one.model.owner}.",
            _page(what, one.model),
            _ICONS[what],
            key=f"{one.model.record_id}-{what.value}",
        )
        for one in found
    ]


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
    return found.select_related("model", "planned_by").order_by("due", "pk")


def _tell_reviews(found: Iterable[Review]) -> list[Entry]:
    return [
        Entry(
            one.due,
            f"{one.model.name}: {one.get_kind_display().lower()} is planned",
            f"Planned by {one.planned_by}. {one.why}",
            one.get_absolute_url(),
            "search-check",
            key=one.record_id,
        )
        for one in found
        if one.due is not None
    ]


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
    return told.order_by("pk")


def _tell_obligations(found: Iterable[Obligation]) -> list[Entry]:
    return [
        Entry(
            day,
            f"{one.subject_name}: obligation begins to bind",
            f"{one.title}. {one.owner or one.model.owner} sees to it.",
            one.get_absolute_url(),
            "list-checks",
            key=one.record_id,
        )
        for one in found
        if (day := _binds_from(one)) is not None
    ]


def _binds_from(row: Obligation) -> date | None:
    is_put_off = row.state == Obligation.State.DEFERRED
    return row.deferred_until if is_put_off else row.applies_from


def _findings(span: Span) -> QuerySet[Finding]:
    found: QuerySet[Finding] = Finding.objects.filter(
        span.whose("owner"),
        state__in=Finding.UNSETTLED,
        model__in=span.visible(),
        due__gte=span.since,
        due__lte=span.last,
    )
    return found.select_related("model", "version__model", "owner").order_by("due", "pk")


def _tell_findings(found: Iterable[Finding]) -> list[Entry]:
    return [
        Entry(
            one.due,
            f"{one.subject}: finding is to be settled",
            f"{one.get_severity_display()}: {one.title} Owner {one.owner}.",
            one.get_absolute_url(),
            "flag",
            key=one.record_id,
        )
        for one in found
    ]


def _campaigns(span: Span) -> QuerySet[CampaignEntry]:
    found: QuerySet[CampaignEntry] = CampaignEntry.objects.filter(
        span.whose("model__owner"),
        state__in=CampaignEntry.WAITING,
        campaign__ended_at=None,
        model__in=span.visible(),
        campaign__due__gte=span.since,
        campaign__due__lte=span.last,
    )
    return found.select_related("campaign", "model__owner").order_by("campaign__due", "pk")


def _tell_campaigns(found: Iterable[CampaignEntry]) -> list[Entry]:
    return [
        Entry(
            one.campaign.due,
            f"{one.model.name}: a campaign asks for your word",
            f"{one.campaign.title}. {one.model.owner} answers.",
            reverse("risk:attest", args=[one.model.name]),
            "megaphone",
            key=one.record_id,
        )
        for one in found
    ]


def _of_schedule(read: Callable[[What, Span], Sequence[Coming]], what: What) -> Kind:
    return partial(read, what), partial(_tell_scheduled, what)


_BESIDE: tuple[Kind, ...] = (
    (_reviews, _tell_reviews),
    (_obligations, _tell_obligations),
    (_findings, _tell_findings),
    (_campaigns, _tell_campaigns),
)
KINDS: tuple[Kind, ...] = (*(_of_schedule(_scheduled, what) for what in What), *_BESIDE)
"""Everything of judgment that falls due."""
IN_CALENDAR: tuple[Kind, ...] = (
    _of_schedule(_scheduled, What.ATTESTATION),
    _of_schedule(_scheduled_again, What.PERIODIC),
    _of_schedule(_scheduled_again, What.REVALIDATION),
    _of_schedule(_scheduled, What.RETIERING),
    *_BESIDE,
)
"""The same beside authorizations, from which the first review and validation are counted there."""
