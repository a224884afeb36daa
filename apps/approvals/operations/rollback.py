"""Going back to the version before, which was authorized for production already."""

from datetime import timedelta

from apps.accounts.confirmation import Confirmation
from apps.approvals import authorizing, cases, gates, in_force
from apps.approvals.judgment import STRICTEST_TIER
from apps.approvals.models import (
    ROLLBACK,
    TO_PRODUCTION,
    Emergency,
    PromotionRequest,
)
from apps.approvals.operations.promotion import enter_production
from apps.approvals.operations.requests import close_as
from apps.approvals.policies import Gate, Mode, gate_of
from apps.approvals.readiness import GivenSignOff, Readiness
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.catalog import champion, ground
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken

ROLL_BACK = Action(
    "model.roll_back",
    permission="catalog.roll_back_version",
    needs_reason=True,
    refusal="Only an operator of this model rolls it back.",
    sealing=Sealing.AWAITED,
)
ROLL_BACK_AT_ONCE = Action(
    "model.roll_back_at_once",
    permission="catalog.roll_back_version",
    needs_reason=True,
    refusal="Only an operator of this model rolls it back in an emergency.",
    sealing=Sealing.AWAITED,
)


def roll_back(
    model: RegisteredModel, *, by: Actor, reason: str, to: ModelVersion | None = None
) -> ModelVersion:
    """Put the version back that the one in production replaced, provided its gate is open.

    Where the policy asks for sign-offs they are given on a request to go back, which is carried
    out and closed with this. ``to`` is the version somebody means: no other one is put back.
    """
    with change(ROLL_BACK, model, by=by, reason=reason) as record:
        current, target = _ways(model, to)
        ground.keep_still(target)
        request, readiness, gate = _judged(target, by=by, record=record)
        readiness.require()
        record.note(
            origin=current.record_id,
            target=target.record_id,
            readiness=readiness.summary(),
            follows=[step.id for step in gate.transition.follows],
        )
        enter_production(target, instead_of=current, at=record.time)
        authorizing.grant(
            target,
            policy=in_force.policy(),
            gate=gate,
            at=record.time,
            request=request,
            waived=readiness.waived,
            signed_by=readiness.counted,
        )
        if request is not None:
            close_as(request, PromotionRequest.State.PROMOTED, by=by, at=record.time)
    return target


def roll_back_at_once(
    model: RegisteredModel,
    *,
    by: Actor,
    reason: str,
    confirmed: Confirmation,
    typed_name: str = "",
    to: ModelVersion | None = None,
) -> Emergency:
    """Go back in an emergency: one operator acts, the people the policy names confirm in hours.

    What it authorizes ends by itself unless they do, and the model's next promotion waits until
    somebody has looked back at it.

    At tier 1 the model's name is typed, so that nobody does it by mistake. ``to`` is the version
    somebody means: no other one is put back.

    Raises:
        RuleBroken: when the policy in force knows no emergency.
    """
    with change(ROLL_BACK_AT_ONCE, model, by=by, reason=reason) as record:
        if by.user_id is None or not by.is_person:
            raise NotAllowed("Only a person signed in through the browser acts in an emergency.")
        confirmed.require_fresh(by, now=record.time)
        current, target = _ways(model, to)
        ground.keep_still(target)
        policy = in_force.policy()
        emergency = policy.transition(ROLLBACK).emergency
        if emergency is None:
            raise RuleBroken(f"{policy} knows no rollback in an emergency. Ask for one instead.")
        readiness = gates.evaluate_rollback(
            target,
            asked_by=by.id,
            reason=record.reason,
            at=record.time,
            mode=Mode.EMERGENCY,
            sign_offs=[_own_act(by, record)],
        )
        readiness.require()
        if why_not := gates.why_not_at_once(
            target, readiness, by=by, reason=record.reason, at=record.time
        ):
            raise NotAllowed(why_not)
        if readiness.tier == STRICTEST_TIER and typed_name.strip() != model.name:
            raise RuleBroken(f"Type the name of the model to confirm: {model.name}.")
        gate = gate_of(policy, ROLLBACK, readiness.tier, Mode.EMERGENCY)
        confirmed.require_fresh(by, now=record.time, factors=gate.factors_required)
        hours = emergency.ratify_within_hours.at(gate.settings)
        until = record.time + timedelta(hours=max(hours, 1))
        enter_production(target, instead_of=current, at=record.time)
        authorization = authorizing.grant(
            target,
            policy=policy,
            gate=gate,
            at=record.time,
            until=until,
            waived=readiness.waived,
        )
        debt = Emergency(
            authorization=authorization,
            acted_by_id=by.user_id,
            acted_at=record.time,
            reason=record.reason,
            ratify_until=until,
            roles=list(emergency.ratification[readiness.tier]),
        )
        debt.save()
        record.note(
            origin=current.record_id,
            target=target.record_id,
            emergency=debt.record_id,
            readiness=readiness.summary(),
            follows=[step.id for step in gate.transition.follows],
        )
    return debt


def rollback_target(current: ModelVersion) -> ModelVersion | None:
    """Return the version the present one replaced, as agreed when it was promoted.

    What it replaced by a rollback was left for a reason, so nothing leads back there.
    """
    authorization = (
        PromotionRequest.objects.filter(
            version=current, transition=TO_PRODUCTION, state=PromotionRequest.State.PROMOTED
        )
        .exclude(replaced=None)
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


def _ways(model: RegisteredModel, to: ModelVersion | None) -> tuple[ModelVersion, ModelVersion]:
    """Return the version in production and the one before, provided it is the one that is meant."""
    current = serving(model)
    target = rollback_target(current) if current else None
    if current is None or target is None:
        raise RuleBroken(f"{model.name} has no version before to go back to.")
    if to is not None and to.pk != target.pk:
        raise RuleBroken(f"From {current} the way back leads to {target}, not to {to}.")
    return current, target


def _judged(
    target: ModelVersion, *, by: Actor, record: Record
) -> tuple[PromotionRequest | None, Readiness, Gate]:
    """Judge the way back: by the request that asks for it where there is one."""
    request = target.requests.filter(state=PromotionRequest.State.OPEN, transition=ROLLBACK).first()
    if request is not None:
        [case] = cases.complete([request], at=record.time, executor=by.id)
        return request, case.readiness, case.gate
    readiness = gates.evaluate_rollback(
        target, asked_by=by.id, reason=record.reason, at=record.time
    )
    return None, readiness, gate_of(in_force.policy(), ROLLBACK, readiness.tier)


def _own_act(by: Actor, record: Record) -> GivenSignOff:
    """Return the operator's own act as the sign-off an emergency asks of them."""
    return GivenSignOff(
        id=str(record.uid),
        role=gates.OPERATOR,
        signer_id=by.id,
        decision="approve",
        valid=True,
        signed_at=record.time,
        signer_name=by.name,
    )
