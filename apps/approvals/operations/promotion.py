"""Carrying a promotion out: the merge of the pull request."""

from datetime import datetime

from apps.approvals import cases
from apps.approvals.models import PromotionRequest
from apps.approvals.operations.requests import close_as
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import champion, search
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

PROMOTE = Action(
    "version.promote",
    permission="catalog.promote_version",
    needs_reason=True,
    refusal="Only an operator of this model carries promotions out.",
)


def promote(request: PromotionRequest, *, by: Actor, reason: str) -> ModelVersion:
    """Move the requested version to its target stage, provided every gate is open."""
    with change(PROMOTE, request, by=by, reason=reason) as record:
        request.require_open()
        version, target = request.version, Stage(request.target)
        _require_still_there(request, version)
        [case] = cases.complete([request], at=record.time)
        case.readiness.require()
        record.note(
            origin=version.stage,
            target=target.value,
            version=version.record_id,
            replaced=case.replaces.record_id if case.replaces else None,
            dossier=case.dossier.digest,
            readiness=case.readiness.summary(),
        )
        if target == Stage.PRODUCTION:
            request.replaced = case.replaces
            enter_production(version, instead_of=case.replaces, at=record.time)
        else:
            version.enter(target)
            search.refresh(version.model)
        close_as(request, PromotionRequest.State.PROMOTED, by=by, at=record.time)
    return version


def enter_production(
    version: ModelVersion, *, instead_of: ModelVersion | None, at: datetime
) -> None:
    """Let a version take the champion's place, inside the change that decides so."""
    if instead_of is not None:
        instead_of.enter(Stage.ARCHIVED)
    if version.authorized_at is None:
        version.authorized_at = at
    version.shares_production = version.model.runs_several
    version.enter(Stage.PRODUCTION)
    champion.move(version)


def _require_still_there(request: PromotionRequest, version: ModelVersion) -> None:
    if version.stage != request.origin:
        raise RuleBroken(
            f"{version} is in {version.get_stage_display()} by now, "
            f"so it cannot be promoted from {request.origin.label}."
        )
