"""The catalog in the admin, for operators: to be read; what can be done is done by operations."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin

from apps.accounts.models import User
from apps.accounts.roles import CHOICES
from apps.accounts.site import site
from apps.audit.admin import Button, ReadOnlyAdmin, ReasonForm
from apps.catalog import operations
from apps.catalog.models import Alias, ModelDuty, ModelVersion, RegisteredModel, Upload
from apps.core.actors import Actor


class GrantForm(ReasonForm):
    """Asks who gets which role on a model, and why."""

    holder = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("username"))
    role = forms.ChoiceField(choices=CHOICES)


def _grant(model: RegisteredModel, *, by: Actor, holder: User, role: str, reason: str) -> ModelDuty:
    return operations.grant_model_duty(model, holder, role, by=by, reason=reason)


def _is_held(duty: Any) -> bool:
    return duty.until is None


@admin.register(RegisteredModel, site=site)
class RegisteredModelAdmin(ReadOnlyAdmin):
    """Every registered model, newest first."""

    list_display = ("name", "title", "owner", "kind", "created_at")
    list_filter = ("kind",)
    list_select_related = ("owner",)
    search_fields = ("name", "title")
    ordering = ("-pk",)
    buttons: ClassVar = (Button("grant", "Grant a duty on it", _grant, GrantForm),)


@admin.register(ModelVersion, site=site)
class ModelVersionAdmin(ReadOnlyAdmin):
    """Every version, newest first."""

    list_display = ("model", "number", "stage", "readiness", "content_digest", "created_at")
    list_filter = ("stage", "readiness")
    list_select_related = ("model",)
    search_fields = ("model__name", "content_digest")
    ordering = ("-pk",)


@admin.register(ModelDuty, site=site)
class ModelDutyAdmin(ReadOnlyAdmin):
    """Who holds, or held, which role on which model."""

    list_display = ("model", "user", "team", "role", "since", "until")
    list_filter = ("role",)
    list_select_related = ("model", "user", "team")
    search_fields = ("model__name", "user__username", "team__name")
    ordering = ("-pk",)
    buttons: ClassVar = (Button("end", "End it", operations.end_model_duty, shown=_is_held),)


@admin.register(Alias, site=site)
class AliasAdmin(ReadOnlyAdmin):
    """Every alias and the version it stands for."""

    list_display = ("model", "name", "version")
    list_select_related = ("model", "version__model")
    search_fields = ("model__name", "name")
    ordering = ("-pk",)


@admin.register(Upload, site=site)
class UploadAdmin(ReadOnlyAdmin):
    """Files on their way in, for operators who look for what was left behind."""

    list_display = ("id", "starter", "started_at", "expires_at", "taken_at")
    list_select_related = ("starter",)
    ordering = ("-started_at", "pk")
