"""Confirms who somebody is on a form about to be signed: by password and code, by passkey, or anew
by the identity provider they signed in by.

A form takes its fields from ``ConfirmingForm``, its page includes ``accounts/_confirm.html`` with
what ``fields_for`` returns, and its view hands what was typed to ``confirm``.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import JsonResponse

from apps.accounts import ceremonies, held_factors
from apps.accounts.access import ActorRequest
from apps.accounts.confirmation import Confirmation, StepUp
from apps.accounts.operations import WrongPassword
from apps.accounts.passkeys import PasskeyRefused
from apps.accounts.signing_in import confirm_password
from apps.accounts.single_sign_on import tickets
from apps.accounts.single_sign_on.provider import SignOnRefused, provider_or_none
from apps.accounts.single_sign_on.trips import Arrival
from apps.accounts.throttling import address_of, guess
from apps.audit.actions import Action
from apps.audit.changes import record_access
from apps.core.actors import ON_OWN
from apps.core.errors import DomainError

logger = logging.getLogger(__name__)

REFUSE_CONFIRMATION = Action("confirmation.refuse", permission=ON_OWN)

BY_PASSKEY: StepUp = ceremonies
BY_SIGN_ON = "sign-on"
"""What a form sends in place of a passkey's answer when the provider confirms who signs."""


@dataclass(frozen=True)
class ConfirmingFields:
    """Which ways a person has to confirm who they are, for the form that asks it."""

    has_codes: bool = False
    has_passkey: bool = False
    has_password: bool = True
    sign_on: str = ""
    """The name of the identity provider that confirms who the person is, if one does."""

    @property
    def asks_password(self) -> bool:
        """Whether a password is asked for: it is of everybody whom no provider confirms."""
        return self.has_password or not self.sign_on

    @property
    def asks_code(self) -> bool:
        """Whether a code is asked for beside the password."""
        return self.has_codes or self.has_passkey

    @property
    def code_hint(self) -> str:
        """Where the code is found."""
        if self.has_codes:
            return "Six digits from your authenticator app, or a recovery code."
        return "With your password, a recovery code does in place of the passkey."


def fields_for(user_id: int) -> ConfirmingFields:
    """Return how a person confirms who they are, in one query."""
    held = held_factors.kinds_held_by(user_id)
    provider = provider_or_none() if held.sign_on and not held.passkeys else None
    return ConfirmingFields(
        has_codes=held.codes,
        has_passkey=held.passkeys,
        has_password=held.password,
        sign_on=provider.name if provider else "",
    )


def confirm(
    request: ActorRequest, typed: Mapping[str, Any], challenge: bytes = b""
) -> Confirmation:
    """Return the confirmation that a form with the fields of ``ConfirmingForm`` proves.

    A passkey signs the challenge, or without one what this session asked last; the operation holds
    it against its statement by ``require_fresh(…, over=statement)``. What was wrong is recorded on
    the person, though nothing is signed (21 CFR 11.300(d)).

    Raises:
        DomainError: when they prove nothing, with what to do next.
    """
    try:
        return _confirmed(request, typed, challenge)
    except (WrongPassword, PasskeyRefused) as refusal:
        _record_refused(request, refusal)
        raise


def _record_refused(request: ActorRequest, refusal: DomainError) -> None:
    logger.warning("A confirmation from %s was refused", address_of(request))
    facts = {"refused": refusal.code}
    record_access(REFUSE_CONFIRMATION, request.user, by=request.actor, facts=facts)


def _confirmed(request: ActorRequest, typed: Mapping[str, Any], challenge: bytes) -> Confirmation:
    assertion = typed.get("assertion")
    if assertion == BY_SIGN_ON and not typed.get("password"):
        with guess(request.user.username, request):
            return tickets.take(request, typed.get("code", ""))
    if assertion and assertion != BY_SIGN_ON:
        with guess(request.user.username, request):
            return BY_PASSKEY.finish(request, challenge or ceremonies.asked(request), assertion)
    return confirm_password(request, typed["password"], typed.get("code", ""))


def come_back(request: ActorRequest, arrival: Arrival) -> None:
    """Take note that the provider confirmed who the person is; a signature takes it, once.

    Raises:
        SignOnRefused: when it did not, which is recorded on the person.
    """
    try:
        tickets.leave(request, arrival)
    except SignOnRefused as refusal:
        _record_refused(request, refusal)
        raise


def ask_passkey(request: ActorRequest, challenge: bytes) -> JsonResponse:
    """Answer the script of a form with what the passkey is asked, or why it is not."""
    try:
        return JsonResponse(dict(BY_PASSKEY.begin(request, challenge)))
    except DomainError as refusal:
        return refused(str(refusal))


def refused(why: str) -> JsonResponse:
    """Answer the script of a form with a refusal, which it shows at its button."""
    return JsonResponse({"refusal": why}, status=422)
