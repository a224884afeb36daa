"""Finds the actor an API token stands for."""

import base64
import binascii
import hmac
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts import token_texts
from apps.accounts.actors import actor_of_token, calendar_reader_of, directory_keeper_of
from apps.accounts.models import ApiToken, TokenUse
from apps.accounts.scopes import Scope
from apps.core.actors import Actor
from apps.core.prepared import Prepared, Slot

_TOKEN: Prepared[ApiToken] = Prepared(
    lambda: ApiToken.objects.select_related("user", "use").filter(digest=Slot())
)
_TOUCHED_EVERY = timedelta(minutes=1)


def actor_of_bearer(request: HttpRequest) -> Actor | None:
    """Return the owner of a request's token, with no more than its rights, or None.

    The token comes as ``Authorization: Bearer``, or ``Basic`` with the token as the password, as
    clients that only know user and password send it.
    """
    token = _usable(request)
    return actor_of_token(token, request_id=_id_of(request)) if token else None


def calendar_reader(request: HttpRequest) -> tuple[Actor, str] | None:
    """Return who reads a calendar by a request's token, and the digest of it, or None.

    Only a token of the scope for calendars is one, and it reads nothing but the calendar.
    """
    token = _usable(request)
    if token is None or Scope.CALENDAR not in token.scopes:
        return None
    return calendar_reader_of(token, request_id=_id_of(request)), token.digest


def directory_keeper(request: HttpRequest) -> Actor | None:
    """Return who keeps people and teams by a request's token, or None.

    Only a token of the scope for the directory is one; limited to models, it keeps nobody.
    """
    token = _usable(request)
    if token is None or Scope.DIRECTORY not in token.scopes or token.roots:
        return None
    return directory_keeper_of(token, request_id=_id_of(request))


def _usable(request: HttpRequest) -> ApiToken | None:
    """Return the token of a request, if it opens anything now; its use is noted."""
    text = _token_text(request.headers.get("Authorization", ""))
    if not token_texts.is_well_formed(text):
        return None
    digest = token_texts.digest_of(text)
    token = _TOKEN.row(digest)
    if token is None or not hmac.compare_digest(token.digest, digest):
        return None
    if not token.is_usable(timezone.now()):
        return None
    _touch(token)
    return token


def _id_of(request: HttpRequest) -> UUID | None:
    return getattr(request, "request_id", None)


def _token_text(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        return _password_of(rest.strip())
    return ""


def _password_of(encoded: str) -> str:
    try:
        pair = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return pair.partition(":")[2]


def _touch(token: ApiToken) -> None:
    """Note the use of a token, at most once a minute."""
    now, use = timezone.now(), getattr(token, "use", None)
    if use is None or now - use.last_used_at >= _TOUCHED_EVERY:
        TokenUse.objects.update_or_create(token=token, defaults={"last_used_at": now})
