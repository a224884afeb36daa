"""What models are made from and serve: assets, and the edges between them and versions."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from apps.accounts.models import Team
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models.registered import RegisteredModel
from apps.catalog.models.versions import ModelVersion
from apps.core.identifiers import uuid7

MOST_ASSET_NAME = 500
MOST_LOCATION = 2000


class Asset(GovernedRow):
    """Something beside models that lineage names. It is shared: the organization knows it once."""

    class Kind(models.TextChoices):
        DATASET = "dataset", "Dataset"
        FEATURE_VIEW = "feature_view", "Feature view"
        PIPELINE = "pipeline", "Pipeline"
        DASHBOARD = "dashboard", "Dashboard"
        REPOSITORY = "repository", "Repository"
        CONTAINER = "container", "Container"
        SERVICE = "service", "Service"
        BASE_MODEL = "base_model", "Base model"

    class Sensitivity(models.TextChoices):
        PUBLIC = "public", "Public"
        INTERNAL = "internal", "Internal"
        CONFIDENTIAL = "confidential", "Confidential"
        RESTRICTED = "restricted", "Restricted"

    RECORD = RecordKind(
        "asset",
        "ast",
        1,
        (
            "uid",
            "kind",
            "name",
            "version",
            "digest",
            "location",
            "description",
            "owner_id",
            "team_id",
            "sensitivity",
            "license",
            "ended_at",
        ),
    )

    uid = models.UUIDField("stable id", unique=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=MOST_ASSET_NAME)
    version = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=128, blank=True)
    location = models.CharField(max_length=MOST_LOCATION, blank=True)
    description = models.TextField(blank=True, max_length=5000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_assets",
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True)
    sensitivity = models.CharField(max_length=12, choices=Sensitivity.choices, blank=True)
    license = models.CharField(max_length=200, blank=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField("retired", null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "catalog_asset"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "name", "version", "digest"],
                condition=Q(ended_at=None),
                name="asset_once_while_in_use",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["name", "id"], name="asset_by_name")]

    def __str__(self) -> str:
        mark = self.version or self.digest[:12]
        return f"{self.name} {mark}" if mark else self.name

    def get_absolute_url(self) -> str:
        return reverse("assets:asset", args=[self.uid])

    @property
    def is_in_use(self) -> bool:
        return self.ended_at is None


class Relation(models.TextChoices):
    """What an edge says. The value tells it of the target or of both; data flows to the target."""

    TRAINED_ON = "trained_on", "Trained on"
    EVALUATED_ON = "evaluated_on", "Evaluated on"
    DERIVED_FROM = "derived_from", "Derived from"
    BUILT_BY = "built_by", "Built by"
    READS = "reads", "Reads"
    WRITES = "writes", "Writes"
    FEEDS = "feeds", "Feeds"
    RUNS_IN = "runs_in", "Runs in"
    USES = "uses", "Uses"
    SERVES = "serves", "Serves"


class LineageEdge(GovernedRow):
    """Something flows from an origin to a target: whoever changes the origin affects the target."""

    class Source(models.TextChoices):
        OBSERVED = "observed", "Observed"
        DECLARED = "declared", "Declared"
        INFERRED = "inferred", "Inferred"

    RECORD = RecordKind(
        "lineage_edge",
        "lin",
        1,
        (
            "relation",
            "source",
            "origin_asset_id",
            "origin_version_id",
            "target_asset_id",
            "target_version_id",
            "ended_at",
        ),
    )

    relation = models.CharField(max_length=12, choices=Relation.choices)
    source = models.CharField(max_length=8, choices=Source.choices)
    origin_asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, related_name="edges_out"
    )
    origin_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="edges_out"
    )
    target_asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, related_name="edges_in"
    )
    target_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="edges_in"
    )
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField("ended", null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "catalog_lineage_edge"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(origin_asset__isnull=False) ^ Q(origin_version__isnull=False),
                name="lineage_edge_has_one_origin",
            ),
            models.CheckConstraint(
                condition=Q(target_asset__isnull=False) ^ Q(target_version__isnull=False),
                name="lineage_edge_has_one_target",
            ),
            models.CheckConstraint(
                condition=~Q(origin_asset=F("target_asset"), origin_asset__isnull=False),
                name="lineage_edge_joins_two_assets",
            ),
            models.CheckConstraint(
                condition=~Q(origin_version=F("target_version"), origin_version__isnull=False),
                name="lineage_edge_joins_two_versions",
            ),
            *(
                models.UniqueConstraint(
                    fields=[f"origin_{one}", f"target_{other}", "relation"],
                    condition=Q(ended_at=None),
                    name=f"lineage_{one}_to_{other}_once",
                )
                for one in ("asset", "version")
                for other in ("asset", "version")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin} → {self.target}"

    @property
    def origin(self) -> Asset | ModelVersion:
        origin = self.origin_asset or self.origin_version
        assert origin is not None
        return origin

    @property
    def target(self) -> Asset | ModelVersion:
        target = self.target_asset or self.target_version
        assert target is not None
        return target

    @property
    def root(self) -> RegisteredModel | Asset:
        """The model of the version it touches, the target's first; else the target asset."""
        for end in (self.target, self.origin):
            if isinstance(end, ModelVersion):
                return end.model
        assert self.target_asset is not None
        return self.target_asset

    def end(self, at: datetime) -> None:
        """Close the edge at a time; what it said stays on record."""
        self.ended_at = at
        self.save()
