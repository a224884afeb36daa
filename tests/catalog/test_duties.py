"""Duties on one model: granted and ended by the right people, with permissions in step."""

from collections.abc import Callable

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.accounts.roles import permissions_of
from apps.catalog import operations, queries
from apps.catalog.duties import roles_on
from apps.catalog.models import (
    ModelDuty,
    RegisteredModel,
    RegisteredModelGroupPermission,
    RegisteredModelUserPermission,
)
from apps.catalog.operations import (
    END_DUTY,
    END_OVERSIGHT_DUTY,
    GRANT_DUTY,
    GRANT_OVERSIGHT_DUTY,
)
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.catalog.record import entries, refusals
from tests.factories import HOST, actor, person, team

pytestmark = pytest.mark.django_db

WHY = "Needed for the review"


@pytest.fixture
def model() -> RegisteredModel:
    return scenarios.registered_model()


@pytest.fixture
def zoe() -> User:
    return person("zoe")


def owner() -> Actor:
    return actor(scenarios.owner())


def officer() -> Actor:
    return actor(scenarios.risk_officer())


def permissions(model: RegisteredModel, user: User) -> set[str]:
    rows = RegisteredModelUserPermission.objects.filter(content_object=model, user=user)
    return {f"catalog.{name}" for name in rows.values_list("permission__codename", flat=True)}


def expected(*roles: str) -> set[str]:
    named = permissions_of(frozenset(roles))
    named -= {
        "catalog.add_registeredmodel",
        "catalog.declare_assets",
        "catalog.manage_checks",
        "catalog.manage_environments",
        "catalog.manage_fields",
        "catalog.post_sightings",
    }
    return {name for name in named if name.startswith("catalog.")}


def test_a_granted_duty_gives_its_rights_on_that_model_alone(
    model: RegisteredModel, zoe: User
) -> None:
    other = scenarios.registered_model()

    duty = operations.grant_model_duty(model, zoe, "peer_reviewer", by=owner(), reason=WHY)

    assert permissions(model, zoe) == expected("peer_reviewer")
    assert actor(zoe).may("catalog.sign_off", model)
    assert not actor(zoe).may("catalog.sign_off", other)
    assert not actor(zoe).may("catalog.sign_off")
    assert roles_on(zoe.pk, model.pk) == {"peer_reviewer"}
    (entry,) = entries(GRANT_DUTY.name)
    assert entry["subject"] == {"type": "model_duty", "id": duty.record_id}
    assert entry["detail"] == {"role": "peer_reviewer", "holder": zoe.record_id}
    assert entry["reason"]


def test_a_right_stays_as_long_as_one_duty_gives_it(model: RegisteredModel, zoe: User) -> None:
    reviewer = operations.grant_model_duty(model, zoe, "peer_reviewer", by=owner(), reason=WHY)
    builder = operations.grant_model_duty(model, zoe, "model_developer", by=owner(), reason=WHY)
    assert permissions(model, zoe) == expected("peer_reviewer", "model_developer")

    operations.end_model_duty(builder, by=owner(), reason=WHY)
    assert permissions(model, zoe) == expected("peer_reviewer")

    operations.end_model_duty(reviewer, by=owner(), reason=WHY)
    assert permissions(model, zoe) == set()
    assert len(entries(END_DUTY.name)) == 2
    assert ModelDuty.objects.filter(user=zoe, until=None).count() == 0
    assert not queries.models_visible_to(actor(zoe)).exists()


def test_an_auditor_of_one_model_sees_it_and_no_more(model: RegisteredModel, zoe: User) -> None:
    operations.grant_model_duty(model, zoe, "auditor", by=officer(), reason=WHY)

    assert permissions(model, zoe) == expected("auditor")
    assert not actor(zoe).may("audit.view_record", model)


def test_c4_a_team_holds_a_duty_and_rights_vanish_with_membership(
    model: RegisteredModel, zoe: User
) -> None:
    reviewers = team("Reviewers", zoe)
    duty = operations.grant_model_duty(model, reviewers, "validator", by=officer(), reason=WHY)

    granted = RegisteredModelGroupPermission.objects.filter(content_object=model)
    assert granted.count() == len(expected("validator"))
    assert actor(zoe).may("catalog.run_checks", model)

    accounts.leave_team(reviewers, by=HOST, user=zoe)
    assert not actor(zoe).may("catalog.run_checks", model)
    assert not queries.models_visible_to(actor(zoe)).exists()

    operations.end_model_duty(duty, by=officer(), reason=WHY)
    assert not granted.exists()
    assert len(entries(GRANT_OVERSIGHT_DUTY.name)) == len(entries(END_OVERSIGHT_DUTY.name)) == 1


def test_a_duty_is_held_once_at_a_time(model: RegisteredModel, zoe: User) -> None:
    duty = operations.grant_model_duty(model, zoe, "operator", by=owner(), reason=WHY)
    with pytest.raises(RuleBroken, match=r"Zoe is Operator of model-.* already"):
        operations.grant_model_duty(model, zoe, "operator", by=owner(), reason=WHY)

    operations.end_model_duty(duty, by=owner(), reason=WHY)
    with pytest.raises(RuleBroken, match="has ended already"):
        operations.end_model_duty(duty, by=owner(), reason=WHY)
    operations.grant_model_duty(model, zoe, "operator", by=owner(), reason=WHY)


def test_the_one_who_answers_for_a_model_keeps_the_duty(model: RegisteredModel) -> None:
    duty = ModelDuty.objects.get(role="model_owner")

    with pytest.raises(RuleBroken, match="answers for model-"):
        operations.end_model_duty(duty, by=owner(), reason=WHY)


def test_what_cannot_be_granted_is_refused(model: RegisteredModel, zoe: User) -> None:
    with pytest.raises(InputRefused, match="no role 'king'"):
        operations.grant_model_duty(model, zoe, "king", by=owner(), reason=WHY)
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.grant_model_duty(model, zoe, "operator", by=owner(), reason=" ")
    accounts.close_account(zoe, by=HOST, reason="Left")
    with pytest.raises(RuleBroken, match="closed"):
        operations.grant_model_duty(model, zoe, "operator", by=owner(), reason=WHY)


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.developer, scenarios.auditor])
def test_only_owners_and_risk_officers_grant_and_end_first_line_duties(
    model: RegisteredModel, zoe: User, wrong: Callable[[], User]
) -> None:
    held = operations.grant_model_duty(model, zoe, "operator", by=officer(), reason=WHY)

    with pytest.raises(NotAllowed, match="Owners and risk officers"):
        operations.grant_model_duty(model, zoe, "model_developer", by=actor(wrong()), reason=WHY)
    with pytest.raises(NotAllowed, match="Owners and risk officers"):
        operations.end_model_duty(held, by=actor(wrong()), reason=WHY)

    assert len(refusals("model.grant_duty")) == len(refusals("model.end_duty")) == 1
    assert permissions(model, zoe) == expected("operator")


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.developer, scenarios.owner])
def test_only_risk_officers_grant_and_end_oversight(
    model: RegisteredModel, zoe: User, wrong: Callable[[], User]
) -> None:
    held = operations.grant_model_duty(model, zoe, "validator", by=officer(), reason=WHY)

    for role in ("auditor", "compliance_officer", "executive_sponsor"):
        with pytest.raises(NotAllowed, match="Only a risk officer"):
            operations.grant_model_duty(model, zoe, role, by=actor(wrong()), reason=WHY)
    with pytest.raises(NotAllowed, match="Only a risk officer"):
        operations.end_model_duty(held, by=actor(wrong()), reason=WHY)

    assert len(refusals("model.grant_oversight_duty")) == 3
    assert len(refusals("model.end_oversight_duty")) == 1
    assert permissions(model, zoe) == expected("validator")


def test_holders_of_a_role_are_found_wherever_they_hold_it(
    model: RegisteredModel, zoe: User
) -> None:
    everywhere = person("eva", everywhere=["validator"])
    in_team, left = person("ina"), person("lea")
    reviewers = team("Reviewers", in_team, left, zoe, everywhere=["validator"])
    accounts.leave_team(reviewers, by=HOST, user=left)
    operations.grant_model_duty(model, zoe, "validator", by=officer(), reason=WHY)
    closed = person("cleo", everywhere=["validator"])
    accounts.close_account(closed, by=HOST, reason="Left")
    elsewhere = person("elsa")
    operations.grant_model_duty(
        scenarios.registered_model(), elsewhere, "validator", by=officer(), reason=WHY
    )

    assert queries.holders_of("validator", model) == [everywhere, in_team, zoe]
    assert [duty.role for duty in queries.duties_on(model)] == [
        "model_developer",
        "model_owner",
        "validator",
    ]
