"""Webhooks, deliveries and the mail of notices in the admin; its buttons call operations."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin

from apps.accounts.site import site
from apps.audit.admin import Button, ReadOnlyAdmin
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.integrations import operations
from apps.integrations.models import Notice, ToldEvent, Webhook, WebhookDelivery


def _is_there(webhook: Any) -> bool:
    return webhook.ended_at is None


def _is_active(webhook: Any) -> bool:
    return bool(webhook.is_active)


def _is_disabled(webhook: Any) -> bool:
    return _is_there(webhook) and not webhook.is_active


def _disable(webhook: Webhook, *, by: Actor, reason: str) -> Webhook:
    return operations.change_webhook(webhook, by=by, reason=reason, status=Webhook.Status.DISABLED)


def _enable(webhook: Webhook, *, by: Actor, reason: str) -> Webhook:
    return operations.change_webhook(webhook, by=by, reason=reason, status=Webhook.Status.ACTIVE)


def _test(webhook: Webhook, *, by: Actor) -> Webhook:
    trial = operations.try_webhook(webhook, by=by)
    if not trial.is_success:
        raise RuleBroken(trial.note)
    return webhook


@admin.register(Webhook, site=site)
class WebhookAdmin(ReadOnlyAdmin):
    """Every webhook, newest first; secrets, and what makes a chat's address one, nowhere."""

    list_display = ("name", "owner", "format", "url", "status", "created_at", "ended_at")
    list_filter = ("status", "format", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("name", "url", "owner__username")
    ordering = ("-pk",)
    fields = (
        "name",
        "owner",
        "format",
        "url",
        "repository",
        "events",
        "description",
        "status",
        "created_at",
        "active_since",
        "secret_set_at",
        "ended_at",
    )
    buttons: ClassVar = (
        Button("test", "Send an example", _test, forms.Form, shown=_is_there),
        Button("disable", "Disable", _disable, shown=_is_active),
        Button("enable", "Enable", _enable, shown=_is_disabled),
        Button("delete_it", "Delete", operations.delete_webhook, shown=_is_there),
    )


@admin.register(WebhookDelivery, site=site)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """What was sent to whom, with what result; the newest first."""

    list_display = ("happening", "webhook", "model", "state", "attempts", "answered", "tried_at")
    list_filter = ("state", "happening")
    list_select_related = ("webhook", "model")
    search_fields = ("webhook__name", "model__name", "uid")
    ordering = ("-pk",)
    fields = (
        "uid",
        "webhook",
        "event",
        "happening",
        "model",
        "version",
        "told",
        "state",
        "attempts",
        "queued_at",
        "next_at",
        "tried_at",
        "finished_at",
        "answered",
        "note",
    )


@admin.register(Notice, site=site)
class NoticeAdmin(ReadOnlyAdmin):
    """How the mail of notices goes, counted by state; what they say is their reader's alone."""

    list_display = ("key", "person", "kind", "mail", "attempts", "next_at", "mailed_at", "note")
    list_filter = ("mail", "in_digest", "kind")
    list_select_related = ("person",)
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ("key", "person__username")
    ordering = ("-pk",)
    fields = (
        "uid",
        "person",
        "key",
        "kind",
        "at",
        "mail",
        "in_digest",
        "attempts",
        "next_at",
        "mailed_at",
        "note",
    )


@admin.register(ToldEvent, site=site)
class ToldEventAdmin(ReadOnlyAdmin):
    """Events that could not be told, and those that were told before they were sealed."""

    list_display = ("event", "trouble")
    list_filter = (("trouble", admin.EmptyFieldListFilter),)
    list_select_related = ("event",)
    show_facets = admin.ShowFacets.ALWAYS
    ordering = ("-pk",)
    fields = ("event", "trouble")
