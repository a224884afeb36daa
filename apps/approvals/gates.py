"""Judges requests and rollbacks: evidence in, readiness out, nothing stored."""

from datetime import datetime

from apps.approvals import cases, context, policies
from apps.approvals.judgment import judge
from apps.approvals.models import PromotionRequest
from apps.approvals.readiness import Readiness
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion


def evaluate(request: PromotionRequest, *, at: datetime) -> Readiness:
    """Judge every condition and signer slot of the request's gate as of ``at``."""
    [case] = cases.complete([request], at=at)
    return case.readiness


def evaluate_rollback(
    target: ModelVersion, *, asked_by: str, reason: str, at: datetime
) -> Readiness:
    """Judge whether production may go back to a version as of ``at``."""
    facts = context.of_rollback(target, asked_by=asked_by, reason=reason, at=at)
    return judge(policies.built_in(), "rollback", facts, ())


def foresee(version: ModelVersion, target: Stage, *, asked_by: str, at: datetime) -> Readiness:
    """Judge the gate a version would meet if its promotion were asked for as of ``at``."""
    facts = context.Evidence.about([version]).of(version, at=at)
    request = PromotionRequest(version=version, target=target)
    facts["transition"] = {
        "id": request.transition,
        "requested_by": asked_by,
        "justification": "",
    }
    return judge(policies.built_in(), request.transition, facts, ())
