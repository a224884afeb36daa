"""Proves who somebody is: at sign-in, again before signing, and to change the password."""

import logging
import unicodedata
from typing import cast

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest

from apps.accounts import code_checking, operations, sessions
from apps.accounts.access import ActorRequest
from apps.accounts.actors import actor_of, sign_on_actor
from apps.accounts.confirmation import Confirmation, confirmed_now
from apps.accounts.models import User
from apps.accounts.operations import WrongPassword
from apps.accounts.single_sign_on import arriving
from apps.accounts.single_sign_on.trips import Arrival
from apps.accounts.throttling import address_of, guess
from apps.audit.actions import Action
from apps.audit.changes import record_access
from apps.core.actors import ON_OWN_SESSION

logger = logging.getLogger(__name__)

SIGN_IN = Action("session.sign_in", permission=ON_OWN_SESSION)
SIGN_OUT = Action("session.sign_out", permission=ON_OWN_SESSION)


def sign_in(request: HttpRequest, username: str, password: str) -> User:
    """Begin a session under a new id; unknown, closed and wrong get the same answer.

    Raises:
        WrongPassword: when name and password do not belong together.
        TooManyTries: when too many guesses came from the same address.
    """
    name = unicodedata.normalize("NFKC", username).replace("\x00", "").strip().lower()
    with guess(name, request):
        user = authenticate(request, username=name, password=password)
        if not isinstance(user, User) or user.is_service_account:
            logger.warning("A sign-in from %s failed", address_of(request))
            raise WrongPassword("The sign-in name and the password do not match.")
    login(request, user)
    sessions.begin(request.session)
    _know_actor(request)
    record_access(SIGN_IN, user, by=actor_of(request))
    return user


def sign_in_by_sign_on(request: HttpRequest, arrival: Arrival) -> User:
    """Begin a session of whoever arrives from the identity provider, under a new id.

    Raises:
        DomainError: when they have no account that is open to them.
    """
    user = arriving.account_of(arrival, by=sign_on_actor(request))
    login(request, user)
    factors = arrival.provider.factors_of(arrival.claims)
    is_strict = arrival.provider.has_stepped_up(arrival.claims)
    proved = arrival.proved if is_strict else None
    sessions.begin_by_sign_on(request.session, factors=factors, proved=proved)
    _know_actor(request)
    facts = {"issuer": arrival.provider.issuer, "factors": factors}
    record_access(SIGN_IN, user, by=actor_of(request), facts=facts)
    return user


def sign_out(request: ActorRequest) -> None:
    """End the session."""
    record_access(SIGN_OUT, request.user, by=request.actor)
    logout(request)
    _know_actor(request)


def confirm_password(request: ActorRequest, password: str, code: str = "") -> Confirmation:
    """Let the person of a session prove again who they are, for what they are about to sign.

    With a second factor they also give a one-time code, or a recovery code in its place.

    Raises:
        WrongPassword: when it is not their password, or the code is wrong or was used.
        NotAllowed: when the code is missing.
        TooManyTries: when too many guesses came from the same address.
    """
    with guess(request.user.username, request):
        if not request.user.check_password(password):
            raise WrongPassword("That is not your password. Nothing was signed.")
        method, factors = code_checking.method_with(request.user, code, by=request.actor)
    return confirmed_now(request, method, factors=factors)


def renew_password(request: ActorRequest, *, current: str, new: str) -> None:
    """Change the password of the session's person, and keep this session alone.

    Raises:
        DomainError: when the current password is wrong or the new one breaks a rule.
    """
    with guess(request.user.username, request):
        user = operations.change_password(request.user, by=request.actor, current=current, new=new)
    update_session_auth_hash(request, user)
    sessions.confirm(request.session)
    _know_actor(request)


def _know_actor(request: HttpRequest) -> None:
    """Take note of the session's new id in the actor."""
    cast(ActorRequest, request).actor = actor_of(request)
