"""Reviews, attestations and campaigns are read in the admin, and changed nowhere in it."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from apps.risk.models import Campaign, CampaignEntry, CampaignSnapshot, OwnerAttestation, Review
from tests import scenarios
from tests.factories import person, signed_in
from tests.risk.reviewed import attest, review, running

pytestmark = pytest.mark.django_db


def test_every_row_is_shown_and_none_can_be_changed(client: Client) -> None:
    model = scenarios.registered_model()
    review(model)
    running()
    attest(model)
    reader = signed_in(client, person("ada", staff=True, everywhere=("auditor",)))

    for rows in (Review, OwnerAttestation, Campaign, CampaignEntry, CampaignSnapshot):
        name = rows._meta.model_name
        one = reverse(f"admin:risk_{name}_change", args=[rows.objects.get().pk])
        assert reader.get(reverse(f"admin:risk_{name}_changelist")).status_code == HTTPStatus.OK
        assert reader.get(one).status_code == HTTPStatus.OK
        assert reader.post(one, {}).status_code == HTTPStatus.FORBIDDEN
        added = reader.get(reverse(f"admin:risk_{name}_add"))
        assert added.status_code == HTTPStatus.FORBIDDEN
