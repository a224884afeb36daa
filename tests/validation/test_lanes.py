"""Light and heavy checks wait in queues of their own, so that long work keeps nobody back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import checks, operations, queries, tasks
from apps.validation.checks.contract import Weight
from apps.validation.models import CheckRun
from tests.validation.conftest import Given, passing

pytestmark = pytest.mark.django_db

LATER = timedelta(seconds=6)


@pytest.fixture(autouse=True)
def _two_lanes(given_checks: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = given_checks(quick=passing, slow=passing)
    monkeypatch.setattr(checks, "ALL", (quick, replace(slow, weight=Weight.HEAVY)))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """The messages that were sent: which run, to which queue."""
    messages: list[tuple[int, str]] = []

    def send(arguments: Sequence[int], *, queue: str, **options: Any) -> None:
        messages.append((arguments[0], queue))

    monkeypatch.setattr(tasks.run_check, "apply_async", send)
    return messages


@pytest.fixture
def runs(version: ModelVersion, vera: Actor) -> list[CheckRun]:
    return operations.start_checks(version, by=vera)


def test_a_check_is_rung_for_in_the_queue_of_its_weight(
    runs: list[CheckRun], sent: list[tuple[int, str]]
) -> None:
    tasks.ring({run.pk: run.check_name for run in runs})

    assert sent == [(runs[0].pk, "light"), (runs[1].pk, "heavy")]


def test_what_no_release_knows_any_more_is_light(sent: list[tuple[int, str]]) -> None:
    tasks.ring({7: "gone"})

    assert sent == [(7, "light")]


def test_every_weight_has_a_queue_and_a_worker_told_nothing_serves_them_all() -> None:
    queues = settings.CELERY_TASK_QUEUES

    assert set(queues) == {*(weight.value for weight in Weight), settings.CELERY_TASK_DEFAULT_QUEUE}
    assert set(current_app.amqp.queues) >= set(queues)


def test_work_that_is_no_check_stays_in_the_queue_of_its_own() -> None:
    for name in ("validation.send_unclaimed", "integrations.follow_record"):
        routed = current_app.amqp.router.route({}, name)
        assert routed["queue"].name == settings.CELERY_TASK_DEFAULT_QUEUE


def test_many_heavy_runs_do_not_keep_a_lost_light_one_waiting(
    runs: list[CheckRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_SENT", 1)

    assert queries.unclaimed(database_now() + LATER) == {
        runs[0].pk: "quick",
        runs[1].pk: "slow",
    }
