"""What the pages about a version have in common."""

from typing import Any

from django.http import Http404
from django.urls import reverse

from apps.accounts.access import ActorRequest
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel

_TONES = {Stage.STAGING: "info", Stage.PRODUCTION: "good"}

Crumbs = list[tuple[str, str]]


def find(request: ActorRequest, name: str, number: int) -> ModelVersion:
    """Return a version the actor may see.

    Raises:
        Http404: when there is none.
    """
    version = catalog.version_or_none(request.actor, name, number)
    if version is None:
        raise Http404
    return version


def stage_of(version: ModelVersion) -> dict[str, str]:
    """Return the stage of a version as the mark beside its name."""
    tone = _TONES.get(Stage(version.stage), "idle")
    return {"label": version.get_stage_display(), "tone": tone}


def frame(version: ModelVersion) -> dict[str, Any]:
    """Return what every page of a version begins with."""
    return {
        "version": version,
        "title": version.heading,
        "here": f"Version {version.number}",
        "statuses": [stage_of(version)],
        "crumbs": crumbs(version.model),
    }


def crumbs(model: RegisteredModel) -> Crumbs:
    """Return the way to a model."""
    return [("Models", reverse("models:list")), (model.name, model.get_absolute_url())]


def url(name: str, version: ModelVersion, *more: int) -> str:
    """Return the address of a page about a version's checks."""
    return reverse(f"validation:{name}", args=[version.model.name, version.number, *more])
