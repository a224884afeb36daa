"""Who is to meet a condition of a sign-off can: an active person who sees the model."""

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.approvals.models import PromotionRequest
from apps.approvals.operations import Asked
from apps.core.errors import RuleBroken
from tests import scenarios
from tests.approvals.deciding import signed_with_conditions
from tests.approvals.exceptions import in_days
from tests.factories import HOST, person, team

pytestmark = pytest.mark.django_db


def leave_to(owner: User, request: PromotionRequest) -> None:
    """Approve on a condition that somebody is to meet."""
    asked = Asked("Watch the age band", owner, in_days(10))
    signed_with_conditions(request, scenarios.owner(), "model_owner", asked)


def closed_account() -> User:
    left = person("leo", name="Leo Left", everywhere=("model_developer",))
    accounts.close_account(left, by=HOST, reason="Left the bank")
    left.refresh_from_db()
    return left


def robot() -> User:
    return person("robot", name="Robot", everywhere=("model_developer",), service=True)


def test_a_condition_is_left_to_nobody_who_could_not_meet_it() -> None:
    request = scenarios.requested()
    model = request.version.model
    for owner, words in (
        (scenarios.stranger(), f"Sam Stranger does not see {model}, so could not meet"),
        (closed_account(), "The account of Leo Left is closed. Name somebody else."),
        (robot(), "Robot is a service account. Name a person."),
    ):
        with pytest.raises(RuleBroken) as refusal:
            leave_to(owner, request)
        assert words in str(refusal.value)
        assert not request.sign_offs.exists(), words


def test_whoever_sees_the_model_can_be_asked_also_by_a_team() -> None:
    mate = person("mate", name="Mate")
    team("Watchers", mate, everywhere=("auditor",))
    for owner in (mate, scenarios.developer()):
        request = scenarios.requested()

        leave_to(owner, request)

        assert request.sign_offs.get().conditions.get().owner == owner
