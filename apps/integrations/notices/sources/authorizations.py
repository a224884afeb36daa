"""Authorizations to be in production, before they end and once they did."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from apps.approvals.models import Authorization
from apps.catalog.lifecycle import Stage
from apps.core.formats import calendar_day
from apps.integrations.notices.due import Due, days_before
from apps.integrations.notices.kinds import ESCALATION, REMINDER, Kind
from apps.integrations.notices.sources.people import in_charge

ENDS_WITHIN = (7, 30, 60)
AHEAD = "Ask for its renewal before then, or take it out of production."
OVER = (
    "It goes on running, but may not be rolled out anew. "
    "Ask for its renewal, or take it out of production."
)


def ending(at: datetime) -> Iterator[Due]:
    """Tell those in charge of a model that a version may be in production only so long."""
    others = Authorization.objects.filter(version=OuterRef("version"), pk__gt=OuterRef("pk"))
    running_out = Authorization.objects.filter(
        ~Exists(others),
        state__in=(Authorization.State.VALID, Authorization.State.ENDED),
        version__stage=Stage.PRODUCTION,
        valid_until__lte=at + timedelta(days=max(ENDS_WITHIN)),
        emergency=None,
    )
    for found in running_out.select_related("version__model").order_by("pk"):
        assert found.valid_until is not None
        span, day = days_before(found.valid_until, at, ENDS_WITHIN), calendar_day(found.valid_until)
        if span is None:
            line = f"The authorization of {found.version} for production ended on {day}"
            yield _due(found, ESCALATION, "over", line, OVER)
        else:
            line = f"The authorization of {found.version} for production ends on {day}"
            yield _due(found, REMINDER, str(span), line, AHEAD)


def _due(found: Authorization, kind: Kind, when: str, line: str, text: str) -> Due:
    version = found.version
    key = f"authorization:{found.record_id}:{when}"
    people = in_charge(version.model)
    return Due(people, key, kind, line, text, version.get_absolute_url(), version.model_id)
