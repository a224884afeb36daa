"""What a policy schedules after a version was authorized, as the calendar shows it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from apps.approvals import in_force, schedules
from apps.approvals.models import Authorization
from apps.approvals.policies import Policy
from apps.approvals.policies.following import PERIODIC_REVIEW, REVALIDATION
from apps.core import formats
from apps.risk.models import Review
from apps.risk.spans import Entry, Span

_KINDS = {REVALIDATION: Review.Kind.REVALIDATION, PERIODIC_REVIEW: Review.Kind.PERIODIC}
_ICONS = {"revalidation": "clipboard-check", "periodic review": "search-check"}


@dataclass(frozen=True)
class _Due:
    """What an authorization schedules for a day."""

    day: date
    step: str
    granted: Authorization


def _read(span: Span) -> Sequence[_Due]:
    """Read what falls due in a span by the authorization, where no review was done since.

    What is over is not shown here: from the first review on, the schedule of the model says so.
    """
    if span.last < span.from_now:
        return ()
    policy = in_force.policy()
    found = [one for step in schedules.SCHEDULED for one in _of_step(step, policy, span)]
    return sorted(found, key=lambda one: (one.day, one.granted.pk))


def _of_step(step: str, policy: Policy, span: Span) -> Iterable[_Due]:
    found = schedules.falling_due(policy, step, span.from_now, span.last)
    mine = span.whose("version__model__owner")
    kept = found.filter(~_reviewed(step), mine, version__model__in=span.visible())
    for one in kept[:_MOST_READ]:
        day = schedules.due_day(one, policy, step)
        if day is not None and span.from_now <= day <= span.last:
            yield _Due(day, step, one)


_MOST_READ = 300


def _reviewed(step: str) -> Exists:
    """Return whether the model of an authorization was reviewed since it was granted."""
    done = Review.objects.filter(
        model=OuterRef("version__model"),
        kind=_KINDS[step],
        state=Review.State.DONE,
        done_at__gte=OuterRef("granted_at"),
    )
    return Exists(done)


def _tell(found: Iterable[_Due]) -> list[Entry]:
    return [_told(one, one.granted) for one in found]


def _told(one: _Due, granted: Authorization) -> Entry:
    what = schedules.SCHEDULED[one.step]
    return Entry(
        one.day,
        f"{granted.version}: {what} is due",
        f"Authorized on {formats.calendar_day(granted.granted_at.date())}; the policy schedules "
        f"it from there. Owner {granted.version.model.owner}.",
        granted.version.get_absolute_url(),
        _ICONS[what],
        key=f"{granted.record_id}-{_KINDS[one.step]}",
    )


KINDS: tuple[tuple[Callable[[Span], Any], Callable[[Any], list[Entry]]], ...] = ((_read, _tell),)
