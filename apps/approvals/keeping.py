"""Until when the records of a decommissioned version are kept."""

from datetime import datetime

from apps.approvals.models import Retention, Retirement


def kept_until(retirement: Retirement, retention: Retention | None = None) -> datetime:
    """Return when the time of a version's records is over: as was said when it was decommissioned,
    or later when its model's records are kept for longer by now.

    ``retention`` is that of its model, when it was read already.
    """
    kept = retention or Retention.objects.filter(model=retirement.version.model_id).first()
    if kept is None:
        return retirement.retain_until
    return max(retirement.retain_until, in_years(retirement.decommissioned_at, kept.years))


def in_years(at: datetime, years: int) -> datetime:
    """Return the same day some years later; from 29 February, 1 March where there is none."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, month=3, day=1)
