"""Many that report the same at the same moment begin one sighting between them."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from apps.core.clock import database_now
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Sighting
from tests.approvals.exceptions import entries
from tests.deployments import places
from tests.deployments.seen import UNKNOWN, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

AGENTS = 8


def at_once(act: Callable[[int], object]) -> None:
    """Let many act at the same moment."""
    start = threading.Barrier(AGENTS)

    def stepped(number: int) -> None:
        start.wait()
        try:
            act(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=stepped, args=(number,)) for number in range(AGENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_same_content_reported_by_many_is_one_sighting() -> None:
    where, at = places.environment(), database_now()
    told(where, Seen("old", UNKNOWN), at=at)

    at_once(
        lambda number: told(where, Seen("a", UNKNOWN), Seen("b", UNKNOWN), at=at, complete=True)
    )

    assert sorted(Sighting.objects.filter(ended_at=None).values_list("endpoint", flat=True)) == [
        "a",
        "b",
    ]
    assert Sighting.objects.count() == 3
    begun = [event["detail"]["begun"] for event in entries("environment.see")]
    assert sum(begun) == 3


def test_many_that_see_it_again_leave_the_newest_moment() -> None:
    where, at = places.environment(), database_now()
    told(where, *(Seen(f"e{number}", UNKNOWN) for number in range(5)), at=at)
    later = [database_now() for _ in range(AGENTS)]

    def report(number: int) -> None:
        endpoints = range(5) if number % 2 else reversed(range(5))
        told(where, *(Seen(f"e{one}", UNKNOWN) for one in endpoints), at=later[number])

    at_once(report)

    assert set(Sighting.objects.values_list("last_seen_at", flat=True)) == {max(later)}
    assert len(entries("environment.see")) == 1
