"""What ages and what falls due: findings, assessments and obligations, by spans of days."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, TextField, Value, When

from apps.catalog import queries as catalog
from apps.core.actors import Actor
from apps.risk.assessment_queries import assessments_visible_to
from apps.risk.finding_queries import findings_visible_to
from apps.risk.models import Assessment, Finding, Obligation

AGES = {"0-30": (0, 30), "31-90": (31, 90), "91-180": (91, 180), "over-180": (181, None)}
"""How many days ago a finding was raised."""
SPANS = {"overdue": (None, -1), "30": (0, 30), "60": (31, 60), "90": (61, 90)}
"""In how many days something falls due."""
Span = tuple[int | None, int | None]
Condition = Callable[[str, date], Q]
Findings = Counter[tuple[str, str, str]]
"""Open findings by severity, and by ``age`` or ``due`` with the name of a span."""


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
    asked = _raised_before(first, on)
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


def counts(rows: QuerySet[Any], condition: Condition, on: date) -> Counter[str]:
    """Count rows by the spans in which they fall due, in one query."""
    told = rows.order_by().annotate(span=_first(SPANS, condition, on)).values_list("span")
    return Counter(dict(told.annotate(rows=Count("pk"))))


def open_findings(actor: Actor, on: date) -> Findings:
    """Count open findings by severity and age, and by the span they fall due in, in one query.

    There are very many, so each is held to one end of every span alone: what lies in a span is what
    lies before its one end and not before the other.
    """
    older = [_raised_before(first, on) for first, _ in AGES.values()]
    sooner = [Q(due__lte=on + timedelta(days=last)) for _, last in SPANS.values()]
    ends = {f"n{at}": Count("pk", filter=one) for at, one in enumerate([*older, *sooner])}
    rows = findings(actor).order_by().values_list("state", "severity").annotate(**ends)
    counted: Findings = Counter()
    for _, severity, *numbers in rows:
        old, soon = numbers[: len(older)], numbers[len(older) :]
        for age, number, beyond in zip(AGES, old, [*old[1:], 0], strict=True):
            counted[severity, "age", age] += number - beyond
        for span, number, before in zip(SPANS, soon, [0, *soon[:-1]], strict=True):
            counted[severity, "due", span] += number - before
    return counted


def _first(spans: Iterable[str], condition: Condition, on: date) -> Case:
    """Return the column that names the span a row falls in; no two of them overlap."""
    found = (When(condition(one, on), then=Value(one)) for one in spans)
    return Case(*found, default=Value(""), output_field=TextField())


def _within(name: str, span: Span, on: date) -> Q:
    first, last = span
    asked = Q()
    if first is not None:
        asked &= Q(**{f"{name}__gte": on + timedelta(days=first)})
    if last is not None:
        asked &= Q(**{f"{name}__lte": on + timedelta(days=last)})
    return asked


def _raised_before(days: int, on: date) -> Q:
    """Return the condition that a finding was raised at least so many days ago."""
    return Q(raised_at__lt=_start(on - timedelta(days=days - 1)))


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
