"""A rollout that failed is told to those who can do something about it, once."""

from datetime import timedelta

import pytest

from apps.approvals.serving.operations import rollouts as operations
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.deployments import awaiting, runner
from apps.deployments.deployers.contract import Ending, Outcome
from apps.deployments.models import Deployment, Rollout
from apps.integrations.notices.rows import Notice
from tests import scenarios
from tests.deployments import places
from tests.deployments.places import FakeDeployer
from tests.factories import actor, person
from tests.integrations.told import happened, told

pytestmark = pytest.mark.django_db
REFUSED = Outcome(Ending.REFUSED, "No room, and this is nobody's secret.")


@pytest.fixture
def version(db: None) -> ModelVersion:
    return scenarios.registered_version()


@pytest.fixture
def deployment(version: ModelVersion) -> Deployment:
    where = places.environment("eu", title="Europe", owner=person("place"))
    return places.deployment(version.model, where)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDeployer:
    deployer = FakeDeployer(answer=lambda order, target: REFUSED)
    places.put_in_place(monkeypatch, deployer)
    return deployer


def carried_out(rollout: Rollout) -> Rollout:
    runner.execute(rollout.pk, worker="w1")
    rollout.refresh_from_db()
    return rollout


def test_a_failure_is_told_once_to_who_asked_to_owners_and_to_operators(
    deployment: Deployment, version: ModelVersion, fake: FakeDeployer
) -> None:
    duty, asker = scenarios.operator(), person("asker", everywhere=["operator"])
    rollout = carried_out(places.rollout(deployment, version, by=actor(asker)))
    happened()
    happened()

    line = f"Rollout 1 of {version.model.name} in Europe failed"
    for whom in (asker, duty, scenarios.owner()):
        assert told(whom, "trouble") == [line]
    assert told(scenarios.developer(), "trouble") == []
    notice = Notice.objects.get(person=asker, kind="trouble")
    assert notice.path == rollout.get_absolute_url()
    assert "No room" not in notice.text


def test_the_owner_of_a_place_is_told_where_the_model_may_be_seen(
    version: ModelVersion, fake: FakeDeployer
) -> None:
    stranger, validator = person("stranger"), person("vera", everywhere=["validator"])
    for name, owner in (("one", stranger), ("two", validator)):
        where = places.environment(name, owner=owner)
        carried_out(places.rollout(places.deployment(version.model, where), version))
    happened()

    assert told(stranger) == []
    assert told(validator, "trouble") == [f"Rollout 1 of {version.model.name} in two failed"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("roll_back", "The rollback of {} in Europe failed"),
        ("drill", "The rollback drill of {} in Europe failed"),
    ],
)
def test_a_way_back_that_failed_is_called_that(
    deployment: Deployment, version: ModelVersion, fake: FakeDeployer, kind: str, said: str
) -> None:
    carried_out(places.rollout(deployment, version, kind=kind))
    happened()

    assert told(scenarios.owner(), "trouble") == [said.format(version.model.name)]


def test_what_is_tried_again_awaited_or_done_is_no_trouble(
    deployment: Deployment, version: ModelVersion, fake: FakeDeployer
) -> None:
    for ending in (Ending.DONE, Ending.ACCEPTED, Ending.FAILED):
        outcome = Outcome(ending, "So it is.")
        fake.answer = lambda order, target, outcome=outcome: outcome  # type: ignore[misc]
        rollout = carried_out(places.rollout(deployment, version))
        assert rollout.state != Rollout.State.FAILED
    happened()

    assert told(scenarios.owner(), "trouble") == []


def test_one_nobody_confirmed_in_time_failed(
    deployment: Deployment, version: ModelVersion, fake: FakeDeployer
) -> None:
    fake.answer = lambda order, target: Outcome(Ending.ACCEPTED, "It comes about.")
    carried_out(places.rollout(deployment, version))
    awaiting.expire_awaited(database_now() + timedelta(days=30))
    happened()

    assert told(scenarios.owner(), "trouble") == [
        f"Rollout 1 of {version.model.name} in Europe failed"
    ]


def test_who_records_a_failure_by_hand_is_not_told_of_it(version: ModelVersion) -> None:
    duty, other = scenarios.operator(), person("other", everywhere=["operator"])
    by_hand = places.environment("racks", deployer="by_hand")
    rollout = carried_out(places.rollout(places.deployment(version.model, by_hand), version))
    operations.record_by_hand(rollout, by=actor(duty), done=False, told="The power went.")
    happened()

    line = f"Rollout 1 of {version.model.name} in racks failed"
    assert told(duty, "trouble") == []
    assert told(other, "trouble") == [line]
    assert "power" not in Notice.objects.get(person=other, kind="trouble").text
