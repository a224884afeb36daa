"""Second factors: added and removed by their owner, who proves anew who they are each time."""

from apps.accounts import one_time_codes, rules
from apps.accounts.confirmation import Confirmation
from apps.accounts.held_factors import held_by
from apps.accounts.models import (
    OneTimeCodeDevice,
    OneTimeCodeUse,
    Passkey,
    PasskeyUse,
    RecoveryCode,
    User,
)
from apps.accounts.operations.passwords import WrongPassword
from apps.accounts.passkeys import Added
from apps.accounts.rights import MANAGE_PEOPLE
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.core.actors import ON_OWN, Actor
from apps.core.errors import RuleBroken

ADD_CODE_DEVICE = Action("code_device.add", permission=ON_OWN)
REMOVE_CODE_DEVICE = Action("code_device.remove", permission=ON_OWN)
ADD_PASSKEY = Action("passkey.add", permission=ON_OWN)
REMOVE_PASSKEY = Action("passkey.remove", permission=ON_OWN)
WITHDRAW_FACTORS = Action(
    "user.withdraw_factors", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.AWAITED
)

MOST_PASSKEYS = 20


class WrongCode(WrongPassword):
    """The one-time or recovery code is wrong, too old, or was used; it counts as a guess."""

    code = "wrong_code"


def add_code_device(
    user: User, *, by: Actor, secret: str, code: str, confirmed: Confirmation
) -> OneTimeCodeDevice:
    """Let a person confirm with codes of an app, which shows one that fits; that one is used up."""
    with change(ADD_CODE_DEVICE, user, by=by) as record:
        confirmed.require_fresh(by, now=record.time)
        rules.require_person(user)
        if held_by(user.pk).device:
            raise RuleBroken("You have an authenticator app already. Remove it first.")
        step = one_time_codes.step_of(secret, code, at=record.time)
        if step is None:
            raise WrongCode("That is not the code the app shows now. Check the clock of the phone.")
        device = OneTimeCodeDevice(
            user=user, secret=one_time_codes.sealed(secret), added_at=record.time
        )
        device.save()
        OneTimeCodeUse.objects.create(device=device, step=step, last_used_at=record.time)
        record.about(device)
        record.note(confirmed=str(confirmed.method))
    return device


def remove_code_device(
    device: OneTimeCodeDevice, *, by: Actor, confirmed: Confirmation
) -> OneTimeCodeDevice:
    """Let the codes of one's own app prove nothing any more."""
    with change(REMOVE_CODE_DEVICE, device, by=by) as record:
        confirmed.require_fresh(by, now=record.time)
        if device.removed_at is not None:
            raise RuleBroken("The authenticator app is removed already.")
        device.remove(record.time)
        _end_recovery_codes_without_factor(device.user, record)
        record.note(confirmed=str(confirmed.method))
    return device


def add_passkey(
    user: User, *, by: Actor, name: str, added: Added, confirmed: Confirmation
) -> Passkey:
    """Let a person confirm and sign with a passkey; the event keeps its public key for good."""
    with change(ADD_PASSKEY, user, by=by) as record:
        confirmed.require_fresh(by, now=record.time)
        rules.require_person(user)
        held = held_by(user.pk)
        if len(held.passkeys) >= MOST_PASSKEYS:
            raise RuleBroken(f"You have {MOST_PASSKEYS} passkeys. Remove one you no longer use.")
        passkey = Passkey(
            user=user,
            name=" ".join(name.split()),
            credential_id=added.key.credential_id,
            public_key=added.key.public_key,
            added_at=record.time,
        )
        if Passkey.objects.filter(credential_id=passkey.credential_id).exists():
            raise RuleBroken("This passkey was added before. Make another one.")
        rules.require_valid(passkey, leaving_out=())
        passkey.save()
        PasskeyUse.objects.create(passkey=passkey, sign_count=added.sign_count)
        record.about(passkey)
        record.note(
            confirmed=str(confirmed.method),
            credential=passkey.credential_id,
            public_key=passkey.public_key,
        )
    return passkey


def remove_passkey(passkey: Passkey, *, by: Actor, confirmed: Confirmation) -> Passkey:
    """Let one's own passkey prove nothing any more; what it signed stays verifiable."""
    with change(REMOVE_PASSKEY, passkey, by=by) as record:
        confirmed.require_fresh(by, now=record.time)
        if passkey.removed_at is not None:
            raise RuleBroken("The passkey is removed already.")
        passkey.remove(record.time)
        _end_recovery_codes_without_factor(passkey.user, record)
        record.note(confirmed=str(confirmed.method))
    return passkey


def withdraw_factors(user: User, *, by: Actor, reason: str) -> User:
    """Remove the factors somebody else lost, so that their password counts alone again."""
    with change(WITHDRAW_FACTORS, user, by=by, reason=reason) as record:
        if (
            by.user_id == user.pk and record.outer is None
        ):  # closing one's own account takes them too
            raise RuleBroken("Remove your own factors on the page of your account.")
        held = held_by(user.pk)
        if not held.any:
            raise RuleBroken(f"{user} has no second factor.")
        factors = [*held.passkeys, *([held.device] if held.device else [])]
        for factor in factors:
            factor.user = user
            factor.remove(record.time)
        _end_recovery_codes_without_factor(user, record)
        record.note(factors=[factor.record_id for factor in factors])
    return user


def _end_recovery_codes_without_factor(user: User, record: Record) -> None:
    """Remove the codes that stood in for a factor once the last factor is gone."""
    if held_by(user.pk).any:
        return
    for code in RecoveryCode.objects.filter(user=user, removed_at=None).order_by("pk"):
        code.remove(record.time)
