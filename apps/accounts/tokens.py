"""Finds the actor an API token stands for."""

import base64
import binascii
import hmac
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts import token_texts
from apps.accounts.actors import actor_of_token
from apps.accounts.models import ApiToken, TokenUse
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
    request_id: UUID | None = getattr(request, "request_id", None)
    return actor_of_token(token, request_id=request_id)


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
