"""Asking for a promotion, and taking the ask back."""

from datetime import datetime

from apps.approvals import context, policies
from apps.approvals.models import PromotionRequest
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import training
from apps.catalog.lifecycle import PROMOTIONS, Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.validation import expected
from apps.validation import operations as validation

REQUEST_PROMOTION = Action(
    "version.request_promotion",
    permission="catalog.request_promotion",
    needs_reason=True,
    refusal="Only the model's developers and owner ask for its promotion.",
)
WITHDRAW_REQUEST = Action(
    "request.withdraw",
    permission="catalog.request_promotion",
    needs_reason=True,
    refusal="Only the model's developers and owner take a request back.",
)


def request_promotion(
    version: ModelVersion, *, by: Actor, target: Stage, reason: str
) -> PromotionRequest:
    """Ask to move a version to its next stage, under the policy in force.

    A check that its gate reads, and that has no result that holds, is started with it.
    """
    with change(REQUEST_PROMOTION, version, by=by, reason=reason) as record:
        if by.user_id is None:
            raise NotAllowed("Only a person or a service account asks for a promotion.")
        version.require_ready()
        _require_next_stage(version, target)
        _require_no_open_request(version)
        training.settle_facts(version)
        policy = policies.built_in()
        request = PromotionRequest(
            version=version,
            target=target,
            justification=record.reason,
            requested_by_id=by.user_id,
            requested_at=record.time,
            policy_id=policy.id,
            policy_version=policy.version,
            policy_digest=policy.digest,
            content_digest=version.content_digest,
            replaced=replaced_by(version, target),
        )
        request.save()
        record.about(request)
        record.note(target=target.value, policy=policy.digest, content=version.content_digest)
        read = policy.transition(request.transition).checks
        if missing := [name for name in expected.without_result(version) if name in read]:
            validation.start_checks(version, by=by, names=missing)
    return request


def withdraw_request(request: PromotionRequest, *, by: Actor, reason: str) -> None:
    """Take an open request back; its sign-offs stay on record and count for nothing else."""
    with change(WITHDRAW_REQUEST, request, by=by, reason=reason) as record:
        request.require_open()
        close_as(request, PromotionRequest.State.WITHDRAWN, by=by, at=record.time)


def close_as(
    request: PromotionRequest, state: PromotionRequest.State, *, by: Actor, at: datetime
) -> None:
    """Close a request inside the change that decides it."""
    request.state, request.closed_by_id, request.closed_at = state, by.user_id, at
    request.save()


def replaced_by(version: ModelVersion, target: Stage) -> ModelVersion | None:
    """Return the version a promotion would take the place of, as of now."""
    return context.Evidence.about([version]).replaced_by(version, target)


def _require_next_stage(version: ModelVersion, target: Stage) -> None:
    if PROMOTIONS.get(Stage(version.stage)) != target:
        raise RuleBroken(
            f"{version} is in {version.get_stage_display()}; "
            f"from there it cannot be promoted to {target.label}."
        )


def _require_no_open_request(version: ModelVersion) -> None:
    open_request = PromotionRequest.objects.filter(
        version=version, state=PromotionRequest.State.OPEN
    ).first()
    if open_request is not None:
        raise RuleBroken(f"{open_request} already asks for this. Sign it off, or withdraw it.")
