"""Rows of the record: events, which are only ever added, and the texts they commit to."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.core.written import OftenWritten


class AuditEvent(OftenWritten):
    """One change, refusal or recorded read. ``entry`` is the record; the other columns repeat
    parts of it so that it can be searched."""

    class Outcome(models.TextChoices):
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"
        INTENT = "intent", "Announced"

    uid = models.UUIDField(unique=True, editable=False)
    entry = models.BinaryField()
    tag = models.BinaryField(max_length=32)
    tag_key = models.SmallIntegerField()
    written_at = models.DateTimeField(db_default=Now(), editable=False)

    action = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    actor_id = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    chain_root = models.CharField(max_length=120, null=True)
    chain_rev = models.BigIntegerField(null=True)
    parent_uid = models.UUIDField(null=True)

    class Meta:
        db_table = "audit_event"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain_root", "chain_rev"], name="audit_event_chain"),
            models.CheckConstraint(
                condition=models.Q(chain_root=None, chain_rev=None)
                | models.Q(chain_root__isnull=False, chain_rev__gte=1),
                name="audit_event_chain_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_event_subject"),
            models.Index(fields=["actor_id", "id"], name="audit_event_actor"),
            models.Index(fields=["action", "id"], name="audit_event_action"),
            models.Index(
                fields=["outcome", "id"],
                condition=~models.Q(outcome="done"),
                name="audit_event_not_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} on {self.subject_id}"


class AuditText(models.Model):
    """A text an entry commits to. It can be erased without touching the entry."""

    class Kind(models.TextChoices):
        REASON = "reason", "Reason"
        COMMENT = "comment", "Comment"

    pk = models.CompositePrimaryKey("event_id", "kind")
    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, related_name="texts")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    salt = models.BinaryField(max_length=16)
    text = models.TextField()

    class Meta:
        db_table = "audit_text"

    def __str__(self) -> str:
        return f"{self.kind} of event {self.event_id}"


class ChainCheck(models.Model):
    """What the last look through a chain found; an ordinary row, tagged like the entries."""

    chain_root = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()
    entries = models.PositiveBigIntegerField()
    leaf = models.CharField(max_length=64)
    """The leaf hash of its last entry then."""
    trouble = models.CharField(max_length=300, blank=True)
    """What is wrong with it; nothing when it is whole."""
    tag = models.BinaryField(max_length=32)
    tag_key = models.SmallIntegerField()

    class Meta:
        db_table = "audit_chain_check"

    def __str__(self) -> str:
        return f"{self.chain_root}: {self.trouble or 'whole'}"
