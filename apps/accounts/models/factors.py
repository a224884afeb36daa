"""What a person proves themselves with beside the password: codes, passkeys, recovery codes.

Removed ones stay, so that old signatures can be told from whom they are. When one was last used is
an ordinary row beside it, written by compare-and-set: of two uses at once, one counts.
"""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models.people import User
from apps.audit.governed import EventHistory, GovernedRow, RecordKind


class AbstractFactor(GovernedRow):
    """One thing a person has, from the time it was added until it is removed."""

    user = models.ForeignKey(User, on_delete=models.PROTECT)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def root(self) -> GovernedRow:
        return self.user

    def remove(self, at: datetime) -> None:
        """Let it prove nothing any more."""
        self.removed_at = at
        self.save()


class OneTimeCodeDevice(AbstractFactor):
    """An authenticator app that shows codes (RFC 6238); its secret is kept sealed."""

    RECORD = RecordKind("code_device", "otc", 1, ("user_id", "added_at", "removed_at"))

    secret = models.BinaryField()

    history = EventHistory(excluded_fields=["secret"])

    class Meta:
        db_table = "accounts_code_device"
        verbose_name = "authenticator app"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(removed_at=None), name="one_code_device_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return "the authenticator app"

    def remove(self, at: datetime) -> None:
        """Let it prove nothing any more; nobody needs its secret again."""
        self.secret = b""
        super().remove(at)


class OneTimeCodeUse(models.Model):
    """The time step of the last code that counted; an ordinary row."""

    device = models.OneToOneField(
        OneTimeCodeDevice, on_delete=models.CASCADE, primary_key=True, related_name="use"
    )
    step = models.BigIntegerField()
    last_used_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_code_use"

    def __str__(self) -> str:
        return f"{self.device_id} at {self.last_used_at}"


class Passkey(AbstractFactor):
    """A WebAuthn credential: only its public key is here, the private one never leaves its owner.

    Id and key are base64url without padding; the key is COSE, as the authenticator gave it.
    """

    RECORD = RecordKind(
        "passkey",
        "pky",
        1,
        ("user_id", "name", "credential_id", "public_key", "added_at", "removed_at"),
    )

    name = models.CharField(max_length=80)
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.TextField(max_length=4000)

    history = EventHistory()

    class Meta:
        db_table = "accounts_passkey"

    def __str__(self) -> str:
        return f"the passkey “{self.name}”"


class PasskeyUse(models.Model):
    """What a passkey signed last, and its counter then; an ordinary row."""

    passkey = models.OneToOneField(
        Passkey, on_delete=models.CASCADE, primary_key=True, related_name="use"
    )
    sign_count = models.BigIntegerField()
    challenge = models.CharField(max_length=64, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "accounts_passkey_use"

    def __str__(self) -> str:
        return f"{self.passkey_id} at {self.last_used_at}"


class RecoveryCode(AbstractFactor):
    """One of the codes a person keeps on paper; it counts once. Only its SHA-256 is kept."""

    RECORD = RecordKind(
        "recovery_code", "rec", 1, ("user_id", "digest", "added_at", "used_at", "removed_at")
    )

    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "accounts_recovery_code"

    def __str__(self) -> str:
        return f"recovery code {self.pk}"

    def spend(self, at: datetime) -> None:
        """Let it have counted."""
        self.used_at = at
        self.save()
