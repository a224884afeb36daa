"""A decision is taken on our own page alone: other sites send nothing, and frame nothing."""

import json
import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.approvals.models import PromotionRequest
from apps.audit.models import AuditEvent
from tests import scenarios
from tests.approvals.test_promotion_page import filled_in
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

ELSEWHERE = "https://elsewhere.example"


class Browser:
    """The browser of the owner, with the page of a request open; it checks as a real one is."""

    def __init__(self, request: PromotionRequest) -> None:
        self._client = signed_in(Client(enforce_csrf_checks=True), scenarios.owner())
        self.page = self._client.get(request.get_absolute_url())
        source = self.page.content.decode()
        self.ticket, self.secret = (
            _value(source, name) for name in ("ticket", "csrfmiddlewaretoken")
        )
        self.address = reverse("approvals:sign", args=[request.pk])
        self.form = filled_in(self.ticket, role="model_owner")

    def sends(self, form: dict[str, str], origin: str | None = None) -> HttpResponse:
        headers = {"Origin": origin} if origin else {}
        return self._client.post(self.address, form, headers=headers)  # type: ignore[return-value]

    def sends_text(self, kind: str) -> HttpResponse:
        """Send the form in a body that pages of other sites can send, secret and all."""
        body = json.dumps({**self.form, "csrfmiddlewaretoken": self.secret})
        return self._client.post(self.address, body, content_type=kind)  # type: ignore[return-value]

    def follows(self) -> HttpResponse:
        """Follow a link that says everything the form would."""
        return self._client.get(self.address, self.form)  # type: ignore[return-value]


def _value(source: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', source)
    assert found is not None, name
    return found[1]


@pytest.fixture
def request_(db: None) -> PromotionRequest:
    return scenarios.requested()


def test_d1_a_sign_off_is_sent_from_our_own_page_alone(request_: PromotionRequest) -> None:
    browser = Browser(request_)
    whole = {**browser.form, "csrfmiddlewaretoken": browser.secret}
    before = AuditEvent.objects.count()
    answers = {
        "no secret": browser.sends(browser.form),
        "another secret": browser.sends({**whole, "csrfmiddlewaretoken": "x" * 64}),
        "another origin": browser.sends(whole, ELSEWHERE),
        "no origin that can be named": browser.sends(whole, "null"),
        "JSON": browser.sends_text("application/json"),
        "plain text": browser.sends_text("text/plain"),
    }

    assert {what: answer.status_code for what, answer in answers.items()} == dict.fromkeys(
        answers, 403
    )
    assert browser.follows().status_code == 405
    assert not request_.sign_offs.exists()
    assert AuditEvent.objects.count() == before
    assert browser.sends(whole, "http://testserver").status_code == 302
    assert request_.sign_offs.count() == 1


def test_d1_nothing_about_a_request_is_decided_without_the_forms_secret(
    request_: PromotionRequest,
) -> None:
    client = signed_in(Client(enforce_csrf_checks=True), scenarios.developer())
    typed = {"withdraw-reason": "x", "promote-reason": "x", "say-text": "x", "note-reason": "x"}
    for name in ("promote", "withdraw", "comment", "note_warnings", "ask_passkey"):
        path = reverse(f"approvals:{name}", args=[request_.pk])
        assert client.post(path, typed).status_code == 403, name


def test_d2_no_other_site_frames_or_opens_the_page_that_signs(
    request_: PromotionRequest,
) -> None:
    headers = Browser(request_).page.headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
