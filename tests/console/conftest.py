"""Readers of the console's pages."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.factories import signed_in

Reads = Callable[..., "Answer"]


class Answer:
    """A page as a reader sees it: its status, its words, its whole source."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status = response.status_code
        self.source = response.content.decode() if not response.streaming else ""

    @property
    def words(self) -> str:
        """The text of the page's main part, in one line."""
        main = self.source.partition("<main")[2].partition("</main>")[0]
        text = html.unescape(re.sub(r"<[^>]+>", " ", main))
        return re.sub(r"\s+", " ", text)

    def has_link(self, href: str) -> bool:
        return f'href="{html.escape(href)}"' in self.source


@pytest.fixture
def opens(client: Client) -> Reads:
    """Return what opens a page as a person, or sends a form to it."""

    def open_as(user: User, path: str, sent: dict[str, Any] | None = None) -> Answer:
        signed_in(client, user)
        response = client.get(path) if sent is None else client.post(path, sent)
        return Answer(response)

    return open_as
