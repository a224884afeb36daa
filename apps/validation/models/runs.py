"""Check runs: what was asked, who claimed or posted it, and how it concluded."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedQuerySet, GovernedRow, RecordKind
from apps.catalog.models import Artifact, ModelVersion, RegisteredModel
from apps.core.errors import RuleBroken


class NotWaiting(RuleBroken):
    """The run was claimed already, so this worker leaves it alone."""

    code = "not_waiting"


class StaleConclusion(RuleBroken):
    """The fence: a worker that no longer holds the run has nothing to conclude."""

    code = "stale_conclusion"


class CheckRunQuerySet(GovernedQuerySet):
    """Runs by where they stand."""

    def waiting(self) -> Self:
        """Keep the runs that have not concluded."""
        return self.filter(state__in=CheckRun.WAITING)

    def newest(self) -> Self:
        """Keep the newest run of each check of each version."""
        newest = self.order_by().values("version", "check_name").annotate(newest=Max("pk"))
        return type(self)(self.model).filter(pk__in=newest.values("newest"))


class CheckRun(GovernedRow):
    """One execution of a check on one digest. A conclusion is final: a new look is a new run.

    ``attempt`` is the fencing number: only the worker that claimed the newest attempt concludes it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        AWAITED = "awaited", "Awaited from outside"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        ERRORED = "errored", "Could not be carried out"
        CANCELED = "canceled", "Canceled"

    WAITING = frozenset({State.QUEUED, State.RUNNING, State.AWAITED})
    RESULTS = frozenset({State.PASSED, State.FAILED})
    FINAL = frozenset({State.PASSED, State.FAILED, State.ERRORED, State.CANCELED})

    RECORD = RecordKind(
        "check_run",
        "chk",
        2,
        (
            "version_id",
            "check_name",
            "examined_digest",
            "state",
            "attempt",
            "summary",
            "problems",
            "facts",
            "evidence_id",
            "parameters",
            "basis",
            "tool_version",
            "tools",
            "origin",
            "finished_at",
        ),
    )

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="check_runs")
    check_name = models.CharField(max_length=60)
    examined_digest = models.CharField(max_length=71)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True)
    problems: Any = models.JSONField(default=list, blank=True)
    facts: Any = models.JSONField(default=dict, blank=True)
    evidence = models.ForeignKey(
        Artifact, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The whole evidence, when it is more than facts can hold: a JSON file."""
    parameters: Any = models.JSONField(default=dict, blank=True)
    basis: Any = models.JSONField(default=dict, blank=True)
    """Digests of what it was judged by beside the bytes, by source, as of the claim."""
    tool_version = models.CharField(max_length=40, blank=True)
    tools: Any = models.JSONField(default=dict, blank=True)
    """Names and versions of the libraries it was judged with."""
    origin = models.CharField(max_length=300, blank=True)
    """The page of the tool outside that posted the result; empty when a worker concluded it."""
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    """Whose account posted the result, when it came from outside."""
    due_at = models.DateTimeField(null=True, blank=True)
    """Until when a result from outside is awaited."""

    objects: ClassVar = models.Manager.from_queryset(CheckRunQuerySet)()
    history = EventHistory()

    class Meta:
        db_table = "validation_check_run"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "check_name"],
                condition=Q(state__in=["queued", "running", "awaited"]),
                name="check_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "awaited"], finished_at=None)
                | Q(
                    state__in=["passed", "failed", "errored", "canceled"],
                    finished_at__isnull=False,
                ),
                name="check_run_finished_when_final",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["version", "check_name", "-id"], name="check_run_newest"),
            models.Index(
                fields=["queued_at"], condition=Q(state="queued"), name="check_run_unclaimed"
            ),
            models.Index(fields=["due_at"], condition=Q(state="awaited"), name="check_run_awaited"),
        ]

    def __str__(self) -> str:
        return f"{self.check_name} on {self.version}"

    def get_absolute_url(self) -> str:
        version = self.version
        return reverse("validation:run", args=[version.model.name, version.number, self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.version.model

    @property
    def is_final(self) -> bool:
        return self.state in self.FINAL

    def claim(
        self, *, worker: str, at: datetime, parameters: dict[str, Any], basis: dict[str, str]
    ) -> None:
        """Start the next attempt, on what it is judged by now; refused unless the run waits."""
        if self.state != self.State.QUEUED:
            raise NotWaiting("This check was claimed already.")
        self.state, self.attempt = self.State.RUNNING, self.attempt + 1
        self.parameters, self.basis = parameters, basis
        self.worker, self.started_at = worker, at
        self.save()

    def require_held(self, attempt: int) -> None:
        """Refuse a worker whose attempt is not the one under way."""
        if self.state != self.State.RUNNING or self.attempt != attempt:
            raise StaleConclusion(
                f"Attempt {attempt} of this check was taken back, so its result does not count."
            )

    def requeue(self) -> None:
        """Go back to waiting after a worker was lost; the lost one's fence no longer holds."""
        self.state, self.worker, self.started_at = self.State.QUEUED, "", None
        self.save()

    def cancel(self, *, at: datetime) -> None:
        """End a run nobody waits for any more; that is final, and counts as no result."""
        self.summary = _CANCELED[self.State(self.state)]
        self.state, self.finished_at = self.State.CANCELED, at
        self.save()

    def conclude(
        self,
        state: State,
        *,
        at: datetime,
        summary: str,
        problems: list[dict[str, str]],
        facts: dict[str, object],
        evidence: Artifact | None,
        tool_version: str,
        tools: dict[str, str],
    ) -> None:
        """Take a final state with its evidence."""
        self.state, self.finished_at, self.summary = state, at, summary
        self.problems, self.facts, self.evidence = problems, facts, evidence
        self.tool_version, self.tools = tool_version, tools
        self.save()


_CANCELED = {
    CheckRun.State.QUEUED: "Canceled before a worker began.",
    CheckRun.State.RUNNING: "Canceled while a worker was at it.",
    CheckRun.State.AWAITED: "Canceled before a result was posted.",
}


class CheckLease(models.Model):
    """The heartbeat of a running check; an ordinary row, written every few seconds."""

    run = models.OneToOneField(
        CheckRun, on_delete=models.CASCADE, primary_key=True, related_name="lease"
    )
    attempt = models.PositiveSmallIntegerField()
    until = models.DateTimeField()
    step = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "validation_check_lease"
        indexes: ClassVar = [models.Index(fields=["until"], name="check_lease_until")]

    def __str__(self) -> str:
        return f"{self.run_id} until {self.until}"
