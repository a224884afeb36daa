"""A use is approved on a page that shows all that is recorded about it."""

import pytest
from django.urls import reverse

from apps.catalog import operations
from apps.catalog.models import UseCase
from tests import scenarios
from tests.catalog.inventory.walk import by_owner, officer, use_case
from tests.console.conftest import Reads

pytestmark = pytest.mark.django_db


def test_a_use_is_approved_on_its_page(opens: Reads) -> None:
    use = use_case(scenarios.registered_version().model)
    operations.record_values(use, {"intended_purpose": "Sets limits."}, by=by_owner())
    use = UseCase.objects.get(pk=use.pk)
    page = reverse("models:approve_use", args=[use.model.name, use.key])
    shown = opens(officer(), use.get_absolute_url())
    assert "Not approved" in shown.words
    assert shown.has_link(page)
    assert not opens(scenarios.owner(), use.get_absolute_url()).has_link(page)
    assert opens(scenarios.stranger(), page).status == 404
    form = opens(officer(), page)
    assert "Sets limits." in form.words
    sent = {"reason": "Its limits are set", "shown": use.state_digest()}
    refused = opens(scenarios.owner(), page, sent)
    assert refused.status == 422
    assert "Validators and model risk officers of this model approve its uses." in refused.words
    empty = opens(officer(), page, {**sent, "reason": " "})
    assert empty.status == 422

    assert opens(officer(), page, sent).status == 302

    again = opens(officer(), use.get_absolute_url())
    assert "Approved" in again.words
    assert "Not approved" not in again.words
    assert not again.has_link(page)
    assert "This use is approved already." in opens(officer(), page, sent).words
