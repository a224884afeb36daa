"""A form whose session was over: nothing is done, nothing typed is lost, nothing secret is kept."""

import os
import re
from base64 import b64encode
from datetime import timedelta
from html import unescape

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.accounts.forms import AnswerInput, CodeInput
from apps.accounts.models import User
from apps.accounts.unsent import MOST_SEALED, SECRETS
from tests.factories import PASSWORD, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.pages")]

TYPED = {"reason": "Line one\r\n<b>two</b>", "decision": "approve", "password": PASSWORD}
OURS = {"Origin": "http://testserver"}


def idle(client: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Leave a session alone for too long."""
    signed_in(client, user)
    later = timezone.now() + settings.SESSION_IDLE + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    return client


def hidden(page: str, name: str) -> list[str]:
    """Return the values of hidden fields of a page."""
    return [unescape(found) for found in re.findall(rf'name="{name}" value="([^"]*)"', page)]


def sign_in_again(client: Client, page: str, username: str = "ada") -> str:
    """Fill in the sign-in page that came in place of another; return the page after it."""
    [unsent] = hidden(page, "unsent")
    typed = {"username": username, "password": PASSWORD, "unsent": unsent, "next": "/for-people/"}
    return client.post("/sign-in/", typed, follow=True).content.decode()


def test_what_was_typed_goes_through_the_sign_in_page(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle(client, ada, monkeypatch)

    answer = client.post("/for-people/?row=2", {**TYPED, "as": ["one", "two"]})

    page = answer.content.decode()
    assert answer.status_code == 401
    assert "signed out after 30 minutes without activity" in page
    assert 'action="/sign-in/"' in page
    after = sign_in_again(client, page)
    assert 'action="/for-people/?row=2"' in after
    assert hidden(after, "reason") == [TYPED["reason"]]
    assert hidden(after, "decision") == ["approve"]
    assert hidden(after, "as") == ["one", "two"]
    assert hidden(after, "password") == []
    assert PASSWORD not in page + after


def test_a_mistyped_password_loses_nothing_either(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = idle(client, ada, monkeypatch).post("/for-people/", TYPED).content.decode()
    [unsent] = hidden(page, "unsent")
    wrong = {"username": "ada", "password": "a wrong password", "unsent": unsent}

    again = client.post("/sign-in/", wrong)

    assert again.status_code == 422
    assert hidden(again.content.decode(), "unsent") == [unsent]


def test_nobody_sends_what_somebody_else_typed(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("grace")
    page = idle(client, ada, monkeypatch).post("/for-people/", TYPED).content.decode()

    after = sign_in_again(client, page, "grace")

    assert "Line one" not in after
    assert '"actor"' in after  # the page that was wanted, and no other


def test_what_nobody_here_sealed_is_not_sent(client: Client, ada: User) -> None:
    forged = {"username": "ada", "password": PASSWORD, "unsent": "eyJwYXRoIjoiLyJ9:1:x"}

    assert client.post("/sign-in/", forged).headers["Location"] == "/"


def test_what_is_empty_too_long_or_sent_by_a_script_is_not_kept(client: Client) -> None:
    by_script = {"Sec-Fetch-Mode": "cors"}
    noise = b64encode(os.urandom(MOST_SEALED * 6 // 7)).decode()  # which nothing makes shorter
    sent: list[tuple[dict[str, str], dict[str, str]]]
    sent = [({}, {}), (TYPED, by_script), ({"text": noise}, {})]
    for values, headers in sent:
        answer = client.post("/for-people/", values, headers=headers)
        assert answer.headers["Location"] == "/sign-in/", values.keys()
    policy = "- {condition: owner_assigned, tiers: {1: block, 2: block}}\r\n" * 8000
    assert client.post("/for-people/", {"text": policy}).status_code == 401


def test_a_form_of_an_earlier_session_is_offered_again_to_its_person_on_our_pages_alone(
    ada: User,
) -> None:
    client = signed_in(Client(enforce_csrf_checks=True), ada)

    answer = client.post("/for-people/", TYPED, headers=OURS)
    others = client.post("/for-people/", TYPED, headers={"Origin": "https://elsewhere.example"})
    unnamed = client.post("/for-people/", TYPED)
    signing_in = client.post("/sign-in/", {"username": "ada", "password": PASSWORD}, headers=OURS)

    ours = answer.content.decode()
    assert answer.status_code == 403
    assert "Send it now" in ours
    assert hidden(ours, "reason") == [TYPED["reason"]]
    for refused in (others, unnamed, signing_in):
        assert refused.status_code == 403
        assert b"Send it now" not in refused.content
        assert b"Line one" not in refused.content
    stranger = Client(enforce_csrf_checks=True).post("/for-people/", TYPED, headers=OURS)
    assert stranger.status_code == 401
    assert hidden(stranger.content.decode(), "unsent")


def test_every_field_that_proves_who_somebody_is_counts_as_secret() -> None:
    def below(kind: type[forms.BaseForm]) -> set[type[forms.BaseForm]]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    assert apps.ready
    secret = forms.PasswordInput, CodeInput, AnswerInput
    ours = [kind for kind in below(forms.BaseForm) if kind.__module__.startswith("apps.")]
    found = {
        name
        for kind in ours
        for name, field in getattr(kind, "base_fields", {}).items()
        if isinstance(field.widget, secret)
    }
    assert found == SECRETS
