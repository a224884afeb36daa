"""The pages on which people add, use and remove second factors, and the admin's way out."""

import json
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts import held_factors, operations
from apps.accounts.models import OneTimeCodeDevice, Passkey, RecoveryCode, User
from tests.accounts.authenticator import HOST, SoftAuthenticator
from tests.accounts.holders import code_now, confirmed, with_app, with_passkey
from tests.accounts.record import entry_of, events
from tests.accounts.test_admin import Inline
from tests.factories import PASSWORD, actor, person, signed_in

LIST, CONFIRM = "/account/factors/", "/account/confirm/"
APP, KEYS, CODES = f"{LIST}app/", f"{LIST}passkeys/", f"{LIST}recovery-codes/"


@pytest.fixture
def pages(ada: User) -> Client:
    """Ada's browser, at a host where browsers offer passkeys."""
    return signed_in(Client(SERVER_NAME=HOST), ada)


def said(pages: Client, address: str) -> str:
    answer = pages.get(address)
    assert answer.status_code == 200, address
    assert Inline(answer.content.decode()).found == [], address
    return answer.content.decode()


def grown_old(pages: Client) -> None:
    """Let the last proof of who somebody is be older than it holds."""
    session = pages.session
    session["confirmed_at"] -= int(settings.REAUTHENTICATION_HOLDS.total_seconds()) + 1
    session.save()


def secret_on(page: str) -> str:
    found = re.search(r"<code>([A-Z2-7 ]{39})</code>", page)
    assert found is not None
    return found[1].replace(" ", "")


def removal_of(passkey: Passkey) -> str:
    return f"{KEYS}{passkey.pk}/remove/"


# -- the list


def test_the_list_says_what_to_do_first(pages: Client) -> None:
    page = said(pages, LIST)

    for text in ("No passkeys", "No authenticator app", "Add one first", "Add passkey"):
        assert text in page
    assert LIST in said(pages, "/account/")


def test_the_list_shows_what_is_held_and_costs_the_same_for_many(
    pages: Client, ada: User, django_assert_max_num_queries: Callable
) -> None:
    with_app(ada)
    with_passkey(ada, name="blue key")
    assert "You have none." in said(pages, LIST)
    operations.renew_recovery_codes(ada, by=actor(ada), confirmed=confirmed(ada))
    with CaptureQueriesContext(connection) as few:
        pages.get(LIST)
    for number in range(2, 21):
        with_passkey(ada, name=f"key {number}")

    with django_assert_max_num_queries(len(few)):
        page = said(pages, LIST)

    for text in ("blue key", "key 20", "10 codes are left", "Make new ones", "last used on"):
        assert text in page


def test_where_browsers_offer_no_passkeys_the_pages_say_so(ada: User) -> None:
    client = signed_in(Client(), ada)  # http, and no localhost

    assert "need https and the name of a host" in said(client, LIST)
    assert "Add an authenticator app instead" in said(client, KEYS)
    asked = client.post(f"{KEYS}new/")
    assert asked.status_code == 422
    assert "need https" in asked.json()["refusal"]


# -- the app


def test_an_app_is_added_on_its_page(pages: Client, ada: User) -> None:
    page = said(pages, APP)
    secret = secret_on(page)
    assert '<svg width="' in page
    assert secret == secret_on(said(pages, APP))

    wrong = pages.post(APP, {"code": "no code"})
    assert wrong.status_code == 422
    assert "Check the clock of the phone." in wrong.content.decode()
    assert secret == secret_on(wrong.content.decode())
    right = pages.post(APP, {"code": code_now(secret)})

    assert (right.status_code, right.headers["Location"]) == (302, CODES)
    assert held_factors.held_by(ada.pk).device
    assert "Ten codes to print" in said(pages, CODES)
    assert secret not in str(dict(pages.session))


def test_guesses_at_the_code_of_a_new_app_slow_down(pages: Client) -> None:
    said(pages, APP)
    for _ in range(5):
        assert pages.post(APP, {"code": "no code"}).status_code == 422

    answer = pages.post(APP, {"code": "no code"})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_second_app_is_refused_on_its_page(pages: Client, ada: User) -> None:
    secret = secret_on(said(pages, APP))
    with_app(ada)
    session = pages.session
    session["confirmed_how"] = ["password+code", 2]
    session.save()

    answer = pages.post(APP, {"code": code_now(secret)})

    assert answer.status_code == 422
    assert "You have an authenticator app already" in answer.content.decode()


def test_an_app_is_removed_after_the_question(pages: Client, ada: User) -> None:
    _, secret = with_app(ada)
    gone = f"{APP}remove/"
    asked = pages.get(gone)
    assert asked.headers["Location"] == f"{CONFIRM}?next=%2Faccount%2Ffactors%2Fapp%2Fremove%2F"
    typed = {"password": PASSWORD, "code": code_now(secret, 1), "next": gone}
    assert pages.post(CONFIRM, typed).headers["Location"] == gone

    assert "It is your last second factor" in said(pages, gone)
    answer = pages.post(gone, follow=True)

    assert "Removed the authenticator app." in answer.content.decode()
    assert not OneTimeCodeDevice.objects.filter(removed_at=None).exists()
    assert pages.get(gone).status_code == 404


# -- passkeys


def test_a_passkey_is_added_on_its_page(pages: Client, ada: User) -> None:
    key = SoftAuthenticator()
    assert f'data-ask="{KEYS}new/" data-kind="create" hidden' in said(pages, KEYS)
    options = pages.post(f"{KEYS}new/").json()
    assert options["publicKey"]["user"]["name"] == "ada"

    answer = pages.post(KEYS, {"name": "blue key", "answer": key.created(options)})

    assert answer.headers["Location"] == CODES
    assert "Ten codes to print" in said(pages, CODES)
    assert Passkey.objects.get().name == "blue key"
    assert "blue key" in said(pages, LIST)


def test_a_passkey_that_was_not_asked_for_is_refused_on_its_page(pages: Client) -> None:
    without = pages.post(KEYS, {"name": "blue key"})
    assert without.status_code == 422
    assert "Passkeys need JavaScript." in without.content.decode()

    options = pages.post(f"{KEYS}new/").json()
    answer = SoftAuthenticator().created(options, origin="https://evil.example")
    refused = pages.post(KEYS, {"name": "blue key", "answer": answer})

    assert refused.status_code == 422
    assert "The passkey was not added." in refused.content.decode()
    assert 'value="blue key"' in refused.content.decode()
    assert answer not in refused.content.decode()


def test_a_passkey_is_removed_with_the_passkey_itself(pages: Client, ada: User) -> None:
    passkey, key = with_passkey(ada)
    with_app(ada)
    assert "Confirm with a passkey" in said(pages, CONFIRM)
    options = pages.post(f"{CONFIRM}passkey/").json()

    typed = {"assertion": key.signed(options), "next": removal_of(passkey)}
    assert pages.post(CONFIRM, typed).headers["Location"] == removal_of(passkey)
    assert "your last second factor" not in said(pages, removal_of(passkey))
    answer = pages.post(removal_of(passkey), follow=True)

    assert "Removed the passkey “blue key”." in answer.content.decode()
    assert pages.get(removal_of(passkey)).status_code == 404


def test_the_passkey_of_somebody_else_is_not_found(pages: Client) -> None:
    passkey, _ = with_passkey(person("bob"))

    for answer in (pages.get(removal_of(passkey)), pages.post(removal_of(passkey))):
        assert answer.status_code == 404


# -- recovery codes


def test_recovery_codes_are_shown_once(pages: Client, ada: User) -> None:
    assert "Add one first" in said(pages, CODES)
    refused = pages.post(CODES)
    assert refused.status_code == 422
    assert "stand in for a second factor" in refused.content.decode()
    with_app(ada)
    session = pages.session
    session["confirmed_how"] = ["password+code", 2]
    session.save()

    assert "Ten codes to print" in said(pages, CODES)
    shown = pages.post(CODES).content.decode()

    found = re.findall(r"\b(?:[0-9a-z]{5}-){4}[0-9a-z]{5}\b", shown)
    assert len(found) == RecoveryCode.objects.count() == 10
    assert found[0] not in said(pages, CODES)
    assert "The 10 you have end." in said(pages, CODES)


# -- who may change them


@pytest.mark.parametrize("address", [APP, f"{APP}remove/", KEYS, f"{KEYS}1/remove/", CODES])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_did_not_prove_who_they_are_minutes_ago_is_asked_first(
    pages: Client, address: str, method: str
) -> None:
    grown_old(pages)

    answer = getattr(pages, method)(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{CONFIRM}?next=")
    assert not events("passkey.remove", "refused")


def test_the_page_that_asks_says_what_is_wrong_and_slows_guesses_down(
    pages: Client, ada: User
) -> None:
    grown_old(pages)
    assert "One-time code" not in said(pages, CONFIRM)
    empty = pages.post(CONFIRM, {})
    assert (empty.status_code, "Enter your password to sign." in empty.content.decode()) == (
        422,
        True,
    )
    for _ in range(5):
        assert pages.post(CONFIRM, {"password": "a guess"}).status_code == 422
    slow = pages.post(CONFIRM, {"password": PASSWORD})
    assert slow.status_code == 429
    assert int(slow.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_the_page_that_asks_leads_nowhere_else(pages: Client, elsewhere: str) -> None:
    answer = pages.post(CONFIRM, {"password": PASSWORD, "next": elsewhere})

    assert answer.headers["Location"] == LIST


def test_who_has_no_passkey_is_told_so_by_the_script(pages: Client) -> None:
    asked = pages.post(f"{CONFIRM}passkey/")

    assert asked.status_code == 422
    assert asked.json() == {"refusal": "You have no passkey. Add one on the page of your account."}


def test_a_session_confirmed_before_factors_were_known_still_counts_as_a_password(
    pages: Client,
) -> None:
    session = pages.session
    del session["confirmed_how"]
    session.save()

    assert "What the app shows" in said(pages, APP)


def test_a_row_that_changed_meanwhile_is_said_to_have(
    pages: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    passkey, _ = with_passkey(ada)
    operations.remove_passkey(passkey, by=actor(ada), confirmed=confirmed(ada))
    every = Passkey.objects.all()
    monkeypatch.setattr("apps.accounts.queries.passkeys_of", lambda user: every)

    answer = pages.post(removal_of(passkey), follow=True)

    assert "The passkey is removed already." in answer.content.decode()


# -- the admin


def test_an_administrator_removes_lost_factors_by_button(
    client: Client, ada: User, administrator: User
) -> None:
    signed_in(client, administrator)
    person_page = f"/admin/accounts/user/{ada.pk}/change/"
    assert "Remove lost factors" not in client.get(person_page).content.decode()
    with_app(ada)
    with_passkey(ada)
    assert "Remove lost factors" in client.get(person_page).content.decode()
    button = f"/admin/accounts/user/{ada.pk}/factors/"

    assert client.post(button, {"reason": " "}).status_code == 422
    assert client.post(button, {"reason": "Lost phone and key"}).status_code == 302

    (event,) = events("user.withdraw_factors")
    assert entry_of(event)["actor"]["door"] == "admin"
    assert not held_factors.held_by(ada.pk).any


def test_factors_are_shown_in_the_admin_without_secrets(
    client: Client, ada: User, administrator: User
) -> None:
    device, _ = with_app(ada)
    passkey, _ = with_passkey(ada)
    [text, *_] = operations.renew_recovery_codes(ada, by=actor(ada), confirmed=confirmed(ada))
    code = RecoveryCode.objects.earliest("pk")
    signed_in(client, administrator)
    sealed = bytes(device.secret).decode()

    rows = {"onetimecodedevice": device.pk, "passkey": passkey.pk, "recoverycode": code.pk}
    for kind, pk in rows.items():
        base = f"/admin/accounts/{kind}/"
        for address in (base, f"{base}{pk}/change/", f"{base}{pk}/history/"):
            page = said(client, address)
            for secret in (sealed, code.digest, text):
                assert secret not in page, address
        assert client.post(f"{base}{pk}/change/", {"name": "x"}).status_code == 403
        assert client.post(f"{base}{pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_answer_in_a_form_is_not_sent_back(pages: Client, ada: User) -> None:
    with_passkey(ada)
    answer = json.dumps({"id": "planted"})

    refused = pages.post(CONFIRM, {"assertion": answer, "password": "planted-too"})

    assert refused.status_code == 422
    assert "planted" not in refused.content.decode()
