"""Answers that are kept for a day, so that a request sent again does nothing twice."""

from typing import ClassVar

from django.conf import settings
from django.db import models

MOST_KEY = 200


class KeptAnswer(models.Model):
    """What a request with an idempotency key was answered. Without a status it has no answer yet.

    Ordinary rows: what the request changed is recorded by its operation.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=MOST_KEY)
    request_digest = models.CharField(max_length=71)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "api_kept_answer"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="kept_answer_by_age")]

    def __str__(self) -> str:
        return self.key
