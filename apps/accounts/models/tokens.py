"""Keys for programs, and when they were last used."""

from datetime import datetime
from typing import Any

from django.db import models

from apps.accounts.models.people import User
from apps.accounts.scopes import Scope
from apps.audit.governed import EventHistory, GovernedRow, RecordKind


class ApiToken(GovernedRow):
    """A key for programs: at most its owner's rights, narrowed by scope, models and time.

    Only the SHA-256 of the token is kept. ``roots`` names models (``model:mdl_3``); none means all.
    """

    RECORD = RecordKind(
        "token",
        "tok",
        1,
        ("user_id", "name", "digest", "scopes", "roots", "expires_at", "revoked_at"),
    )

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=120)
    hint = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes: Any = models.JSONField(default=list)
    roots: Any = models.JSONField("models", default=list, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "accounts_api_token"
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def root(self) -> GovernedRow:
        return self.user

    @property
    def is_for_calendar(self) -> bool:
        """Whether it reads what falls due as a calendar, and nothing else."""
        return list(self.scopes) == [Scope.CALENDAR]

    def is_usable(self, at: datetime) -> bool:
        """Say whether the token opens anything at a time."""
        return self.revoked_at is None and at < self.expires_at and self.user.is_active

    def revoke(self, at: datetime) -> None:
        """Close the token for good."""
        self.revoked_at = at
        self.save()


class TokenUse(models.Model):
    """When a token was last used, to the minute; an ordinary row."""

    token = models.OneToOneField(
        ApiToken, on_delete=models.CASCADE, primary_key=True, related_name="use"
    )
    last_used_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_token_use"

    def __str__(self) -> str:
        return f"{self.token_id} at {self.last_used_at}"
