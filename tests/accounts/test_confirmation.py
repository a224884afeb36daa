"""What is signed needs a password given minutes ago, by the one who signs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from apps.accounts.access import ActorRequest
from apps.accounts.actors import actor_of
from apps.accounts.confirmation import Confirmation, confirmation_of
from apps.accounts.models import User
from apps.core.actors import ANONYMOUS
from apps.core.errors import NotAllowed
from tests.factories import actor, person, signed_in

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def request_of(client: Client, user: User) -> ActorRequest:
    request = RequestFactory().get("/")
    request.session, request.user = client.session, user
    request.actor = actor_of(request)  # type: ignore[attr-defined]
    return request  # type: ignore[return-value]


def test_a_session_confirms_its_own_person(client: Client, ada: User) -> None:
    request = request_of(signed_in(client, ada), ada)

    confirmation = confirmation_of(request)

    assert (confirmation.user_id, confirmation.method) == (ada.pk, "password")
    confirmation.require_fresh(request.actor, now=confirmation.at)


def test_a_session_that_never_asked_for_a_password_confirms_nobody(
    client: Client, ada: User
) -> None:
    request = request_of(signed_in(client, ada), ada)
    del request.session["confirmed_at"]
    with pytest.raises(NotAllowed, match="Enter your password"):
        confirmation_of(request)


def test_nobody_signed_in_confirms_nothing(client: Client, ada: User) -> None:
    request = request_of(signed_in(client, ada), ada)
    request.actor = ANONYMOUS

    with pytest.raises(NotAllowed, match="Enter your password"):
        confirmation_of(request)


def test_a_confirmation_holds_five_minutes_for_one_person(ada: User) -> None:
    confirmation = Confirmation(ada.pk, "password", NOON)

    confirmation.require_fresh(actor(ada), now=NOON + settings.REAUTHENTICATION_HOLDS)
    with pytest.raises(NotAllowed, match="again"):
        confirmation.require_fresh(actor(ada), now=NOON + timedelta(minutes=5, seconds=1))
    with pytest.raises(NotAllowed, match="again"):
        confirmation.require_fresh(actor(person("bob")), now=NOON)
