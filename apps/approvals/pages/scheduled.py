"""What a policy schedules after a version was authorized, as the calendar shows it."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef

from apps.approvals import in_force, schedules
from apps.approvals.models import Authorization
from apps.approvals.policies.following import PERIODIC_REVIEW, REVALIDATION
from apps.core import formats
from apps.risk.models import Review
from apps.risk.spans import Entry, Span

_KINDS = {REVALIDATION: Review.Kind.REVALIDATION, PERIODIC_REVIEW: Review.Kind.PERIODIC}
_ICONS = {"revalidation": "clipboard-check", "periodic review": "search-check"}


def _read(step: str, span: Span) -> Sequence[Authorization]:
    """Read what falls due in a span by the authorization, where no review was done since.

    What is over is not shown here: from the first review on, the schedule of the model says so.
    """
    if span.last < span.from_now:
        return ()
    policy = in_force.policy()
    found = schedules.falling_due(policy, step, span.from_now, span.last)
    mine = span.whose("version__model__owner")
    kept = found.filter(~_reviewed(step), mine, version__model__in=span.visible())

    def is_shown(one: Authorization) -> bool:
        day = schedules.due_day(one, policy, step)
        return day is not None and span.from_now <= day <= span.last

    return [one for one in kept[:_MOST_READ] if is_shown(one)]


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


def _tell(step: str, found: Iterable[Authorization]) -> list[Entry]:
    policy, what = in_force.policy(), schedules.SCHEDULED[step]
    return [
        Entry(
            day,
            f"{one.version}: {what} is due",
            f"Authorized on {formats.calendar_day(one.granted_at.date())}; the policy schedules "
            f"it from there. Owner {one.version.model.owner}.",
            one.version.get_absolute_url(),
            _ICONS[what],
            key=f"{one.record_id}-{_KINDS[step]}",
        )
        for one in found
        if (day := schedules.due_day(one, policy, step)) is not None
    ]


KINDS: tuple[tuple[Callable[[Span], Any], Callable[[Any], list[Entry]]], ...] = tuple(
    (partial(_read, step), partial(_tell, step)) for step in schedules.SCHEDULED
)
