"""What a place accepted is carried out once it is seen, and given up when nobody sees it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.errors import NotFound
from apps.core.sweeping import NotDue
from apps.deployments import awaiting, runner
from apps.deployments.deployers.contract import Ending, Outcome
from apps.deployments.models import Deployment, Look, Rollout
from apps.deployments.rolling import Asked
from tests.deployments import places
from tests.deployments.places import FakeDeployer
from tests.scenarios import registered_model, registered_version
from tests.validation.records import detail, events, outcomes

State = Rollout.State
OTHER_DIGEST = "sha256:" + "0" * 64


@pytest.fixture
def version(db: None) -> ModelVersion:
    return registered_version(registered_model())


@pytest.fixture
def deployment(version: ModelVersion) -> Deployment:
    return places.deployment(version.model, service="fraud")


@pytest.fixture
def accepting(monkeypatch: pytest.MonkeyPatch, deployment: Deployment) -> FakeDeployer:
    """A deployer that accepts whatever it is given."""
    accepted = Outcome(Ending.ACCEPTED, "It comes about.")
    deployer = FakeDeployer(answer=lambda order, target: accepted)
    places.put_in_place(monkeypatch, deployer)
    return deployer


@pytest.fixture
def awaited(deployment: Deployment, version: ModelVersion, accepting: FakeDeployer) -> Rollout:
    """An awaited rollout of one version at 100 percent."""
    return sent(places.rollout(deployment, version))


def sent(rollout: Rollout) -> Rollout:
    runner.execute(rollout.pk, worker="w1")
    rollout.refresh_from_db()
    assert rollout.state == State.AWAITED
    return rollout


def state_of(rollout: Rollout) -> str:
    return Rollout.objects.get(pk=rollout.pk).state


def looked(rollout: Rollout, at: datetime) -> None:
    """Note that the whole environment was looked at."""
    where = rollout.deployment.environment
    Look.objects.update_or_create(environment=where, defaults={"looked_at": at})


# -- confirmed -------------------------------------------------------------------------------------


def test_what_is_seen_as_ordered_is_carried_out(awaited: Rollout, version: ModelVersion) -> None:
    places.sighting(awaited.deployment, at=database_now(), version=version)

    assert awaiting.confirm_awaited() == 1

    awaited.refresh_from_db()
    assert (awaited.state, awaited.told) == (State.DONE, awaiting.SEEN)
    assert awaited.deployment.in_effect == awaited
    [event] = events("rollout.confirm", awaited)
    assert (event.actor_id, detail(event)) == ("system", {"number": 1, "sightings": 1})


def test_nothing_is_confirmed_before_anything_is_seen(awaited: Rollout) -> None:
    looked(awaited, database_now())

    assert awaiting.confirm_awaited() == 0
    assert state_of(awaited) == State.AWAITED
    assert outcomes("rollout.confirm") == []


def test_what_was_seen_before_the_order_was_sent_confirms_nothing(
    awaited: Rollout, version: ModelVersion
) -> None:
    assert awaited.started_at is not None
    before = awaited.started_at - timedelta(seconds=1)
    seen = places.sighting(awaited.deployment, at=before, version=version)
    assert awaiting.confirm_awaited() == 0

    with places.change(places.SET_UP, seen.environment, by=places.SYSTEM):
        seen.last_seen_at = database_now()
        seen.save()

    assert awaiting.confirm_awaited() == 1


@pytest.mark.parametrize(
    "beside",
    [{"digest": OTHER_DIGEST}, {"called": "fraud/9"}],
    ids=["content nobody registered", "only a name"],
)
def test_what_is_seen_beside_it_keeps_it_waiting_until_that_ends(
    awaited: Rollout, version: ModelVersion, beside: dict[str, Any]
) -> None:
    now = database_now()
    places.sighting(awaited.deployment, at=now, version=version)
    another = places.sighting(awaited.deployment, at=now, **beside)
    assert awaiting.confirm_awaited() == 0

    with places.change(places.SET_UP, another.environment, by=places.SYSTEM):
        another.ended_at = now
        another.save()

    assert awaiting.confirm_awaited() == 1


def test_a_name_alone_confirms_where_no_digest_is_told(
    awaited: Rollout, version: ModelVersion
) -> None:
    places.sighting(
        awaited.deployment, at=database_now(), version=version, digest="", called="fraud/1"
    )

    assert awaiting.confirm_awaited() == 1


def test_every_part_that_answers_and_every_shadow_has_to_be_seen(
    deployment: Deployment, version: ModelVersion, accepting: FakeDeployer
) -> None:
    shadow, spare = (places.another_version(version.model) for _ in range(2))
    asked = (Asked(version), Asked(shadow, "shadow", 0), Asked(spare, "challenger", 0))
    rollout = sent(places.rollout(deployment, *asked))
    places.sighting(deployment, at=database_now(), version=version)
    assert awaiting.confirm_awaited() == 0

    places.sighting(deployment, at=database_now(), version=shadow)

    assert awaiting.confirm_awaited() == 1
    assert state_of(rollout) == State.DONE


def test_a_part_without_a_share_may_be_seen_and_need_not(
    deployment: Deployment, version: ModelVersion, accepting: FakeDeployer
) -> None:
    spare = places.another_version(version.model)
    sent(places.rollout(deployment, Asked(version), Asked(spare, "challenger", 0)))
    for one in (version, spare):
        places.sighting(deployment, at=database_now(), version=one)

    assert awaiting.confirm_awaited() == 1


@pytest.mark.usefixtures("accepting")
@pytest.mark.parametrize(
    ("source", "share", "confirmed"),
    [("deployer", 90, 0), ("deployer", 50, 1), ("deployer", None, 1), ("agent", 47, 1)],
)
def test_shares_count_where_the_deployer_tells_them(
    deployment: Deployment,
    version: ModelVersion,
    source: str,
    share: int | None,
    confirmed: int,
) -> None:
    second = places.another_version(version.model)
    sent(places.rollout(deployment, Asked(version, share=50), Asked(second, "canary", 50)))
    told: dict[str, Any] = {"source": source, "share": share}
    for one in (version, second):
        places.sighting(deployment, at=database_now(), version=one, **told)

    assert awaiting.confirm_awaited() == confirmed


def test_shares_of_two_versions_with_the_same_content_are_told_together(
    deployment: Deployment, version: ModelVersion, accepting: FakeDeployer
) -> None:
    twin = registered_version(version.model)
    assert twin.content_digest == version.content_digest
    sent(places.rollout(deployment, Asked(version, share=90), Asked(twin, "canary", 10)))
    told: dict[str, Any] = {"source": "deployer", "share": 100}
    places.sighting(deployment, at=database_now(), version=version, **told)

    assert awaiting.confirm_awaited() == 1


def test_a_withdrawal_is_confirmed_when_a_later_whole_look_sees_nothing_of_it(
    awaited: Rollout, version: ModelVersion
) -> None:
    seen = places.sighting(awaited.deployment, at=database_now(), version=version)
    awaiting.confirm_awaited()
    looked(awaited, database_now())
    withdrawn = sent(places.rollout(awaited.deployment))
    assert awaiting.confirm_awaited() == 0, "it goes on"
    with places.change(places.SET_UP, seen.environment, by=places.SYSTEM):
        seen.ended_at = database_now()
        seen.save()
    assert awaiting.confirm_awaited() == 0, "nobody looked since"
    looked(awaited, database_now())

    assert awaiting.confirm_awaited() == 1

    withdrawn.refresh_from_db()
    assert (withdrawn.state, withdrawn.told) == (State.DONE, awaiting.GONE)


def test_a_withdrawal_where_nobody_ever_looked_is_not_confirmed(
    deployment: Deployment, accepting: FakeDeployer
) -> None:
    withdrawn = sent(places.rollout(deployment))

    assert awaiting.confirm_awaited() == 0
    assert state_of(withdrawn) == State.AWAITED


def test_what_somebody_concluded_meanwhile_is_not_confirmed_again(
    awaited: Rollout, version: ModelVersion
) -> None:
    places.sighting(awaited.deployment, at=database_now(), version=version)
    places.finished(Rollout.objects.get(pk=awaited.pk), State.FAILED, "It fell over.")

    with pytest.raises(NotDue):
        awaiting.confirm(awaited)

    assert state_of(awaited) == State.FAILED


def test_one_that_fails_keeps_no_other_waiting(
    awaited: Rollout, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = sent(places.rollout(places.deployment(version.model), version))
    for rollout in (awaited, elsewhere):
        places.sighting(rollout.deployment, at=database_now(), version=version)
    confirm = awaiting.confirm

    def broken(rollout: Rollout) -> None:
        if rollout == awaited:
            raise ZeroDivisionError
        confirm(rollout)

    monkeypatch.setattr(awaiting, "confirm", broken)

    with pytest.raises(ZeroDivisionError):
        awaiting.confirm_awaited()

    assert state_of(elsewhere) == State.DONE


# -- given up --------------------------------------------------------------------------------------


def test_what_nobody_saw_in_time_has_failed(awaited: Rollout) -> None:
    until = awaited.awaited_until
    assert until is not None
    assert awaiting.expire_awaited(until) == 0
    assert awaiting.expire_awaited(until + timedelta(seconds=1)) == 1

    awaited.refresh_from_db()
    assert awaited.state == State.FAILED
    assert awaited.told.startswith("It comes about. Nobody saw it carried out, or said so, before ")
    assert awaited.deployment.in_effect is None
    [event] = events("rollout.expire", awaited)
    assert (event.actor_id, detail(event)) == ("system", {"number": 1})


def test_what_is_not_overdue_any_more_does_not_expire(awaited: Rollout) -> None:
    until = awaited.awaited_until
    assert until is not None
    with pytest.raises(NotDue):
        awaiting.expire(awaited, now=until)

    assert state_of(awaited) == State.AWAITED


def test_what_waits_of_a_deleted_model_is_left_as_it_is(
    awaited: Rollout, version: ModelVersion
) -> None:
    places.sighting(awaited.deployment, at=database_now(), version=version)
    model = awaited.deployment.model
    with places.change(places.SET_UP, model, by=places.SYSTEM) as record:
        model.deleted_at = record.time
        model.save()

    assert awaiting.confirm_awaited() == 0
    assert awaiting.expire_awaited(database_now() + timedelta(days=1)) == 0
    with pytest.raises(NotFound):
        awaiting.confirm(awaited)


def test_many_are_judged_in_a_fixed_number_of_queries(
    awaited: Rollout, version: ModelVersion, django_assert_num_queries: object
) -> None:
    for _ in range(4):
        sent(places.rollout(places.deployment(version.model), version))

    with django_assert_num_queries(4):  # type: ignore[operator]
        assert awaiting.confirm_awaited() == 0
