"""What every signature keeps, whatever is signed (21 CFR 11.50 and 11.70)."""

from django.conf import settings
from django.db import models

from apps.accounts import roles
from apps.audit.governed import GovernedRow


class Signature(GovernedRow):
    """One person's signature: name and meaning as printed, and the exact words signed."""

    role = models.CharField(max_length=40, choices=roles.CHOICES)
    meaning = models.CharField(max_length=20)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    signer_name = models.CharField(max_length=150)
    statement = models.TextField()
    statement_digest = models.CharField(max_length=71)
    nonce = models.CharField(max_length=64, unique=True)
    method = models.CharField(max_length=20)
    """How the person showed who they are: a password, a password and a code, a passkey."""
    signed_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def printed_meaning(self) -> str:
        """What it stands for, as every form of the record says beside name and time (11.50)."""
        return self.meaning
