"""What is seen: an endpoint of an environment that serves some content, from when until when."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion
from apps.deployments.models.deployments import Deployment
from apps.deployments.models.environments import Environment


class Sighting(GovernedRow):
    """One content seen at one endpoint. It begins and ends on record; seeing it again is not."""

    class Source(models.TextChoices):
        AGENT = "agent", "Reported by an agent"
        DEPLOYER = "deployer", "Asked of the deployer"
        PROBE = "probe", "Asked of the endpoint"
        HAND = "hand", "Recorded by hand"

    RECORD = RecordKind(
        "sighting",
        "sgt",
        1,
        (
            "environment_id",
            "endpoint",
            "deployment_id",
            "version_id",
            "digest",
            "called",
            "source",
            "first_seen_at",
            "ended_at",
            "ended_why",
        ),
    )

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="sightings")
    endpoint = models.CharField(max_length=300)
    """Where it was seen: an address, or what the platform calls the service."""
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, null=True, blank=True, related_name="sightings"
    )
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="sightings"
    )
    """The version with that digest; nothing when nobody registered it."""
    digest = models.CharField(max_length=71, blank=True)
    """The content digest that was seen; empty when only a name was."""
    called = models.CharField(max_length=300, blank=True)
    """What it said it was, such as ``fraud/3``."""
    source = models.CharField(max_length=8, choices=Source.choices)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    share = models.PositiveSmallIntegerField(null=True, blank=True)
    """Percent of the endpoint's requests, as last seen."""
    requests = models.PositiveBigIntegerField(null=True, blank=True)
    """How many requests it answered in all, as last told."""
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "deployments_sighting"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "endpoint", "digest", "called"],
                condition=Q(ended_at=None),
                name="sighting_goes_on_once",
            ),
            models.CheckConstraint(
                condition=~Q(digest="") | ~Q(called=""), name="sighting_says_what_it_saw"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["deployment", "-id"], name="sighting_newest_first"),
            models.Index(
                fields=["environment", "endpoint"],
                condition=Q(ended_at=None),
                name="sighting_going_on",
            ),
        ]

    def __str__(self) -> str:
        what = self.version or self.called or self.digest
        return f"{what} at {self.endpoint} in {self.environment}"

    @property
    def root(self) -> Environment:
        return self.environment
