"""The hands of a person in the demo: a browser session that fills real forms.

Sign-offs need a person in a session, so the demo signs in through the sign-in page and sends the
forms a person would send; nothing is written past the doors.
"""

import re
from collections.abc import Sequence
from html import unescape
from typing import TypeAlias

from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from apps.approvals.models import PromotionRequest
from apps.validation.models import Breach, Document, EvidenceItem

Typed: TypeAlias = str | int | Sequence[str] | Sequence[int]
"""What is typed into a field, or all that is ticked."""


class RefusedStep(RuntimeError):
    """A step of the demo was refused; the message holds what the page said."""


class Hands:
    """One signed-in person."""

    def __init__(self, username: str, password: str) -> None:
        self._password = password
        self._client = Client(SERVER_NAME="localhost")
        self._send(reverse("accounts:sign_in"), username=username, password=password)

    def request_promotion(self, name: str, number: int, *, target: str, reason: str) -> None:
        """Ask for a promotion on the version's page."""
        self._send(reverse("approvals:request", args=[name, number]), target=target, reason=reason)

    def sign(
        self, request: PromotionRequest, *, role: str, decision: str = "approve", reason: str
    ) -> None:
        """Open the promotion page, and sign what it shows."""
        path = reverse("approvals:sign", args=[request.pk])
        shown = request.get_absolute_url()
        self.sign_shown(shown, path, role=role, decision=decision, reason=reason)

    def sign_shown(self, shown: str, path: str, **typed: str) -> None:
        """Open a page that shows what is to be signed, and sign it with the password."""
        ticket = self.hidden_on(shown, "ticket")
        self._send(path, ticket=ticket, password=self._password, **typed)

    def fill_in(self, path: str, **typed: Typed) -> None:
        """Fill in the form of a page, and send it."""
        self._send(path, **typed)

    def hidden_on(self, path: str, name: str) -> str:
        """Return what a form of a page holds without showing it."""
        return _hidden_value(self._client.get(path).content.decode(), name)

    def sign_document(self, document: Document, *, role: str) -> None:
        """Open the page of a document, and sign the text it shows."""
        path = reverse("validation:approve_document", args=[document.pk])
        digest = self.hidden_on(document.get_absolute_url(), "digest")
        self._send(path, role=role, digest=digest)

    def promote(self, request: PromotionRequest, *, reason: str) -> None:
        """Carry a promotion out on its page."""
        path = reverse("approvals:promote", args=[request.pk])
        self._send(path, **{"promote-reason": reason})

    def roll_back(self, name: str, *, reason: str) -> None:
        """Roll a model back on its page."""
        self._send(reverse("approvals:roll_back", args=[name]), reason=reason)

    def verify(self, item: EvidenceItem) -> None:
        """Stand by evidence somebody else gave, on its page."""
        path = reverse("validation:verify_evidence", args=[item.model.name, item.pk])
        self._send(path, **{"verify-looked": "on"})

    def watch(self, name: str, **typed: str) -> None:
        """Begin to watch a metric of a model, on its page."""
        self._send(reverse("models:start_series", args=[name]), **typed)

    def answer_for(self, breach: Breach, *, reason: str) -> None:
        """Say what a breach was, on its page."""
        self._send(breach.get_absolute_url(), reason=reason)

    def _send(self, path: str, **values: Typed) -> None:
        answer = self._client.post(path, values)
        if answer.status_code != 302:
            raise RefusedStep(f"{path}: {_said(answer)}")


def _hidden_value(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]+)"', page)
    if found is None:
        raise RefusedStep(f"The page offers no form with {name}.")
    return unescape(found[1])


def _said(answer: HttpResponseBase) -> str:
    """Return what a refused form's page says, for whoever mends the demo."""
    page = getattr(answer, "content", b"").decode()
    notices = re.findall(r'(?:role="alert"|class="message")[^>]*>(.*?)</div>', page, re.DOTALL)
    words = " ".join(re.sub(r"<[^>]+>", " ", notice) for notice in notices)
    return f"{answer.status_code} {' '.join(unescape(words).split())}"
