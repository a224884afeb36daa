"""A rollout that failed is told to who asked for it, and to who answers for place and model."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.approvals.serving import drills, operations
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.deployments import awaiting, runner
from apps.deployments.deployers.contract import Ending, Outcome
from apps.deployments.models import Deployment, Environment, Rollout
from apps.deployments.rolling import Asked
from apps.integrations.notices.rows import Notice
from tests import scenarios
from tests.approvals import exceptions
from tests.deployments import places
from tests.deployments.places import FakeDeployer
from tests.factories import actor
from tests.integrations.told import happened, told

pytestmark = pytest.mark.django_db

WHY = "Quarterly refresh"
NO_ROOM = "There is no room.\nAsk for more."


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDeployer:
    """A deployer that refuses every order."""
    deployer = FakeDeployer(answer=lambda order, target: Outcome(Ending.REFUSED, NO_ROOM))
    places.put_in_place(monkeypatch, deployer)
    return deployer


@pytest.fixture
def ward() -> Environment:
    """A place that somebody owns who does not own the models."""
    return places.environment("ward", owner=scenarios.auditor())


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version()


def deploy(version: ModelVersion, where: Environment) -> Rollout:
    by = actor(scenarios.operator())
    return operations.deploy(version.model, where, [Asked(version)], by=by, reason=WHY)


def refused(rollout: Rollout) -> Rollout:
    """Have a rollout carried out, which its deployer refuses."""
    runner.execute(rollout.pk, worker="w1")
    rollout.refresh_from_db()
    assert rollout.state == Rollout.State.FAILED
    return rollout


def lines(*people: User, kind: str = "rollout") -> list[list[str]]:
    return [told(person, kind) for person in people]


def everybody() -> tuple[User, User, User]:
    """Return who asked, who owns the place, and who owns the model."""
    return scenarios.operator(), scenarios.auditor(), scenarios.owner()


def test_who_asked_and_who_owns_place_and_model_are_told_once_why_it_failed(
    fake: FakeDeployer, ward: Environment, version: ModelVersion
) -> None:
    scenarios.risk_officer()
    rollout = refused(deploy(version, ward))
    for _ in range(2):
        happened()

    line = f"Putting {version.model.name} into ward failed"
    assert lines(*everybody()) == [[line]] * 3
    assert told(scenarios.risk_officer()) == told(scenarios.developer()) == []
    notice = Notice.objects.get(person=scenarios.operator())
    assert notice.text == (
        "Otis Operator asked for rollout 1. "
        "This was said of it: “There is no room. Ask for more.” "
        "See what runs there before you ask again."
    )
    assert WHY not in notice.text
    assert notice.path == rollout.get_absolute_url()
    assert notice.path.startswith(rollout.deployment.get_absolute_url())


def test_nobody_is_told_of_a_model_they_may_not_see(
    fake: FakeDeployer, version: ModelVersion
) -> None:
    refused(deploy(version, places.environment("ward", owner=scenarios.stranger())))
    happened()

    assert told(scenarios.stranger()) == []
    assert len(told(scenarios.operator(), "rollout")) == 1


def test_what_is_tried_again_or_done_or_superseded_is_told_to_nobody(
    fake: FakeDeployer, ward: Environment, version: ModelVersion
) -> None:
    fake.answer = lambda order, target: Outcome(Ending.FAILED, "The place is away.")
    first = deploy(version, ward)
    runner.execute(first.pk, worker="w1")
    second = deploy(version, ward)
    fake.answer = lambda order, target: places.DONE
    runner.execute(second.pk, worker="w1")
    happened()

    states = [one.state for one in Rollout.objects.order_by("pk")]
    assert states == [Rollout.State.SUPERSEDED, Rollout.State.DONE]
    assert lines(*everybody()) == [[], [], []]


@pytest.fixture
def running(fake: FakeDeployer, ward: Environment, version: ModelVersion) -> Deployment:
    """A deployment whose second version runs, and whose first ran before."""
    places.deployed(version, ward)
    return places.deployed(places.another_version(version.model), ward).deployment


def test_a_rollback_that_failed_is_trouble_for_the_risk_officers_too(running: Deployment) -> None:
    scenarios.risk_officer()
    by = actor(scenarios.operator())
    refused(operations.roll_back(running, by=by, reason="Errors at night"))
    happened()

    line = f"Rolling back {running.model.name} in ward failed"
    people = (*everybody(), scenarios.risk_officer())
    assert lines(*people, kind="trouble") == [[line]] * 4
    assert lines(*people) == [[]] * 4
    text = Notice.objects.get(person=scenarios.owner(), kind="trouble").text
    assert text.endswith("What was to be left may still run: see to it at once.")
    assert "Errors at night" not in text


def test_each_other_kind_of_rollout_is_told_in_its_words(running: Deployment) -> None:
    by, name = actor(scenarios.operator()), running.model.name
    desired = running.desired
    assert desired is not None
    parts = [Asked(one.version) for one in desired.placements.all()]
    refused(operations.shift(running, parts, by=by, reason=WHY))
    refused(operations.withdraw(running, by=by, reason=WHY))
    happened()

    assert told(scenarios.owner(), "rollout") == [f"Shifting the traffic of {name} in ward failed"]
    assert told(scenarios.owner(), "trouble") == [f"Withdrawing {name} from ward failed"]


def test_a_drill_that_fails_on_its_way_forth_is_told_to_who_began_it(
    fake: FakeDeployer, running: Deployment
) -> None:
    drill = operations.begin_drill(running, by=actor(scenarios.operator()), reason=WHY)
    fake.answer = lambda order, target: places.DONE
    runner.execute(drill.away_id, worker="w1")
    drills.carry_on()
    drill.refresh_from_db()
    assert drill.back is not None
    fake.answer = lambda order, target: Outcome(Ending.REFUSED, "")
    refused(drill.back)
    drills.carry_on()
    happened()

    line = f"A rollback drill of {running.model.name} in ward failed"
    assert lines(*everybody()) == [[line]] * 3
    text = Notice.objects.get(person=scenarios.operator()).text
    assert text.startswith("Signet asked for rollout 4. Nothing was said of the reason.")


def test_a_rollout_no_person_asked_for_is_told_to_the_owners(
    fake: FakeDeployer, ward: Environment, version: ModelVersion
) -> None:
    refused(places.rollout(places.deployment(version.model, ward), version))
    happened()

    assert lines(*everybody()) == [[], *[[f"Putting {version.model.name} into ward failed"]] * 2]


def test_a_lost_worker_and_a_place_that_shows_nothing_are_failures_too(
    fake: FakeDeployer, ward: Environment, version: ModelVersion, settings: Settings
) -> None:
    settings.ROLLOUT_TRIES = 1
    later = database_now() + timedelta(days=30)
    runner.claim(deploy(version, ward), worker="w1")
    runner.take_back_stalled(later)
    fake.answer = lambda order, target: Outcome(Ending.ACCEPTED, "It comes about.")
    runner.execute(deploy(version, ward).pk, worker="w1")
    awaiting.expire_awaited(later)
    happened()

    failed = Rollout.objects.filter(state=Rollout.State.FAILED)
    assert failed.count() == 2
    texts = Notice.objects.filter(person=scenarios.operator()).order_by("pk")
    lost, unseen = texts.values_list("text", flat=True)
    assert "The worker was lost 1 times" in lost
    assert "Nobody saw it carried out" in unseen


def test_who_recorded_a_failure_is_not_told_of_it(version: ModelVersion) -> None:
    rollout = deploy(version, places.environment("ward", deployer="by_hand"))
    runner.execute(rollout.pk, worker="w1")
    by = actor(scenarios.operator())
    operations.record_by_hand(rollout, by=by, done=False, told="The disk is full")
    happened()

    assert told(scenarios.operator()) == []
    [notice] = Notice.objects.filter(person=scenarios.owner(), kind="rollout")
    assert "recorded by hand, and its page says why" in notice.text
    assert "disk" not in notice.text


def test_what_nobody_carried_out_by_hand_is_not_said_to_be_recorded(version: ModelVersion) -> None:
    rollout = deploy(version, places.environment("ward", deployer="by_hand"))
    runner.execute(rollout.pk, worker="w1")
    awaiting.expire_awaited(database_now() + timedelta(days=300))
    happened()

    [notice] = Notice.objects.filter(person=scenarios.owner(), kind="rollout")
    assert "recorded by hand" not in notice.text
    assert "Nobody saw it carried out" in notice.text


def test_what_was_stopped_since_its_authorization_went_is_told_beside_that(
    fake: FakeDeployer, ward: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = exceptions.two_in_turn()
    exceptions.enforce_emergency(monkeypatch)
    version = exceptions.roll_back_at_once(model).authorization.version
    rollout = deploy(version, ward)
    approvals.lapse_emergencies(exceptions.move_clock(monkeypatch, 3))
    happened()

    rollout.refresh_from_db()
    assert rollout.state == Rollout.State.FAILED
    assert lines(*everybody()) == [[f"Putting {model.name} into ward failed"]] * 3
    assert any("not confirmed in time" in one for one in told(scenarios.owner(), "trouble"))
    text = Notice.objects.get(person=scenarios.operator(), kind="rollout").text
    assert f"{version} may not run any more." in text
