"""Operators read requests and sign-offs in the admin, and change nothing there (C6)."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.approvals import operations
from apps.approvals.models import PromotionRequest, SignOff
from apps.catalog.lifecycle import Stage
from tests import scenarios
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
