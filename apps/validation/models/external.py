"""External checks: named validations that a tool outside carries out and posts the result of."""

from django.db import models

from apps.audit.governed import EventHistory, GovernedRow, RecordKind


class ExternalCheck(GovernedRow):
    """A result that CI or another tool is expected to post for every version that is checked."""

    RECORD = RecordKind(
        "external_check", "ext", 1, ("name", "title", "sentence", "hours_until_due", "ended_at")
    )

    name = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    sentence = models.CharField(max_length=500)
    hours_until_due = models.PositiveSmallIntegerField()
    """How long a result is awaited before the run is concluded without one."""
    ended_at = models.DateTimeField(null=True, blank=True)
    """When it was no longer expected; its earlier results stay."""

    history = EventHistory()

    class Meta:
        db_table = "validation_external_check"

    def __str__(self) -> str:
        return self.title
