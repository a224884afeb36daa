"""Sign-offs: one person's decision in one slot, what it is tied to, and what became of it."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts import roles
from apps.accounts.models import User
from apps.accounts.signing.signature import Signature
from apps.approvals.models.requests import PromotionRequest
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import RegisteredModel
from apps.validation.models import EvidenceItem


class SignOff(Signature):
    """One person's yes or no in one slot, bound to exactly what was shown. Only ever added."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "Approve"
        APPROVE_WITH_CONDITIONS = "with_conditions", "Approve with conditions"
        ASK_FOR_CHANGES = "ask_changes", "Ask for changes"
        DECLINE = "decline", "Decline"

    YES = frozenset({Decision.APPROVE, Decision.APPROVE_WITH_CONDITIONS})
    DISSENT = frozenset({Decision.ASK_FOR_CHANGES, Decision.DECLINE})

    RECORD = RecordKind(
        "sign_off",
        "sof",
        2,
        (
            "request_id",
            "role",
            "meaning",
            "decision",
            "reason",
            "signer_id",
            "statement",
            "dossier_digest",
            "method",
            "signed_at",
            "expires_at",
            "on_behalf_of_id",
        ),
    )

    request = models.ForeignKey(
        PromotionRequest, on_delete=models.PROTECT, related_name="sign_offs"
    )
    role = models.CharField(max_length=40, choices=roles.CHOICES)
    decision = models.CharField(max_length=16, choices=Decision.choices)
    reason = models.TextField(blank=True, max_length=10_000)
    dossier = models.TextField()
    dossier_digest = models.CharField(max_length=71)
    expires_at = models.DateTimeField()
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who holds the role, when the signer signs as a delegate."""

    history = EventHistory()

    class Meta:
        db_table = "approvals_sign_off"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decision__in=["approve", "with_conditions", "ask_changes", "decline"]),
                name="sign_off_decision_is_known",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("signed_at")), name="sign_off_lasts"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["request", "id"], name="sign_off_of_request")]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.signer_name}"

    @property
    def root(self) -> RegisteredModel:
        return self.request.root

    @property
    def printed_meaning(self) -> str:
        """What it stands for: who declined did not approve, whatever the slot is for."""
        return {
            self.Decision.APPROVE: self.meaning,
            self.Decision.APPROVE_WITH_CONDITIONS: f"{self.meaning}, with conditions",
            self.Decision.ASK_FOR_CHANGES: "request for changes",
            self.Decision.DECLINE: "decline",
        }[self.Decision(self.decision)]

    @property
    def right_of(self) -> User:
        """Whose role it is signed in: the signer's, or that of whom the signer stands in for."""
        return self.on_behalf_of or self.signer

    def missed_condition(self, on: date) -> "SignOffCondition | None":
        """Return a condition that was not met in time, if there is one."""
        return next((one for one in self.tied_to if one.is_missed(on)), None)

    @property
    def tied_to(self) -> Sequence["SignOffCondition"]:
        """The conditions it is tied to; only an approval with conditions has any."""
        is_tied = self.decision == self.Decision.APPROVE_WITH_CONDITIONS
        return list(self.conditions.all()) if is_tied else ()


class SignOffWithdrawal(GovernedRow):
    """A signer takes a sign-off back before it took effect; the sign-off itself stays."""

    RECORD = RecordKind("sign_off_withdrawal", "sow", 1, ("sign_off_id", "reason", "withdrawn_at"))

    sign_off = models.OneToOneField(SignOff, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField(max_length=10_000)
    withdrawn_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "approvals_sign_off_withdrawal"

    def __str__(self) -> str:
        return f"Withdrawal of {self.sign_off_id}"

    @property
    def root(self) -> RegisteredModel:
        return self.sign_off.root


class SignOffCondition(GovernedRow):
    """What a signer asks to be done by a day; not done by then, the sign-off ends.

    It is the condition of an approval (DESIGN section 3), not a condition of a gate.
    """

    RECORD = RecordKind(
        "sign_off_condition",
        "soc",
        1,
        (
            "sign_off_id",
            "text",
            "owner_id",
            "due",
            "evidence_id",
            "met_at",
            "met_by_id",
            "missed_at",
        ),
    )

    sign_off = models.ForeignKey(SignOff, on_delete=models.PROTECT, related_name="conditions")
    text = models.TextField(max_length=2000)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due = models.DateField()
    """The last day on which it can be met."""
    evidence = models.ForeignKey(
        EvidenceItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    met_at = models.DateTimeField(null=True, blank=True)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    missed_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "approvals_sign_off_condition"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(met_at=None) | Q(missed_at=None), name="condition_met_or_missed"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due"],
                condition=Q(met_at=None, missed_at=None),
                name="condition_still_open",
            )
        ]

    def __str__(self) -> str:
        return f"Condition {self.pk}"

    @property
    def root(self) -> RegisteredModel:
        return self.sign_off.root

    @property
    def is_open(self) -> bool:
        return self.met_at is None and self.missed_at is None

    def is_missed(self, on: date) -> bool:
        """Say whether its day is over and nothing was done."""
        return self.missed_at is not None or (self.met_at is None and on > self.due)


class DissentAnswer(GovernedRow):
    """What the requester answers to somebody who declined or asked for changes."""

    RECORD = RecordKind("dissent_answer", "dan", 1, ("sign_off_id", "text", "author_id", "at"))

    sign_off = models.OneToOneField(SignOff, on_delete=models.PROTECT, related_name="answer")
    text = models.TextField(max_length=10_000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "approvals_dissent_answer"

    def __str__(self) -> str:
        return f"Answer {self.pk}"

    @property
    def root(self) -> RegisteredModel:
        return self.sign_off.root
