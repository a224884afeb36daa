"""Whose account it is that somebody comes to from the identity provider.

An account is known by issuer and subject alone. Mail, names and groups never lead to one.
"""

import logging

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.accounts import operations
from apps.accounts.models import DirectoryPerson, SignOnIdentity, User
from apps.accounts.naming import username_of
from apps.accounts.single_sign_on.provider import SignOnRefused
from apps.accounts.single_sign_on.trips import Arrival
from apps.core.actors import Actor

logger = logging.getLogger(__name__)

MOST_NAME = 150


def account_of(arrival: Arrival, *, by: Actor) -> User:
    """Return the open account of whoever arrives, with the duties that their groups give now.

    Raises:
        SignOnRefused: when they have none and may not get one, or it is closed.
    """
    user = known_or_none(arrival) or _of_directory(arrival, by=by) or _admitted(arrival, by=by)
    if not user.is_active or user.is_service_account:
        raise _unknown(arrival)
    provider = arrival.provider
    operations.follow_groups(
        user,
        by=by,
        roles=provider.roles_of(arrival.claims),
        followed=provider.followed,
        reason=f"The groups that {provider.name} says at sign-in",
    )
    return user


def known_or_none(arrival: Arrival) -> User | None:
    """Return whose account signs in as this subject at this issuer."""
    identity = SignOnIdentity.objects.filter(
        issuer=arrival.provider.issuer, subject=arrival.subject, until=None
    )
    found = identity.select_related("user").first()
    return found.user if isinstance(found, SignOnIdentity) else None


def _of_directory(arrival: Arrival, *, by: Actor) -> User | None:
    """Return whom the directory knows by the id in the claim that the operator named for it.

    The directory gave the id, the provider signed it, and the operator said that both are one.
    """
    claim = arrival.provider.directory_claim
    said = arrival.claims.get(claim) if claim else None
    if not isinstance(said, str) or not said:
        return None
    entry = DirectoryPerson.objects.filter(external_id=said, until=None)
    found = entry.select_related("user").first()
    if not isinstance(found, DirectoryPerson) or not found.user.is_active:
        return None
    if found.user.identities.filter(issuer=arrival.provider.issuer, until=None).exists():
        logger.warning("%s comes as another subject than before", found.user.record_id)
        raise _unknown(arrival)
    operations.link_sign_on(
        found.user,
        by=by,
        issuer=arrival.provider.issuer,
        subject=arrival.subject,
        reason="The directory knows this person by the id the provider signed",
    )
    return found.user


def _admitted(arrival: Arrival, *, by: Actor) -> User:
    if not arrival.provider.admits:
        raise _unknown(arrival)
    wanted = _text(arrival, "preferred_username") or _text(arrival, "email") or arrival.subject
    return operations.admit_by_sign_on(
        by=by,
        issuer=arrival.provider.issuer,
        subject=arrival.subject,
        username=wanted,
        display_name=_text(arrival, "name")[:MOST_NAME] or username_of(wanted),
        email=_mail(arrival),
    )


def _text(arrival: Arrival, claim: str) -> str:
    value = arrival.claims.get(claim)
    return value.strip() if isinstance(value, str) and value.isprintable() else ""


def _mail(arrival: Arrival) -> str:
    """Return the mail the provider claims, which is kept to write to and leads to no account."""
    mail = _text(arrival, "email")
    try:
        validate_email(mail)
    except ValidationError:
        return ""
    return mail


def _unknown(arrival: Arrival) -> SignOnRefused:
    return SignOnRefused(
        f"{arrival.provider.name} knows you, and you have no open account here. "
        "An administrator can help."
    )
