"""How often something may be asked is counted under its own key."""

from uuid import uuid4

import pytest

from apps.core.pace import Pace

HOUR = 3600


@pytest.mark.usefixtures("numbers_are_kept")
def test_what_is_asked_too_often_waits_and_nothing_else_does() -> None:
    pace, key, other = Pace(most=2, seconds=HOUR), str(uuid4()), str(uuid4())

    first, second, third = (pace.seconds_to_wait(key) for _ in range(3))

    assert (first, second) == (0, 0)
    assert 0 < third <= HOUR
    assert pace.seconds_to_wait(other) == 0


def test_where_nothing_is_kept_nothing_waits() -> None:
    pace, key = Pace(most=1, seconds=HOUR), str(uuid4())

    assert [pace.seconds_to_wait(key) for _ in range(3)] == [0, 0, 0]
