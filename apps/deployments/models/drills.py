"""The rollback drill: a deployment goes back to the version before, and forth again, on purpose."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import RegisteredModel
from apps.deployments.models.deployments import Deployment, Rollout


class Drill(GovernedRow):
    """One test of the way back, which ends with what was there before it began."""

    class State(models.TextChoices):
        LEAVING = "leaving", "Going back"
        RETURNING = "returning", "Coming forth again"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"

    UNDER_WAY = frozenset({State.LEAVING, State.RETURNING})

    RECORD = RecordKind(
        "drill",
        "drl",
        1,
        (
            "deployment_id",
            "left_id",
            "away_id",
            "back_id",
            "state",
            "started_at",
            "finished_at",
            "told",
        ),
    )

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="drills")
    left = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="+")
    """The rollout in effect when the drill began, and to be in effect when it ends."""
    away = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="+")
    """The rollout to the version before."""
    back = models.ForeignKey(
        Rollout, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The rollout to what was there when the drill began."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.LEAVING)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    told = models.TextField(blank=True, max_length=2000)

    history = EventHistory()

    class Meta:
        db_table = "deployments_drill"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["deployment"],
                condition=Q(state__in=["leaving", "returning"]),
                name="drill_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["leaving", "returning"], finished_at=None)
                | Q(state__in=["passed", "failed"], finished_at__isnull=False),
                name="drill_finished_when_final",
            ),
        ]

    def __str__(self) -> str:
        return f"Rollback drill of {self.deployment}"

    @property
    def root(self) -> RegisteredModel:
        return self.deployment.model
