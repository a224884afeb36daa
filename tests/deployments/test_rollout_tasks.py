"""The messages are a doorbell: what they ring for stands in the database."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.deployments import runner, tasks, waiting
from apps.deployments.deployers.contract import Ending, Outcome
from apps.deployments.models import Deployment, Rollout, RolloutLease
from tests.deployments import places
from tests.deployments.places import FakeDeployer
from tests.scenarios import registered_model, registered_version

pytestmark = pytest.mark.usefixtures("tasks_at_once")

State = Rollout.State


@pytest.fixture
def version(db: None) -> ModelVersion:
    return registered_version(registered_model())


@pytest.fixture
def deployment(version: ModelVersion) -> Deployment:
    return places.deployment(version.model)


@pytest.fixture
def rollout(
    deployment: Deployment, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> Rollout:
    places.put_in_place(monkeypatch, FakeDeployer())
    return places.rollout(deployment, version)


def state_of(rollout: Rollout) -> str:
    return Rollout.objects.get(pk=rollout.pk).state


def test_the_sweeps_are_on_the_schedule_and_dropped_when_late() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    sweeps = (
        tasks.send_unclaimed,
        tasks.take_back_stalled,
        tasks.confirm_awaited,
        tasks.expire_awaited,
    )

    assert {sweep.name for sweep in sweeps} <= planned
    assert {sweep.expires for sweep in sweeps} == {tasks.SWEEP}
    assert tasks.carry_out.name in current_app.tasks


def test_a_rollout_that_is_asked_for_is_carried_out_once_that_is_committed(
    rollout: Rollout,
    version: ModelVersion,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        newer = places.rollout(rollout.deployment, version)

    assert (state_of(newer), state_of(rollout)) == (State.DONE, State.SUPERSEDED)
    assert Rollout.objects.get(pk=newer.pk).worker


@pytest.mark.parametrize("forged", ["1 OR 1=1", "../etc", {"pk": 1}, [1, 2], None, 2**70])
def test_a_forged_id_carries_out_nothing(rollout: Rollout, forged: object) -> None:
    with suppress(TypeError, ValueError):
        tasks.carry_out.apply((forged,)).get()

    assert state_of(rollout) == State.QUEUED


def test_a_rollout_nobody_claimed_in_seconds_is_sent_again(
    rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert waiting.unclaimed(database_now()) == []
    later = database_now() + timedelta(seconds=6)
    monkeypatch.setattr(tasks, "database_now", lambda: later)

    tasks.send_unclaimed.apply().get()

    assert state_of(rollout) == State.DONE


def test_one_sweep_sends_no_more_than_its_share(
    rollout: Rollout, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.rollout(places.deployment(version.model), version)
    monkeypatch.setattr(waiting, "MOST_SENT", 1)

    assert waiting.unclaimed(database_now() + timedelta(seconds=6)) == [rollout.pk]


def test_rollouts_of_lost_workers_are_taken_back_and_rung_for(rollout: Rollout) -> None:
    runner.claim(Rollout.objects.get(pk=rollout.pk), worker="lost")
    RolloutLease.objects.update(until=database_now() - timedelta(hours=1))

    tasks.take_back_stalled.apply().get()

    rollout.refresh_from_db()
    assert (rollout.state, rollout.attempt) == (State.DONE, 2)


def test_what_is_accepted_is_confirmed_or_given_up_by_the_sweeps(
    rollout: Rollout, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = Outcome(Ending.ACCEPTED, "It comes about.")
    places.put_in_place(monkeypatch, FakeDeployer(answer=lambda order, target: accepted))
    elsewhere = places.rollout(places.deployment(version.model), version)
    for one in (rollout, elsewhere):
        tasks.carry_out.apply((one.pk,)).get()
    places.sighting(rollout.deployment, at=database_now(), version=version)

    tasks.confirm_awaited.apply().get()
    assert (state_of(rollout), state_of(elsewhere)) == (State.DONE, State.AWAITED)
    later = database_now() + timedelta(days=1)
    monkeypatch.setattr(tasks, "database_now", lambda: later)
    tasks.expire_awaited.apply().get()

    assert (state_of(rollout), state_of(elsewhere)) == (State.DONE, State.FAILED)


def test_ringing_stops_at_the_first_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def silent(arguments: tuple[int], **options: object) -> None:
        tried.append(arguments)
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.carry_out, "apply_async", silent)

    tasks.ring([1, 2, 3])

    assert tried == [(1,)]
