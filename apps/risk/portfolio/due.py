"""What ages and what falls due: findings, assessments and obligations, by spans of days."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.catalog import queries as catalog
from apps.core.actors import Actor
from apps.risk.assessment_queries import assessments_visible_to
from apps.risk.finding_queries import findings_visible_to
from apps.risk.models import Assessment, Finding, Obligation, Severity

AGES = {"0-30": (0, 30), "31-90": (31, 90), "91-180": (91, 180), "over-180": (181, None)}
"""How many days ago a finding was raised."""
SPANS = {"overdue": (None, -1), "30": (0, 30), "60": (31, 60), "90": (61, 90)}
"""In how many days something falls due."""
Span = tuple[int | None, int | None]


def assessments(actor: Actor) -> QuerySet[Assessment]:
    """Return the approved assessments an actor may see, that no event made stale."""
    return assessments_visible_to(actor).filter(state=Assessment.State.APPROVED, stale_at=None)


def findings(actor: Actor) -> QuerySet[Finding]:
    """Return the open findings an actor may see."""
    return findings_visible_to(actor).filter(state__in=Finding.UNSETTLED)


def obligations(actor: Actor) -> QuerySet[Obligation]:
    """Return the obligations an actor may see that nobody said are met."""
    found: QuerySet[Obligation] = Obligation.objects.filter(
        Q(use_case=None) | Q(use_case__ended_at=None),
        model__in=catalog.models_visible_to(actor).values("pk"),
        state__in=[Obligation.State.OPEN, Obligation.State.DEFERRED],
    )
    return found.select_related("model", "version__model", "use_case__model")


def aged(age: str, on: date) -> Q:
    """Return the condition that a finding was raised so many days ago."""
    first, last = AGES[age]
    asked = Q(raised_at__lt=_start(on - timedelta(days=first - 1)))
    return asked if last is None else asked & Q(raised_at__gte=_start(on - timedelta(days=last)))


def expiring(span: str, on: date) -> Q:
    """Return the condition that an assessment counts until a day in a span."""
    return _within("valid_until", SPANS[span], on)


def settled_by(span: str, on: date) -> Q:
    """Return the condition that a finding has to be settled by a day in a span."""
    return _within("due", SPANS[span], on)


def binding(span: str, on: date) -> Q:
    """Return the condition that an obligation binds from a day in a span, or is put off to it."""
    put_off = Q(state=Obligation.State.DEFERRED)
    asked = _within("applies_from", SPANS[span], on)
    if span == "overdue":
        asked |= Q(applies_from=None)
    return ~put_off & asked | put_off & _within("deferred_until", SPANS[span], on)


def counts(rows: QuerySet[Any], conditions: Mapping[str, Q]) -> Mapping[str, int]:
    """Count rows by conditions, in one query."""
    asked = {f"n{at}": Count("pk", filter=one) for at, one in enumerate(conditions.values())}
    found = rows.order_by().aggregate(**asked)
    return {name: found[f"n{at}"] for at, name in enumerate(conditions)}


def ages(actor: Actor, on: date) -> Mapping[str, int]:
    """Count open findings by severity and age, in one query: ``high 0-30``."""
    conditions = {
        f"{severity} {age}": Q(severity=severity) & aged(age, on)
        for severity in Severity.values
        for age in AGES
    }
    return counts(findings(actor), conditions)


def _within(name: str, span: Span, on: date) -> Q:
    first, last = span
    asked = Q()
    if first is not None:
        asked &= Q(**{f"{name}__gte": on + timedelta(days=first)})
    if last is not None:
        asked &= Q(**{f"{name}__lte": on + timedelta(days=last)})
    return asked


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
