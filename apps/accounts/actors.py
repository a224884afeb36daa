"""Makes the actor of a request, a command or a token."""

import hashlib
from dataclasses import replace
from uuid import UUID, uuid4

from django.http import HttpRequest

from apps.accounts import sessions
from apps.accounts.models import ApiToken, User
from apps.accounts.rights import (
    MANAGE_DUTIES,
    MANAGE_PEOPLE,
    NO_EXAM,
    PLATFORM_PERMISSIONS,
    DirectoryAuthority,
    TokenLimits,
    UserAuthority,
)
from apps.accounts.scopes import Scope
from apps.core.actors import ANONYMOUS, Actor, Auth, Door, FixedAuthority, Kind


def actor_of(request: HttpRequest) -> Actor:
    """Return the person signed in by a browser session, or the anonymous actor."""
    request_id: UUID | None = getattr(request, "request_id", None)
    if not isinstance(request.user, User):
        return replace(ANONYMOUS, request_id=request_id)
    return actor_for(
        request.user,
        door=Door.WEB,
        auth=Auth.OIDC if sessions.is_by_sign_on(request.session) else Auth.SESSION,
        session=request.session.session_key,
        request_id=request_id,
    )


def actor_for(
    user: User,
    *,
    door: Door,
    auth: Auth = Auth.NONE,
    session: str | None = None,
    request_id: UUID | None = None,
) -> Actor:
    """Return a person, or a service account, as an actor at a door."""
    return Actor(
        id=user.record_id,
        kind=Kind.SERVICE if user.is_service_account else Kind.USER,
        door=door,
        auth=auth,
        name=str(user),
        session=fingerprint(session) if session else None,
        request_id=request_id or uuid4(),
        user_id=user.pk,
        authority=UserAuthority(user.pk, NO_EXAM if user.is_examiner else None),
        only_looks=user.is_examiner,
    )


def actor_of_token(token: ApiToken, *, request_id: UUID | None = None) -> Actor:
    """Return the owner of a token as an actor with no more than the token's rights."""
    limits = TokenLimits(
        frozenset(Scope(scope) for scope in token.scopes), frozenset(token.roots), token.expires_at
    )
    user = token.user
    return Actor(
        id=user.record_id,
        kind=Kind.SERVICE if user.is_service_account else Kind.USER,
        door=Door.API,
        auth=Auth.TOKEN,
        name=str(user),
        session=fingerprint(token.digest),
        request_id=request_id or uuid4(),
        user_id=user.pk,
        authority=UserAuthority(user.pk, limits),
        only_looks=user.is_examiner,
    )


def calendar_reader_of(token: ApiToken, *, request_id: UUID | None = None) -> Actor:
    """Return the owner of a calendar's token, as somebody who sees models: for the calendar alone.

    Anywhere else such a token lets nothing through, not even to see a model.
    """
    limits = TokenLimits(frozenset({Scope.READ}), frozenset(token.roots), token.expires_at)
    actor = actor_of_token(token, request_id=request_id)
    return replace(actor, authority=UserAuthority(token.user_id, limits))


def directory_keeper_of(token: ApiToken, *, request_id: UUID | None = None) -> Actor:
    """Return the owner of a directory's token, as somebody who manages people: for SCIM alone.

    Anywhere else such a token lets nothing through.
    """
    actor = actor_of_token(token, request_id=request_id)
    return replace(actor, authority=DirectoryAuthority(token.user_id, token.expires_at))


def sign_on_actor(request: HttpRequest) -> Actor:
    """Return who opens accounts and follows groups for people who come from the provider."""
    return Actor(
        id="system",
        kind=Kind.SYSTEM,
        door=Door.WEB,
        auth=Auth.OIDC,
        name="Single sign-on",
        request_id=getattr(request, "request_id", None) or uuid4(),
        authority=FixedAuthority({MANAGE_PEOPLE, MANAGE_DUTIES}),
    )


def command_actor(name: str) -> Actor:
    """Return the actor of a command that names no person.

    Whoever can run commands on the host can read the database and its keys, so the actor may manage
    people and duties and keep backups; on models it may do nothing. The record shows the door.
    """
    return Actor(
        id="system",
        kind=Kind.SYSTEM,
        door=Door.COMMAND,
        name=name,
        request_id=uuid4(),
        authority=FixedAuthority(PLATFORM_PERMISSIONS),
    )


def fingerprint(secret: str) -> str:
    """Return the first 16 hexadecimal digits of a session's or token's SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]
