"""Stages and the alias ``champion``: clients set them, here they follow from decisions.

With an open gate a client carries the promotion out, as the page would. Otherwise it is refused,
with what keeps the gate shut and the page where that is settled.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from apps.api.mlflow import errors, shapes
from apps.api.mlflow.calls import Call
from apps.approvals import gates, operations, queries
from apps.approvals.pages import transitions
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
UNSERVED = frozenset({Stage.DEVELOPMENT, Stage.STAGING})
"""What a version is in before it ever was in production."""

Operation = Callable[..., ModelVersion]


def stage_named(name: str) -> Stage:
    """Return the stage a client names."""
    stage = STAGES.get(name.lower())
    if stage is None:
        raise errors.invalid(
            f"Invalid Model Version stage: {name!a:.40}. "
            "Value must be one of None, Staging, Production, Archived."
        )
    return stage


def require_archiving(version: ModelVersion, target: Stage, call: Call[Any]) -> None:
    """Refuse to archive other versions on the way where that is not the caller's to decide.

    In Production that is only the one a promotion replaces; those in Staging are set aside.
    """
    if target not in ACTIVE:
        raise errors.invalid(
            "Existing versions can be archived when a version is moved to an active stage. "
            "Active stages are Staging, Production."
        )
    if not _others(version, target).exists():
        return
    if target == Stage.PRODUCTION and version.model.runs_several:
        page = _address(call, version.model.get_absolute_url())
        raise errors.forbidden(
            f"{version.model} has several versions in production, and each leaves it by a request "
            f"of its own. Ask without archive_existing_versions, then see {page}."
        )
    set_aside = operations.SET_ASIDE
    if target == Stage.STAGING and not call.actor.may(set_aside.permission, version.root):
        raise errors.forbidden(f"{set_aside.refusal} Ask without archive_existing_versions.")


def archive_others(version: ModelVersion, target: Stage, call: Call[Any]) -> None:
    """Set the other versions in Staging aside; in Production the promotion saw to it."""
    if target == Stage.STAGING:
        for other in list(_others(version, target).order_by("number")):
            operations.set_aside(other, by=call.actor, reason=REASON)


def move(version: ModelVersion, target: Stage, call: Call[Any]) -> None:
    """Move a version to a stage, provided that was decided; already there, nothing happens."""
    origin = Stage(version.stage)
    if shapes.STAGES[origin] == shapes.STAGES[target]:
        return
    if PROMOTIONS.get(origin) == target:
        _carry_out(version, target, operations.promote, call)
    elif (origin, target) == (Stage.PRODUCTION, Stage.ARCHIVED):
        _carry_out(version, target, operations.archive, call)
    elif (origin, target) == (Stage.ARCHIVED, Stage.PRODUCTION):
        _roll_back(version, call)
    elif (origin, target) == (Stage.STAGING, Stage.DEVELOPMENT):
        operations.send_back(version, by=call.actor, reason=REASON)
    elif origin in UNSERVED and target == Stage.ARCHIVED:
        operations.set_aside(version, by=call.actor, reason=REASON)
    else:
        raise _decided_elsewhere(version, target, call)


def _carry_out(version: ModelVersion, target: Stage, operation: Operation, call: Call[Any]) -> None:
    asked = queries.open_requests_visible_to(call.actor).filter(version=version, target=target)
    request = asked.first()
    if request is None:
        raise _not_asked_for(version, target, call)
    try:
        operation(request, by=call.actor, reason=REASON)
    except GatesClosed as refusal:
        page = reverse("approvals:promotion", args=[request.pk])
        raise errors.forbidden(f"{refusal} See {_address(call, page)}.") from None


def _not_asked_for(version: ModelVersion, target: Stage, call: Call[Any]) -> errors.Refusal:
    transition = gates.transition_to(version, target)
    address = _address(call, transitions.asking_url(version, transition))
    if target == Stage.ARCHIVED:
        return errors.forbidden(f"Nobody asked to archive {version}. Ask for it at {address}.")
    return errors.forbidden(
        f"No promotion of {version} to {target.label} was asked for. Ask for it at {address}."
    )


def _roll_back(version: ModelVersion, call: Call[Any]) -> None:
    current = operations.serving(version.model)
    target = operations.rollback_target(current) if current else None
    if target is None or target.pk != version.pk:
        raise errors.forbidden(
            f"{version} is not the version that the one in production replaced, "
            "so production does not go back to it."
        )
    try:
        operations.roll_back(version.model, by=call.actor, reason=REASON, to=version)
    except GatesClosed as refusal:
        asked = queries.open_requests_visible_to(call.actor).filter(
            version=version, target=Stage.PRODUCTION
        )
        request = asked.first()
        page = reverse("approvals:roll_back", args=[version.model.name])
        page = request.get_absolute_url() if request else page
        raise errors.forbidden(f"{refusal} See {_address(call, page)}.") from None


def _others(version: ModelVersion, stage: Stage) -> QuerySet[ModelVersion]:
    others: QuerySet[ModelVersion] = version.model.versions.filter(stage=stage, deleted_at=None)
    return others.exclude(pk=version.pk)


def _decided_elsewhere(version: ModelVersion, target: Stage, call: Call[Any]) -> errors.Refusal:
    """Return the refusal of a move that no decision leads to."""
    page = _address(call, version.get_absolute_url())
    if target == Stage.PRODUCTION:
        return errors.forbidden(
            f"{version} is in {version.get_stage_display()}, and a version comes to Production "
            f"from Staging. Ask for its promotion to Staging first, at {page}."
        )
    return errors.forbidden(
        f"No version goes from {version.get_stage_display()} to {shapes.STAGES[target]}. "
        f"Register another version, or see {page}."
    )


def _address(call: Call[Any], page: str) -> str:
    return call.request.build_absolute_uri(page)
