"""Pages of obligations and tiers: who sees them, what they refuse, what they cost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.catalog.models import RegisteredModel
from apps.risk.models import Obligation, TierOverride
from tests import scenarios
from tests.factories import signed_in
from tests.risk import assessed, owing

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> RegisteredModel:
    return owing.tiered(assessed.HEAVY)


def page(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(f"risk:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_sees_the_model_sees_what_it_owes(client: Client, model: RegisteredModel) -> None:
    signed_in(client, scenarios.owner())
    owed = owing.obligation(model, "evidence")

    assert owed.title in page(client, "obligations", model.name)
    assert owed.title in page(client, "obligation", owed.pk)
    assert "Tier 1" in page(client, "tier", model.name)


def test_nobody_else_does(client: Client, model: RegisteredModel) -> None:
    override = owing.asked(owing.tiered(), 2)
    signed_in(client, scenarios.stranger())
    owed = owing.obligation(model, "evidence")
    addresses = [
        reverse("risk:obligations", args=[model.name]),
        reverse("risk:tier", args=[model.name]),
        reverse("risk:obligation", args=[owed.pk]),
        override.get_absolute_url(),
    ]
    assert {client.get(address).status_code for address in addresses} == {404}


def test_an_empty_page_says_what_comes_first(client: Client) -> None:
    signed_in(client, scenarios.owner())
    bare = scenarios.registered_model()
    assert "come with approved assessments" in page(client, "obligations", bare.name)
    assert "No tier yet" in page(client, "tier", bare.name)


def test_a_refusal_is_shown_with_what_was_typed(client: Client, model: RegisteredModel) -> None:
    signed_in(client, scenarios.validator())
    owed = owing.obligation(model, "condition")
    address = reverse("risk:defer_obligation", args=[owed.pk])

    answer = client.post(address, {"until": "2001-01-01", "reason": "Not this year"})

    assert answer.status_code == 422
    assert "a day to come" in answer.content.decode()
    assert "Not this year" in answer.content.decode()


def test_an_obligation_is_called_met_put_off_and_given_away(
    client: Client, model: RegisteredModel
) -> None:
    owed = owing.obligation(model, "condition")
    signed_in(client, scenarios.validator())
    dev = scenarios.developer()

    client.post(reverse("risk:assign_obligation", args=[owed.pk]), {"owner": dev.pk})
    day = str(owing.in_days(5))
    client.post(reverse("risk:defer_obligation", args=[owed.pk]), {"until": day, "reason": "Later"})
    owed.refresh_from_db()
    assert (owed.owner, owed.state) == (dev, Obligation.State.DEFERRED)
    assert "Put off" in page(client, "obligations", model.name)

    client.post(reverse("risk:meet_obligation", args=[owed.pk]), {"reason": "Done"})
    owed.refresh_from_db()
    assert owed.state == Obligation.State.MET
    assert "Called met by" in page(client, "obligation", owed.pk)


def test_another_tier_is_asked_for_and_shown_to_who_signs(client: Client) -> None:
    model = owing.tiered()
    signed_in(client, scenarios.risk_officer())
    sent = {"tier": "2", "reason": owing.WHY, "ends_on": str(owing.in_days(30))}
    client.post(reverse("risk:ask_tier", args=[model.name]), sent)
    override = TierOverride.objects.get()
    assert "You asked for this tier" in page(client, "tier_override", override.pk)
    assert "Waits for signatures" in page(client, "tier", model.name)

    signed_in(client, owing.committee())
    assert "Your signature" in page(client, "tier_override", override.pk)
    answer = client.post(reverse("risk:sign_tier_override", args=[override.pk]), {})
    assert answer.status_code == 422

    signed_in(client, scenarios.risk_officer())
    client.post(reverse("risk:withdraw_tier_override", args=[override.pk]), {"reason": "A slip"})
    override.refresh_from_db()
    assert override.state == TierOverride.State.WITHDRAWN


def test_many_obligations_cost_what_few_do(client: Client, model: RegisteredModel) -> None:
    signed_in(client, scenarios.owner())

    def queries(name: str) -> int:
        page(client, "obligations", name)
        with CaptureQueriesContext(connection) as captured:
            page(client, "obligations", name)
        return len(captured)

    light = owing.tiered()
    assert model.obligations.count() > light.obligations.count() > 0
    assert queries(model.name) == queries(light.name)
