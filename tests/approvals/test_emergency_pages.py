"""Pages of emergencies: going back at once, confirming, looking back."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.approvals import operations
from apps.approvals.models import Emergency, Ratification
from apps.catalog.models import RegisteredModel
from tests import scenarios
from tests.approvals.exceptions import (
    WHY,
    enforce_emergency,
    move_clock,
    ratify,
    roll_back_at_once,
    two_in_turn,
)
from tests.factories import PASSWORD, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None, monkeypatch: pytest.MonkeyPatch) -> RegisteredModel:
    """A model with a version to go back to, under a policy that knows an emergency."""
    found = two_in_turn()
    enforce_emergency(monkeypatch)
    return found


@pytest.fixture
def emergency(model: RegisteredModel) -> Emergency:
    return roll_back_at_once(model)


def page(client: Client, url: str, status: int = HTTPStatus.OK) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def at_once(model: RegisteredModel) -> str:
    return reverse("approvals:roll_back_at_once", args=[model.name])


def ticket_in(html: str) -> str:
    return html.split('name="ticket" value="')[1].split('"', maxsplit=1)[0]


# -- at once


def test_the_page_says_what_follows(client: Client, model: RegisteredModel) -> None:
    operator = signed_in(client, scenarios.operator())
    scenarios.risk_officer()

    assert at_once(model) in page(operator, reverse("approvals:roll_back", args=[model.name]))
    html = page(operator, at_once(model))

    for words in (
        "48 hours, or the authorization is suspended",
        "Model owner: Olivia Owner; Model risk officer: Rita Risk",
        "no other version of this model is promoted",
        "Name of the model",
        "Password",
    ):
        assert words in html


def test_where_the_policy_knows_no_emergency_nothing_leads_there(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = two_in_turn()
    operator = signed_in(client, scenarios.operator())

    assert at_once(model) not in page(operator, reverse("approvals:roll_back", args=[model.name]))
    assert "knows no rollback in an emergency" in page(operator, at_once(model))


def test_others_read_who_carries_it_out_and_strangers_nothing(
    client: Client, model: RegisteredModel
) -> None:
    scenarios.operator()
    html = page(signed_in(client, scenarios.owner()), at_once(model))
    assert "Carried out by an operator of this model: Otis Operator." in html
    assert "<textarea" not in html

    page(signed_in(Client(), scenarios.stranger()), at_once(model), HTTPStatus.NOT_FOUND)
    never = scenarios.registered_model()
    assert "has no version before to go back to" in page(client, at_once(never))


def test_the_operator_goes_back_and_lands_on_the_emergency(
    client: Client, model: RegisteredModel
) -> None:
    operator = signed_in(client, scenarios.operator())
    values = {"reason": WHY, "typed_name": model.name, "password": PASSWORD}
    tries = [
        ({"typed_name": ""}, "Type the name of the model to confirm"),
        ({"reason": ""}, "Give a reason."),
        ({"password": ""}, "Enter your password to sign."),
    ]
    for other, words in tries:
        answer = operator.post(at_once(model), values | other)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert words in answer.content.decode()
    assert not Emergency.objects.exists()

    answer = operator.post(at_once(model), values)

    emergency = Emergency.objects.get()
    assert answer.headers["Location"] == emergency.get_absolute_url()
    html = page(operator, emergency.get_absolute_url())
    assert "is in production again. It must be confirmed." in html
    assert "Waits for confirmation" in html


# -- one


def test_an_emergency_nobody_may_see_is_not_there(client: Client, emergency: Emergency) -> None:
    stranger = signed_in(client, scenarios.stranger())

    page(stranger, emergency.get_absolute_url(), HTTPStatus.NOT_FOUND)
    review = reverse("approvals:review_emergency", args=[emergency.pk])
    page(stranger, review, HTTPStatus.NOT_FOUND)
    assert stranger.post(reverse("approvals:ratify", args=[emergency.pk])).status_code == 404
    page(stranger, f"/emergencies/{emergency.pk + 1}/", HTTPStatus.NOT_FOUND)


def test_it_is_confirmed_on_its_page(client: Client, emergency: Emergency) -> None:
    owner = signed_in(client, scenarios.owner())
    url = reverse("approvals:ratify", args=[emergency.pk])
    html = page(owner, emergency.get_absolute_url())
    values = {
        "ticket": ticket_in(html),
        "role": "model_owner",
        "reason": WHY,
        "password": PASSWORD,
    }
    wrong = owner.post(url, values | {"password": "not it"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert WHY in wrong.content.decode()
    asked = owner.post(reverse("approvals:ask_ratify_passkey", args=[emergency.pk]), values)
    assert "refusal" in asked.json()
    assert not Ratification.objects.exists()

    answer = owner.post(url, values | {"ticket": ticket_in(wrong.content.decode())})

    assert answer.status_code == HTTPStatus.FOUND
    html = page(owner, emergency.get_absolute_url())
    assert "Confirmed as model owner." in html
    assert "Olivia Owner" in html
    assert "Your confirmation" not in html


def test_the_model_and_its_version_say_so_until_somebody_looked_back(
    client: Client, emergency: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = emergency.authorization.version
    reader = signed_in(client, scenarios.validator())
    addresses = (version.model.get_absolute_url(), version.get_absolute_url())
    review = reverse("approvals:review_emergency", args=[emergency.pk])

    for address in addresses:
        assert "and waits for confirmation" in page(reader, address)
    assert review not in page(reader, emergency.get_absolute_url())
    operations.lapse_emergencies(move_clock(monkeypatch, 3))
    for address in addresses:
        assert "nobody confirmed in time" in page(reader, address)
    html = page(reader, emergency.get_absolute_url())
    assert review in html
    assert "Not confirmed." in html

    assert "What you found" in page(reader, review)
    assert reader.post(review, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    answer = reader.post(review, {"reason": "The feed was late."})
    assert answer.status_code == HTTPStatus.FOUND
    assert "The feed was late." in page(reader, emergency.get_absolute_url())
    for address in addresses:
        assert "in an emergency" not in page(reader, address)


def test_a_confirmed_emergency_still_waits_for_its_review(
    client: Client, emergency: Emergency
) -> None:
    ratify(emergency, scenarios.owner(), "model_owner")
    ratify(emergency, scenarios.risk_officer(), "risk_officer")
    reader = signed_in(client, scenarios.auditor())

    assert "Until somebody has looked back at it" in page(reader, emergency.root.get_absolute_url())
    html = page(reader, emergency.get_absolute_url())
    assert "Confirmed" in html
    assert "no other version of the model is promoted" in html


def test_the_page_costs_the_same_however_many_confirmed(
    client: Client, emergency: Emergency, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    reader = signed_in(client, scenarios.auditor())
    page(reader, emergency.get_absolute_url())
    with django_assert_max_num_queries(40) as few:
        page(reader, emergency.get_absolute_url())
    ratify(emergency, scenarios.owner(), "model_owner")
    ratify(emergency, scenarios.risk_officer(), "risk_officer")

    with django_assert_max_num_queries(len(few)):
        page(reader, emergency.get_absolute_url())
