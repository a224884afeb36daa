"""Continuous rules that did not hold for a version in production, for as long as they did not."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel


class RuleBreach(GovernedRow):
    """What a continuous rule watches for is so, from one moment on until another.

    It is not a breach of monitoring: that is about the values of one series (validation).
    """

    class Action(models.TextChoices):
        OPEN_FINDING = "open_finding", "To look into"
        ESCALATE = "escalate", "Escalated"
        SUSPEND = "suspend_authorization", "Suspends the authorization"

    RECORD = RecordKind(
        "rule_breach",
        "rbr",
        1,
        ("version_id", "rule", "action", "severity", "tier", "policy_digest", "since", "until"),
    )

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="rule_breaches"
    )
    rule = models.CharField(max_length=64)
    """The id of the rule; later versions of the policy never give it another meaning."""
    title = models.CharField(max_length=2000)
    action = models.CharField(max_length=21, choices=Action.choices)
    severity = models.CharField(max_length=20)
    tier = models.PositiveSmallIntegerField()
    policy_digest = models.CharField(max_length=71)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "approvals_rule_breach"
        verbose_name_plural = "rule breaches"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "rule"], condition=Q(until=None), name="one_breach_of_a_rule"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="rule_breach_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def root(self) -> RegisteredModel:
        return self.version.model
