"""Days so many months apart."""

import calendar
from datetime import date


def in_months(day: date, months: int) -> date:
    """Return the same day of another month, or its last where it has no such day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
