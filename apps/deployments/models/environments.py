"""The environment: where versions run, which stages it admits, and who brings them there."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.lifecycle import Stage
from apps.core.errors import RuleBroken


class Environment(GovernedRow):
    """One place where versions serve, such as production in the EU."""

    class Enforcement(models.TextChoices):
        """What happens to a version that is not admissible."""

        PREVENT = "prevent", "Prevent: it is refused"
        WARN = "warn", "Warn: it goes through with a reason"
        ALLOW = "allow", "Allow: it goes through and is a finding"

    RECORD = RecordKind(
        "environment",
        "env",
        1,
        (
            "name",
            "title",
            "admits",
            "enforcement",
            "region",
            "owner_id",
            "uses",
            "deployer",
            "target",
            "seen_within_minutes",
            "closed_at",
        ),
    )

    name = models.CharField(max_length=63)
    """What programs call it: lower case, digits and hyphens, as DNS labels (RFC 1123)."""
    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True, max_length=5000)
    admits: Any = models.JSONField(default=list)
    """The stages whose versions may run here, in the order of the lifecycle."""
    enforcement = models.CharField(max_length=7, choices=Enforcement.choices)
    region = models.CharField(max_length=120, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="environments"
    )
    uses: Any = models.JSONField(default=list, blank=True)
    """Names of the uses it serves, as people say them."""
    deployer = models.CharField(max_length=60)
    """The name of what carries rollouts out here."""
    target: Any = models.JSONField(default=dict, blank=True)
    """Where that finds the place: its settings, none of them a secret."""
    seen_within_minutes = models.PositiveIntegerField(null=True, blank=True)
    """After how long without a sighting something is not seen; empty where nobody looks."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "deployments_environment"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name"], name="environment_name_once"),
            models.CheckConstraint(
                condition=Q(enforcement__in=["prevent", "warn", "allow"]),
                name="environment_enforcement_is_known",
            ),
            models.CheckConstraint(
                condition=Q(seen_within_minutes=None) | Q(seen_within_minutes__gte=1),
                name="environment_is_looked_at_in_minutes",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    def get_absolute_url(self) -> str:
        return reverse("deployments:environment", args=[self.name])

    @property
    def stages(self) -> Sequence[Stage]:
        """The stages it admits."""
        return tuple(Stage(one) for one in self.admits)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def prevents(self) -> bool:
        """Whether what is not admissible is refused here."""
        return self.enforcement == self.Enforcement.PREVENT

    def require_open(self) -> None:
        """Refuse an environment that was closed."""
        if not self.is_open:
            raise RuleBroken(f"The environment {self} was closed. Nothing is put there any more.")


class Look(models.Model):
    """When an environment was last looked at, and what went wrong; an ordinary row."""

    environment = models.OneToOneField(
        Environment, on_delete=models.CASCADE, primary_key=True, related_name="look"
    )
    looked_at = models.DateTimeField(null=True, blank=True)
    """When a look at all of it last succeeded, by whoever looked."""
    tried_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "deployments_look"

    def __str__(self) -> str:
        return f"{self.environment_id} looked at {self.looked_at}"
