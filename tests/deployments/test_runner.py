"""A rollout is claimed, carried out outside a transaction, and concluded with how it ended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection
from pytest_django import Settings

from apps.accounts.roles import ROLES
from apps.audit import writing
from apps.audit.actions import Action
from apps.catalog.models import ModelVersion
from apps.core.actors import ANONYMOUS
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.deployments import awaiting, runner, waiting
from apps.deployments.deployers.contract import Ending, Order, Outcome, Part, Target
from apps.deployments.models import Deployment, Rollout, RolloutLease
from apps.deployments.models.deployments import NotWaiting, StaleOutcome
from apps.deployments.rolling import Asked
from tests.deployments import places
from tests.deployments.places import FakeDeployer
from tests.scenarios import registered_model, registered_version
from tests.validation.records import detail, events, outcomes

State = Rollout.State
FAILED = Outcome(Ending.FAILED, "The place is away.")
REFUSED = Outcome(Ending.REFUSED, "The place has no room.")
ACCEPTED = Outcome(Ending.ACCEPTED, "It comes about.")


@pytest.fixture
def version(db: None) -> ModelVersion:
    return registered_version(registered_model())


@pytest.fixture
def deployment(version: ModelVersion) -> Deployment:
    return places.deployment(version.model, service="fraud")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, deployment: Deployment) -> FakeDeployer:
    """The deployer of the environment, put in place once there is one."""
    deployer = FakeDeployer()
    places.put_in_place(monkeypatch, deployer)
    return deployer


@pytest.fixture
def rollout(deployment: Deployment, version: ModelVersion, fake: FakeDeployer) -> Rollout:
    """A rollout that waits for a worker."""
    return places.rollout(deployment, version)


def other(rollout: Rollout) -> Rollout:
    """The same rollout as another process holds it in memory."""
    return Rollout.objects.get(pk=rollout.pk)


def answering(outcome: Outcome) -> Callable[[Order, Target], Outcome]:
    return lambda order, target: outcome


def late() -> timedelta:
    """Return how long after a claim its lease has surely expired."""
    return timedelta(hours=1)


# -- from claim to conclusion ----------------------------------------------------------------------


def test_a_rollout_ends_as_its_deployer_says_and_takes_effect(rollout: Rollout) -> None:
    runner.execute(rollout.pk, worker="w1")

    rollout.refresh_from_db()
    assert (rollout.state, rollout.told) == (State.DONE, "It runs.")
    assert (rollout.attempt, rollout.worker) == (1, "w1")
    assert rollout.started_at is not None
    assert rollout.finished_at is not None
    assert rollout.started_at <= rollout.finished_at
    assert rollout.deployment.in_effect == rollout.deployment.desired == rollout
    assert not RolloutLease.objects.exists()


def test_the_deployer_gets_the_order_and_its_own_settings_as_they_were(
    deployment: Deployment, version: ModelVersion, fake: FakeDeployer
) -> None:
    asked: list[Target] = []

    def kept(order: Order, target: Target) -> Outcome:
        asked.append(target)
        return places.DONE

    fake.answer = kept
    where = places.environment("eu", target={"url": "https://eu.example", "probe": {}})
    there = places.deployment(version.model, where, service="fraud-eu")
    second = registered_version(version.model)
    rollout = places.rollout(there, Asked(version, share=90), Asked(second, "canary", 10))

    runner.execute(rollout.pk, worker="w1")

    assert fake.orders == [
        Order(
            key=rollout.record_id,
            number=1,
            environment="eu",
            service="fraud-eu",
            parts=(
                Part(version.model.name, 1, version.content_digest, "champion", 90),
                Part(version.model.name, 2, second.content_digest, "canary", 10),
            ),
        )
    ]
    assert asked == [{"url": "https://eu.example"}]


def test_claim_and_conclusion_are_events_of_the_worker_in_the_chain_of_the_model(
    rollout: Rollout,
) -> None:
    runner.execute(rollout.pk, worker="w1")

    [claimed], [concluded] = events("rollout.claim", rollout), events("rollout.conclude", rollout)
    assert claimed.actor_id == concluded.actor_id == "worker"
    assert claimed.chain_root == concluded.chain_root == rollout.deployment.model.record_ref
    assert detail(claimed) == {"number": 1, "attempt": 1}
    assert detail(concluded) == {"number": 1, "attempt": 1, "ending": "done", "outcome": "done"}


def test_nothing_is_held_open_while_a_deployer_is_at_it(
    rollout: Rollout, fake: FakeDeployer
) -> None:
    depth = len(connection.savepoint_ids)
    seen: list[int] = []

    def counted(order: Order, target: Target) -> Outcome:
        seen.append(len(connection.savepoint_ids))
        return places.DONE

    fake.answer = counted

    runner.execute(rollout.pk, worker="w1")

    assert seen == [depth]


def test_a_withdrawal_is_an_order_without_parts(rollout: Rollout, fake: FakeDeployer) -> None:
    runner.execute(rollout.pk, worker="w1")
    withdrawn = places.rollout(rollout.deployment)

    runner.execute(withdrawn.pk, worker="w1")

    assert fake.orders[-1].parts == ()
    assert other(withdrawn).state == State.DONE


# -- how it may end else ---------------------------------------------------------------------------


def test_a_failure_waits_longer_after_each_try_and_is_given_up_in_the_end(
    rollout: Rollout, fake: FakeDeployer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ROLLOUT_TRIES = 3
    fake.answer = answering(FAILED)
    waits = []

    for _ in range(2):
        runner.execute(rollout.pk, worker="w1")
        rollout.refresh_from_db()
        assert (rollout.state, rollout.told) == (State.QUEUED, "The place is away.")
        assert rollout.try_at is not None
        waits.append(round((rollout.try_at - database_now()).total_seconds()))
        due(rollout)
    runner.execute(rollout.pk, worker="w1")

    assert waits == [5, 20]
    rollout.refresh_from_db()
    assert (rollout.state, rollout.attempt) == (State.FAILED, 3)
    assert rollout.deployment.in_effect is None
    assert {order.number for order in fake.orders} == {1}
    assert [detail(event)["outcome"] for event in events("rollout.conclude")] == [
        "queued",
        "queued",
        "failed",
    ]


def due(rollout: Rollout) -> None:
    """Let the time of the next try come."""
    with places.change(places.SET_UP, rollout, by=places.SYSTEM):
        rollout.try_at = database_now()
        rollout.save()


def test_a_rollout_that_is_to_be_tried_later_is_not_tried_before(
    rollout: Rollout, fake: FakeDeployer
) -> None:
    fake.answer = answering(FAILED)
    runner.execute(rollout.pk, worker="w1")

    runner.execute(rollout.pk, worker="w1")

    assert len(fake.orders) == 1
    assert outcomes("rollout.claim") == ["done", "refused"]
    assert waiting.unclaimed(database_now()) == []
    assert waiting.unclaimed(database_now() + timedelta(seconds=6)) == [rollout.pk]


def test_a_refusal_is_the_end(rollout: Rollout, fake: FakeDeployer) -> None:
    fake.answer = answering(REFUSED)

    runner.execute(rollout.pk, worker="w1")

    rollout.refresh_from_db()
    assert (rollout.state, rollout.told) == (State.FAILED, "The place has no room.")
    assert rollout.deployment.in_effect is None


def test_what_is_accepted_is_awaited_for_as_long_as_the_place_may_take(
    rollout: Rollout, fake: FakeDeployer, settings: Settings
) -> None:
    fake.answer = answering(ACCEPTED)

    runner.execute(rollout.pk, worker="w1")

    rollout.refresh_from_db()
    assert (rollout.state, rollout.finished_at) == (State.AWAITED, None)
    assert rollout.awaited_until is not None
    left = rollout.awaited_until - database_now()
    assert settings.ROLLOUT_AWAITED - timedelta(minutes=1) < left <= settings.ROLLOUT_AWAITED
    assert rollout.deployment.in_effect is None


def test_people_get_more_time_to_say_how_it_ended(
    version: ModelVersion, settings: Settings
) -> None:
    where = places.environment(deployer="by_hand")
    rollout = places.rollout(places.deployment(version.model, where), version)

    runner.execute(rollout.pk, worker="w1")

    rollout.refresh_from_db()
    assert rollout.state == State.AWAITED
    assert rollout.told == f"Carry it out in {where.name}, then record how it ended."
    assert rollout.awaited_until is not None
    assert rollout.awaited_until - database_now() > settings.ROLLOUT_AWAITED


def crash(order: Order, target: Target) -> Outcome:
    raise ZeroDivisionError("password=hunter2")


def refuse(order: Order, target: Target) -> Outcome:
    raise RuleBroken("The place does not speak to us.")


def odd() -> Outcome:
    """Return an ending of another release."""
    return Outcome("odd", "?")  # type: ignore[arg-type]


def hang(order: Order, target: Target) -> Outcome:
    raise SoftTimeLimitExceeded


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (crash, runner.OWN_ERROR.format("ZeroDivisionError")),
        (refuse, "The place does not speak to us."),
        (hang, runner.TOO_LONG),
        (lambda order, target: None, runner.OWN_ERROR.format("AttributeError")),
        (lambda order, target: odd(), runner.OWN_ERROR.format("ValueError")),
    ],
    ids=["crash", "refusal", "too long", "no answer", "an ending nobody knows"],
)
def test_whatever_goes_wrong_in_a_deployer_is_tried_again(
    rollout: Rollout,
    fake: FakeDeployer,
    answer: Callable[[Order, Target], Outcome],
    told: str,
) -> None:
    fake.answer = answer

    runner.execute(rollout.pk, worker="w1")

    rollout.refresh_from_db()
    assert (rollout.state, rollout.told) == (State.QUEUED, told)


def test_a_deployer_this_release_does_not_have_is_a_refusal(
    rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.put_in_place(monkeypatch)

    runner.execute(rollout.pk, worker="w1")

    rollout.refresh_from_db()
    assert rollout.state == State.FAILED
    assert "There is no deployer named 'fake'. There are: by_hand, webhook, " in rollout.told


def test_words_no_database_takes_are_kept_all_the_same(
    rollout: Rollout, fake: FakeDeployer
) -> None:
    fake.answer = answering(Outcome(Ending.DONE, "\0\ud800" * 5000))

    runner.execute(rollout.pk, worker="w1")

    rollout.refresh_from_db()
    assert (rollout.state, rollout.told) == (State.DONE, "�?" * 1000)


# -- messages twice, workers lost, newer rollouts --------------------------------------------------


def test_a_message_that_comes_three_times_carries_out_once(
    rollout: Rollout, fake: FakeDeployer
) -> None:
    def twice(order: Order, target: Target) -> Outcome:
        runner.execute(rollout.pk, worker="w2")  # the second copy, while the first is under way
        return places.DONE

    fake.answer = twice

    for _ in range(3):
        runner.execute(rollout.pk, worker="w1")

    assert len(fake.orders) == 1
    assert outcomes("rollout.claim") == outcomes("rollout.conclude") == ["done"]


def test_a_message_for_a_rollout_nobody_knows_does_nothing(db: None) -> None:
    runner.execute(987_654, worker="w1")

    assert not events("rollout.claim")


def test_of_two_workers_that_saw_the_rollout_waiting_one_claims_it(
    rollout: Rollout, fake: FakeDeployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = runner.claim

    def overtaken(mine: Rollout, *, worker: str) -> int:
        claim(other(mine), worker="w2")
        return claim(mine, worker=worker)

    monkeypatch.setattr(runner, "claim", overtaken)

    runner.execute(rollout.pk, worker="w1")

    assert (other(rollout).worker, fake.orders) == ("w2", [])
    with pytest.raises(NotWaiting):
        claim(other(rollout), worker="w3")


def test_a_rollout_of_a_lost_worker_is_sent_again_with_the_same_number_and_key(
    rollout: Rollout, fake: FakeDeployer
) -> None:
    lost = other(rollout)
    attempt = runner.claim(lost, worker="lost")
    runner.carried_out(lost)

    assert runner.take_back_stalled(database_now() + late()) == [rollout.pk]
    runner.execute(rollout.pk, worker="w2")
    with pytest.raises(StaleOutcome, match="was taken back"):
        runner.conclude(lost, attempt, FAILED)

    first, second = fake.orders
    assert first == second
    rollout.refresh_from_db()
    assert (rollout.state, rollout.attempt, rollout.worker) == (State.DONE, 2, "w2")
    assert outcomes("rollout.conclude") == ["done", "refused"]


def test_a_worker_that_comes_back_late_leaves_the_rollout_to_the_other(
    rollout: Rollout, fake: FakeDeployer
) -> None:
    def slow(order: Order, target: Target) -> Outcome:
        if len(fake.orders) == 1:
            runner.take_back_stalled(database_now() + late())
            runner.execute(rollout.pk, worker="quick")
            return FAILED
        return places.DONE

    fake.answer = slow

    runner.execute(rollout.pk, worker="slow")

    rollout.refresh_from_db()
    assert (rollout.state, rollout.worker) == (State.DONE, "quick")


def test_a_rollout_whose_workers_are_lost_again_and_again_is_given_up(
    rollout: Rollout, settings: Settings
) -> None:
    settings.ROLLOUT_TRIES = 2
    waits = []
    for _ in range(2):
        runner.claim(other(rollout), worker="lost")
        waits += runner.take_back_stalled(database_now() + late())

    assert waits == [rollout.pk]
    rollout.refresh_from_db()
    assert (rollout.state, rollout.told) == (State.FAILED, runner.LOST.format(2))
    assert [detail(event) for event in events("rollout.take_back", rollout)] == [
        {"number": 1, "attempt": 1, "outcome": "queued"},
        {"number": 1, "attempt": 2, "outcome": "failed"},
    ]


def test_a_rollout_whose_worker_lives_is_not_taken_back(
    rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.claim(other(rollout), worker="w1")
    assert not waiting.stalled(database_now()).exists()
    monkeypatch.setattr(waiting, "stalled", once(waiting.stalled(database_now() + late())))

    assert runner.take_back_stalled(database_now()) == []

    assert other(rollout).state == State.RUNNING
    assert outcomes("rollout.take_back") == ["refused"]


def once(found: object) -> Callable[[object], object]:
    """Return what finds something the first time, and nothing from then on."""
    answers = [found]
    return lambda now: answers.pop() if answers else Rollout.objects.none()


def test_a_lease_of_another_attempt_holds_nothing(rollout: Rollout) -> None:
    runner.claim(other(rollout), worker="w1")
    RolloutLease.objects.update(attempt=7)

    assert [one.pk for one in waiting.stalled(database_now())] == [rollout.pk]


def test_a_rollout_superseded_while_it_waits_is_not_carried_out(
    rollout: Rollout, version: ModelVersion, fake: FakeDeployer
) -> None:
    newer = places.rollout(rollout.deployment, version)

    runner.execute(rollout.pk, worker="w1")
    runner.execute(newer.pk, worker="w1")

    assert [order.number for order in fake.orders] == [2]
    assert (other(rollout).state, other(newer).state) == (State.SUPERSEDED, State.DONE)


def test_a_rollout_superseded_while_it_is_carried_out_has_nothing_to_conclude(
    rollout: Rollout, version: ModelVersion, fake: FakeDeployer
) -> None:
    newer: list[Rollout] = []

    def overtaken(order: Order, target: Target) -> Outcome:
        if order.number == 1:
            newer.append(places.rollout(other(rollout).deployment, version))
            runner.execute(newer[0].pk, worker="w2")
        return places.DONE

    fake.answer = overtaken

    runner.execute(rollout.pk, worker="w1")

    assert [order.number for order in fake.orders] == [1, 2]
    assert other(rollout).state == State.SUPERSEDED
    deployment = Deployment.objects.get(pk=rollout.deployment_id)
    assert deployment.in_effect == deployment.desired == newer[0]
    assert outcomes("rollout.conclude", rollout) == ["refused"]


def test_the_rollouts_of_a_deleted_model_are_left_alone(
    rollout: Rollout, fake: FakeDeployer
) -> None:
    delete(rollout)

    runner.execute(rollout.pk, worker="w1")

    assert fake.orders == []
    assert other(rollout).state == State.QUEUED
    assert waiting.unclaimed(database_now() + late()) == []
    assert not waiting.awaited().exists()


def delete(rollout: Rollout) -> None:
    """Delete the model, as those who may do."""
    model = rollout.deployment.model
    with places.change(places.SET_UP, model, by=places.SYSTEM) as record:
        model.deleted_at = record.time
        model.save()


# -- who may, and what a broken record leaves ------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [runner.CLAIM, runner.CONCLUDE, runner.TAKE_BACK, awaiting.CONFIRM, awaiting.EXPIRE],
    ids=lambda action: action.name,
)
def test_no_role_may_do_what_workers_do(action: Action) -> None:
    assert not any(action.permission in role.permissions for role in ROLES)


def test_a_claim_by_somebody_else_than_a_worker_is_refused(
    rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "WORKER", ANONYMOUS)

    with pytest.raises(NotAllowed):
        runner.claim(rollout, worker="w1")

    assert other(rollout).state == State.QUEUED


def test_a_conclusion_that_cannot_be_recorded_leaves_the_rollout_to_be_taken_back(
    rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = writing.insert

    def broken(draft: writing.Draft, *, chain: str | None) -> object:
        if draft.action == "rollout.conclude":
            raise DatabaseError("disk full")
        return insert(draft, chain=chain)

    monkeypatch.setattr(writing, "insert", broken)
    with pytest.raises(DatabaseError):
        runner.execute(rollout.pk, worker="w1")
    monkeypatch.undo()

    assert other(rollout).state == State.RUNNING
    assert other(rollout).deployment.in_effect is None
    assert runner.take_back_stalled(database_now() + late()) == [rollout.pk]
