"""A use is approved on its own, as it is described, and again once anything about it changes."""

import pytest

from apps.accounts.models import User
from apps.approvals.facts import context
from apps.audit.models import AuditEvent
from apps.catalog import operations
from apps.catalog.inventory import fields
from apps.catalog.models import UseCase
from apps.core.actors import Auth, Door
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.walk import entries, overwrite, refusals
from tests.catalog.inventory.walk import WHY, by_owner, officer, use_case
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

ACTION = "use_case.approve"


@pytest.fixture
def use(db: None) -> UseCase:
    """A use whose purpose is recorded."""
    found = use_case(scenarios.registered_version().model)
    operations.record_values(found, {"intended_purpose": "Sets limits."}, by=by_owner())
    return fresh(found)


def fresh(use: UseCase) -> UseCase:
    return UseCase.objects.select_related("model__owner").get(pk=use.pk)


def approve(use: UseCase, who: User | None = None, shown: str = "") -> UseCase:
    return operations.approve_use(
        use, by=actor(who or officer()), reason=WHY, shown=shown or fresh(use).state_digest()
    )


def unapproved(use: UseCase) -> object:
    """Return how many uses of the model policies read as not approved."""
    version = use.model.versions.get()
    told = context.Evidence.about([version]).of(version, at=database_now())["uses"]
    assert isinstance(told, dict)
    return told["unapproved"]


def test_an_approved_use_counts_as_such_for_policies_and_stands_on_record(use: UseCase) -> None:
    assert unapproved(use) == 1
    shown = use.state_digest()

    approve(use)

    assert unapproved(use) == 0
    [entry] = entries(ACTION)
    assert entry["detail"] == {"key": use.key, "approved": shown}
    assert entry["actor"]["id"] == officer().record_id
    with pytest.raises(RuleBroken, match="approved already"):
        approve(use)


def test_recording_anything_else_about_it_takes_the_approval_back(use: UseCase) -> None:
    approve(use)

    operations.record_values(fresh(use), {"intended_purpose": "Sets limits."}, by=by_owner())
    assert unapproved(use) == 0
    operations.record_values(fresh(use), {"intended_purpose": "Closes accounts."}, by=by_owner())

    assert unapproved(use) == 1
    assert fresh(use).values["approval_status"] == "requested"
    assert entries("inventory.record")[-1]["detail"]["approval"] == "withdrawn"
    assert "approval" not in entries("inventory.record")[0]["detail"]
    approve(use)
    assert unapproved(use) == 0


def test_only_what_was_shown_is_approved(use: UseCase) -> None:
    shown = use.state_digest()
    operations.record_values(use, {"intended_purpose": "Closes accounts."}, by=by_owner())

    with pytest.raises(RuleBroken, match="Somebody changed this use since you opened it"):
        approve(use, shown=shown)

    assert unapproved(use) == 1


def test_a_use_that_is_not_described_or_has_ended_is_not_approved(use: UseCase) -> None:
    bare = use_case(use.model, "Another")
    with pytest.raises(RuleBroken, match="intended purpose is not recorded yet"):
        approve(bare)
    operations.end_use_case(use, by=by_owner(), reason=WHY)
    with pytest.raises(RuleBroken, match="has ended"):
        approve(use)


def test_those_who_limit_a_use_approve_it_and_nobody_who_answers_for_it(use: UseCase) -> None:
    limits = fields.in_force().fields_of(UseCase.ENTITIES)["use_limits"]
    assert set(limits.supplied_by) == operations.APPROVING_ROLES
    for other, words in (
        (scenarios.owner(), "Validators and model risk officers of this model approve its uses."),
        (scenarios.stranger(), "You do not have the right to fill the inventory"),
    ):
        with pytest.raises(NotAllowed, match=words):
            approve(use, other)
    both = person("bo", name="Bo", everywhere=("validator",))
    overwrite(use.model, owner=both)
    with pytest.raises(NotAllowed, match="You answer for this use"):
        approve(use, both)
    overwrite(use.model, owner=scenarios.owner())
    overwrite(use, values={**use.values, "use_owner": both.record_id})
    with pytest.raises(NotAllowed, match="You answer for this use"):
        approve(use, both)
    program = actor(officer(), door=Door.API, auth=Auth.TOKEN)
    with pytest.raises(NotAllowed, match="Only a person signed in"):
        operations.approve_use(use, by=program, reason=WHY, shown=fresh(use).state_digest())

    assert refusals(ACTION) == ["not_allowed"] * 5
    assert not AuditEvent.objects.filter(action=ACTION, outcome="done").exists()
    approve(use, scenarios.validator())
