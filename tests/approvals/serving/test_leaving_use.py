"""What is retired runs nowhere: traffic keeps gates shut, and what is placed is withdrawn first."""

import pytest

from apps.approvals import operations
from apps.approvals.facts.context import Evidence
from apps.approvals.serving import stopping
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.deployments.models import Rollout
from apps.deployments.rolling import Asked
from tests import scenarios
from tests.approvals.walk import refusals
from tests.deployments import places
from tests.factories import actor

pytestmark = pytest.mark.django_db


def traffic(version: ModelVersion) -> object:
    """Return the share of live traffic that policies read."""
    production = Evidence.about([version]).of(version, at=database_now())["production"]
    assert isinstance(production, dict)
    return production["traffic_share"]


def test_traffic_is_what_is_ordered_or_may_still_run_where_production_is_admitted():
    version = scenarios.registered_version()
    other = scenarios.registered_version(version.model)
    assert traffic(version) == 0.0

    live = places.deployment(version.model, places.environment(admits=["production"]))
    places.finished(
        places.rollout(live, Asked(version, "champion", 90), Asked(other, "canary", 10))
    )
    assert (traffic(version), traffic(other)) == (90.0, 10.0)

    gone = places.rollout(live)
    assert traffic(version) == 90.0  # it runs until that is carried out
    places.finished(gone)
    assert traffic(version) == 0.0


def test_a_rehearsal_is_no_live_traffic():
    version = scenarios.registered_version()
    places.deployed(version, places.environment(admits=["staging"]))
    assert traffic(version) == 0.0


def test_what_is_seen_counts_though_nobody_ordered_it():
    version = scenarios.registered_version()
    where = places.environment(admits=["production"])
    deployment = places.deployment(version.model, where)
    places.sighting(deployment, at=database_now(), version=version)
    assert traffic(version) == 100.0


def test_a_version_is_not_set_aside_while_it_is_to_run():
    version = scenarios.registered_version()
    rollout = places.deployed(version, places.environment("clinic"))

    with pytest.raises(RuleBroken, match="is to run in clinic"):
        operations.set_aside(version, by=actor(scenarios.developer()), reason="No better")
    assert refusals("version.set_aside") == ["rule_broken"]

    places.finished(places.rollout(rollout.deployment))
    operations.set_aside(version, by=actor(scenarios.developer()), reason="No better")
    assert version.stage == Stage.ARCHIVED


def test_going_back_to_development_is_no_end_of_use():
    version = scenarios.promoted(Stage.STAGING).version
    version.refresh_from_db()
    places.deployed(version, places.environment())
    operations.send_back(version, by=actor(scenarios.developer()), reason="One more look")
    assert version.stage == Stage.DEVELOPMENT


def test_what_may_still_run_keeps_a_version_too():
    version = scenarios.registered_version()
    rollout = places.deployed(version, places.environment("clinic"))
    gone = places.rollout(rollout.deployment)

    with pytest.raises(RuleBroken, match="clinic"):
        stopping.require_nowhere(version)

    places.finished(gone, Rollout.State.FAILED)
    with pytest.raises(RuleBroken, match="clinic"):
        stopping.require_nowhere(version)
