"""Closed by default: who opens what, with which session, and what cookies mean to the API."""

from typing import Any

import pytest
from django.test import Client
from django.urls import ResolverMatch, resolve

from apps.accounts import operations
from apps.accounts.access import Access, access_to
from apps.accounts.models import User
from tests.factories import HOST, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.pages")]

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("address", "access"),
    [
        ("/forgotten/", None),
        ("/for-all/", Access.PUBLIC),
        ("/for-people/", Access.SIGNED_IN),
        ("/for-staff/", Access.STAFF),
        ("/for-programs/", Access.TOKEN),
        ("/admin/", Access.STAFF),
        ("/admin/accounts/user/", Access.STAFF),
        ("/sign-in/", Access.PUBLIC),
        ("/sign-out/", Access.SIGNED_IN),
        ("/account/", Access.SIGNED_IN),
    ],
)
def test_a_page_declares_who_may_open_it(address: str, access: Access | None) -> None:
    match: ResolverMatch = resolve(address)

    assert access_to(match) is access


@pytest.mark.parametrize("address", ["/forgotten/", "/nowhere/"])
def test_a_forgotten_page_looks_absent_to_everybody(client: Client, address: str) -> None:
    strangers = client.get(address)
    signed_in(client, person("grace", administrator=True))

    assert strangers.status_code == client.get(address).status_code == 404


def test_a_stranger_is_nobody_on_an_open_page(client: Client) -> None:
    answer = client.get("/for-all/").json()

    assert (answer["actor"], answer["user"], answer["person"]) == ("anonymous", None, False)


def test_a_person_acts_through_the_browser(client: Client, ada: User) -> None:
    answer = signed_in(client, ada).get("/for-people/").json()

    assert (answer["actor"], answer["door"], answer["auth"]) == (ada.record_id, "web", "session")


@pytest.mark.parametrize("address", ["/for-people/?page=2", "/for-staff/"])
def test_a_stranger_is_asked_to_sign_in_and_comes_back(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 302
    asked = client.get(answer.headers["Location"]).context["next"]
    assert asked == address


def test_the_form_of_a_stranger_leads_back_to_its_page(client: Client) -> None:
    page = "http://testserver/models/churn/?tab=files"

    answer = client.post("/for-people/", headers={"Referer": page})

    assert answer.headers["Location"] == "/sign-in/?next=%2Fmodels%2Fchurn%2F%3Ftab%3Dfiles"


@pytest.mark.parametrize("address", ["", "https://elsewhere.example/"])
def test_a_form_from_nowhere_leads_to_the_start(client: Client, address: str) -> None:
    answer = client.post("/for-people/", headers={"Referer": address})

    assert answer.headers["Location"] == "/sign-in/"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: Client) -> None:
    at = {"HX-Current-URL": "http://testserver/models/"}

    answer = client.get("/for-people/", headers=HTMX | at)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Fmodels%2F"


@pytest.mark.parametrize("address", ["/for-staff/", "/admin/", "/admin/accounts/user/"])
def test_the_admin_is_absent_for_people_who_may_not_enter(
    client: Client, ada: User, address: str
) -> None:
    assert signed_in(client, ada).get(address).status_code == 404


def test_staff_act_through_the_door_of_the_admin(client: Client) -> None:
    signed_in(client, person("operator", staff=True))

    assert client.get("/for-staff/").json()["door"] == "admin"
    assert client.get("/for-people/").json()["door"] == "web"


def test_cookies_mean_nothing_to_the_api(client: Client, ada: User) -> None:
    answer: dict[str, Any] = signed_in(client, ada).get("/for-programs/").json()

    assert (answer["actor"], answer["door"], answer["user"]) == ("anonymous", "api", None)


def test_a_service_account_in_a_session_is_nobody_to_the_pages(client: Client) -> None:
    robot = person("robot", service=True)

    answer = signed_in(client, robot).get("/for-people/")

    assert answer.status_code == 302


def test_who_was_dismissed_leaves_the_admin_within_one_request(client: Client) -> None:
    person("spare", administrator=True)
    grace = person("grace", administrator=True)
    signed_in(client, grace)
    assert client.get("/admin/").status_code == 200

    operations.dismiss_administrator(grace, by=HOST, reason="Moved on")

    assert client.get("/admin/").status_code == 404
