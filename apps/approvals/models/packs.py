"""Evidence packs: what was ordered of which models, what was made, and where the file is kept."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import Artifact, RegisteredModel
from apps.core.errors import RuleBroken

_MOST_FAILURE = 300


class EvidencePack(GovernedRow):
    """A file with everything about some models, versions or promotions as of one moment.

    It is a root of its own, so that ordering one changes nothing on the timeline it tells of.
    """

    class Kind(models.TextChoices):
        MODEL = "model", "Model"
        VERSION = "version", "Version"
        PROMOTION = "promotion", "Promotion"
        MANY = "many", "Several"

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a worker"
        MAKING = "making", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"

    STORED = (State.WAITING, State.READY, State.FAILED)
    """What a row says; that a worker is at it is said by its work."""

    RECORD = RecordKind(
        "pack",
        "pck",
        1,
        (
            "kind",
            "model_ids",
            "version_ids",
            "request_ids",
            "ordered_by_id",
            "ordered_at",
            "state",
            "as_of",
            "contents",
            "digest",
            "size",
            "log_size",
            "failure",
            "expires_at",
            "cleared_at",
        ),
    )

    kind = models.CharField(max_length=9, choices=Kind.choices)
    title = models.CharField(max_length=400)
    """What it is of, in words, as it was called when it was ordered."""
    model_ids: Any = models.JSONField(default=list)
    """The models it is of as a whole; each list holds ids, in order."""
    version_ids: Any = models.JSONField(default=list)
    request_ids: Any = models.JSONField(default=list)
    purpose = models.TextField(max_length=10_000)
    """The reason it was ordered for; the record commits to it with a salt."""
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="evidence_packs"
    )
    ordered_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    as_of = models.DateTimeField(null=True, blank=True)
    """The moment it tells of: that of the order, or of the newest entry that came since."""
    contents = models.CharField(max_length=71, blank=True)
    """The digest of ``pack.json``, which names every file with its own; sealed before the rest."""
    digest = models.CharField(max_length=71, blank=True)
    """The digest of the whole file."""
    size = models.PositiveBigIntegerField(null=True, blank=True)
    log_size = models.PositiveBigIntegerField(null=True, blank=True)
    """The size of the log at the checkpoint it is bound to."""
    failure = models.CharField(max_length=_MOST_FAILURE, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    """When its file is cleared; the row and the digests stay."""
    cleared_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "approvals_evidence_pack"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["model", "version", "promotion", "many"])
                & Q(state__in=["waiting", "ready", "failed"]),
                name="pack_kind_and_state_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(size__isnull=False, expires_at__isnull=False, as_of__isnull=False)
                & ~Q(digest="")
                & ~Q(contents=""),
                name="pack_ready_with_a_file",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") & ~Q(failure="") | ~Q(state="failed") & Q(failure=""),
                name="pack_failed_for_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ordered_by", "state"], name="pack_waiting_of_person"),
            models.Index(
                fields=["expires_at"],
                condition=Q(state="ready", cleared_at=None),
                name="pack_runs_out",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("approvals:pack", args=[self.pk])

    @property
    def stands(self) -> "EvidencePack.State":
        """Where it stands, a worker that is at it included; reads ``work``."""
        work = getattr(self, "work", None)
        if self.state == self.State.WAITING and work is not None and work.beat_at is not None:
            return self.State.MAKING
        return self.State(self.state)

    @property
    def has_file(self) -> bool:
        """Whether there is a file to take away."""
        return self.state == self.State.READY and self.cleared_at is None

    @property
    def file_name(self) -> str:
        """What the file is called when it leaves."""
        return f"evidence-{self.record_id}.zip"

    def require_state(self, state: "EvidencePack.State") -> None:
        """Refuse what only a pack in one state takes."""
        if self.state != state:
            raise RuleBroken(f"This pack is in another state by now: {self.get_state_display()}.")

    def bind(self, contents: str, *, as_of: datetime) -> None:
        """Say what will be in it and as of when, before the file is made."""
        self.require_state(self.State.WAITING)
        self.contents, self.as_of = contents, as_of
        self.save()

    def conclude(
        self, digest: str, size: int, *, log_size: int, at: datetime, expires_at: datetime
    ) -> None:
        """Be ready, with a file that is kept for a while."""
        self.require_state(self.State.WAITING)
        self.state, self.finished_at, self.expires_at = self.State.READY, at, expires_at
        self.digest, self.size, self.log_size = digest, size, log_size
        self.save()

    def fail(self, why: str, *, at: datetime) -> None:
        """Say why it could not be made."""
        self.require_state(self.State.WAITING)
        self.state, self.failure, self.finished_at = self.State.FAILED, why[:_MOST_FAILURE], at
        self.save()

    def wait_again(self) -> None:
        """Wait for a worker once more after it could not be made."""
        self.require_state(self.State.FAILED)
        self.state, self.failure, self.finished_at = self.State.WAITING, "", None
        self.save()

    def clear(self, *, at: datetime) -> None:
        """Say that its file is gone; what it held stays known by its digest."""
        self.require_state(self.State.READY)
        self.cleared_at = at
        self.save()


class PackOf(models.Model):
    """A model a pack tells of: whoever may not see it may not see the pack."""

    pack = models.ForeignKey(EvidencePack, on_delete=models.CASCADE, related_name="of_models")
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="evidence_packs"
    )

    class Meta:
        db_table = "approvals_evidence_pack_of"
        verbose_name, verbose_name_plural = "model of a pack", "models of packs"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pack", "model"], name="pack_names_a_model_once")
        ]

    def __str__(self) -> str:
        return f"{self.pack_id} of {self.model_id}"


class PackWork(models.Model):
    """How far a pack is that waits or is being made; an ordinary row, gone once it is concluded."""

    pack = models.OneToOneField(
        EvidencePack, on_delete=models.CASCADE, primary_key=True, related_name="work"
    )
    beat_at = models.DateTimeField(null=True)
    """When the worker that has it last said so; nothing while none has."""
    tries = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "approvals_evidence_pack_work"
        verbose_name, verbose_name_plural = "work on a pack", "work on packs"

    def __str__(self) -> str:
        return f"{self.done} of {self.total} of pack {self.pack_id}"


class PackFile(models.Model):
    """The stored file of a pack that is ready; gone once it is cleared."""

    pack = models.OneToOneField(
        EvidencePack, on_delete=models.CASCADE, primary_key=True, related_name="file"
    )
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "approvals_evidence_pack_file"

    def __str__(self) -> str:
        return f"file of pack {self.pack_id}"
