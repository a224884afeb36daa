"""Which second factors a person holds, and so how many are asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from apps.accounts.models import (
    OneTimeCodeDevice,
    Passkey,
    RecoveryCode,
    SignOnIdentity,
    User,
)


@dataclass(frozen=True)
class Held:
    """A person's live factors: the app, the passkeys by age, and how many codes are left."""

    device: OneTimeCodeDevice | None
    passkeys: Sequence[Passkey]
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor; recovery codes alone are none."""
        return self.device is not None or bool(self.passkeys)


def held_by(user_id: int) -> Held:
    """Return the factors of a person, in three queries however many there are."""
    devices = OneTimeCodeDevice.objects.filter(user=user_id, removed_at=None)
    passkeys = Passkey.objects.filter(user=user_id, removed_at=None)
    codes = RecoveryCode.objects.filter(user=user_id, removed_at=None, used_at=None)
    return Held(
        device=devices.select_related("use").first(),
        passkeys=list(passkeys.select_related("use").order_by("added_at", "pk")),
        recovery_codes=codes.count(),
    )


@dataclass(frozen=True)
class Kinds:
    """Which kinds of second factor a person holds, and what else they prove who they are with."""

    codes: bool = False
    passkeys: bool = False
    sign_on: bool = False
    password: bool = True

    @property
    def asked(self) -> int:
        """How many factors are asked of the person when they confirm who they are."""
        return 2 if self.codes or self.passkeys else 1


def kinds_held_by(user_id: int) -> Kinds:
    """Return which kinds of proof a person holds, in one query."""
    mine = {"user": OuterRef("pk"), "removed_at": None}
    devices, passkeys = OneTimeCodeDevice.objects.filter(**mine), Passkey.objects.filter(**mine)
    identities = SignOnIdentity.objects.filter(
        user=OuterRef("pk"), issuer=settings.OIDC_ISSUER, until=None
    )
    has_password = ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    held = User.objects.filter(pk=user_id).values_list(
        Exists(devices),
        Exists(passkeys),
        Exists(identities),
        ExpressionWrapper(has_password, BooleanField()),
    )
    return Kinds(*(held.first() or ()))


def factors_asked_of(user_id: int) -> int:
    """Return how many factors a person confirms with: two once they hold a second one."""
    return kinds_held_by(user_id).asked
