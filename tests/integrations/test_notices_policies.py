"""A proposed policy is told to who may sign it, and to nobody else."""

import pytest

from apps.approvals import operations
from apps.integrations.notices.rows import Notice
from tests import scenarios
from tests.approvals import policy_walk
from tests.approvals.walk import end_duty
from tests.factories import actor, person, team
from tests.integrations.told import DAY, closed, fell_due, happened, told

pytestmark = pytest.mark.django_db


def test_who_may_sign_a_proposed_policy_is_told_once_and_who_wrote_it_is_not() -> None:
    officer, chair, mate = scenarios.risk_officer(), policy_walk.chair(), person("mate")
    team("Committee", mate, everywhere=("governance_committee",))
    left = closed(person("leo", everywhere=("risk_officer",)))
    proposed = policy_walk.proposed()
    happened()
    happened()
    fell_due()

    line = f"The policy “{proposed}” waits for your signature"
    assert told(officer, "policy") == told(chair, "policy") == told(mate, "policy") == [line]
    for other in (policy_walk.writer(), left, scenarios.owner(), scenarios.auditor()):
        assert told(other, "policy") == []
    notice = Notice.objects.get(person=officer, kind="policy")
    assert notice.text.startswith("Wanda Writer wrote it.")
    assert notice.path == proposed.get_absolute_url()


def test_who_comes_to_the_role_later_is_told_while_that_signature_is_missing() -> None:
    policy_walk.chair()
    proposed = policy_walk.proposed()
    happened()
    policy_walk.signed(proposed, scenarios.risk_officer(), policy_walk.OFFICER)
    late = {
        role: person(f"new-{role[:4]}", everywhere=(role,))
        for role in (policy_walk.OFFICER, policy_walk.COMMITTEE)
    }
    fell_due(DAY)

    assert told(late[policy_walk.OFFICER], "policy") == []
    assert len(told(late[policy_walk.COMMITTEE], "policy")) == 1


def test_nobody_is_told_of_a_policy_that_was_declined_meanwhile() -> None:
    officer = scenarios.risk_officer()
    proposed = policy_walk.proposed()
    operations.decline_policy(proposed, by=actor(policy_walk.chair()), reason="Not yet")

    happened()
    fell_due()

    assert told(officer, "policy") == []


def test_an_officer_whose_role_ended_is_not_told() -> None:
    officer = scenarios.risk_officer()
    end_duty(officer, policy_walk.OFFICER)

    policy_walk.proposed()
    happened()

    assert told(officer, "policy") == []
