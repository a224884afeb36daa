"""Stages and the alias ``champion``: clients set them, here they follow from decisions.

With an open gate a client carries the promotion out, as the page would. Otherwise it is refused,
with what keeps the gate shut and the page where that is settled.
"""

from typing import Any

from django.urls import reverse

from apps.api.mlflow import errors, shapes
from apps.api.mlflow.calls import Call
from apps.approvals import operations, queries
from apps.approvals.models import PromotionRequest
from apps.approvals.readiness import GatesClosed
from apps.catalog.lifecycle import PROMOTIONS, Stage
from apps.catalog.models import ModelVersion

REASON = "Asked for by a program, through the MLflow API."
STAGES = {
    "none": Stage.DEVELOPMENT,
    "staging": Stage.STAGING,
    "production": Stage.PRODUCTION,
    "archived": Stage.ARCHIVED,
}
"""Which stage a client means, whatever case it writes."""

ACTIVE = frozenset({Stage.STAGING, Stage.PRODUCTION})


def stage_named(name: str) -> Stage:
    """Return the stage a client names."""
    stage = STAGES.get(name.lower())
    if stage is None:
        raise errors.invalid(
            f"Invalid Model Version stage: {name!a:.40}. "
            "Value must be one of None, Staging, Production, Archived."
        )
    return stage


def require_archiving(version: ModelVersion, target: Stage, *, asked: bool) -> None:
    """Refuse to archive other versions on the way, but for the one a promotion replaces."""
    if not asked:
        return
    if target not in ACTIVE:
        raise errors.invalid(
            "Existing versions can be archived when a version is moved to an active stage. "
            "Active stages are Staging, Production."
        )
    others = version.model.versions.filter(stage=target, deleted_at=None).exclude(pk=version.pk)
    if target == Stage.STAGING and others.exists():
        raise errors.forbidden(
            "Signet archives a version by a decision of its own. "
            "Ask without archive_existing_versions."
        )


def move(version: ModelVersion, target: Stage, call: Call[Any]) -> None:
    """Move a version to a stage, provided that was decided; already there, nothing happens."""
    if version.stage == target:
        return
    if PROMOTIONS.get(Stage(version.stage)) == target:
        _promote(version, target, call)
    elif version.stage == Stage.ARCHIVED and target == Stage.PRODUCTION:
        _roll_back(version, call)
    else:
        raise _decided_elsewhere(version, target, call)


def _promote(version: ModelVersion, target: Stage, call: Call[Any]) -> None:
    request = queries.open_requests_visible_to(call.actor)
    asked = request.filter(version=version, target=target).first()
    if asked is None:
        page = reverse("approvals:request", args=[version.model.name, version.number])
        raise errors.forbidden(
            f"No promotion of {version} to {target.label} was asked for. "
            f"Ask for it at {_address(call, page)}."
        )
    _carry_out(asked, call)


def _carry_out(asked: PromotionRequest, call: Call[Any]) -> None:
    try:
        operations.promote(asked, by=call.actor, reason=REASON)
    except GatesClosed as refusal:
        page = reverse("approvals:promotion", args=[asked.pk])
        raise errors.forbidden(f"{refusal} See {_address(call, page)}.") from None


def _roll_back(version: ModelVersion, call: Call[Any]) -> None:
    current = operations.serving(version.model)
    target = operations.rollback_target(current) if current else None
    if target is None or target.pk != version.pk:
        raise errors.forbidden(
            f"{version} is not the version that the one in production replaced, "
            "so production does not go back to it."
        )
    try:
        operations.roll_back(version.model, by=call.actor, reason=REASON)
    except GatesClosed as refusal:
        page = reverse("approvals:roll_back", args=[version.model.name])
        raise errors.forbidden(f"{refusal} See {_address(call, page)}.") from None


def _decided_elsewhere(version: ModelVersion, target: Stage, call: Call[Any]) -> errors.Refusal:
    """Return the refusal of a move that no promotion request leads to."""
    page = _address(call, version.get_absolute_url())
    if target == Stage.PRODUCTION:
        return errors.forbidden(
            f"{version} is in {version.get_stage_display()}, and a version comes to Production "
            f"from Staging. Ask for its promotion to Staging first, at {page}."
        )
    return errors.forbidden(
        f"Signet moves a version to {shapes.STAGES[target]} by a decision of its own; "
        f"clients cannot. {version} stays in {version.get_stage_display()}. See {page}."
    )


def _address(call: Call[Any], page: str) -> str:
    return call.request.build_absolute_uri(page)
