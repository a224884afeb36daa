"""Passkeys at the doors: what a browser is asked, and what its answer proves about its person.

The challenge waits in the session for one answer. What a passkey signed last is kept beside it and
written by compare-and-set, so that an answer counts once, even when it is sent twice at once.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from apps.accounts import held_factors, passkeys
from apps.accounts.access import ActorRequest
from apps.accounts.confirmation import FREE_CHALLENGE, Confirmation, Method, confirmed_now
from apps.accounts.models import Passkey, PasskeyUse
from apps.accounts.passkeys import Added, Assertion, KnownKey, PasskeyRefused, Site
from apps.audit.actions import Action
from apps.audit.changes import record_access
from apps.core.actors import ON_OWN
from apps.core.clock import database_now

SUSPECT_PASSKEY = Action("passkey.suspect", permission=ON_OWN)

WAITS_SECONDS = 300
_ASKED = "passkey_asked"


def site_of(request: ActorRequest) -> Site:
    """Return the site a request is made to, as the browser knows it."""
    origin = f"{request.scheme}://{request.get_host()}"
    return Site(urlsplit(origin).hostname or "", origin)


def new_challenge() -> bytes:
    """Return a challenge for what signs no statement, and is never taken for one."""
    return secrets.token_bytes(FREE_CHALLENGE)


def begin(request: ActorRequest, challenge: bytes) -> Mapping[str, Any]:
    """Return what the browser is asked to sign the challenge with, and remember the challenge.

    Raises:
        PasskeyRefused: when the person has no passkey.
    """
    held = held_factors.held_by(request.user.pk).passkeys
    if not held:
        raise PasskeyRefused("You have no passkey. Add one on the page of your account.")
    _remember(request, challenge)
    return passkeys.request_options(site_of(request), challenge, _known(held))


def finish(request: ActorRequest, challenge: bytes, response: str) -> Confirmation:
    """Return the confirmation that an answer over this challenge proves; it counts once.

    Raises:
        PasskeyRefused: when it proves nothing, with what to do next.
    """
    _require_asked(request, challenge)
    held = held_factors.held_by(request.user.pk).passkeys
    said = passkeys.asserted(site_of(request), challenge, response, _known(held))
    used = next(passkey for passkey in held if passkey.credential_id == said.credential)
    _count(request, used, said, challenge)
    confirmed = confirmed_now(request, Method.PASSKEY, factors=2)
    return Confirmation(
        confirmed.user_id,
        confirmed.method,
        confirmed.at,
        confirmed.factors,
        challenge=challenge,
        proof=said.proof,
    )


def begin_adding(request: ActorRequest) -> Mapping[str, Any]:
    """Return what the browser is asked to make a new passkey with, and remember the challenge."""
    challenge, user = new_challenge(), request.user
    _remember(request, challenge)
    return passkeys.creation_options(
        site_of(request),
        challenge,
        person=user.record_id,
        username=user.username,
        name=str(user),
        known=_known(held_factors.held_by(user.pk).passkeys),
    )


def finish_adding(request: ActorRequest, response: str) -> Added:
    """Return the credential a browser made for the challenge that waits; it is added by operation.

    Raises:
        PasskeyRefused: when the answer is not for this site, person and challenge.
    """
    challenge = asked(request)
    _require_asked(request, challenge)
    return passkeys.added(site_of(request), challenge, response)


def asked(request: ActorRequest) -> bytes:
    """Return the challenge that waits in the session for its answer, or nothing."""
    waiting = request.session.get(_ASKED)
    return bytes.fromhex(waiting["challenge"]) if waiting else b""


def _remember(request: ActorRequest, challenge: bytes) -> None:
    request.session[_ASKED] = {"challenge": challenge.hex(), "at": timezone.now().timestamp()}


def _require_asked(request: ActorRequest, challenge: bytes) -> None:
    """Refuse a challenge this session did not ask a moment ago; it is asked once."""
    waiting = request.session.pop(_ASKED, None)
    if waiting is None or waiting["challenge"] != challenge.hex():
        raise PasskeyRefused("This was not asked of your passkey. Start again on this page.")
    if timezone.now().timestamp() - waiting["at"] > WAITS_SECONDS:
        raise PasskeyRefused("That took longer than five minutes. Use the passkey again.")


def _known(held: Sequence[Passkey]) -> list[KnownKey]:
    return [KnownKey(passkey.credential_id, passkey.public_key) for passkey in held]


def _count(request: ActorRequest, used: Passkey, said: Assertion, challenge: bytes) -> None:
    """Take note of the use; refuse one that was counted, or a counter that went back.

    Many passkeys do not count: theirs stays zero. One that counts and goes back was copied
    (WebAuthn section 6.1.1), so the record says so and the answer proves nothing.
    """
    before = PasskeyUse.objects.get(passkey=used)
    if (said.sign_count or before.sign_count) and said.sign_count <= before.sign_count:
        facts = {"counted": before.sign_count, "said": said.sign_count}
        record_access(SUSPECT_PASSKEY, used, by=request.actor, facts=facts)
        raise PasskeyRefused(
            "The counter of this passkey went back, as it does when a key was copied. "
            "Remove it on the page of your account and add a new one."
        )
    same = PasskeyUse.objects.filter(
        pk=before.pk, sign_count=before.sign_count, challenge=before.challenge
    )
    is_used = before.challenge == challenge.hex()
    if is_used or not same.update(
        sign_count=said.sign_count, challenge=challenge.hex(), last_used_at=database_now()
    ):
        raise PasskeyRefused("This answer of the passkey was used already. Use the passkey again.")
