"""What is to run where: a deployment, each rollout of it, and the versions a rollout places."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import RuleBroken
from apps.deployments.models.environments import Environment


class NotWaiting(RuleBroken):
    """The rollout was claimed already, so this worker leaves it alone."""

    code = "not_waiting"


class StaleOutcome(RuleBroken):
    """The fence: a worker that no longer holds the rollout has nothing to say of it."""

    code = "stale_outcome"


class Deployment(GovernedRow):
    """One model in one environment. What is to run there is what its desired rollout places."""

    RECORD = RecordKind(
        "deployment",
        "dep",
        1,
        ("model_id", "environment_id", "service", "desired_id", "in_effect_id"),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="deployments")
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="deployments"
    )
    service = models.CharField(max_length=63)
    """What it is called there: a DNS label, once in its environment."""
    desired = models.ForeignKey(
        "Rollout", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The newest rollout people asked for, carried out or not."""
    in_effect = models.ForeignKey(
        "Rollout", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The newest rollout that was carried out."""
    created_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "deployments_deployment"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "environment"], name="deployment_once_in_an_environment"
            ),
            models.UniqueConstraint(
                fields=["environment", "service"], name="deployment_service_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} in {self.environment}"

    def get_absolute_url(self) -> str:
        return reverse("deployments:deployment", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model

    def want(self, rollout: "Rollout") -> None:
        """Make a rollout what is to run here, from now on."""
        self.desired = rollout
        self.save()

    def take_effect(self, rollout: "Rollout") -> None:
        """Note that a rollout is the newest that was carried out here."""
        self.in_effect = rollout
        self.save()


class Rollout(GovernedRow):
    """One asked-for state of a deployment, and how a worker brought it about.

    ``number`` counts within the deployment, without gaps: deployers take it as a fence, and leave
    alone what is older than what they did last. ``attempt`` is the fence among our own workers.
    """

    class Kind(models.TextChoices):
        DEPLOY = "deploy", "Deploy"
        SHIFT = "shift", "Shift traffic"
        ROLL_BACK = "roll_back", "Roll back"
        WITHDRAW = "withdraw", "Withdraw"
        DRILL = "drill", "Rollback drill"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Being carried out"
        AWAITED = "awaited", "Accepted, not yet confirmed"
        DONE = "done", "Carried out"
        FAILED = "failed", "Failed"
        SUPERSEDED = "superseded", "Superseded"

    WAITING = frozenset({State.QUEUED, State.RUNNING, State.AWAITED})
    FINAL = frozenset({State.DONE, State.FAILED, State.SUPERSEDED})

    RECORD = RecordKind(
        "rollout",
        "rol",
        1,
        (
            "deployment_id",
            "number",
            "kind",
            "state",
            "attempt",
            "deployer",
            "target",
            "admission",
            "restores_id",
            "asked_by_id",
            "asked_at",
            "finished_at",
            "told",
        ),
    )

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="rollouts")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    deployer = models.CharField(max_length=60)
    target: Any = models.JSONField(default=dict, blank=True)
    """The deployer and its settings as they were when it was asked for."""
    admission: Any = models.JSONField(default=list, blank=True)
    """What was said of each version when it was asked for: whether admissible, and why not."""
    restores = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The earlier rollout whose state it brings back."""
    reason = models.TextField(blank=True, max_length=10_000)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    """Who asked; nobody when a worker did, as in a drill on its way back."""
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    try_at = models.DateTimeField(null=True, blank=True)
    """Not before then a worker tries again."""
    awaited_until = models.DateTimeField(null=True, blank=True)
    """Until when an accepted rollout may go without confirmation."""
    worker = models.CharField(max_length=200, blank=True)
    told = models.TextField(blank=True, max_length=2000)
    """What the deployer said of it last."""

    history = EventHistory()

    class Meta:
        db_table = "deployments_rollout"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["deployment", "number"], name="rollout_number_once"),
            models.UniqueConstraint(
                fields=["deployment"],
                condition=Q(state__in=["queued", "running", "awaited"]),
                name="rollout_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "awaited"], finished_at=None)
                | Q(state__in=["done", "failed", "superseded"], finished_at__isnull=False),
                name="rollout_finished_when_final",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["asked_at"],
                condition=Q(state__in=["queued", "running", "awaited"]),
                name="rollout_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"Rollout {self.number} of {self.deployment}"

    def get_absolute_url(self) -> str:
        return f"{self.deployment.get_absolute_url()}#rollout-{self.number}"

    @property
    def root(self) -> RegisteredModel:
        return self.deployment.model

    @property
    def is_final(self) -> bool:
        return self.state in self.FINAL

    def claim(self, *, worker: str, at: datetime) -> None:
        """Start the next attempt; refused unless the rollout waits for a worker."""
        if self.state != self.State.QUEUED:
            raise NotWaiting("This rollout was claimed already.")
        self.state, self.attempt = self.State.RUNNING, self.attempt + 1
        self.worker, self.started_at, self.try_at = worker, at, None
        self.save()

    def require_held(self, attempt: int) -> None:
        """Refuse a worker whose attempt is not the one under way."""
        if self.state != self.State.RUNNING or self.attempt != attempt:
            raise StaleOutcome(
                f"Attempt {attempt} of this rollout was taken back, so what it did does not count."
            )

    def wait_again(self, *, told: str, try_at: datetime | None) -> None:
        """Go back to waiting, after the deployer failed or a worker was lost."""
        self.state, self.worker, self.told = self.State.QUEUED, "", told[:2000]
        self.try_at = try_at
        self.save()

    def be_awaited(self, *, told: str, until: datetime) -> None:
        """Be accepted by the deployer, which says later how it ended."""
        self.state, self.told, self.awaited_until = self.State.AWAITED, told[:2000], until
        self.save()

    def finish(self, state: State, *, at: datetime, told: str) -> None:
        """Take a final state."""
        self.state, self.finished_at, self.told = state, at, told[:2000]
        self.save()


class Placement(GovernedRow):
    """One version that a rollout places, with its part in the traffic. It never changes."""

    class Role(models.TextChoices):
        CHAMPION = "champion", "Champion"
        CHALLENGER = "challenger", "Challenger"
        CANARY = "canary", "Canary"
        SHADOW = "shadow", "Shadow"

    RECORD = RecordKind(
        "placement", "plc", 1, ("rollout_id", "version_id", "content_digest", "role", "share")
    )

    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="placements")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="placements")
    content_digest = models.CharField(max_length=71)
    """The version's digest as it was then: what is to run, bit for bit."""
    role = models.CharField(max_length=10, choices=Role.choices)
    share = models.PositiveSmallIntegerField()
    """Percent of the requests it answers; a shadow answers none."""

    history = EventHistory()

    class Meta:
        db_table = "deployments_placement"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rollout", "version"], name="placement_once"),
            models.CheckConstraint(condition=Q(share__lte=100), name="placement_share_is_percent"),
            models.CheckConstraint(
                condition=~Q(role="shadow") | Q(share=0), name="placement_shadow_answers_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} at {self.share} % as {self.get_role_display().lower()}"

    @property
    def root(self) -> RegisteredModel:
        return self.version.model


DESIRED = Q(rollout=F("rollout__deployment__desired"))
"""Keeps the placements that are to run now."""

IN_EFFECT = Q(rollout=F("rollout__deployment__in_effect"))
"""Keeps the placements that were brought about last."""


class RolloutLease(models.Model):
    """The heartbeat of a rollout being carried out; an ordinary row, written every few seconds."""

    rollout = models.OneToOneField(
        Rollout, on_delete=models.CASCADE, primary_key=True, related_name="lease"
    )
    attempt = models.PositiveSmallIntegerField()
    until = models.DateTimeField()

    class Meta:
        db_table = "deployments_rollout_lease"
        indexes: ClassVar = [models.Index(fields=["until"], name="rollout_lease_until")]

    def __str__(self) -> str:
        return f"{self.rollout_id} until {self.until}"
