"""Training runs with what they used and measured, and the experiments they belong to.

Ordinary rows: a run is written while it trains, thousands of times. What a version takes from its
run is covered by the version's facts digest, and ``Run.revision`` tells when a run moved on since.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Experiment(models.Model):
    """A named set of runs. The one with the id 0 is there from the start and belongs to nobody."""

    name = models.CharField(max_length=500, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    touched_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    tags: Any = models.JSONField(default=dict)

    class Meta:
        db_table = "catalog_experiment"

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One training or evaluation run. Its id is 32 hexadecimal digits, as MLflow's."""

    class Status(models.TextChoices):
        RUNNING = "RUNNING", "Running"
        SCHEDULED = "SCHEDULED", "Scheduled"
        FINISHED = "FINISHED", "Finished"
        FAILED = "FAILED", "Failed"
        KILLED = "KILLED", "Killed"

    uid = models.CharField(max_length=32, unique=True)
    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, null=True, related_name="runs"
    )
    name = models.CharField(max_length=250, blank=True)
    source = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.FINISHED)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    starter_id = models.CharField(max_length=40)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    revision = models.PositiveBigIntegerField(default=0)
    """Raised whenever a parameter, a metric or a dataset is added."""

    class Meta:
        db_table = "catalog_run"
        indexes: ClassVar = [
            models.Index(fields=["experiment", "-started_at", "-id"], name="run_newest_first")
        ]

    def __str__(self) -> str:
        return self.name or self.uid


class RunParameter(models.Model):
    """A setting a run was given."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="parameters")
    key = models.CharField(max_length=250)
    value = models.CharField(max_length=6000)

    class Meta:
        db_table = "catalog_run_parameter"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "key"], name="run_parameter_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class RunTag(models.Model):
    """A key and value on a run. It may change, and no policy reads it."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="tags")
    key = models.CharField(max_length=250)
    value = models.TextField(blank=True)

    class Meta:
        db_table = "catalog_run_tag"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "key"], name="run_tag_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class RunDataset(models.Model):
    """A dataset a run read, by name and digest, and what for (training, evaluation)."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="datasets")
    name = models.CharField(max_length=500)
    digest = models.CharField(max_length=36)
    context = models.CharField(max_length=250, blank=True)
    source_type = models.CharField(max_length=100, blank=True)
    source = models.TextField(blank=True)
    schema = models.TextField(blank=True)
    profile = models.TextField(blank=True)
    tags: Any = models.JSONField(default=dict)

    class Meta:
        db_table = "catalog_run_dataset"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "name", "digest", "context"], name="run_dataset_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class LoggedModel(models.Model):
    """A model a run wrote (MLflow 3), which a version can be registered from."""

    class Status(models.TextChoices):
        PENDING = "LOGGED_MODEL_PENDING", "Pending"
        READY = "LOGGED_MODEL_READY", "Ready"
        FAILED = "LOGGED_MODEL_UPLOAD_FAILED", "Failed"

    uid = models.CharField(max_length=34, unique=True)
    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, related_name="logged_models"
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="logged_models")
    name = models.CharField(max_length=500)
    kind = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=26, choices=Status.choices, default=Status.PENDING)
    status_message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    parameters: Any = models.JSONField(default=dict)
    tags: Any = models.JSONField(default=dict)

    class Meta:
        db_table = "catalog_logged_model"
        indexes: ClassVar = [
            models.Index(fields=["experiment", "-created_at", "-id"], name="logged_newest_first")
        ]

    def __str__(self) -> str:
        return self.uid


class RunMetric(models.Model):
    """A number a run measured: at a step, on a dataset, on one slice of it, with its interval."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="metrics")
    logged_model = models.ForeignKey(
        LoggedModel, on_delete=models.PROTECT, null=True, related_name="metrics"
    )
    key = models.CharField(max_length=250)
    value = models.FloatField()
    is_nan = models.BooleanField(default=False)
    step = models.BigIntegerField(default=0)
    measured_ms = models.BigIntegerField(null=True)
    """When it was measured, in milliseconds since 1970 UTC, as MLflow clients send it."""
    dataset = models.CharField(max_length=500, blank=True)
    dataset_digest = models.CharField(max_length=36, blank=True)
    slice = models.CharField(max_length=250, blank=True)
    lower = models.FloatField(null=True, blank=True)
    upper = models.FloatField(null=True, blank=True)
    higher_is_better = models.BooleanField(null=True, blank=True)
    is_last = models.BooleanField(default=True)
    """Whether this is the newest point of its series (run, key, dataset, slice)."""

    class Meta:
        db_table = "catalog_run_metric"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "key", "dataset", "slice"],
                condition=Q(is_last=True),
                name="one_last_point_of_a_series",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "key", "step", "id"], name="metric_series"),
            models.Index(
                fields=["logged_model"],
                condition=Q(logged_model__isnull=False),
                name="metric_of_logged_model",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.number}"

    @property
    def number(self) -> float:
        """The measured value, which may be no number: databases do not agree on keeping NaN."""
        return float("nan") if self.is_nan else self.value
