"""Environments are described, changed and closed, and only by operators of the organization."""

from dataclasses import replace
from typing import Any

import pytest

from apps.core.actors import Actor
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.deployments import operations
from apps.deployments.models import Environment
from apps.deployments.operations import EnvironmentFacts
from tests import scenarios
from tests.approvals.walk import entries, refusals
from tests.deployments import places
from tests.factories import actor, person

pytestmark = pytest.mark.django_db


def operator() -> Actor:
    return actor(scenarios.operator())


def facts(**said: Any) -> EnvironmentFacts:
    return EnvironmentFacts(**{"owner": scenarios.operator(), **said})


def created(name: str = "production-eu", **said: Any) -> Environment:
    return operations.create_environment(name, facts(**said), by=operator())


def test_an_environment_prevents_and_admits_production_unless_somebody_says_otherwise():
    made = created(title=" Production, EU ", region="eu-central", uses=["Card fraud "])

    assert (made.title, made.region, made.uses) == ("Production, EU", "eu-central", ["Card fraud"])
    assert (made.admits, made.enforcement, made.deployer) == (["production"], "prevent", "by_hand")
    assert made.is_open
    assert made.prevents
    [entry] = entries("environment.create")
    assert entry["subject"] == {"type": "environment", "id": made.record_id}
    assert entry["detail"]["admits"] == ["production"]


def test_stages_stand_in_the_order_of_the_lifecycle():
    assert created(admits=["production", "staging", "staging"]).admits == ["staging", "production"]


@pytest.mark.parametrize("name", ["", "Production", "-eu", "eu-", "a b", "x" * 64, "eu_1", "ü"])
def test_a_name_is_one_that_programs_can_say(name):
    with pytest.raises(InputRefused, match="a to z, digits and hyphens"):
        created(name)
    assert refusals("environment.create") == ["input_refused"]


def test_no_environment_takes_the_address_of_the_page_that_describes_one():
    with pytest.raises(InputRefused, match="No environment is called new"):
        created("new")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"admits": []}, "one or more of these stages"),
        ({"admits": ["archived"]}, "one or more of these stages"),
        ({"enforcement": "hope"}, "prevents, warns or allows"),
        ({"title": "x" * 201}, "The title holds at most 200"),
        ({"region": "x" * 121}, "The region holds at most 120"),
        ({"description": "\x07"}, "cannot be shown"),
        ({"uses": ["x"] * 51}, "at most 50 uses"),
        ({"uses": [" "]}, "is empty"),
        ({"seen_within_minutes": 0}, "1 to 44,640"),
        ({"deployer": "nobody"}, "There is no deployer named"),
        ({"target": {"x": 1}}, "needs no settings"),
        ({"target": {"x": "y" * 10_001}}, "at most 10,000 characters"),
    ],
)
def test_what_an_environment_cannot_be_is_refused_in_words(said, why):
    with pytest.raises(DomainError, match=why):
        created(**said)
    assert not Environment.objects.exists()


def test_no_environment_takes_the_address_of_a_page():
    with pytest.raises(InputRefused, match="No environment is called new"):
        created("new")


def test_an_owner_has_an_open_account_and_is_a_colleague():
    gone = person("gone")
    gone.is_active = False
    with pytest.raises(RuleBroken, match="is closed"):
        created(owner=gone)


def test_a_name_is_given_once():
    created()
    with pytest.raises(RuleBroken, match="is called production-eu already"):
        created()
    assert Environment.objects.count() == 1


def test_a_change_says_what_changed_and_why():
    made = created()

    operations.change_environment(
        made, replace(facts(), enforcement="warn"), by=operator(), reason="Rehearsal only"
    )

    made.refresh_from_db()
    assert made.enforcement == "warn"
    [entry] = entries("environment.change")
    assert entry["detail"]["changed"] == ["enforcement"]


@pytest.mark.parametrize("act", ["change", "close"])
def test_changing_and_closing_need_a_reason_and_an_open_environment(act):
    made = created()

    def do(reason: str) -> None:
        if act == "change":
            operations.change_environment(made, facts(), by=operator(), reason=reason)
        else:
            operations.close_environment(made, by=operator(), reason=reason)

    with pytest.raises(RuleBroken, match="Give a reason"):
        do("")
    operations.close_environment(made, by=operator(), reason="The data center closes")
    with pytest.raises(RuleBroken, match="was closed"):
        do("Again")
    assert refusals(f"environment.{act}") == ["rule_broken", "rule_broken"]


def test_nothing_is_closed_while_something_is_to_run_there():
    made = created()
    version = scenarios.registered_version()
    running = places.deployed(version, made)

    with pytest.raises(RuleBroken, match="one version is still to run"):
        operations.close_environment(made, by=operator(), reason="The data center closes")

    places.finished(places.rollout(running.deployment))
    operations.close_environment(made, by=operator(), reason="The data center closes")
    assert not made.is_open


@pytest.mark.parametrize(
    "who", [scenarios.owner, scenarios.developer, scenarios.auditor, scenarios.stranger]
)
def test_only_operators_of_the_organization_describe_environments(who):
    by = actor(who())
    made = created()
    for act in (
        lambda: operations.create_environment("other", facts(), by=by),
        lambda: operations.change_environment(made, facts(), by=by, reason="Why not"),
        lambda: operations.close_environment(made, by=by, reason="Why not"),
    ):
        with pytest.raises(NotAllowed, match="Only an operator of the whole organization"):
            act()
