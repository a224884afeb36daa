"""Operators read requests and sign-offs in the admin, and change nothing there (C6)."""

import pytest
from django.apps import apps
from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import reverse

from apps.accounts.site import site
from apps.approvals import operations
from apps.approvals.models import (
    Comment,
    Delegation,
    DissentAnswer,
    DryRun,
    PromotionRequest,
    RuleBreach,
    SignOff,
    SignOffCondition,
)
from apps.audit.admin import ReadOnlyAdmin
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from tests import scenarios
from tests.approvals import deciding, policy_walk
from tests.factories import actor, person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    return signed_in(client, person("root", administrator=True))


@pytest.fixture
def signed() -> SignOff:
    """A sign-off that was taken back, so that there is a row of each kind."""
    request = scenarios.requested(Stage.PRODUCTION)
    found = scenarios.sign(request, scenarios.validator(), "validator")
    operations.withdraw_sign_off(found, by=actor(scenarios.validator()), reason="Wrong one")
    return found


def test_requests_sign_offs_and_withdrawals_are_listed_and_shown(
    administrator: Client, signed: SignOff
) -> None:
    shown = {
        "promotionrequest": (signed.request.pk, "Production"),
        "signoff": (signed.pk, "Vera Validator"),
        "signoffwithdrawal": (signed.withdrawal.pk, "Wrong one"),
    }
    for name, (pk, words) in shown.items():
        for page in (
            reverse(f"admin:approvals_{name}_changelist"),
            reverse(f"admin:approvals_{name}_change", args=[pk]),
        ):
            answer = administrator.get(page)
            assert answer.status_code == 200
            assert words in answer.content.decode(), page
        history = administrator.get(reverse(f"admin:approvals_{name}_history", args=[pk]))
        assert history.status_code == 200


def test_requests_are_found_by_their_model(administrator: Client, signed: SignOff) -> None:
    page = reverse("admin:approvals_promotionrequest_changelist")

    assert (
        str(signed.request.version)
        in administrator.get(page, {"q": signed.request.root.name}).content.decode()
    )
    assert "0 promotion requests" in administrator.get(page, {"q": "absent"}).content.decode()


@pytest.mark.parametrize("name", ["promotionrequest", "signoff", "signoffwithdrawal"])
def test_c6_an_administrator_adds_changes_and_deletes_nothing(
    administrator: Client, signed: SignOff, name: str
) -> None:
    pk = {"promotionrequest": signed.request.pk, "signoff": signed.pk}.get(
        name, signed.withdrawal.pk
    )
    before = list(PromotionRequest.objects.values()), list(SignOff.objects.values())

    for page in (
        reverse(f"admin:approvals_{name}_add"),
        reverse(f"admin:approvals_{name}_change", args=[pk]),
        reverse(f"admin:approvals_{name}_delete", args=[pk]),
    ):
        assert administrator.post(page, {"state": "promoted"}).status_code == 403, page

    assert before == (list(PromotionRequest.objects.values()), list(SignOff.objects.values()))


def conversation_and_rules() -> dict[str, tuple[Model, str]]:
    """Return a row of each class that people decide nothing by, with a word of it."""
    request = scenarios.requested(Stage.PRODUCTION)
    deciding.signed_with_conditions(request, scenarios.validator(), "validator")
    dissent = deciding.asks_for_changes(request, scenarios.risk_officer(), "risk_officer")
    operations.answer_dissent(dissent, by=actor(scenarios.developer()), reason="In the report")
    deciding.said(request, scenarios.owner(), "Looks fine to me")
    deciding.delegated(scenarios.validator(), scenarios.risk_officer(), "validator")
    policy_walk.tried(policy_walk.proposed())
    breach = RuleBreach(
        version=request.version,
        rule="watched",
        title="Nobody watches it",
        action=RuleBreach.Action.ESCALATE,
        severity="high",
        tier=1,
        policy_digest="sha256:" + "0" * 64,
        since=database_now(),
    )
    rows: QuerySet[RuleBreach] = QuerySet(RuleBreach)
    rows.bulk_create([breach])
    return {
        "signoffcondition": (SignOffCondition.objects.get(), "Watch the age band"),
        "dissentanswer": (DissentAnswer.objects.get(), "In the report"),
        "comment": (Comment.objects.get(), "Looks fine to me"),
        "delegation": (Delegation.objects.get(), "Vera Validator"),
        "dryrun": (DryRun.objects.get(), "Done"),
        "rulebreach": (RuleBreach.objects.get(), "Nobody watches it"),
    }


def test_c6_what_was_said_and_what_was_watched_is_read_there_and_never_changed(
    administrator: Client,
) -> None:
    for name, (row, words) in conversation_and_rules().items():
        one = reverse(f"admin:approvals_{name}_change", args=[row.pk])
        for page in (reverse(f"admin:approvals_{name}_changelist"), one):
            answer = administrator.get(page)
            assert answer.status_code == 200, page
            assert words in answer.content.decode(), page
        history = reverse(f"admin:approvals_{name}_history", args=[row.pk])
        assert administrator.get(history).status_code == 200
        delete = reverse(f"admin:approvals_{name}_delete", args=[row.pk])
        for page in (reverse(f"admin:approvals_{name}_add"), one, delete):
            assert administrator.post(page, {"post": "yes"}).status_code == 403, page
        assert type(row)._base_manager.filter(pk=row.pk).exists()


def test_c6_every_class_of_decisions_is_in_the_admin_to_be_read_by_staff_alone(
    client: Client,
) -> None:
    signed_in(client, person("otis.operator", everywhere=("operator", "risk_officer")))
    for kind in apps.get_app_config("approvals").get_models():
        if kind.__name__.startswith("Historical"):
            continue
        held = site.get_model_admin(kind)
        assert isinstance(held, ReadOnlyAdmin), kind
        assert held.actions is None, kind
        assert held.buttons == (), kind
        page = reverse(f"admin:approvals_{kind._meta.model_name}_changelist")
        assert client.get(page).status_code in {302, 403, 404}, page
