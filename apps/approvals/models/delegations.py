"""Delegation while away: somebody else signs in a person's role, for a time."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts import roles
from apps.accounts.models import User
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import RegisteredModel


class Delegation(GovernedRow):
    """One person lets another sign in one role, on one model or all, from one day to another.

    Who may sign is still asked of both: a delegate gives nobody the right to sign their own work.
    """

    RECORD = RecordKind(
        "delegation",
        "dlg",
        1,
        (
            "delegator_id",
            "delegate_id",
            "role",
            "model_id",
            "starts_on",
            "ends_on",
            "reason",
            "made_at",
            "ended_at",
        ),
    )

    delegator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations"
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegated_to"
    )
    role = models.CharField(max_length=40, choices=roles.CHOICES)
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, null=True, blank=True, related_name="delegations"
    )
    """The one model it is for; none means every model the delegator holds the role on."""
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.TextField(max_length=2000)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "approvals_delegation"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(delegator=F("delegate")), name="delegation_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="delegation_ends_after_it_starts"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["delegate", "ends_on"], name="delegation_to_person")
        ]

    def __str__(self) -> str:
        return f"Delegation {self.pk}"

    @property
    def root(self) -> User:
        return self.delegator

    def holds(self, on: date) -> bool:
        """Say whether it is in effect on a day."""
        return self.ended_at is None and self.starts_on <= on <= self.ends_on
