"""Waivers, emergencies and retirement in the admin: to be read, never changed there (C6)."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from apps.approvals.models import Authorization
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.approvals.exceptions import (
    enforce_emergency,
    granted,
    hold,
    ratify,
    retired,
    roll_back_at_once,
)
from tests.factories import person, signed_in

pytestmark = pytest.mark.django_db


def test_c6_rows_are_listed_and_shown_and_nothing_is_added_changed_or_deleted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiver, retirement = granted(), retired()
    placed = hold(waiver.version.model)
    model = scenarios.promoted(Stage.PRODUCTION).version.model
    scenarios.promoted(Stage.PRODUCTION, model)
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once(model)
    confirmed = ratify(emergency, scenarios.owner(), "model_owner")
    administrator = signed_in(client, person("root", administrator=True))
    shown = {
        "waiver": (waiver.pk, "artifact_scan_clean"),
        "waiversignoff": (waiver.sign_offs.get().pk, "Rita Risk"),
        "emergency": (emergency.pk, "Otis Operator"),
        "ratification": (confirmed.pk, "Olivia Owner"),
        "authorization": (Authorization.objects.latest("pk").pk, model.name),
        "retention": (retirement.root.retention.pk, "Credit models"),
        "legalhold": (placed.pk, "A court asks for it"),
        "retirement": (retirement.pk, retirement.root.name),
    }
    for name, (pk, words) in shown.items():
        listed = reverse(f"admin:approvals_{name}_changelist")
        one = reverse(f"admin:approvals_{name}_change", args=[pk])
        for page in (listed, one):
            answer = administrator.get(page)
            assert answer.status_code == HTTPStatus.OK, page
            assert words in answer.content.decode(), page
        for page in (reverse(f"admin:approvals_{name}_add"), one):
            assert administrator.post(page, {}).status_code == HTTPStatus.FORBIDDEN, page
        delete = reverse(f"admin:approvals_{name}_delete", args=[pk])
        assert administrator.post(delete, {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
