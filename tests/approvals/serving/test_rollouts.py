"""Operators ask for rollouts: what may not run is refused, and no stage moves by itself."""

from collections.abc import Sequence
from typing import Any

import pytest

from apps.approvals import authorizing
from apps.approvals.models import Authorization
from apps.approvals.readiness import GatesClosed
from apps.approvals.serving import operations
from apps.approvals.serving.operations import NotAdmissible
from apps.approvals.serving.operations.rollouts import rollback_target
from apps.catalog import champion
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.deployments import operations as deployments
from apps.deployments import queries
from apps.deployments.models import Deployment, Environment, Rollout
from apps.deployments.rolling import Asked
from tests import scenarios
from tests.approvals.walk import damage, entries, forgettable, promote, refusals, sign
from tests.deployments import places
from tests.factories import actor

pytestmark = pytest.mark.django_db
WHY = "Quarterly refresh"


def operator() -> Actor:
    return actor(scenarios.operator())


@pytest.fixture
def production(db: None) -> Environment:
    return places.environment("production", admits=["production"], deployer="by_hand")


@pytest.fixture
def rehearsal(db: None) -> Environment:
    admits = ["staging", "production"]
    return places.environment("rehearsal", admits=admits, enforcement="warn", deployer="by_hand")


def deploy(version: ModelVersion, where: Environment, **said: Any) -> Rollout:
    parts = said.pop("parts", [Asked(version)])
    return operations.deploy(version.model, where, parts, by=operator(), **said)


def done(rollout: Rollout) -> Rollout:
    return places.finished(rollout)


def running(deployment: Deployment) -> Sequence[int]:
    live = queries.live_placements().filter(rollout__deployment=deployment)
    return sorted(live.values_list("version__number", flat=True))


@pytest.fixture
def model(db: None) -> RegisteredModel:
    """A model whose second version replaced its first in production."""
    found = scenarios.promoted(Stage.PRODUCTION).version.model
    scenarios.promoted(Stage.PRODUCTION, found)
    return found


def test_an_authorized_version_is_put_into_production(production):
    version = scenarios.promoted(Stage.PRODUCTION).version

    rollout = deploy(version, production, reason=WHY)

    assert (rollout.number, rollout.state, rollout.kind) == (1, "queued", "deploy")
    assert rollout.deployment.desired == rollout
    assert running(rollout.deployment) == [1]
    assert rollout.admission[0]["admissible"] is True
    [entry] = entries("deployment.deploy")
    assert entry["subject"] == {"type": "rollout", "id": rollout.record_id}
    assert entry["chain"]["root"] == version.model.record_ref
    assert entry["detail"]["parts"] == [[version.record_id, "champion", 100]]
    assert entry["detail"]["inadmissible"] == 0


def test_what_was_never_authorized_is_refused_where_the_environment_prevents_it(production):
    version = scenarios.promoted(Stage.STAGING).version

    with pytest.raises(NotAdmissible, match="is in the stage Staging"):
        deploy(version, production, reason=WHY)

    assert refusals("deployment.deploy") == ["not_admissible"]
    assert not Deployment.objects.exists()


def test_where_it_only_warns_it_goes_through_with_a_reason(rehearsal):
    version = scenarios.registered_version()

    with pytest.raises(RuleBroken, match="Give a reason"):
        deploy(version, rehearsal)
    rollout = deploy(version, rehearsal, reason="A rehearsal of the new platform")

    assert rollout.admission[0]["admissible"] is False
    assert rollout.admission[0]["reasons"]


def test_a_newer_rollout_supersedes_one_that_waits(production):
    version = scenarios.promoted(Stage.PRODUCTION).version
    first = deploy(version, production)
    second = deploy(version, production)

    first.refresh_from_db()
    assert (first.state, first.told) == ("superseded", "A newer rollout took its place.")
    assert (second.number, second.deployment.desired) == (2, second)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([], "Name one to 10 versions"),
        (["one", "one"], "Name each version once"),
        ([("one", "king", 100)], "is no role"),
        ([("one", "canary", 100)], "Name one champion"),
        ([("one", "champion", 90)], "make 90 percent"),
        ([("one", "champion", 101)], "whole number of percent"),
        ([("one", "champion", 90), ("two", "shadow", 10)], "answers no requests"),
        (["other"], "has to be one of"),
    ],
)
def test_parts_no_service_could_have_are_refused(rehearsal, parts, why):
    one = scenarios.registered_version()
    there = {
        "one": one,
        "two": scenarios.registered_version(one.model),
        "other": scenarios.registered_version(),
    }
    asked = [
        Asked(there[part]) if isinstance(part, str) else Asked(there[part[0]], *part[1:])
        for part in parts
    ]
    with pytest.raises(InputRefused, match=why):
        deploy(one, rehearsal, parts=asked, reason=WHY)
    assert not Rollout.objects.exists()


def test_a_service_has_a_name_once_in_its_environment(rehearsal):
    first, second = scenarios.registered_version(), scenarios.registered_version()
    deploy(first, rehearsal, reason=WHY, service="scores")

    with pytest.raises(InputRefused, match="another model is called scores"):
        deploy(second, rehearsal, reason=WHY, service="scores")
    with pytest.raises(InputRefused, match="is called scores there already"):
        deploy(first, rehearsal, reason=WHY, service="points")
    with pytest.raises(InputRefused, match="a to z, digits and hyphens"):
        deploy(second, rehearsal, reason=WHY, service="Scores!")


def test_nothing_is_put_into_a_closed_environment(production):
    version = scenarios.promoted(Stage.PRODUCTION).version
    deployments.close_environment(production, by=operator(), reason="The data center closes")
    with pytest.raises(RuleBroken, match="was closed"):
        deploy(version, production)


def test_a_canary_shifts_step_by_step(rehearsal):
    one = scenarios.registered_version()
    two = scenarios.registered_version(one.model)
    first = done(deploy(one, rehearsal, reason=WHY))

    parts = [Asked(one, "champion", 90), Asked(two, "canary", 10)]
    step = operations.shift(first.deployment, parts, by=operator(), reason="Ten percent first")

    assert (step.number, step.kind) == (2, "shift")
    assert running(first.deployment) == [1, 2]
    [entry] = entries("deployment.shift")
    assert entry["detail"]["parts"][1] == [two.record_id, "canary", 10]


def test_what_is_withdrawn_is_not_shifted_or_withdrawn_again(rehearsal):
    rollout = done(deploy(scenarios.registered_version(), rehearsal, reason=WHY))
    deployment = rollout.deployment
    gone = operations.withdraw(deployment, by=operator(), reason="Nobody asks it any more")

    assert (gone.kind, running(deployment)) == ("withdraw", [])
    with pytest.raises(RuleBroken, match="is to run there"):
        operations.withdraw(deployment, by=operator(), reason=WHY)
    with pytest.raises(RuleBroken, match="is to run there"):
        operations.shift(deployment, [], by=operator(), reason=WHY)


def test_a_rollback_brings_back_what_ran_before(rehearsal):
    one = scenarios.registered_version()
    two = scenarios.registered_version(one.model)
    first = done(deploy(one, rehearsal, reason=WHY))
    second = done(deploy(two, rehearsal, reason=WHY))
    deployment = second.deployment

    back = operations.roll_back(deployment, by=operator(), reason="It answers too slowly")

    assert (back.kind, back.restores, running(deployment)) == ("roll_back", first, [1])
    done(back)
    assert rollback_target(deployment) is None  # what was left for a reason is not gone back to
    with pytest.raises(RuleBroken, match="Nothing ran before"):
        operations.roll_back(deployment, by=operator(), reason=WHY)


def test_a_rollback_leads_where_somebody_meant_it_to(rehearsal):
    one = scenarios.registered_version()
    first = done(deploy(one, rehearsal, reason=WHY))
    second = done(deploy(scenarios.registered_version(one.model), rehearsal, reason=WHY))

    with pytest.raises(RuleBroken, match=f"leads to rollout {first.number}"):
        operations.roll_back(second.deployment, by=operator(), reason=WHY, to=second)


def test_a_rollout_that_failed_is_no_way_back(rehearsal):
    one = scenarios.registered_version()
    places.finished(deploy(one, rehearsal, reason=WHY), Rollout.State.FAILED)
    second = done(deploy(scenarios.registered_version(one.model), rehearsal, reason=WHY))

    assert rollback_target(second.deployment) is None


@pytest.fixture
def replaced(model: RegisteredModel, production: Environment) -> Deployment:
    """A deployment in production whose second version replaced the first, there and in stage."""
    one, two = model.versions.order_by("number")
    places.deployed(one, production)
    return done(deploy(two, production)).deployment


def test_in_production_the_stage_is_rolled_back_in_the_same_change(replaced, model):
    one, two = model.versions.order_by("number")

    back = operations.roll_back(replaced, by=operator(), reason="It answers too slowly")

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.stage, two.stage) == (Stage.PRODUCTION, Stage.ARCHIVED)
    assert champion.of(model) == one
    assert running(replaced) == [1]
    [outer], [inner] = entries("deployment.roll_back"), entries("model.roll_back")
    assert inner["parent"] == outer["id"]
    assert back.admission[0]["admissible"] is True


def test_a_closed_gate_of_the_way_back_keeps_both_as_they_were(production):
    first = forgettable(Stage.PRODUCTION)
    request = scenarios.requested(Stage.PRODUCTION, version=first)
    for role, signer in scenarios.SIGNERS[Stage.PRODUCTION].items():
        sign(request, signer(), role)
    promote(request)
    done(deploy(first, production))
    second = scenarios.promoted(Stage.PRODUCTION, first.model).version
    deployment = done(deploy(second, production)).deployment
    damage(first)

    with pytest.raises(GatesClosed, match="differ from it"):
        operations.roll_back(deployment, by=operator(), reason=WHY)

    first.refresh_from_db()
    assert first.stage == Stage.ARCHIVED
    assert running(deployment) == [2]


def test_who_may_not_roll_back_stages_does_not_do_so_by_a_deployment(replaced, monkeypatch):
    by = operator()
    monkeypatch.setattr(
        type(by), "may", lambda self, permission, root=None: permission.endswith("deploy_version")
    )
    with pytest.raises(NotAllowed, match="rolls it back"):
        operations.roll_back(replaced, by=by, reason=WHY)


@pytest.fixture
def awaited(rehearsal: Environment) -> Rollout:
    """A rollout that a person carries out."""
    rollout = deploy(scenarios.registered_version(), rehearsal, reason=WHY)
    with places.change(places.SET_UP, rollout, by=places.SYSTEM) as record:
        rollout.claim(worker="w", at=record.time)
        rollout.be_awaited(told="Carry it out.", until=record.time)
    return rollout


def test_people_say_how_their_rollouts_ended(awaited):
    ended = operations.record_by_hand(awaited, by=operator(), done=True)

    assert (ended.state, ended.told) == ("done", "Recorded as carried out.")
    ended.deployment.refresh_from_db()
    assert ended.deployment.in_effect == ended
    [entry] = entries("rollout.record")
    assert entry["detail"]["outcome"] == "done"
    with pytest.raises(RuleBroken, match="is not waiting"):
        operations.record_by_hand(ended, by=operator(), done=True)


def test_a_failure_is_told(awaited):
    with pytest.raises(InputRefused, match="Say what went wrong"):
        operations.record_by_hand(awaited, by=operator(), done=False)

    ended = operations.record_by_hand(awaited, by=operator(), done=False, told="The disk is full")

    assert (ended.state, ended.told) == ("failed", "The disk is full")
    ended.deployment.refresh_from_db()
    assert ended.deployment.in_effect is None


def test_what_a_deployer_carries_out_nobody_records(monkeypatch):
    places.put_in_place(monkeypatch, places.FakeDeployer())
    where = places.environment(enforcement="warn")
    rollout = deploy(scenarios.registered_version(), where, reason=WHY)
    with pytest.raises(RuleBroken, match="Fake carries it out"):
        operations.record_by_hand(rollout, by=operator(), done=True)


@pytest.mark.parametrize(
    "who", [scenarios.owner, scenarios.developer, scenarios.auditor, scenarios.stranger]
)
def test_only_operators_put_versions_into_environments(who, rehearsal, awaited):
    by, deployment = actor(who()), awaited.deployment
    version = scenarios.registered_version(deployment.model)
    for act in (
        lambda: operations.deploy(version.model, rehearsal, [Asked(version)], by=by, reason=WHY),
        lambda: operations.shift(deployment, [Asked(version)], by=by, reason=WHY),
        lambda: operations.roll_back(deployment, by=by, reason=WHY),
        lambda: operations.withdraw(deployment, by=by, reason=WHY),
        lambda: operations.record_by_hand(awaited, by=by, done=True),
        lambda: operations.begin_drill(deployment, by=by, reason=WHY),
    ):
        with pytest.raises(NotAllowed, match="Only an operator of this model"):
            act()


@pytest.mark.parametrize(("enforcement", "state"), [("prevent", "failed"), ("warn", "queued")])
def test_what_waits_does_not_go_where_it_may_not_run_any_more(enforcement, state):
    where = places.environment(enforcement=enforcement, deployer="by_hand")
    version = scenarios.promoted(Stage.PRODUCTION).version
    rollout = deploy(version, where)

    with places.change(places.SET_UP, version, by=places.SYSTEM) as record:
        authorizing.end(
            version, at=record.time, why="It failed.", state=Authorization.State.SUSPENDED
        )

    rollout.refresh_from_db()
    assert rollout.state == state
    if state == "failed":
        assert rollout.told == f"{version} may not run any more. It failed."
