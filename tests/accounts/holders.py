"""People with second factors, made by the real operations."""

from datetime import datetime

from django.http import HttpRequest
from django.test import Client, RequestFactory

from apps.accounts import ceremonies, one_time_codes, operations
from apps.accounts.access import ActorRequest
from apps.accounts.actors import actor_of
from apps.accounts.confirmation import Confirmation
from apps.accounts.models import OneTimeCodeDevice, Passkey, User
from apps.core.clock import database_now
from tests.accounts.authenticator import HOST, SoftAuthenticator
from tests.factories import actor, signed_in


def confirmed(user: User, *, factors: int = 2, at: datetime | None = None) -> Confirmation:
    """Return a re-authentication of now, by as many factors as anybody holds."""
    method = "password" if factors == 1 else "password+code"
    return Confirmation(user.pk, method, at or database_now(), factors)


def code_now(secret: str, ahead: int = 0, *, at: datetime | None = None) -> str:
    """Return the code an app shows now, or some steps from now."""
    step = int((at or database_now()).timestamp()) // one_time_codes.STEP_SECONDS
    return one_time_codes.code_at(secret, step + ahead)


def with_app(user: User) -> tuple[OneTimeCodeDevice, str]:
    """Add an authenticator app; the code of now is used up by that, the next one is not."""
    secret = one_time_codes.new_secret()
    device = operations.add_code_device(
        user, by=actor(user), secret=secret, code=code_now(secret), confirmed=confirmed(user)
    )
    return device, secret


def request_of(client: Client, user: User) -> ActorRequest:
    """Return a request in the browser session of a client that is signed in."""
    request = RequestFactory().get("/", headers={"host": HOST})
    return in_session(request, client, user)


def in_session(request: HttpRequest, client: Client, user: User) -> ActorRequest:
    request.session, request.user = client.session, user
    request.actor = actor_of(request)  # type: ignore[attr-defined]
    return request  # type: ignore[return-value]


def with_passkey(
    user: User, authenticator: SoftAuthenticator | None = None, *, name: str = "blue key"
) -> tuple[Passkey, SoftAuthenticator]:
    """Add a passkey through the whole ceremony."""
    key = authenticator or SoftAuthenticator()
    request = request_of(signed_in(Client(), user), user)
    made = key.created(ceremonies.begin_adding(request))
    passkey = operations.add_passkey(
        user,
        by=actor(user),
        name=name,
        added=ceremonies.finish_adding(request, made),
        confirmed=confirmed(user),
    )
    return passkey, key
