"""Policies that name the questionnaires an organization wrote: accepted, refused, and judged."""

from typing import Any

import pytest

from apps.approvals import in_force, policies
from apps.approvals.policies import PolicyRefused
from apps.catalog.lifecycle import Stage
from apps.risk.models import Assessment
from apps.risk.operations import assessment_review, questionnaires
from tests import scenarios
from tests.approvals import evidenced, policy_walk
from tests.approvals.policy_texts import Document, move, text_of
from tests.factories import actor
from tests.risk import assessed, questionnaire_walk
from tests.risk.questionnaire_texts import changed

pytestmark = pytest.mark.django_db

OWN = "house-check"
EVERYWHERE = changed(('applies_when: "subject.is_ai == true"\n', ""))
OF_USES = changed(
    ("subject: model", "subject: use_case"), ("    sets: {tier: 2}\n", ""), text=EVERYWHERE
)


def asks(expr: str) -> Any:
    """Return a change that adds a condition to a policy."""

    def change(document: Document) -> None:
        document["conditions"].append(
            {
                "id": "house_checked",
                "title": "House check passed",
                "category": "risk",
                "waivable": False,
                "expr": expr,
                "fail_message": "It was not checked.",
                "remediation": "Check it.",
                "cites": ["House rule"],
            }
        )

    return change


CHECKED = asks(f"assessments['{OWN}'].status == 'approved'")


def by_own(subject: Any = None, **answers: Any) -> Assessment:
    """Return an approved assessment by the house check."""
    held = assessed.started(subject, OWN)
    given: dict[str, Any] = {"reach": "low", "uses": ["credit"]} | answers
    assessed.say(held, **given)
    assessment_review.submit_assessment(held, by=actor(scenarios.owner()))
    assessed.sign_all(held)
    held.refresh_from_db()
    return held


def told(version: Any, policy: policies.Policy) -> Any:
    return evidenced.facts(version, policy=policy)["assessments"].get(OWN)


def test_a_policy_names_a_published_questionnaire_all_the_way_into_force() -> None:
    questionnaire_walk.published(EVERYWHERE)

    policy_walk.published(CHECKED)

    policy = in_force.policy()
    assert policy.condition_or_none("house_checked") is not None
    assert policy.questionnaires == {OWN}


@pytest.mark.parametrize("name", ["house-chek", OWN])
def test_a_policy_that_names_one_that_was_never_published_is_refused_in_words(name: str) -> None:
    questionnaire_walk.drafted(EVERYWHERE)

    with pytest.raises(PolicyRefused) as refusal:
        policy_walk.drafted(asks(f"assessments['{name}'].status == 'approved'"))

    [words] = refusal.value.problems
    assert "The condition house_checked: There is no fact" in words
    assert f"assessments.{name}.status" in words


def test_what_was_likely_meant_is_said() -> None:
    questionnaire_walk.published(EVERYWHERE)

    with pytest.raises(PolicyRefused, match=rf"Did you mean assessments\['{OWN}'\].status"):
        policy_walk.drafted(asks("assessments['house-chek'].status == 'approved'"))


def test_a_retired_one_may_be_named_and_a_policy_in_force_stays_readable() -> None:
    version = questionnaire_walk.published(EVERYWHERE)
    policy_walk.published(CHECKED)
    by = actor(questionnaire_walk.chair())
    questionnaires.retire_questionnaire(version, by=by, reason="Not of use")

    policy_walk.drafted(CHECKED, number="1.0.2")

    policies.parsed.cache_clear()
    assert in_force.policy().questionnaires == {OWN}


def test_what_was_assessed_by_it_is_read_and_none_where_nothing_was() -> None:
    questionnaire_walk.published(EVERYWHERE)
    policy = policies.parse(text_of(CHECKED), own=[OWN])
    version = scenarios.registered_version()
    none = {"status": "none", "outcome": "", "flags": [], "age_days": -1}
    assert told(version, policy) == none

    by_own(version.model, uses=["hiring"])

    assert told(version, policy) == {
        "status": "approved",
        "outcome": "fine",
        "flags": ["hires"],
        "age_days": 0,
    }
    assert told(version, policies.shipped("starter")) is None


def test_of_several_uses_the_gravest_outcome_is_read() -> None:
    questionnaire_walk.published(OF_USES)
    policy = policies.parse(text_of(CHECKED), own=[OWN])
    version = scenarios.registered_version()
    light, grave = (assessed.use(version.model, title) for title in ("Mail", "Lending"))
    grave_answers = {"reach": "high", "reason": "It is wide", "grade": 5, "agreed": True}

    by_own(grave, **grave_answers)
    assert told(version, policy)["status"] == "none"
    by_own(light)

    found = told(version, policy)
    assert (found["status"], found["outcome"]) == ("approved", "closer")


def test_a_dry_run_reads_what_the_tried_policy_names_and_the_one_in_force_does_not() -> None:
    questionnaire_walk.published(EVERYWHERE)
    scenarios.promoted(Stage.STAGING)

    def guarded(document: Document) -> None:
        asks(f"assessments['{OWN}'].outcome != 'closer'")(document)
        tiers = {str(tier): "block" for tier in (1, 2, 3, 4)}
        move(document)["conditions"].append({"condition": "house_checked", "tiers": tiers})

    told = policy_walk.tried(policy_walk.drafted(guarded)).report

    assert told["blocked"]["count"] == 0
