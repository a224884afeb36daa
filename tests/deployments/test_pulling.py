"""The worker looks itself: at deployers that can, at endpoints that answer; trouble is told."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.db import connection

from apps.core.addresses import AddressRefused
from apps.core.clock import database_now
from apps.core.inputs import InputRefused
from apps.deployments import probing, pulling, tasks
from apps.deployments.deployers.contract import CannotLook, Seen
from apps.deployments.models import Deployment, Environment, Look, Sighting
from apps.deployments.operations import EnvironmentFacts, create_environment
from apps.deployments.probing import Answered
from tests import scenarios
from tests.approvals.exceptions import entries
from tests.deployments import places
from tests.deployments.places import FakeDeployer
from tests.deployments.seen import UNKNOWN, changed
from tests.factories import actor

pytestmark = pytest.mark.django_db

PROBE = {"probe": {"address": "https://{service}.models.example/version"}}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDeployer:
    deployer = FakeDeployer()
    places.put_in_place(monkeypatch, deployer)
    return deployer


@pytest.fixture
def deployed(fake: FakeDeployer) -> Deployment:
    return places.deployed().deployment


def answer(monkeypatch: pytest.MonkeyPatch, *answers: Answered) -> list[str]:
    """Let services answer a probe; return which will have been asked."""
    asked: list[str] = []

    def ask_all(probe: probing.Probe, services: Sequence[str]) -> list[Answered]:
        assert not connection.savepoint_ids  # no transaction but that of the test
        asked.extend(services)
        return list(answers)

    monkeypatch.setattr(probing, "ask_all", ask_all)
    return asked


def look_of(environment: Environment) -> Look:
    found: Look = Look.objects.get(environment=environment)
    return found


# -- deployers


def test_what_the_deployer_sees_is_reported_by_the_worker(
    fake: FakeDeployer, deployed: Deployment
) -> None:
    version = deployed.model.versions.get()
    fake.serves = [Seen(deployed.service, version.content_digest, share=100)]
    before = database_now()

    assert pulling.look_at(deployed.environment.pk) is True

    seen = Sighting.objects.get()
    assert (seen.source, seen.version, seen.seen_by) == ("deployer", version, None)
    look = look_of(deployed.environment)
    assert look.trouble == ""
    assert look.looked_at == look.tried_at == seen.last_seen_at >= before
    [event] = entries("environment.look")
    assert event["actor"]["id"] == "system"


def test_what_the_deployer_sees_no_more_has_ended(fake: FakeDeployer, deployed: Deployment) -> None:
    fake.serves = [Seen("a", UNKNOWN)]
    pulling.look_at(deployed.environment.pk)
    fake.serves = []

    pulling.look_at(deployed.environment.pk)

    assert Sighting.objects.get().ended_at is not None


def test_a_place_that_does_not_answer_is_a_trouble_and_nothing_seen(
    fake: FakeDeployer, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.serves = [Seen("a", UNKNOWN)]
    pulling.look_at(deployed.environment.pk)
    first = look_of(deployed.environment).looked_at

    def away(*_: object) -> None:
        raise CannotLook("The cluster does not answer.")

    monkeypatch.setattr(fake, "look", away)
    assert pulling.look_at(deployed.environment.pk) is False

    look = look_of(deployed.environment)
    assert look.trouble == "Fake: The cluster does not answer."
    assert look.looked_at == first
    assert Sighting.objects.get().ended_at is None


def test_what_the_deployer_tells_wrongly_is_a_trouble(
    fake: FakeDeployer, deployed: Deployment
) -> None:
    fake.serves = [Seen("a", "md5:1")]

    assert pulling.look_at(deployed.environment.pk) is False

    assert "is no digest" in look_of(deployed.environment).trouble


def test_what_nobody_expected_is_said_and_rises(
    fake: FakeDeployer, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(fake, "look", broken)
    with pytest.raises(ZeroDivisionError):
        pulling.look_at(deployed.environment.pk)

    assert look_of(deployed.environment).trouble == pulling.UNEXPECTED


# -- which environments


def test_only_open_places_that_can_be_asked_are_looked_at(
    fake: FakeDeployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.can_look = False
    looking = FakeDeployer("looking")
    places.put_in_place(monkeypatch, fake, looking)
    places.environment()
    places.environment(deployer="unknown")
    asked = places.environment(deployer="looking")
    probed = places.environment(target=PROBE)
    closed = changed(places.environment(deployer="looking"), closed_at=database_now())

    assert pulling.to_look_at() == [asked.pk, probed.pk]
    assert pulling.look_at(closed.pk) is False
    assert not Look.objects.exists()


def test_the_bell_rings_for_each_of_them(
    fake: FakeDeployer, deployed: Deployment, tasks_at_once: None
) -> None:
    fake.serves = [Seen("a", UNKNOWN)]

    tasks.look()

    assert Sighting.objects.get().environment == deployed.environment


# -- endpoints


def probed(fake: FakeDeployer, deployed: Deployment, **target: Any) -> Deployment:
    fake.can_look = False
    changed(deployed.environment, target=target or PROBE)
    return deployed


def test_every_service_is_asked_what_it_serves(
    fake: FakeDeployer, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = probed(fake, deployed).environment
    withdrawn = places.deployment(where=where)
    asked = answer(
        monkeypatch,
        Answered(deployed.service, [Seen(deployed.service, UNKNOWN)]),
        Answered(withdrawn.service, trouble="gone", is_there=False),
    )

    assert pulling.look_at(where.pk) is True

    assert asked == [deployed.service, withdrawn.service]
    seen = Sighting.objects.get()
    assert (seen.source, seen.deployment) == ("probe", deployed)
    assert look_of(where).looked_at is not None


def test_what_does_not_answer_though_it_is_to_run_is_a_trouble_and_ends_nothing(
    fake: FakeDeployer, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = probed(fake, deployed).environment
    answer(monkeypatch, Answered(deployed.service, [Seen(deployed.service, UNKNOWN)]))
    pulling.look_at(where.pk)
    answer(monkeypatch, Answered(deployed.service, trouble="It is away.", is_there=False))

    assert pulling.look_at(where.pk) is False

    assert look_of(where).trouble == "It is away."
    assert Sighting.objects.get().ended_at is None


def test_what_is_withdrawn_and_answers_oddly_is_a_trouble(
    fake: FakeDeployer, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.finished(places.rollout(probed(fake, deployed)))
    answer(monkeypatch, Answered(deployed.service, trouble="It says nothing."))

    assert pulling.look_at(deployed.environment.pk) is False


def test_more_services_than_are_asked_are_said_to_be(
    fake: FakeDeployer, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = probed(fake, deployed).environment
    places.deployment(where=where)
    monkeypatch.setattr(probing, "MOST_PROBED", 1)
    asked = answer(monkeypatch)

    assert pulling.look_at(where.pk) is False

    assert asked == [deployed.service]
    assert look_of(where).trouble == "Only 1 services are asked."
    assert look_of(where).looked_at is None


def test_a_probe_that_tells_what_cannot_be_is_a_trouble(
    fake: FakeDeployer, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = probed(fake, deployed).environment
    answer(monkeypatch, Answered(deployed.service, [Seen(deployed.service, "md5:1")]))

    assert pulling.look_at(where.pk) is False

    assert "is no digest" in look_of(where).trouble


def test_a_probe_with_settings_of_before_is_a_trouble(
    fake: FakeDeployer, deployed: Deployment
) -> None:
    where = probed(fake, deployed, probe={"url": "x"}).environment

    assert pulling.look_at(where.pk) is False

    assert look_of(where).trouble.startswith("The probe is refused")


def test_trouble_is_cut_to_what_is_kept(
    fake: FakeDeployer, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise AddressRefused("No. " * 500)

    monkeypatch.setattr(fake, "look", away)

    assert pulling.look_at(deployed.environment.pk) is False

    assert len(look_of(deployed.environment).trouble) == 500


def test_an_environment_takes_a_probe_beside_the_settings_of_its_deployer() -> None:
    def create(name: str, target: Mapping[str, object]) -> Environment:
        facts = EnvironmentFacts(
            admits=("production",),
            enforcement="prevent",
            owner=scenarios.owner(),
            deployer="by_hand",
            target=target,
        )
        return create_environment(by=actor(scenarios.operator()), name=name, facts=facts)

    assert create("eu", PROBE).target == PROBE
    with pytest.raises(InputRefused, match=r"says \{service\}"):
        create("us", {"probe": {"address": "https://models.example"}})
    with pytest.raises(InputRefused, match="no settings"):
        create("us", {**PROBE, "url": "https://deploy.example"})
