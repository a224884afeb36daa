"""Places and what runs there in the admin, for operators who look for work that hangs."""

from typing import Any, ClassVar

from django.contrib import admin

from apps.accounts.site import site
from apps.audit.admin import Button, ReadOnlyAdmin
from apps.deployments import operations
from apps.deployments.models import (
    Deployment,
    Drill,
    Environment,
    Look,
    Placement,
    Rollout,
    RolloutLease,
    Sighting,
)


def _is_open(environment: Any) -> bool:
    return bool(environment.is_open)


@admin.register(Environment, site=site)
class EnvironmentAdmin(ReadOnlyAdmin):
    """Every place where versions run, by name."""

    list_display = ("name", "title", "enforcement", "deployer", "owner", "closed_at")
    list_filter = ("enforcement", "deployer")
    list_select_related = ("owner",)
    search_fields = ("name", "title", "region")
    ordering = ("name", "pk")
    buttons: ClassVar = (Button("close", "Close", operations.close_environment, shown=_is_open),)


@admin.register(Look, site=site)
class LookAdmin(ReadOnlyAdmin):
    """When each place was looked at last, and what went wrong."""

    list_display = ("environment", "looked_at", "tried_at", "trouble")
    list_select_related = ("environment",)
    ordering = ("-tried_at", "pk")


@admin.register(Deployment, site=site)
class DeploymentAdmin(ReadOnlyAdmin):
    """Every model in every place, newest first."""

    list_display = ("model", "environment", "service", "desired", "in_effect", "created_at")
    list_select_related = (
        "model",
        "environment",
        "desired__deployment__model",
        "desired__deployment__environment",
        "in_effect__deployment__model",
        "in_effect__deployment__environment",
    )
    search_fields = ("model__name", "environment__name", "service")
    ordering = ("-pk",)


@admin.register(Rollout, site=site)
class RolloutAdmin(ReadOnlyAdmin):
    """Every rollout, newest first."""

    list_display = ("deployment", "number", "kind", "state", "attempt", "worker", "asked_at")
    list_filter = ("state", "kind", "deployer")
    list_select_related = ("deployment__model", "deployment__environment")
    search_fields = ("deployment__model__name", "deployment__environment__name", "worker")
    ordering = ("-pk",)


@admin.register(Placement, site=site)
class PlacementAdmin(ReadOnlyAdmin):
    """Every version that a rollout places, newest first."""

    list_display = ("rollout", "version", "role", "share", "content_digest")
    list_filter = ("role",)
    list_select_related = (
        "rollout__deployment__model",
        "rollout__deployment__environment",
        "version__model",
    )
    search_fields = ("version__model__name", "content_digest")
    ordering = ("-pk",)


@admin.register(RolloutLease, site=site)
class RolloutLeaseAdmin(ReadOnlyAdmin):
    """What is being carried out now, and until when its worker is believed to live."""

    list_display = ("rollout", "attempt", "until")
    list_select_related = ("rollout__deployment__model", "rollout__deployment__environment")
    ordering = ("until", "pk")


@admin.register(Sighting, site=site)
class SightingAdmin(ReadOnlyAdmin):
    """Every content seen somewhere, newest first."""

    list_display = ("environment", "endpoint", "version", "called", "last_seen_at", "ended_at")
    list_filter = ("source",)
    list_select_related = ("environment", "version__model")
    search_fields = ("endpoint", "digest", "called", "version__model__name")
    ordering = ("-pk",)


@admin.register(Drill, site=site)
class DrillAdmin(ReadOnlyAdmin):
    """Every test of the way back, newest first."""

    list_display = ("deployment", "state", "started_by", "started_at", "finished_at", "told")
    list_filter = ("state",)
    list_select_related = ("deployment__model", "deployment__environment", "started_by")
    search_fields = ("deployment__model__name", "deployment__environment__name")
    ordering = ("-pk",)
