"""The catalog in the admin: read-only, and held to the same rights as everywhere."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.catalog.models import ModelDuty, ModelVersion
from tests import factories, scenarios

pytestmark = pytest.mark.django_db

KINDS = ("registeredmodel", "modelversion", "modelduty", "alias", "upload")


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version(scenarios.registered_model("shown"))


@pytest.fixture
def admin(client: Client, version: ModelVersion) -> Client:
    return factories.signed_in(client, factories.person("root", administrator=True))


@pytest.mark.parametrize("kind", KINDS)
def test_an_operator_reads_the_catalog_and_adds_nothing(admin: Client, kind: str) -> None:
    assert admin.get(reverse(f"admin:catalog_{kind}_changelist")).status_code == 200
    assert admin.get(reverse(f"admin:catalog_{kind}_add")).status_code == 403


def test_a_version_is_shown_and_not_changed(admin: Client, version: ModelVersion) -> None:
    address = reverse("admin:catalog_modelversion_change", args=[version.pk])
    assert version.content_digest in admin.get(address).content.decode()
    assert admin.post(address, {"stage": "production"}).status_code == 403
    version.refresh_from_db()
    assert version.stage == "development"


def test_c6_an_administrator_without_a_duty_grants_none_on_a_model(
    admin: Client, version: ModelVersion
) -> None:
    address = reverse("admin:catalog_registeredmodel_grant", args=[version.model_id])
    asked = {"holder": scenarios.stranger().pk, "role": "operator", "reason": "Please"}

    answer = admin.post(address, asked)

    assert answer.status_code == 422
    assert not ModelDuty.objects.filter(role="operator").exists()
    assert AuditEvent.objects.filter(action="model.grant_duty", outcome="refused").count() == 1


def test_a_duty_is_granted_and_ended_by_staff_who_hold_the_right(
    client: Client, version: ModelVersion
) -> None:
    staff = factories.person("rita.staff", everywhere=("risk_officer",), staff=True)
    factories.signed_in(client, staff)
    address = reverse("admin:catalog_registeredmodel_grant", args=[version.model_id])
    asked = {"holder": scenarios.stranger().pk, "role": "operator", "reason": "Runs it"}

    assert client.post(address, asked).status_code == 302

    duty = ModelDuty.objects.get(role="operator")
    end = reverse("admin:catalog_modelduty_end", args=[duty.pk])
    assert client.post(end, {"reason": "Moved on"}).status_code == 302
    duty.refresh_from_db()
    assert duty.until is not None
