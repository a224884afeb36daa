"""How far each stream is. Ordinary rows: what they say, the receivers' copies say, too."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from apps.audit.sealed import NONE_YET


class StreamQuerySet(models.QuerySet["StreamPosition", "StreamPosition"]):
    """Streams by whether they may be worked at."""

    def due(self, now: datetime) -> Self:
        """Keep those whose time has come and that nobody is working at now."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=now), next_at__lte=now)


class StreamPosition(models.Model):
    """The last entry that was surely taken by a stream's place; what follows is still to be given.

    ``claims`` is the fence: only the worker that took it last moves it.
    """

    name = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=NONE_YET)
    leaf_hash = models.BinaryField(max_length=32, blank=True)
    """The hash of that entry: after a restored backup, another may bear its number."""
    claims = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    """How often in a row its place took nothing."""
    failing_since = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)

    objects: ClassVar = models.Manager.from_queryset(StreamQuerySet)()

    class Meta:
        db_table = "integrations_stream_position"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(failures=0, failing_since=None, trouble="")
                | Q(failures__gt=0, failing_since__isnull=False) & ~Q(trouble=""),
                name="stream_fails_since_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"
