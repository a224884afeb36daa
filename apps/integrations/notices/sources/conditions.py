"""Conditions that signers tied an approval to: told to who has to meet them, and again in time."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, time, timedelta

from django.db.models import QuerySet

from apps.approvals.models import PromotionRequest, SignOffCondition
from apps.core.formats import calendar_day
from apps.integrations.notices.due import Due, days_before, in_one_line
from apps.integrations.notices.kinds import REMINDER, TASK, Kind

DUE_WITHIN = (1, 7)
_LIVE = (PromotionRequest.State.OPEN, PromotionRequest.State.PROMOTED)
_MOST_QUOTED = 300


def all_open(at: datetime) -> Iterator[Due]:
    """Say which conditions wait for whom, and which are due soon."""
    yield from _told(SignOffCondition.objects.all(), at)


def on_models(model_ids: Collection[int], at: datetime) -> Iterator[Due]:
    """Say which conditions on some models wait for whom."""
    here = SignOffCondition.objects.filter(sign_off__request__version__model__in=model_ids)
    yield from _told(here, at)


def _told(conditions: QuerySet[SignOffCondition], at: datetime) -> Iterator[Due]:
    still_open = conditions.filter(
        met_at=None, missed_at=None, due__gte=at.date(), sign_off__request__state__in=_LIVE
    )
    known = still_open.select_related("sign_off__request__version__model")
    for condition in known.order_by("pk"):
        version = condition.sign_off.request.version
        line = f"A condition on {version} is yours to meet by {calendar_day(condition.due)}"
        yield _due(condition, TASK, f"condition:{condition.record_id}", line)
        ends = datetime.combine(condition.due, time.min, UTC) + timedelta(days=1)
        span = days_before(ends, at, DUE_WITHIN)
        if span:
            line = f"A condition on {version} is due on {calendar_day(condition.due)}"
            yield _due(condition, REMINDER, f"condition:{condition.record_id}:{span}", line)


def _due(condition: SignOffCondition, kind: Kind, key: str, line: str) -> Due:
    given = condition.sign_off
    asked = in_one_line(condition.text, _MOST_QUOTED)
    return Due(
        (condition.owner_id,),
        key,
        kind,
        line,
        f"{given.signer_name} asks: “{asked}” If it is not met by then, the sign-off ends.",
        given.request.get_absolute_url(),
        given.request.version.model_id,
    )
