"""Adds second factors at the doors. Who just added one has confirmed by it who they are."""

from collections.abc import Mapping

from apps.accounts import ceremonies, one_time_codes, operations
from apps.accounts.access import ActorRequest
from apps.accounts.confirmation import Method, confirmation_of, confirmed_now
from apps.accounts.models import OneTimeCodeDevice, Passkey
from apps.accounts.throttling import guess

_SECRET = "code_secret"  # noqa: S105 - where it waits, not what it is


def secret_shown(request: ActorRequest) -> Mapping[str, object]:
    """Return the secret that waits in this session, new if there is none, as an app takes it."""
    secret = _secret_of(request)
    address = one_time_codes.address_of(secret, request.user.username)
    return {"drawn": one_time_codes.drawn(address), "secret": one_time_codes.spaced(secret)}


def add_code_device(request: ActorRequest, code: str) -> OneTimeCodeDevice:
    """Keep the secret that was shown, once the app shows a code that fits.

    Raises:
        DomainError: when the code does not fit, or tries come too fast.
    """
    with guess(request.user.username, request):
        device = operations.add_code_device(
            request.user,
            by=request.actor,
            secret=_secret_of(request),
            code=code,
            confirmed=confirmation_of(request),
        )
    del request.session[_SECRET]
    confirmed_now(request, Method.PASSWORD_AND_CODE, factors=2)
    return device


def add_passkey(request: ActorRequest, name: str, answer: str) -> Passkey:
    """Keep the passkey a browser made for the challenge that waits in this session.

    Raises:
        DomainError: when it was not made for this, or may not be added.
    """
    passkey = operations.add_passkey(
        request.user,
        by=request.actor,
        name=name,
        added=ceremonies.finish_adding(request, answer),
        confirmed=confirmation_of(request),
    )
    confirmed_now(request, Method.PASSKEY, factors=2)
    return passkey


def _secret_of(request: ActorRequest) -> str:
    """Return the secret that waits, sealed, since sessions lie in the database."""
    if _SECRET not in request.session:
        fresh = one_time_codes.new_secret()
        request.session[_SECRET] = one_time_codes.sealed(fresh).decode()
    return one_time_codes.opened(request.session[_SECRET].encode())
