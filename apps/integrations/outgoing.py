"""One request on its way to a webhook, whatever its format."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from apps.core.errors import RuleBroken


class NotToBeSent(RuleBroken):
    """There is nothing to send to this webhook here, now or later; the message says why."""

    code = "not_to_be_sent"


@dataclass(frozen=True)
class Outgoing:
    """What is sent where. Addresses and headers may hold secrets, so it is shown nowhere."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    told: str = ""
    """The status a commit is given by it."""
    declined_by: frozenset[int] = frozenset()
    """Answers after which another try would end alike."""

    def __repr__(self) -> str:
        return f"Outgoing(told={self.told!r})"


def page_of(name: str, number: int | str | None = None) -> str:
    """Return the whole address of the page of a model or a version; empty when it has none."""
    if not settings.BASE_URL:
        return ""
    place = "models:version" if number else "models:model"
    path = reverse(place, args=[name, int(number)] if number else [name])
    return f"{settings.BASE_URL}{path}"
