"""API tokens: made by their owner, shown once, closed by the owner or an administrator."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings

from apps.accounts import rules, token_texts
from apps.accounts.models import ApiToken, User
from apps.accounts.rights import MANAGE_PEOPLE
from apps.accounts.scopes import Scope
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.core.actors import ON_OWN, Actor
from apps.core.digests import utc_text
from apps.core.errors import RuleBroken

CREATE_TOKEN = Action("token.create", permission=ON_OWN, sealing=Sealing.FIRST)
RENEW_TOKEN = Action("token.renew", permission=ON_OWN, sealing=Sealing.FIRST)
REVOKE_TOKEN = Action("token.revoke", permission=ON_OWN, sealing=Sealing.AWAITED)
WITHDRAW_TOKEN = Action(
    "token.withdraw", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.AWAITED
)

MOST_TOKENS = 50
MOST_ROOTS = 100
_ROOT = re.compile(r"[a-z_]{1,40}:[a-z]{3}_[0-9]{1,18}")


def create_token(
    user: User,
    *,
    by: Actor,
    name: str,
    scopes: Collection[Scope],
    expires_in: timedelta,
    roots: Collection[str] = (),
) -> tuple[ApiToken, str]:
    """Make a token for one's own programs; its text is returned here and kept nowhere.

    ``roots`` limits it to some models (``model:mdl_3``) and environments (``environment:env_2``);
    none means all its owner may see.
    """
    with change(CREATE_TOKEN, user, by=by) as record:
        _require_limits(user, scopes, expires_in, roots)
        token, text = _minted(user, name, scopes, roots, at=record.time, expires_in=expires_in)
        record.about(token)
        _note(record, token)
    return token, text


def renew_token(token: ApiToken, *, by: Actor) -> tuple[ApiToken, str]:
    """Put a token with another text in the place of one's own, for as long as that was made for."""
    with change(RENEW_TOKEN, token, by=by) as record:
        _require_live(token)
        token.revoke(record.time)
        lasted = token.expires_at - token.created_at
        _require_limits(token.user, token.scopes, lasted, token.roots)
        renewed, text = _minted(
            token.user, token.name, token.scopes, token.roots, at=record.time, expires_in=lasted
        )
        record.note(renewed_as=renewed.record_id)
        _note(record, renewed)
    return renewed, text


def revoke_token(token: ApiToken, *, by: Actor) -> ApiToken:
    """Close one's own token for good."""
    with change(REVOKE_TOKEN, token, by=by) as record:
        _require_live(token)
        token.revoke(record.time)
    return token


def withdraw_token(token: ApiToken, *, by: Actor, reason: str) -> ApiToken:
    """Close somebody else's token for good."""
    with change(WITHDRAW_TOKEN, token, by=by, reason=reason) as record:
        _require_live(token)
        token.revoke(record.time)
    return token


def _minted(
    user: User,
    name: str,
    scopes: Collection[str],
    roots: Collection[str],
    *,
    at: datetime,
    expires_in: timedelta,
) -> tuple[ApiToken, str]:
    text = token_texts.mint()
    token = ApiToken(
        user=user,
        name=" ".join(name.split()),
        hint=token_texts.hint_of(text),
        digest=token_texts.digest_of(text),
        scopes=sorted(scopes),
        roots=sorted(roots),
        created_at=at,
        expires_at=at + expires_in,
    )
    rules.require_valid(token)
    token.save()
    return token, text


def _note(record: Record, token: ApiToken) -> None:
    record.note(scopes=token.scopes, models=token.roots, expires_at=utc_text(token.expires_at))


def _require_limits(
    user: User, scopes: Collection[str], expires_in: timedelta, roots: Collection[str]
) -> None:
    longest: timedelta = settings.TOKEN_LONGEST
    rules.require_colleague(user)
    if not scopes:
        raise RuleBroken("Choose at least one thing the token may be used for.")
    if not timedelta(0) < expires_in <= longest:
        raise RuleBroken(f"A token expires after 1 to {longest.days} days.")
    if len(roots) > MOST_ROOTS or not all(_ROOT.fullmatch(root) for root in roots):
        raise RuleBroken(
            f"A token is limited to at most {MOST_ROOTS} models or environments, such as "
            "model:mdl_3 or environment:env_2."
        )
    if user.tokens.filter(revoked_at=None).count() >= MOST_TOKENS:
        raise RuleBroken(f"You have {MOST_TOKENS} tokens. Revoke one you no longer use.")


def _require_live(token: ApiToken) -> None:
    if token.revoked_at is not None:
        raise RuleBroken("The token is revoked already.")
