"""An obligation is given to who may see it, and nobody rids themselves of one to call it met."""

import pytest
from django.test import Client

from apps.core.actors import Auth, Door
from apps.core.errors import NotAllowed, RuleBroken
from apps.risk.models import Obligation
from apps.risk.operations import obligations
from tests import scenarios
from tests.factories import actor, person, signed_in
from tests.risk import assessed, owing

pytestmark = pytest.mark.django_db


@pytest.fixture
def condition() -> Obligation:
    return owing.obligation(owing.tiered(assessed.HEAVY), "condition")


def test_nobody_sees_to_what_they_may_not_see(condition: Obligation) -> None:
    by, stranger = actor(scenarios.owner()), scenarios.stranger()

    with pytest.raises(RuleBroken, match="not shown to them"):
        obligations.assign_obligation(condition, by=by, owner=stranger)

    condition.refresh_from_db()
    assert condition.owner is None


def test_nobody_gives_on_what_they_answer_for(condition: Obligation, client: Client) -> None:
    vera = scenarios.validator()
    by, theirs = actor(scenarios.owner()), actor(vera)
    assert vera != condition.model.owner
    obligations.assign_obligation(condition, by=by, owner=vera)
    give_on = "Give it to somebody"

    with pytest.raises(NotAllowed, match="somebody else gives it on"):
        obligations.assign_obligation(condition, by=theirs, owner=scenarios.developer())

    program = person("robot", service=True, manager=vera, everywhere=("model_developer",))
    by_token = actor(program, door=Door.API, auth=Auth.TOKEN)
    with pytest.raises(NotAllowed, match="somebody else gives it on"):
        obligations.assign_obligation(condition, by=by_token, owner=scenarios.developer())

    page = condition.get_absolute_url()
    assert give_on not in signed_in(client, vera).get(page).content.decode()
    assert give_on in signed_in(client, scenarios.owner()).get(page).content.decode()
    obligations.assign_obligation(condition, by=by, owner=scenarios.developer())
    obligations.meet_obligation(condition, by=theirs, reason="Read it")
