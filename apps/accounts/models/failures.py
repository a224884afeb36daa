"""Sign-ins that failed, kept so that guesses slow down."""

from typing import ClassVar

from django.db import models


class SignInFailure(models.Model):
    """A failed sign-in, kept an hour, so that the next try from the same place waits."""

    account_digest = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "accounts_sign_in_failure"
        indexes: ClassVar = [models.Index(fields=["address", "at"], name="sign_in_failure_address")]

    def __str__(self) -> str:
        return f"{self.address} at {self.at}"
