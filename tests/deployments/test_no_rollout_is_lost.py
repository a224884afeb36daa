"""Many deployments, with everything failing at every step: none is lost, and none is done twice.

A machine without luck: messages get lost or come twice, workers die before, while and after they
carry out, the place fails before and after it did what it was told, answers get lost, newer
rollouts are asked for in between, and workers that were given up come back.
"""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pytest_django import Settings

from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.deployments import awaiting, runner, waiting
from apps.deployments.deployers.contract import Ending, Order, Outcome, Target
from apps.deployments.models import Deployment, Look, Rollout
from apps.deployments.models.deployments import NotWaiting, StaleOutcome
from apps.deployments.rolling import Asked
from tests.deployments import places
from tests.deployments.places import FakeDeployer
from tests.deployments.twins import Place
from tests.scenarios import registered_model

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
DEPLOYMENTS = 200 if LONG else 5
ROUNDS = 400
State = Rollout.State


@dataclass
class Unlucky:
    """A place, and workers that it goes wrong for at every step."""

    luck: random.Random
    place: Place
    running: dict[int, tuple[Rollout, int, Outcome]]

    def carry_out(self, order: Order, target: Target) -> Outcome:
        """Do an order; it may fail before, and its answer may get lost or only say accepted."""
        if self.is_so(0.2):
            return Outcome(Ending.FAILED, "It was away.")
        if self.is_so(0.1):
            raise ConnectionError("The connection broke.")
        ending = self.place.take(as_sent(order))
        if self.is_so(0.2):
            raise TimeoutError("The answer did not come.")
        if ending is Ending.DONE and self.is_so(0.3):
            return Outcome(Ending.ACCEPTED, "It comes about.")
        return Outcome(ending, "It is so.")

    def work(self, rollout_id: int) -> None:
        """Carry out what a message says, as a worker that may die at any step."""
        if self.is_so(0.15):
            return  # the message got lost
        rollout = Rollout.objects.get(pk=rollout_id)
        try:
            attempt = runner.claim(rollout, worker="w")
        except NotWaiting:
            return
        if self.is_so(0.15):
            return  # it died with the claim
        outcome = runner.carried_out(rollout)
        if self.is_so(0.2):
            self.running[rollout.pk] = (rollout, attempt, outcome)
            return  # it died, or is only slow, before it said how it ended
        self.conclude(rollout, attempt, outcome)

    def conclude(self, rollout: Rollout, attempt: int, outcome: Outcome) -> None:
        """Say how an attempt ended; it counts if the rollout is still in its hands."""
        stands = Rollout.objects.get(pk=rollout.pk)
        holds = (stands.state, stands.attempt) == (State.RUNNING, attempt)
        try:
            runner.conclude(rollout, attempt, outcome)
        except StaleOutcome:
            assert not holds
        else:
            assert holds

    def come_back(self) -> None:
        """Let some that were slow say now how it ended."""
        for pk in [pk for pk in self.running if self.is_so(0.3)]:
            self.conclude(*self.running.pop(pk))

    def is_so(self, chance: float) -> bool:
        return self.luck.random() < chance


def as_sent(order: Order) -> dict[str, object]:
    parts = [{"digest": part.digest, "share": part.share} for part in order.parts]
    return {"service": order.service, "number": order.number, "parts": parts}


def looked_at(deployments: Sequence[Deployment], place: Place) -> None:
    """Look at every place, and note what runs there."""
    versions = {version.content_digest: version for version in ModelVersion.objects.all()}
    for deployment in deployments:
        now = database_now()
        runs = {versions[digest] for digest in place.running(deployment.service)}
        for sighting in deployment.sightings.filter(ended_at=None):
            with places.change(places.SET_UP, sighting.environment, by=places.SYSTEM):
                sighting.last_seen_at = now
                if sighting.version not in runs:
                    sighting.ended_at = now
                sighting.save()
            runs.discard(sighting.version)
        for version in runs:
            places.sighting(deployment, at=now, version=version)
        Look.objects.update_or_create(
            environment=deployment.environment, defaults={"looked_at": now}
        )


@pytest.fixture
def unlucky(db: None) -> Unlucky:
    return Unlucky(random.Random(20), Place(), {})


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whatever_fails_what_runs_is_what_is_desired_and_each_number_was_done_once(
    unlucky: Unlucky, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    model = registered_model()
    versions = [places.another_version(model) for _ in range(3)]
    deployments = [places.deployment(model, service=f"s{n}") for n in range(DEPLOYMENTS)]
    places.put_in_place(monkeypatch, FakeDeployer(answer=unlucky.carry_out))
    monkeypatch.setattr(runner, "BACK_OFF", (timedelta(0),))
    settings.ROLLOUT_TRIES = 1000
    for deployment in deployments:
        places.rollout(deployment, versions[0])

    for round_ in range(ROUNDS):
        if round_ < 3:
            ask_for_others(unlucky, deployments, versions)
        sweep(unlucky)
        looked_at(awaited(deployments), unlucky.place)
        awaiting.confirm_awaited()
        if not Rollout.objects.filter(state__in=Rollout.WAITING).exists():
            break
    for late in list(unlucky.running.values()):
        unlucky.conclude(*late)

    assert not Rollout.objects.filter(state__in=Rollout.WAITING).exists()
    assert len(set(unlucky.place.taken)) == len(unlucky.place.taken)
    for deployment in Deployment.objects.all():
        assert_as_desired(deployment, unlucky.place)


def ask_for_others(
    unlucky: Unlucky, deployments: Sequence[Deployment], versions: Sequence[ModelVersion]
) -> None:
    """Ask for something else of some deployments, whatever is under way there."""
    kinds: Sequence[Callable[[], Sequence[Asked]]] = (
        lambda: [Asked(versions[0], share=90), Asked(versions[1], "canary", 10)],
        lambda: [Asked(versions[1])],
        lambda: [Asked(versions[2]), Asked(versions[0], "shadow", 0)],
        list,
    )
    for deployment in deployments:
        if unlucky.is_so(0.4):
            places.rollout(deployment, *unlucky.luck.choice(kinds)())


def sweep(unlucky: Unlucky) -> None:
    """Ring for what waits, some of it twice, and take back from those that were lost."""
    later = database_now() + timedelta(hours=1)
    for rollout_id in waiting.unclaimed(later):
        for _ in range(2 if unlucky.is_so(0.3) else 1):
            unlucky.work(rollout_id)
    unlucky.come_back()
    for rollout_id in runner.take_back_stalled(later):
        unlucky.work(rollout_id)


def awaited(deployments: Sequence[Deployment]) -> Sequence[Deployment]:
    waits = set(waiting.awaited().values_list("deployment", flat=True))
    return [deployment for deployment in deployments if deployment.pk in waits]


def assert_as_desired(deployment: Deployment, place: Place) -> None:
    """Assert that what was asked for last runs, and that every number is there and ended."""
    desired = deployment.desired
    assert desired is not None
    assert (desired.state, deployment.in_effect) == (State.DONE, desired)
    placed = {one.content_digest: one.share for one in desired.placements.all()}
    assert place.running(deployment.service) == placed
    rollouts = list(deployment.rollouts.order_by("number"))
    assert [one.number for one in rollouts] == list(range(1, len(rollouts) + 1))
    assert {one.state for one in rollouts} <= {State.DONE, State.SUPERSEDED}
    taken = [number for service, number in place.taken if service == deployment.service]
    assert taken == sorted(set(taken))
    assert taken[-1] == desired.number
