"""Days so many months apart, there and back."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.core.months import first_reaching, in_months

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
MONTHS = st.integers(0, 60)


@given(DAYS, MONTHS)
def test_from_the_first_day_on_so_many_months_reach_a_day_and_from_none_before(
    day: date, months: int
) -> None:
    first = first_reaching(day, months)

    assert in_months(first, months) >= day
    assert in_months(first - timedelta(days=1), months) < day
