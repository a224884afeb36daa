"""A drill goes back and forth again, and what it showed is evidence somebody else verifies."""

import json

import pytest

from apps.approvals.serving import drills, operations
from apps.approvals.serving.operations import NotAdmissible
from apps.catalog import store
from apps.core.errors import NotAllowed, RuleBroken
from apps.deployments.models import Deployment, Drill, Rollout
from apps.deployments.rolling import Asked
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.approvals.walk import entries
from tests.deployments import places
from tests.factories import actor

pytestmark = pytest.mark.django_db
WHY = "The half-yearly drill"


@pytest.fixture
def deployment(db: None) -> Deployment:
    """A rehearsal where a second version runs, and a first ran before."""
    where = places.environment("rehearsal", enforcement="warn", deployer="by_hand")
    one = scenarios.registered_version()
    places.deployed(one, where)
    return places.deployed(scenarios.registered_version(one.model), where).deployment


def begin(deployment: Deployment) -> Drill:
    deployment.refresh_from_db()
    return operations.begin_drill(deployment, by=actor(scenarios.operator()), reason=WHY)


def placed(rollout: Rollout) -> list[int]:
    return [one.version.number for one in rollout.placements.all()]


def way_forth(drill: Drill) -> Rollout:
    assert drill.back is not None
    return drill.back


def carried_on(drill: Drill) -> Drill:
    drills.carry_on()
    drill.refresh_from_db()
    return drill


def test_a_drill_goes_back_and_comes_forth_again(deployment):
    drill = begin(deployment)
    assert (drill.state, placed(drill.away), placed(drill.left)) == ("leaving", [1], [2])
    [entry] = entries("deployment.begin_drill")
    assert entry["subject"] == {"type": "drill", "id": drill.record_id}

    assert carried_on(drill).state == "leaving"  # the way away has not ended
    places.finished(drill.away)
    assert carried_on(drill).state == "returning"
    assert drill.back is not None
    assert (placed(drill.back), drill.back.restores) == ([2], drill.left)
    assert carried_on(drill).state == "returning"
    places.finished(way_forth(drill))
    assert carried_on(drill).state == "passed"

    assert "Went back to rollout 1" in drill.told
    assert entries("drill.return")
    assert entries("drill.conclude")
    assert drills.carry_on() == 0


def test_what_a_drill_showed_is_evidence_that_waits_for_somebody_else(deployment):
    drill = begin(deployment)
    places.finished(drill.away)
    carried_on(drill)
    places.finished(way_forth(drill))
    carried_on(drill)

    item = EvidenceItem.objects.get(model=deployment.model, type="rollback_test_record")
    assert (item.state, item.submitted_by) == ("submitted", scenarios.operator())
    assert item.artifact is not None
    with store.open(item.artifact.sha256) as file:
        told = json.load(file)
    assert [way["state"] for way in told["ways"]] == ["done", "done"]
    assert told["environment"] == "rehearsal"


def test_a_way_back_that_fails_is_a_failed_drill_and_still_comes_forth(deployment):
    drill = begin(deployment)
    places.finished(drill.away, Rollout.State.FAILED, told="No answer.")
    assert carried_on(drill).state == "returning"
    places.finished(way_forth(drill))

    assert carried_on(drill).state == "failed"
    assert drill.told == "The way back failed. No answer."
    assert not EvidenceItem.objects.filter(model=deployment.model).exists()


def test_a_drill_ends_when_somebody_asks_for_something_else(deployment):
    drill = begin(deployment)
    parts = [Asked(scenarios.registered_version(deployment.model))]
    operations.deploy(
        deployment.model,
        deployment.environment,
        parts,
        by=actor(scenarios.operator()),
        reason=WHY,
    )

    assert carried_on(drill).state == "failed"
    assert drill.told == "Somebody asked for something else."
    assert drill.back is None


def test_a_drill_begins_where_all_runs_as_it_is_to(deployment):
    begin(deployment)
    with pytest.raises(RuleBroken, match="A drill is under way"):
        begin(deployment)


def test_no_drill_begins_while_something_is_under_way(deployment):
    places.rollout(deployment, scenarios.registered_version(deployment.model))
    with pytest.raises(RuleBroken, match="nothing is under way"):
        begin(deployment)


def test_no_drill_begins_without_a_way_back():
    where = places.environment(enforcement="warn", deployer="by_hand")
    alone = places.deployed(scenarios.registered_version(), where).deployment
    with pytest.raises(RuleBroken, match="no way back to try"):
        begin(alone)


def test_no_drill_goes_where_what_ran_before_is_prevented():
    where = places.environment(admits=["production"], deployer="by_hand")
    one = scenarios.registered_version()
    places.deployed(one, where)
    two = places.deployed(scenarios.registered_version(one.model), where)
    with pytest.raises(NotAdmissible):
        begin(two.deployment)


def test_a_drill_is_begun_by_somebody_who_answers_for_it(deployment):
    deployment.refresh_from_db()
    by = actor(scenarios.operator())
    object.__setattr__(by, "user_id", None)
    with pytest.raises(NotAllowed, match="answers for it"):
        operations.begin_drill(deployment, by=by, reason=WHY)
