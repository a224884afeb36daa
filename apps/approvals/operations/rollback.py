"""Going back to the version before, which was authorized for production already."""

from apps.approvals import gates
from apps.approvals.models import PromotionRequest
from apps.approvals.operations.promotion import enter_production
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import champion
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

ROLL_BACK = Action(
    "model.roll_back",
    permission="catalog.roll_back_version",
    needs_reason=True,
    refusal="Only an operator of this model rolls it back.",
)


def roll_back(model: RegisteredModel, *, by: Actor, reason: str) -> ModelVersion:
    """Put the version back that the one in production replaced, provided its gate is open."""
    with change(ROLL_BACK, model, by=by, reason=reason) as record:
        current = serving(model)
        target = rollback_target(current) if current else None
        if current is None or target is None:
            raise RuleBroken(f"{model.name} has no version before to go back to.")
        readiness = gates.evaluate_rollback(
            target, asked_by=by.id, reason=record.reason, at=record.time
        )
        readiness.require()
        record.note(
            origin=current.record_id, target=target.record_id, readiness=readiness.summary()
        )
        enter_production(target, instead_of=current, at=record.time)
    return target


def rollback_target(current: ModelVersion) -> ModelVersion | None:
    """Return the version the present one replaced, as agreed when it was promoted."""
    authorization = (
        PromotionRequest.objects.filter(
            version=current, target=Stage.PRODUCTION, state=PromotionRequest.State.PROMOTED
        )
        .select_related("replaced__model__owner")
        .order_by("-id")
        .first()
    )
    target = authorization.replaced if authorization else None
    return target if target and target.stage == Stage.ARCHIVED else None


def serving(model: RegisteredModel) -> ModelVersion | None:
    """Return the champion of a model, when it is in production."""
    version = champion.of(model)
    return version if version and version.stage == Stage.PRODUCTION else None
