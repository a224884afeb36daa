"""Risks that somebody bears until a day, and the signatures that say so."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.signing.signature import Signature
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import RegisteredModel
from apps.risk.models.findings import MOST_TEXT, Finding


class RiskAcceptance(GovernedRow):
    """Somebody other than its owner bears the risk of a finding until a day."""

    RECORD = RecordKind(
        "risk_acceptance",
        "rac",
        1,
        (
            "finding_id",
            "reason",
            "ends_on",
            "owner_id",
            "accepted_by_id",
            "accepted_at",
            "ended_at",
        ),
    )

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="acceptances")
    reason = models.TextField(max_length=MOST_TEXT)
    ends_on = models.DateField()
    """The last day it holds; after it the finding is open again."""
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    """Who owned the finding then."""
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    accepted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "risk_acceptance"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["finding"],
                condition=Q(ended_at=None),
                name="one_standing_acceptance_of_a_risk",
            ),
            models.CheckConstraint(
                condition=~Q(accepted_by=F("owner")), name="risk_accepted_by_another"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ends_on"], condition=Q(ended_at=None), name="acceptance_runs_out")
        ]

    def __str__(self) -> str:
        return f"Risk accepted until {self.ends_on}"

    @property
    def root(self) -> RegisteredModel:
        return self.finding.model


class RiskAcceptanceSignOff(Signature):
    """The signature by which somebody bears a risk; one from before signatures has none."""

    RECORD = RecordKind(
        "risk_acceptance_sign_off",
        "ras",
        1,
        (
            "acceptance_id",
            "role",
            "meaning",
            "signer_id",
            "statement",
            "method",
            "signed_at",
        ),
    )

    acceptance = models.OneToOneField(
        RiskAcceptance, on_delete=models.PROTECT, related_name="sign_off"
    )

    history = EventHistory()

    class Meta:
        db_table = "risk_acceptance_sign_off"

    def __str__(self) -> str:
        return f"{self.acceptance} by {self.signer_name}"

    @property
    def root(self) -> RegisteredModel:
        return self.acceptance.finding.model
