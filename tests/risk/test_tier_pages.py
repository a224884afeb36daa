"""Pages of tiers: which it is and would be, its history with reasons, and another one to sign."""

import html
import re
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog.models import RegisteredModel
from apps.risk.models import TierOverride
from apps.risk.operations import tier_overrides
from tests import scenarios
from tests.factories import PASSWORD, actor, signed_in
from tests.risk import assessed, owing
from tests.risk.tiering import looked_at

pytestmark = pytest.mark.django_db


def tier_url(model: RegisteredModel) -> str:
    return reverse("risk:tier", args=[model.name])


def ask_url(model: RegisteredModel) -> str:
    return reverse("risk:ask_tier", args=[model.name])


def at(name: str, override: TierOverride) -> str:
    return reverse(f"risk:{name}", args=[override.pk])


def source(client: Client, who: User, address: str) -> str:
    answer = signed_in(client, who).get(address)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def words(client: Client, who: User, address: str) -> str:
    """Return what somebody reads on a page."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", source(client, who, address)))
    return re.sub(r"\s+", " ", plain)


# -- the tier of a model


def test_a_model_without_a_tier_says_what_to_do_first(client: Client) -> None:
    model = scenarios.registered_model()

    text = words(client, scenarios.auditor(), tier_url(model))

    assert "No tier yet" in text
    assert "treated like tier 1" in text
    assert "Go to its assessments" in text


def test_the_page_says_which_tier_it_would_be_and_where_to_assess_it_anew(client: Client) -> None:
    model = owing.tiered()
    looked_at(model, "over_10")

    text = source(client, scenarios.auditor(), tier_url(model))

    assert "Assess it anew." in text
    assert "It would be tier 3 since" in text
    assert reverse("risk:assessments", args=[model.name]) in text


def test_the_page_of_the_model_says_its_tier_and_the_one_it_would_be(client: Client) -> None:
    model = owing.tiered()
    before = words(client, scenarios.auditor(), model.get_absolute_url())
    assert "Tier 4" in before
    assert "It would be" not in before

    looked_at(model, "over_10")

    assert "It would be tier 3 since" in words(
        client, scenarios.auditor(), model.get_absolute_url()
    )


def test_the_page_of_a_model_without_one_says_that_there_is_none(client: Client) -> None:
    model = scenarios.registered_model()

    assert "No tier yet" in words(client, scenarios.auditor(), model.get_absolute_url())


def test_the_history_names_each_change_with_its_reason_the_newest_first(client: Client) -> None:
    model = owing.tiered("tier-genai-policy-assistant")
    held = owing.granted(model, 3)
    tier_overrides.withdraw_tier_override(
        held, by=actor(scenarios.risk_officer()), reason="It is used everywhere by now"
    )
    assessed.approved(model, assessed.HEAVY)

    text = words(client, scenarios.auditor(), tier_url(model)).partition("How it came")[2]

    told = [
        "Tier 1 Assessed: ",
        "Tier 2 Back to the assessed tier: It is used everywhere by now",
        f"Tier 3 Signed instead of the assessed tier, until {held.ends_on}: {owing.WHY}",
        "Tier 2 Assessed: ",
    ]
    places = [text.index(one) for one in told[:3]]
    assert [*places, text.rindex(told[3])] == sorted([*places, text.rindex(told[3])])
    assert "Calculated tier 1" in text


def test_what_was_never_in_force_is_no_part_of_the_history(client: Client) -> None:
    model = owing.tiered()
    override = owing.asked(model, 2)
    owing.sign(override, owing.committee(), "governance_committee", owing.DECLINE)

    assert "Signed instead" not in words(client, scenarios.auditor(), tier_url(model))


def test_what_is_no_model_is_not_tiered_in_its_history(client: Client) -> None:
    model = owing.tiered("tier-fee-calculator-not-model")

    text = words(client, scenarios.auditor(), tier_url(model))

    assert "Not tiered: outside the inventory" in text
    assert "Not tiered Assessed:" in text


def test_another_tier_in_force_is_said_with_its_last_day(client: Client) -> None:
    model = owing.tiered()
    held = owing.granted(model, 2)

    text = source(client, scenarios.auditor(), tier_url(model))

    assert f"Until {held.ends_on}" in text
    assert held.get_absolute_url() in text


def test_the_page_costs_the_same_however_much_happened(client: Client) -> None:
    def cost(model: RegisteredModel) -> int:
        source(client, scenarios.auditor(), tier_url(model))
        with CaptureQueriesContext(connection) as captured:
            source(client, scenarios.auditor(), tier_url(model))
        return len(captured)

    little, much = owing.tiered(), owing.tiered()
    for _ in range(4):
        waiting = owing.asked(much, 2)
        by = actor(scenarios.risk_officer())
        tier_overrides.withdraw_tier_override(waiting, by=by, reason="A slip")
    owing.asked(much, 2), owing.asked(little, 2)

    assert cost(much) == cost(little)


def test_what_a_reader_may_not_see_is_not_there(client: Client) -> None:
    override = owing.asked(owing.tiered(), 2)
    reader = signed_in(client, scenarios.stranger())

    seen = [tier_url(override.model), ask_url(override.model)]
    for address in [*seen, at("tier_override", override), at("withdraw_tier_override", override)]:
        assert reader.get(address).status_code == HTTPStatus.NOT_FOUND, address
    for name in ("sign_tier_override", "ask_tier_override_passkey", "withdraw_tier_override"):
        assert reader.post(at(name, override)).status_code == HTTPStatus.NOT_FOUND, name


# -- asking for another


def test_only_what_may_be_asked_for_is_offered(client: Client) -> None:
    model = owing.tiered("tier-vendor-aml-floor")

    text = source(client, scenarios.risk_officer(), ask_url(model))

    assert re.findall(r'name="tier" value="(\d)"', text) == ["1"]


def test_asking_is_offered_to_risk_officers_while_nothing_else_is_asked_for(
    client: Client,
) -> None:
    model = owing.tiered()
    assert ask_url(model) not in source(client, scenarios.owner(), tier_url(model))
    assert ask_url(model) in source(client, scenarios.risk_officer(), tier_url(model))

    owing.asked(model, 2)

    text = source(client, scenarios.risk_officer(), tier_url(model))
    assert ask_url(model) not in text
    assert "Waits for signatures:" in text


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"tier": ""}, "Choose a tier."),
        ({"tier": "4"}, "Choose one of these."),
        ({"reason": ""}, "Give a reason."),
        ({"ends_on": "soon"}, "Give a day as 2026-12-31."),
        ({"ends_on": "2020-01-01"}, "It ends on a day to come."),
    ],
)
def test_a_refused_ask_keeps_what_was_typed(
    client: Client, changed: dict[str, str], why: str
) -> None:
    model = owing.tiered()
    sent = {"tier": "2", "reason": "Typed here", "ends_on": str(owing.in_days(30))} | changed

    answer = signed_in(client, scenarios.risk_officer()).post(ask_url(model), sent)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    text = html.unescape(answer.content.decode())
    assert why in text
    assert "reason" in changed or "Typed here" in text
    assert not TierOverride.objects.exists()


# -- signing it


def opened(client: Client, who: User, override: TierOverride, **other: str) -> dict[str, str]:
    """Return what the form of a signer is sent with."""
    text = source(client, who, at("tier_override", override))
    found = re.search(r'name="ticket" value="([^"]*)"', text)
    role = re.search(r'type="hidden" name="role" value="([^"]*)"', text)
    return {
        "ticket": html.unescape(found[1]) if found else "",
        "role": role[1] if role else "",
        "decision": "approve",
        "reason": "Looked at it",
        "password": PASSWORD,
    } | other


def signed(client: Client, who: User, override: TierOverride, **other: str) -> Any:
    return client.post(at("sign_tier_override", override), opened(client, who, override, **other))


def test_both_roles_sign_on_its_page_and_it_is_in_force(client: Client) -> None:
    override = owing.asked(owing.tiered(), 2)

    for who in (owing.officer(), owing.committee()):
        answer = signed(client, who, override)
        assert answer.headers["Location"] == override.get_absolute_url()

    override.refresh_from_db()
    assert override.state == TierOverride.State.GRANTED
    text = words(client, scenarios.auditor(), override.get_absolute_url())
    assert "In force" in text
    assert "Meaning: approval." in text
    assert "Rupert Risk" in text
    assert "Greta Committee" in text


def test_a_decline_on_the_page_says_why(client: Client) -> None:
    override = owing.asked(owing.tiered(), 2)

    signed(client, owing.committee(), override, decision="decline", reason="No ground for it")

    text = words(client, scenarios.auditor(), override.get_absolute_url())
    assert "Declined: No ground for it" in text
    assert "Not signed." in text


@pytest.mark.parametrize(
    "changed",
    [{"password": "wrong"}, {"reason": ""}, {"decision": ""}, {"ticket": "forged"}],
    ids=["password", "reason", "decision", "ticket"],
)
def test_a_refused_signature_is_shown_with_what_was_typed(
    client: Client, changed: dict[str, str]
) -> None:
    override = owing.asked(owing.tiered(), 2)

    answer = signed(client, owing.officer(), override, **changed)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "reason" in changed or "Looked at it" in answer.content.decode()
    assert not override.sign_offs.exists()


def test_who_cannot_sign_is_told_why(client: Client) -> None:
    override = owing.asked(owing.tiered(), 2)

    text = words(client, scenarios.risk_officer(), override.get_absolute_url())

    assert "You asked for this tier, so somebody else signs it." in text
    assert "Your signature" not in text
    assert "Your signature" not in words(client, scenarios.auditor(), override.get_absolute_url())


def test_who_holds_a_role_is_named_as_long_as_it_waits(client: Client) -> None:
    override = owing.asked(owing.tiered(), 2)
    assert "Nobody holds this role." in words(
        client, scenarios.auditor(), override.get_absolute_url()
    )

    owing.committee()

    assert "Greta Committee" in words(client, scenarios.auditor(), override.get_absolute_url())


def test_a_passkey_is_asked_for_a_complete_form_and_what_may_be_signed(client: Client) -> None:
    override = owing.asked(owing.tiered(), 2)
    whole = opened(client, owing.officer(), override)
    ask = at("ask_tier_override_passkey", override)

    unfinished = client.post(ask, whole | {"decision": ""})
    assert unfinished.json()["refusal"] == "Approve or decline."
    stale = client.post(ask, whole | {"ticket": "forged"})
    assert stale.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    without = client.post(ask, whole)
    assert "passkey" in without.json()["refusal"]
    assert not override.sign_offs.exists()


# -- taking it back


def test_it_is_taken_back_with_a_reason(client: Client) -> None:
    override = owing.asked(owing.tiered(), 2)
    reader = signed_in(client, scenarios.risk_officer())
    withdraw = at("withdraw_tier_override", override)
    assert withdraw in reader.get(override.get_absolute_url()).content.decode()

    refused = reader.post(withdraw, {"reason": ""})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    reader.post(withdraw, {"reason": "A slip of the pen"})

    text = words(client, scenarios.auditor(), override.get_absolute_url())
    assert "Withdrawn: A slip of the pen" in text


def test_a_stricter_one_in_force_is_not_offered_to_be_taken_back(client: Client) -> None:
    held = owing.granted(owing.tiered(), 2)
    withdraw = at("withdraw_tier_override", held)

    assert withdraw not in source(client, scenarios.risk_officer(), held.get_absolute_url())
    refused = client.post(withdraw, {"reason": "Done with it"})

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "nobody makes it lighter alone" in refused.content.decode()
