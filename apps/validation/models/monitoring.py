"""Monitoring series, the points posted to them, and the breaches these made."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import RuleBroken
from apps.validation.monitoring.bands import MOST_THRESHOLD, Band, Bands


def _who(**options: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options
    )


def _threshold() -> Any:
    """A number as it was written: exact, and empty where there is none."""
    return models.CharField(max_length=MOST_THRESHOLD, blank=True)


class MonitoringSeries(GovernedRow):
    """One metric of a model, or of one version, that is watched while it is used."""

    class Direction(models.TextChoices):
        HIGHER = "higher", "Higher is better"
        LOWER = "lower", "Lower is better"
        WITHIN = "within", "Best in between"

    RECORD = RecordKind(
        "monitoring_series",
        "mon",
        1,
        (
            "model_id",
            "version_id",
            "environment",
            "metric",
            "unit",
            "direction",
            "amber_least",
            "amber_most",
            "red_least",
            "red_most",
            "owner_id",
            "interval_days",
            "started_at",
            "ended_at",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="monitoring")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="monitoring"
    )
    environment = models.CharField(max_length=120, blank=True)
    """Where it is measured, such as production in the EU."""
    metric = models.CharField(max_length=120)
    unit = models.CharField(max_length=30, blank=True)
    direction = models.CharField(max_length=6, choices=Direction.choices)
    amber_least = _threshold()
    amber_most = _threshold()
    red_least = _threshold()
    red_most = _threshold()
    owner = _who()
    interval_days = models.PositiveSmallIntegerField()
    """After how many days at most a new point is expected."""
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    history = EventHistory()

    class Meta:
        db_table = "validation_monitoring_series"
        verbose_name_plural = "monitoring series"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "environment", "metric"],
                condition=Q(version=None, ended_at=None),
                name="series_once_a_model",
            ),
            models.UniqueConstraint(
                fields=["version", "environment", "metric"],
                condition=Q(version__isnull=False, ended_at=None),
                name="series_once_a_version",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["higher", "lower", "within"]),
                name="series_direction_is_known",
            ),
            models.CheckConstraint(condition=Q(interval_days__gte=1), name="series_expects_points"),
        ]

    def __str__(self) -> str:
        where = f" in {self.environment}" if self.environment else ""
        return f"{self.metric} of {self.version or self.model.name}{where}"

    def get_absolute_url(self) -> str:
        return f"{reverse('models:monitoring', args=[self.model.name])}#series-{self.pk}"

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def bands(self) -> Bands:
        """Its thresholds."""
        return Bands(self.amber_least, self.amber_most, self.red_least, self.red_most)

    def take(self, bands: Bands) -> None:
        """Take other thresholds; the caller saves."""
        self.amber_least, self.amber_most = bands.amber_least, bands.amber_most
        self.red_least, self.red_most = bands.red_least, bands.red_most

    def require_live(self) -> None:
        """Refuse a series that has ended."""
        if self.ended_at is not None:
            raise RuleBroken(f"The series {self} has ended. Start another one.")


class MonitoringPoint(models.Model):
    """One measured value: an ordinary row, since the post that brought it is recorded whole."""

    series = models.ForeignKey(MonitoringSeries, on_delete=models.PROTECT, related_name="points")
    measured_at = models.DateTimeField()
    value = models.FloatField()
    sample_size = models.PositiveBigIntegerField(null=True)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+")
    """The version that was measured, where the series is about the model."""
    posted_at = models.DateTimeField()
    posted_by = _who()

    class Meta:
        db_table = "validation_monitoring_point"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "measured_at"], name="point_once_a_moment")
        ]

    def __str__(self) -> str:
        return f"{self.value!r} at {self.measured_at:%Y-%m-%d %H:%M}"


class Breach(GovernedRow):
    """A stretch of points past a band of a series, until somebody says what it was."""

    class Level(models.TextChoices):
        AMBER = Band.AMBER.value, "Amber"
        RED = Band.RED.value, "Red"

    RECORD = RecordKind(
        "breach",
        "bre",
        1,
        (
            "series_id",
            "band",
            "started_at",
            "value",
            "ended_at",
            "acknowledged_at",
            "acknowledged_by_id",
            "remark",
        ),
    )

    series = models.ForeignKey(MonitoringSeries, on_delete=models.PROTECT, related_name="breaches")
    band = models.CharField(max_length=5, choices=Level.choices)
    """The worst band it reached."""
    started_at = models.DateTimeField()
    """When the first value past a band was measured."""
    value = models.FloatField()
    """The value that put it in its band."""
    ended_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = _who(null=True)
    remark = models.TextField(blank=True, max_length=10_000)
    """What it was, as who acknowledged it says."""

    history = EventHistory()

    class Meta:
        db_table = "validation_breach"
        verbose_name_plural = "breaches"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["series"], condition=Q(ended_at=None), name="one_breach_goes_on"
            ),
            models.CheckConstraint(condition=Q(band__in=["amber", "red"]), name="breach_band"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="breach_acknowledged_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["series", "-started_at"], name="breach_newest_first")
        ]

    def __str__(self) -> str:
        return f"{self.get_band_display()} breach of {self.series}"

    def get_absolute_url(self) -> str:
        return reverse("models:acknowledge_breach", args=[self.series.model.name, self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.series.model

    def require_unacknowledged(self) -> None:
        """Refuse a breach somebody answered for already."""
        if self.acknowledged_at is not None:
            raise RuleBroken("This breach is acknowledged already.")
