"""The catalog in the admin, for operators: to be read; what can be done is done by operations."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin

from apps.accounts.models import User
from apps.accounts.roles import CHOICES
from apps.accounts.site import site
from apps.audit.admin import Button, ReadOnlyAdmin, ReasonForm
from apps.catalog import operations
from apps.catalog.inventory.reading import TIERS, EntityId, Need
from apps.catalog.inventory.values import WRITABLE
from apps.catalog.models import Alias, ModelDuty, ModelVersion, OwnField, RegisteredModel, Upload
from apps.core.actors import Actor


class GrantForm(ReasonForm):
    """Asks who gets which role on a model, and why."""

    holder = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("username"))
    role = forms.ChoiceField(choices=CHOICES)


def _grant(model: RegisteredModel, *, by: Actor, holder: User, role: str, reason: str) -> ModelDuty:
    return operations.grant_model_duty(model, holder, role, by=by, reason=reason)


class OwnFieldForm(ReasonForm):
    """Asks what a field of the organization's own is."""

    entity = forms.ChoiceField(choices=[(one.value, one.value) for one in EntityId])
    key = forms.CharField(max_length=60, help_text="Begins with own_ and is never used again.")
    label = forms.CharField(max_length=120)
    help = forms.CharField(max_length=500, required=False)
    type = forms.ChoiceField(choices=[(kind, kind) for kind in sorted(WRITABLE)])
    choices = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For enum and multi_enum: one on each line.",
    )
    supplied_by = forms.MultipleChoiceField(choices=CHOICES)
    required_at = forms.MultipleChoiceField(
        choices=[(tier, f"Tier {tier}") for tier in TIERS], required=False
    )


class RequireForm(ReasonForm):
    """Asks which shipped field becomes required, and at which tiers."""

    field = forms.CharField(max_length=80, help_text="Such as model.stakeholders.")
    required_at = forms.MultipleChoiceField(choices=[(tier, f"Tier {tier}") for tier in TIERS])


def _add_field(*, by: Actor, choices: str, required_at: Sequence[str], **fields: Any) -> OwnField:
    needs = [Need.REQUIRED if str(tier) in required_at else Need.OPTIONAL for tier in TIERS]
    return operations.add_own_field(by=by, choices=choices.split(), tiers=needs, **fields)


def _require_field(*, by: Actor, field: str, required_at: Sequence[str], reason: str) -> OwnField:
    entity, _, key = field.partition(".")
    tiers = [int(tier) for tier in required_at]
    return operations.require_field(by=by, reason=reason, entity=entity, key=key, tiers=tiers)


def _is_held(duty: Any) -> bool:
    return duty.until is None


def _is_in_force(field: Any) -> bool:
    return field.ended_at is None


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


@admin.register(OwnField, site=site)
class OwnFieldAdmin(ReadOnlyAdmin):
    """Inventory fields the organization added, and shipped ones it made required."""

    list_display = ("entity", "key", "label", "type", "strengthens", "added_at", "ended_at")
    list_filter = ("entity", "strengthens", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("key", "label")
    ordering = ("-pk",)
    buttons: ClassVar = (
        Button("add-field", "Add a field", _add_field, OwnFieldForm, on_row=False),
        Button("require", "Make a field required", _require_field, RequireForm, on_row=False),
        Button("end", "End it", operations.end_own_field, shown=_is_in_force),
    )


@admin.register(Upload, site=site)
class UploadAdmin(ReadOnlyAdmin):
    """Files on their way in, for operators who look for what was left behind."""

    list_display = ("id", "starter", "started_at", "expires_at", "taken_at")
    list_select_related = ("starter",)
    ordering = ("-started_at", "pk")
