"""How deployments stand: read for many at once, judged by what may run where as admission says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.approvals import authorizing
from apps.approvals.models import Authorization
from apps.approvals.serving import admission, standing
from apps.audit.changes import change
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import SYSTEM
from apps.core.clock import database_now
from apps.deployments.deployers.contract import Seen
from apps.deployments.drift import GRACE, State
from apps.deployments.models import Deployment, Environment
from tests import scenarios
from tests.deployments import places
from tests.deployments.places import SET_UP
from tests.deployments.seen import UNKNOWN, told

pytestmark = pytest.mark.django_db

LATER = GRACE + timedelta(seconds=1)


@pytest.fixture
def version() -> ModelVersion:
    """A version that is authorized to be in production."""
    promoted = scenarios.promoted(Stage.PRODUCTION).version
    promoted.refresh_from_db()
    return promoted


@pytest.fixture
def production() -> Environment:
    return places.environment(admits=["production"])


def deployed(version: ModelVersion, where: Environment) -> Deployment:
    """Put a version somewhere, and let it be seen there."""
    deployment = places.deployed(version, where).deployment
    told(where, Seen(deployment.service, version.content_digest))
    return deployment


def end(version: ModelVersion, state: str, *, stage: Stage | None = None) -> None:
    """End what stands of an authorization, and move the version on if asked to."""
    with change(SET_UP, version, by=SYSTEM) as record:
        authorizing.end(version, at=record.time, why="It was.", state=Authorization.State(state))
        if stage is not None:
            version.enter(stage)


def stands(deployment: Deployment, at: datetime | None = None) -> standing.Standing:
    return standing.of_one(deployment, at=at or database_now() + LATER)


def another_content(version: ModelVersion) -> ModelVersion:
    """Return a later version of the same model with other files."""
    files = {**scenarios.MODEL_FILES, "README.md": b"Another one."}
    return scenarios.registered_version(version.model, files)


# -- what may run


def test_what_is_to_run_and_may_and_is_seen_is_in_step(
    version: ModelVersion, production: Environment
) -> None:
    deployment = deployed(version, production)

    stood = stands(deployment)

    assert stood.drift.state == State.IN_STEP
    assert [one.version for one in stood.placements] == [version]
    assert [one.version for one in stood.sightings] == [version]
    assert stood.against == {}


@pytest.mark.parametrize(
    ("state", "said"),
    [("suspended", "is suspended"), ("revoked", "was revoked")],
)
def test_what_was_suspended_or_revoked_and_is_seen_is_unapproved(
    version: ModelVersion, production: Environment, state: str, said: str
) -> None:
    deployment = deployed(version, production)
    end(version, state)

    stood = stands(deployment)

    assert stood.drift.state == State.UNAPPROVED
    assert said in stood.drift.why[0]
    assert [str(reason) for reason in stood.against[version.content_digest]]


def test_what_ran_out_and_is_seen_is_over(version: ModelVersion, production: Environment) -> None:
    deployment = deployed(version, production)
    granted = authorizing.of(version)
    assert granted is not None
    with change(SET_UP, granted, by=SYSTEM):
        granted.valid_until = granted.granted_at + timedelta(days=1)
        granted.save()

    assert stands(deployment).drift.state == State.IN_STEP
    over = stands(deployment, database_now() + timedelta(days=2)).drift

    assert over.state == State.EXPIRED
    assert "ran out on" in over.why[0]


def test_what_left_production_in_good_order_has_some_minutes_to_go(
    version: ModelVersion, production: Environment
) -> None:
    deployment = deployed(version, production)
    end(version, "ended", stage=Stage.ARCHIVED)
    left = database_now()

    assert stands(deployment, left + GRACE / 2).drift.state == State.UNCONFIRMED
    assert stands(deployment, left + LATER).drift.state == State.EXPIRED


def test_what_was_revoked_and_then_archived_has_none(
    version: ModelVersion, production: Environment
) -> None:
    deployment = deployed(version, production)
    end(version, "revoked", stage=Stage.ARCHIVED)

    assert stands(deployment, database_now()).drift.state == State.UNAPPROVED


def test_what_went_on_to_production_did_no_wrong_where_it_was_tried(
    version: ModelVersion,
) -> None:
    deployment = deployed(version, places.environment(admits=["staging"]))

    assert stands(deployment, database_now()).drift.state == State.UNCONFIRMED
    assert stands(deployment, database_now() + LATER).drift.state == State.EXPIRED


def test_what_was_never_approved_is_unapproved(production: Environment) -> None:
    deployment = deployed(scenarios.registered_version(), production)

    drift = stands(deployment).drift

    assert drift.state == State.UNAPPROVED
    assert "is in the stage Development" in drift.why[0]


def test_standing_and_admission_never_disagree(
    version: ModelVersion, production: Environment
) -> None:
    draft = scenarios.registered_version()
    wheres = [production, places.environment(), places.environment(admits=["staging"])]
    at = database_now() + LATER
    for where in wheres:
        for one in (version, draft):
            stood = stands(deployed(one, where), at)
            answer = admission.answers([one], where, at=at)[one.pk]
            reasons = stood.against.get(one.content_digest, ())
            assert tuple(reasons) == answer.reasons


# -- what is seen


def test_something_else_that_is_registered_is_another_version(
    version: ModelVersion, production: Environment
) -> None:
    where = places.environment()
    deployment = deployed(version, where)
    other = another_content(version)
    told(where, Seen(deployment.service, other.content_digest))

    drift = stands(deployment).drift

    assert drift.state == State.WRONG_VERSION
    assert f"{other} is seen at {deployment.service}" in drift.why[0]
    assert (drift.seen, drift.expected) == (0, 1)


def test_a_version_of_another_model_is_not_named(version: ModelVersion) -> None:
    where = places.environment(admits=["production"])
    deployment = deployed(version, where)
    files = {**scenarios.MODEL_FILES, "README.md": b"Secret."}
    secret = scenarios.registered_version(scenarios.registered_model("secret-project"), files)
    told(where, Seen(deployment.service, secret.content_digest))

    drift = stands(deployment).drift

    assert drift.state == State.UNAPPROVED
    assert drift.why[0].startswith("A version of another model is seen")
    assert "secret-project" not in " ".join(drift.why)


def test_a_rollout_that_waits_lets_what_was_there_stay(version: ModelVersion) -> None:
    deployment = deployed(version, places.environment())
    places.rollout(deployment, another_content(version))

    drift = stands(deployment, database_now() + timedelta(days=1)).drift

    assert (drift.state, drift.is_settling) == (State.UNCONFIRMED, True)


def test_what_was_withdrawn_and_is_still_seen_is_not_to_run(version: ModelVersion) -> None:
    deployment = deployed(version, places.environment())
    places.finished(places.rollout(deployment))

    assert stands(deployment, database_now()).drift.state == State.UNCONFIRMED
    assert stands(deployment).drift.state == State.WRONG_VERSION


def test_where_somebody_looks_what_is_not_seen_in_time_is_missed(version: ModelVersion) -> None:
    deployment = deployed(version, places.environment(seen_within_minutes=30))

    assert stands(deployment).drift.state == State.IN_STEP
    late = stands(deployment, database_now() + timedelta(minutes=31))
    assert late.drift.state == State.NOT_SEEN


def test_a_deployment_nothing_was_ever_asked_of_is_in_step() -> None:
    assert stands(places.deployment()).drift.state == State.IN_STEP


# -- strays


def test_what_no_deployment_is_known_of_is_an_open_question_of_its_environment(
    version: ModelVersion, production: Environment
) -> None:
    draft = scenarios.registered_version(files={"MLmodel": b"flavors: {}\n"})
    told(
        production,
        Seen("a", UNKNOWN),
        Seen("b", version.content_digest),
        Seen("c", draft.content_digest),
    )

    strays = standing.strays_of([production], at=database_now())

    assert [(one.sighting.endpoint, one.point.state) for one in strays] == [
        ("a", State.UNKNOWN),
        ("b", State.UNCONFIRMED),
        ("c", State.UNAPPROVED),
    ]
    assert str(draft) in strays[2].point.text


def test_a_stray_that_nobody_saw_in_time_is_none(production: Environment) -> None:
    where = places.environment(seen_within_minutes=5)
    told(where, Seen("a", UNKNOWN))

    assert len(standing.strays_of([where], at=database_now())) == 1
    assert standing.strays_of([where], at=database_now() + timedelta(minutes=6)) == []


# -- many at once


def test_many_are_read_in_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    where = places.environment()
    some = [deployed(scenarios.registered_version(), where) for _ in range(2)]
    told(where, *(Seen(f"stray-{number}", UNKNOWN) for number in range(4)))
    at = database_now()

    for few in (some[:1], some):
        with django_assert_num_queries(4):
            assert len(standing.of_deployments(few, at=at)) == len(few)
    with django_assert_num_queries(1):
        assert len(standing.strays_of([where], at=at)) == 4
