"""Withdrawing versions: archived, decommissioned, set aside, or sent back to be worked on."""

from apps.approvals import authorizing, keeping
from apps.approvals.models import (
    TO_ARCHIVED,
    TO_DECOMMISSIONED,
    PromotionRequest,
    Retention,
    Retirement,
)
from apps.approvals.operations.promotion import carrying_out
from apps.approvals.operations.requests import close_as
from apps.approvals.operations.retention import require_no_hold
from apps.approvals.serving import stopping
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog import champion, search
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

ARCHIVE = Action(
    "version.archive",
    permission="catalog.retire_version",
    needs_reason=True,
    refusal="Only an operator of this model archives its versions.",
    sealing=Sealing.FIRST,
)
DECOMMISSION = Action(
    "version.decommission",
    permission="catalog.retire_version",
    needs_reason=True,
    refusal="Only an operator of this model decommissions its versions.",
    sealing=Sealing.FIRST,
)
SEND_BACK = Action(
    "version.send_back",
    permission="catalog.request_promotion",
    needs_reason=True,
    refusal="Only the model's developers and owner send a version back.",
)
SET_ASIDE = Action(
    "version.set_aside",
    permission="catalog.request_promotion",
    needs_reason=True,
    refusal="Only the model's developers and owner set a version aside.",
)


def archive(request: PromotionRequest, *, by: Actor, reason: str) -> ModelVersion:
    """Withdraw the requested version from production, provided its gate is open."""
    with carrying_out(ARCHIVE, request, TO_ARCHIVED, by=by, reason=reason) as (record, case):
        version = case.request.version
        version.enter(Stage.ARCHIVED)
        authorizing.end(version, at=record.time, why="Archived.")
        champion.leave(version)
    return version


def decommission(request: PromotionRequest, *, by: Actor, reason: str) -> ModelVersion:
    """Retire the requested version for good, provided its gate is open.

    From then on its records are kept for as long as the retention of its model says.
    """
    with carrying_out(DECOMMISSION, request, TO_DECOMMISSIONED, by=by, reason=reason) as (
        record,
        case,
    ):
        version = case.request.version
        require_no_hold(version.model)
        stopping.require_nowhere(version)
        kept = Retention.objects.filter(model=version.model_id).first()
        if kept is None:
            raise RuleBroken(f"It is not recorded how long the records of {version.model} stay.")
        version.enter(Stage.DECOMMISSIONED)
        search.refresh(version.model)
        Retirement(
            version=version,
            decommissioned_at=record.time,
            retain_until=keeping.in_years(record.time, kept.years),
        ).save()
    return version


def send_back(version: ModelVersion, *, by: Actor, reason: str) -> None:
    """Return a candidate to development; an open request for it is withdrawn with it."""
    _leave(SEND_BACK, version, Stage.DEVELOPMENT, by=by, reason=reason)


def set_aside(version: ModelVersion, *, by: Actor, reason: str) -> None:
    """Archive a version that never was in production; an open request is withdrawn with it."""
    _leave(SET_ASIDE, version, Stage.ARCHIVED, by=by, reason=reason)


def _leave(action: Action, version: ModelVersion, target: Stage, *, by: Actor, reason: str) -> None:
    with change(action, version, by=by, reason=reason) as record:
        if version.stage not in {Stage.DEVELOPMENT, Stage.STAGING}:
            raise RuleBroken(
                f"{version} is in {version.get_stage_display()}. "
                "What is or was in production leaves it by a request with sign-offs."
            )
        if target == Stage.ARCHIVED:
            stopping.require_nowhere(version)
        record.note(origin=version.stage, target=target.value)
        asked = version.requests.filter(state=PromotionRequest.State.OPEN).first()
        if asked is not None:
            close_as(asked, PromotionRequest.State.WITHDRAWN, by=by, at=record.time)
        version.enter(target)
        search.refresh(version.model)
