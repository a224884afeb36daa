"""What may be entered of a webhook, and which part of it is kept as its secret."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from apps.core import addresses
from apps.core.inputs import InputRefused, require_text
from apps.integrations.happenings import EVENTS
from apps.integrations.models import Webhook
from apps.integrations.statuses import repositories
from apps.integrations.statuses.forges import FORGES

MOST_NAME = 63
MOST_DESCRIPTION = 1000
MOST_SECRET = 256
OF_STATUSES = "model_version.created"
"""The event webhooks for statuses are known by; they follow all that comes of a version."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Declared:
    """What somebody enters of a webhook; nothing where it is to stay as it is."""

    name: str | None = None
    url: str | None = None
    events: Collection[str] | None = None
    secret: str | None = None
    description: str | None = None
    status: str | None = None
    repository: str | None = None

    def fill(self, webhook: Webhook) -> list[str]:
        """Set the given fields, provided they hold what they may; return which ones changed."""
        given = self._fields(webhook)
        changed = [
            key
            for key, value in given.items()
            if value is not None and (webhook._state.adding or getattr(webhook, key) != value)
        ]
        for key in changed:
            setattr(webhook, key, given[key])
        return changed

    def to_keep(self, webhook: Webhook) -> str | None:
        """Return what is to be kept as the secret of a webhook; nothing when that stays.

        Asked before the fields are set, since a token goes only where it was given for.
        """
        if webhook.is_chat:
            return self._address_of_chat(webhook)
        if webhook.sets_statuses:
            return self._token(webhook)
        if self.secret is not None:
            require_text(self.secret, "The secret", MOST_SECRET)
        return self.secret

    def _fields(self, webhook: Webhook) -> Mapping[str, Any]:
        return {
            "name": _name(self.name),
            "url": self._url(webhook),
            "events": _events(webhook, self.events),
            "description": _description(self.description),
            "status": _status(self.status),
            "repository": _repository(webhook, self.repository),
        }

    def _url(self, webhook: Webhook) -> str | None:
        if self.url is None or self._is_as_shown(webhook):
            return None
        found = addresses.destination(self.url)
        if webhook.is_chat:
            return f"{found.scheme}://{found.authority}/…"
        if webhook.sets_statuses and "?" in self.url:
            raise InputRefused("The address of an API holds no question mark.")
        return self.url.rstrip("/") if webhook.sets_statuses else self.url

    def _address_of_chat(self, webhook: Webhook) -> str | None:
        if self.secret:
            raise InputRefused(
                "A chat checks no signature, so its webhook takes no secret. Its address is one."
            )
        return None if self._is_as_shown(webhook) else self.url

    def _is_as_shown(self, webhook: Webhook) -> bool:
        """Whether a chat's address was sent back as it is shown, without its secret part."""
        return webhook.is_chat and bool(self.url) and self.url == webhook.url

    def _token(self, webhook: Webhook) -> str | None:
        moves = self.url is not None and self.url.rstrip("/") != webhook.url
        if self.secret is None and not moves:
            return None
        token = self.secret or ""
        if len(token) > MOST_SECRET or not _TOKEN.fullmatch(token):
            raise InputRefused(
                "Statuses of commits need a token of the host of the code as secret, of at most "
                f"{MOST_SECRET} letters, digits and signs. A new address needs it again."
            )
        return token


def require_format(text: str) -> str:
    """Return a format there is.

    Raises:
        InputRefused: when there is none of that name.
    """
    if text not in Webhook.Format.values:
        raise InputRefused(f"The format is one of {', '.join(Webhook.Format.values)}.")
    return text


def require_events(events: Collection[str]) -> None:
    """Refuse events a webhook cannot ask for, and none at all."""
    if not events or set(events) - set(EVENTS):
        raise InputRefused(f"The events of a webhook are one or more of {', '.join(EVENTS)}.")


def _name(name: str | None) -> str | None:
    if name is not None and (len(name) > MOST_NAME or not _NAME.fullmatch(name)):
        raise InputRefused(
            f"The name of a webhook has 1 to {MOST_NAME} letters, digits, dots, underscores and "
            "hyphens, with a letter or digit at both ends."
        )
    return name


def _events(webhook: Webhook, events: Collection[str] | None) -> list[str] | None:
    if events is None:
        return None
    require_events(events)
    if webhook.sets_statuses and set(events) != {OF_STATUSES}:
        raise InputRefused(
            f"A webhook for statuses asks for {OF_STATUSES} alone, and is told what follows."
        )
    return [known for known in EVENTS if known in events]


def _description(description: str | None) -> str | None:
    if description is not None:
        require_text(description, "The description", MOST_DESCRIPTION, lines=True)
    return description


def _status(status: str | None) -> str | None:
    if status is not None and status not in Webhook.Status.values:
        raise InputRefused(f"The status is one of {', '.join(Webhook.Status.values)}.")
    return status


def _repository(webhook: Webhook, repository: str | None) -> str | None:
    if not webhook.sets_statuses:
        if repository:
            raise InputRefused("Only a webhook for statuses of commits names a repository.")
        return repository
    if repository is None:
        return None
    return str(repositories.require(repository, depth=FORGES[webhook.format].depth))
