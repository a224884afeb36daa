"""Days so many months apart."""

import calendar
from datetime import date, timedelta

_LONGER = 4
"""By more days than this no two months differ."""


def in_months(day: date, months: int) -> date:
    """Return the same day of another month, or its last where it has no such day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def first_reaching(day: date, months: int) -> date:
    """Return the first day from which so many months on it is a given day, or later."""
    early = in_months(day, -months) - timedelta(days=_LONGER)
    return next(
        found
        for step in range(2 * _LONGER)
        if in_months(found := early + timedelta(days=step), months) >= day
    )
