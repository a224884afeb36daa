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


class Redaction(models.Model):
    """A text that somebody asked to have erased; what was decided and done stands in its entries.

    An ordinary row, so that pages find it: who erases goes by the entries it names.
    """

    REASON = "reason"

    class Basis(models.TextChoices):
        REQUEST = "request", "A person asked for it (GDPR article 17(1))"
        NEEDLESS = "needless", "It should not have been written (GDPR article 5(1)(c))"
        ORDER = "order", "A court or an authority ordered it"

    class State(models.TextChoices):
        ASKED = "asked", "Waits for a second person"
        APPROVED = "approved", "Approved, being erased"
        DECLINED = "declined", "Declined"
        ERASED = "erased", "Erased"

    OPEN = (State.ASKED, State.APPROVED)

    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, related_name="redactions")
    place = models.CharField(max_length=160)
    """Its reason, or a text of a row it wrote: ``comment:cmt_5.text``."""
    basis = models.CharField(max_length=8, choices=Basis.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_in = models.UUIDField()
    """The entry that says so, as with the others below."""
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    decided_in = models.UUIDField(null=True)
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    erased_in = models.UUIDField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_redaction"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "place"],
                condition=models.Q(state__in=["asked", "approved"]),
                name="audit_redaction_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by="") | ~models.Q(decided_by=models.F("asked_by")),
                name="audit_redaction_takes_two",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "id"], name="audit_redaction_state")]

    def __str__(self) -> str:
        return f"redaction {self.pk}"

    @property
    def mark(self) -> str:
        """What stands where the words stood, once they are erased; people by their pseudonyms."""
        return (
            f"[Erased on {self.erased_at:%Y-%m-%d}, asked for by {self.asked_by}, approved by "
            f"{self.decided_by}. Basis: {self.get_basis_display()}. Entry {self.erased_in}.]"
        )


class ErasedText(models.Model):
    """That the reason of an event was erased, and by which redaction: without it none goes."""

    event = models.OneToOneField(
        AuditEvent, on_delete=models.PROTECT, primary_key=True, related_name="erased"
    )
    redaction = models.ForeignKey(Redaction, on_delete=models.PROTECT, related_name="texts")

    class Meta:
        db_table = "audit_erased"

    def __str__(self) -> str:
        return f"reason of event {self.event_id}"


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


# -- the log: what the sealer makes of the events --------------------------------------------------


class PendingEvent(models.Model):
    """An event that is not sealed yet; a trigger writes it with the event, whoever wrote that."""

    event_id = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "audit_pending"

    def __str__(self) -> str:
        return f"event {self.event_id}"


class AsideEvent(models.Model):
    """An event the sealer refused, since the application did not write it; kept for good."""

    event_id = models.BigIntegerField(primary_key=True)
    found_at = models.DateTimeField()
    why = models.CharField(max_length=200)

    class Meta:
        db_table = "audit_aside"

    def __str__(self) -> str:
        return f"event {self.event_id}: {self.why}"


class Leaf(models.Model):
    """An event's place in the log: numbered without a gap, in the order of sealing."""

    seq = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="leaf")
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_leaf"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(seq__gte=0), name="audit_leaf_seq"),
        ]

    def __str__(self) -> str:
        return f"entry {self.seq}"


class TileRow(models.Model):
    """A full tile of the log's tree: 256 hashes of one level."""

    pk = models.CompositePrimaryKey("level", "n")
    level = models.SmallIntegerField()
    n = models.BigIntegerField()
    data = models.BinaryField(max_length=8192)

    class Meta:
        db_table = "audit_tile"

    def __str__(self) -> str:
        return f"tile {self.n} of level {self.level}"


class Log(models.Model):
    """The one log: its name, how far it is sealed, and whether it goes on."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        HALTED = "halted", "Halted"

    ONLY = 1

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    origin = models.CharField(max_length=80)
    size = models.BigIntegerField(default=0)
    root = models.BinaryField(max_length=32)
    frontier = models.BinaryField(max_length=2048, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    trouble = models.CharField(max_length=300, blank=True)
    """Why it was halted; nothing while it is open."""
    beat_at = models.DateTimeField()

    class Meta:
        db_table = "audit_log"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_log_one"),
            models.CheckConstraint(
                condition=models.Q(state="open", trouble="")
                | models.Q(state="halted") & ~models.Q(trouble=""),
                name="audit_log_halted_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin} at {self.size}"

    @property
    def is_halted(self) -> bool:
        return self.state == self.State.HALTED

    @property
    def chain(self) -> str:
        """The root of the chain of the log's own events."""
        return f"log:{self.origin}"


class SignedCheckpoint(models.Model):
    """A signed note that names the root of the log at one size."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "audit_checkpoint"

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"


class Anchoring(models.Model):
    """That a place outside the database took a checkpoint into its keeping."""

    pk = models.CompositePrimaryKey("size", "name")
    size = models.BigIntegerField()
    name = models.CharField(max_length=60)
    accepted_at = models.DateTimeField()
    receipt = models.TextField(blank=True)

    class Meta:
        db_table = "audit_anchor"
        indexes: ClassVar = [models.Index(fields=["name", "size"], name="audit_anchor_newest")]

    def __str__(self) -> str:
        return f"{self.name} holds {self.size}"
