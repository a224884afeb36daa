"""Notices, how people want them by mail, and which events were looked at. Ordinary rows."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.audit.models import AuditEvent
from apps.catalog.models import RegisteredModel
from apps.integrations.notices.kinds import How

MOST_LINE = 300
MOST_TEXT = 2000


class NoticeQuerySet(models.QuerySet["Notice", "Notice"]):
    """Notices by whether they were read, and by how far their mail is."""

    def unread(self) -> Self:
        """Keep the notices nobody marked as read."""
        return self.filter(read_at=None)

    def waiting(self) -> Self:
        """Keep the notices that are still to be mailed."""
        return self.filter(mail=Notice.Mail.WAITING)

    def due(self, now: datetime) -> Self:
        """Keep those whose time has come and that nobody is mailing now."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=now), next_at__lte=now)


class Notice(models.Model):
    """One thing one person is told, once.

    ``claim`` is the fence of its mail: only the worker that began the newest try concludes it.
    """

    class Mail(models.TextChoices):
        NONE = "none", "Not by mail"
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"
        DROPPED = "dropped", "Not sent"

    uid = models.UUIDField(unique=True, default=uuid4, editable=False)
    """What its mail is known by, the same in every try."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices"
    )
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    line = models.CharField(max_length=MOST_LINE)
    text = models.CharField(max_length=MOST_TEXT)
    path = models.CharField(max_length=1000)
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, null=True, related_name="+"
    )
    """The model it is about: who may not see that any more does not read the notice either."""
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    mail = models.CharField(max_length=7, choices=Mail.choices, default=Mail.NONE)
    in_digest = models.BooleanField("once a day", default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField("next try", null=True)
    claim = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)
    """Why its mail was not sent, or not yet."""

    objects: ClassVar = models.Manager.from_queryset(NoticeQuerySet)()

    class Meta:
        db_table = "integrations_notice"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], name="notice_once"),
            models.CheckConstraint(
                condition=Q(mail="sent", mailed_at__isnull=False)
                | (~Q(mail="sent") & Q(mailed_at=None)),
                name="notice_mailed_when_sent",
            ),
            models.CheckConstraint(
                condition=~Q(mail="waiting") | Q(next_at__isnull=False), name="notice_mail_has_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="notice_newest_first"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["next_at"], condition=Q(mail="waiting"), name="notice_to_mail"),
        ]

    def __str__(self) -> str:
        return f"Notice {self.pk}"


class MailChoice(models.Model):
    """How a person wants one kind of notice by mail."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_choices"
    )
    kind = models.CharField(max_length=40)
    how = models.CharField(max_length=7, choices=How.choices)

    class Meta:
        db_table = "integrations_mail_choice"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind"], name="mail_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_how_display()}"


class ToldEvent(models.Model):
    """An event that could not be told, for operators to see, or that was told before it was sealed.

    None is told again.
    """

    event = models.OneToOneField(
        AuditEvent, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "integrations_told_event"

    def __str__(self) -> str:
        return f"Event {self.event_id}"
