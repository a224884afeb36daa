"""Webhooks and what is, was and could not be delivered to them."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from apps.audit.governed import EventHistory, GovernedQuerySet, GovernedRow, RecordKind
from apps.audit.models import AuditEvent, Leaf
from apps.audit.sealed import NONE_YET
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import RuleBroken
from apps.integrations.happenings import ABOUT_STANDING
from apps.integrations.mlflow_import.rows import (
    ImportedModel,
    ImportedRun,
    ImportedVersion,
    ImportJob,
)
from apps.integrations.notices.rows import MailChoice, Notice, NoticeQuerySet, ToldEvent
from apps.integrations.streams.rows import StreamPosition

__all__ = [
    "BACK_OFF",
    "MOST_TRIES",
    "DeliveryQuerySet",
    "ImportJob",
    "ImportedModel",
    "ImportedRun",
    "ImportedVersion",
    "MailChoice",
    "Notice",
    "NoticeQuerySet",
    "RecordPosition",
    "StreamPosition",
    "ToldEvent",
    "Webhook",
    "WebhookDelivery",
    "WebhookQuerySet",
    "WebhookSecret",
]


class WebhookQuerySet(GovernedQuerySet):
    """Webhooks by where they stand."""

    def there(self) -> Self:
        """Keep the webhooks that were not deleted."""
        return self.filter(ended_at=None)

    def active(self) -> Self:
        """Keep the webhooks that are delivered to."""
        return self.there().filter(status=Webhook.Status.ACTIVE)


class Webhook(GovernedRow):
    """An address that is told what happens to the models its owner may see, in one format."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        DISABLED = "DISABLED", "Disabled"

    class Format(models.TextChoices):
        SIGNED = "signed", "Signed, in MLflow's form"
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"
        GITHUB = "github", "Statuses of commits on GitHub"
        GITLAB = "gitlab", "Statuses of commits on GitLab"

    CHATS = frozenset({Format.SLACK, Format.TEAMS})
    FORGES = frozenset({Format.GITHUB, Format.GITLAB})

    RECORD = RecordKind(
        "webhook",
        "whk",
        1,
        (
            "uid",
            "name",
            "url",
            "events",
            "description",
            "status",
            "owner_id",
            "secret_set_at",
            "ended_at",
        ),
    )

    uid = models.UUIDField(unique=True, default=uuid4, editable=False)
    """The id MLflow clients know it by."""
    name = models.CharField(max_length=63)
    url = models.CharField("address", max_length=2000)
    """Where it sends; of a chat the host only, since whoever has the rest can write there."""
    format = models.CharField(max_length=8, choices=Format.choices, default=Format.SIGNED)
    repository = models.CharField(max_length=300, blank=True)
    """Whose commits get statuses: host and path, ``github.com/acme/models``."""
    events: Any = models.JSONField(default=list)
    description = models.TextField(blank=True, max_length=1000)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="webhooks"
    )
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    active_since = models.DateTimeField()
    """Events before this moment are not delivered."""
    secret_set_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField("deleted at", null=True, blank=True)

    objects: ClassVar = models.Manager.from_queryset(WebhookQuerySet)()
    history = EventHistory()

    class Meta:
        db_table = "integrations_webhook"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(format__in=["signed", "slack", "teams"], repository="")
                | (Q(format__in=["github", "gitlab"]) & ~Q(repository="")),
                name="webhook_names_a_repository_for_statuses",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="webhook_newest_first"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE and self.ended_at is None

    @property
    def is_chat(self) -> bool:
        """Whether people read it in a chat, so that its address is a secret."""
        return self.format in self.CHATS

    @property
    def sets_statuses(self) -> bool:
        """Whether it sets the statuses of commits where code is kept, with a token."""
        return self.format in self.FORGES

    def asks_for(self, happening: str) -> bool:
        """Say whether it is told of a happening."""
        return happening in (ABOUT_STANDING if self.sets_statuses else self.events)

    def require_there(self) -> None:
        """Refuse a webhook that was deleted."""
        if self.ended_at is not None:
            raise RuleBroken(f"The webhook {self} was deleted.")


class WebhookSecret(models.Model):
    """What deliveries are signed with, the whole address of a chat, or a token for statuses.

    It is not governed: no history and no event may hold it.
    """

    webhook = models.OneToOneField(
        Webhook, on_delete=models.PROTECT, primary_key=True, related_name="secret"
    )
    text = models.CharField(max_length=2000)

    class Meta:
        db_table = "integrations_webhook_secret"

    def __str__(self) -> str:
        return f"Secret of {self.webhook_id}"


class DeliveryQuerySet(models.QuerySet["WebhookDelivery", "WebhookDelivery"]):
    """Deliveries by where they stand."""

    def waiting(self) -> Self:
        """Keep the deliveries that are still to be made."""
        return self.filter(state=WebhookDelivery.State.WAITING)

    def first_in_line(self) -> Self:
        """Keep, of each webhook, the delivery that comes before all others that wait."""
        same = WebhookDelivery.objects.waiting().filter(webhook=OuterRef("webhook"))
        before = Q(event__lt=OuterRef("event")) | Q(
            event=OuterRef("event"), place__lt=OuterRef("place")
        )
        return self.waiting().filter(~Exists(same.filter(before)))

    def due(self, now: datetime) -> Self:
        """Keep those whose time has come and that nobody is sending now."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=now), next_at__lte=now)


class WebhookDelivery(models.Model):
    """One thing an event says, on its way to one webhook: the log of what was tried.

    ``attempts`` is the fence: only the worker that began the newest try concludes it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"
        DROPPED = "dropped", "Not sent"

    uid = models.UUIDField(unique=True, default=uuid4, editable=False)
    """The same in every try, so that a receiver knows what it had already."""
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    """Which of the rows the event names this is about."""
    happening = models.CharField(max_length=40)
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Whose commit is told how it stands."""
    told = models.CharField(max_length=160, blank=True)
    """The status its commit was given."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    answered = models.PositiveSmallIntegerField("answered with status", null=True)
    note = models.CharField(max_length=200, blank=True)

    objects: ClassVar = models.Manager.from_queryset(DeliveryQuerySet)()

    class Meta:
        db_table = "integrations_webhook_delivery"
        verbose_name_plural = "webhook deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["webhook", "event", "place"], name="webhook_delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at=None)
                | Q(state__in=["delivered", "failed", "dropped"], finished_at__isnull=False),
                name="webhook_delivery_finished_when_final",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["webhook", "event", "place"],
                condition=Q(state="waiting"),
                name="webhook_delivery_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.happening} to {self.webhook}"


class RecordPosition(models.Model):
    """How far a follower of the record has read: every entry of the log up to it was dealt with."""

    follower = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=NONE_YET)
    event_id = models.BigIntegerField(default=0)
    """Events up to this one were dealt with by their own numbers; their entries are passed over."""

    class Meta:
        db_table = "integrations_record_position"

    def __str__(self) -> str:
        return f"{self.follower} at {self.seq}"

    def is_new(self, leaf: Leaf) -> bool:
        """Say whether an entry was not dealt with under the number of its event."""
        return leaf.event_id > self.event_id


BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60))
"""How long a webhook rests after each try that failed; after one more it is given up."""
MOST_TRIES = len(BACK_OFF) + 1
