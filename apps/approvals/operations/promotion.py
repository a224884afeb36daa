"""Carrying a promotion out: the merge of the pull request. Renewal is one, too."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from apps.approvals import authorizing, cases
from apps.approvals.cases import Case
from apps.approvals.continuous import cause_of, settled_by
from apps.approvals.models import (
    RENEWAL,
    TO_PRODUCTION,
    TO_STAGING,
    PromotionRequest,
    RuleBreach,
)
from apps.approvals.operations.requests import close_as
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.catalog import champion, ground, search
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.risk import finding_queries
from apps.risk.models import Finding
from apps.risk.operations import finding_answers

PROMOTE = Action(
    "version.promote",
    permission="catalog.promote_version",
    needs_reason=True,
    refusal="Only an operator of this model carries promotions out.",
    sealing=Sealing.FIRST,
)
RENEW = Action(
    "version.renew",
    permission="catalog.promote_version",
    needs_reason=True,
    refusal="Only an operator of this model carries renewals out.",
    sealing=Sealing.FIRST,
)


def promote(request: PromotionRequest, *, by: Actor, reason: str) -> ModelVersion:
    """Move the requested version to staging or production, provided every gate is open."""
    with carrying_out(PROMOTE, request, TO_STAGING, TO_PRODUCTION, by=by, reason=reason) as (
        record,
        case,
    ):
        version = case.request.version
        if request.target == Stage.PRODUCTION:
            request.replaced = case.replaces
            enter_production(version, instead_of=case.replaces, at=record.time)
            authorizing.grant(
                version,
                policy=case.policy,
                gate=case.gate,
                at=record.time,
                request=request,
                waived=case.readiness.waived,
                signed_by=case.readiness.counted,
            )
        else:
            version.enter(Stage(request.target))
            search.refresh(version.model)
    return version


def renew(request: PromotionRequest, *, by: Actor, reason: str) -> ModelVersion:
    """Authorize a version in production anew, provided every gate is open."""
    with carrying_out(RENEW, request, RENEWAL, by=by, reason=reason) as (record, case):
        version = case.request.version
        authorizing.grant(
            version,
            policy=case.policy,
            gate=case.gate,
            at=record.time,
            request=request,
            waived=case.readiness.waived,
            signed_by=case.readiness.counted,
        )
        settled = _settle(case, by=by)
        record.note(settled=[finding.record_id for finding in settled])
    return version


def _settle(case: Case, *, by: Actor) -> list[Finding]:
    """Propose to close the findings a renewal settles, unless another version stands for them."""
    request = case.request
    broken = RuleBreach.objects.filter(version__model=request.version.model_id, until=None)
    others = broken.exclude(version=request.version).values_list("rule", flat=True)
    causes = settled_by(case.policy, RENEWAL) - {cause_of(rule) for rule in others}
    found = list(finding_queries.to_settle(request.version.model_id, causes))
    for finding in found:
        finding_answers.propose_closing(
            finding,
            remedied_by=by.user_id or request.requested_by_id,
            remedy=f"The authorization of {request.version} was renewed.",
        )
    return found


@contextmanager
def carrying_out(
    action: Action, request: PromotionRequest, *transitions: str, by: Actor, reason: str
) -> Iterator[tuple[Record, Case]]:
    """Judge the gate of a request under the lock, let the caller act, and close the request.

    The request's version is the one the caller moves: both are read afresh.
    """
    with change(action, request, by=by, reason=reason) as record:
        request.require_open()
        _require_still_there(request, transitions)
        ground.keep_still(request.version)
        [case] = cases.complete([request], at=record.time, executor=by.id)
        case.readiness.require()
        version = request.version
        record.note(
            origin=version.stage,
            target=request.target,
            version=version.record_id,
            replaced=case.replaces.record_id if case.replaces else None,
            dossier=case.dossier.digest,
            readiness=case.readiness.summary(),
            follows=[step.id for step in case.gate.transition.follows],
        )
        yield record, case
        close_as(request, PromotionRequest.State.PROMOTED, by=by, at=record.time)


def enter_production(
    version: ModelVersion, *, instead_of: ModelVersion | None, at: datetime
) -> None:
    """Let a version take the champion's place, inside the change that decides so."""
    if instead_of is not None:
        instead_of.enter(Stage.ARCHIVED)
        authorizing.end(instead_of, at=at, why=f"Version {version.number} took its place.")
    if version.authorized_at is None:
        version.authorized_at = at
    version.shares_production = version.model.runs_several
    version.enter(Stage.PRODUCTION)
    champion.move(version)


def _require_still_there(request: PromotionRequest, transitions: tuple[str, ...]) -> None:
    version = request.version
    if request.transition not in transitions:
        raise RuleBroken(f"{request} asks for something else: {request.get_target_display()}.")
    if version.stage != request.origin:
        raise RuleBroken(
            f"{version} is in {version.get_stage_display()} by now, "
            f"so it cannot be promoted from {request.origin.label}."
        )
