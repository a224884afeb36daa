"""Where a model, or one version of it, runs: the part that their pages show."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from apps.approvals.serving.operations import rollouts as rules
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.buttons import Button
from apps.console.serving import cells
from apps.console.serving.cells import Cell
from apps.deployments.models import Deployment, Placement, Sighting
from apps.deployments.operations.environments import MAY_RUN


def of_model(model: RegisteredModel, held: frozenset[str], *, at: datetime) -> dict[str, Any]:
    """Return where a model runs, and the way to put a version somewhere."""
    address = reverse("deployments:deploy", args=[model.name])
    return {
        "runs_in": _told(Deployment.objects.filter(model=model), at),
        "put": Button("Put it in an environment", address, _why_not(held)),
    }


def of_version(version: ModelVersion, held: frozenset[str], *, at: datetime) -> dict[str, Any]:
    """Return where a version runs or is to, and the way to put it somewhere."""
    address = reverse("deployments:deploy", args=[version.model.name])
    why = _why_not(held) or _why_nowhere(version)
    return {
        "runs_in": _told(_with_version(version), at),
        "put": Button("Put it in an environment", f"{address}?version={version.number}", why),
    }


def _with_version(version: ModelVersion) -> QuerySet[Deployment]:
    """Return where a version is to run, was brought about last, or is seen."""
    placed = Placement.objects.filter(version=version)
    seen = Sighting.objects.filter(version=version, ended_at=None, deployment=OuterRef("pk"))
    found: QuerySet[Deployment] = Deployment.objects.filter(
        Q(Exists(placed.filter(rollout=OuterRef("desired"))))
        | Q(Exists(placed.filter(rollout=OuterRef("in_effect"))))
        | Q(Exists(seen)),
        model=version.model_id,
    )
    return found


def _told(deployments: QuerySet[Deployment], at: datetime) -> Sequence[Cell]:
    told = cells.of_deployments(deployments.only("pk"), at=at)
    return sorted(told.values(), key=lambda cell: (str(cell.environment), cell.deployment.pk))


def _why_not(held: frozenset[str]) -> str:
    if rules.DEPLOY.permission in held:
        return ""
    return "Ask an operator of this model: People on its page names them."


def _why_nowhere(version: ModelVersion) -> str:
    """Say what keeps a version from running anywhere; nothing when nothing does."""
    if not version.is_ready:
        return "Possible once the version's files are complete."
    if version.stage not in MAY_RUN:
        return f"What is {version.get_stage_display().lower()} runs nowhere."
    return ""
