"""Transitions that the policy lets happen by themselves once their gate is open."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from apps.approvals import cases, in_force
from apps.approvals.models import (
    RENEWAL,
    ROLLBACK,
    TO_ARCHIVED,
    TO_DECOMMISSIONED,
    TO_PRODUCTION,
    TO_STAGING,
    PromotionRequest,
)
from apps.approvals.operations.promotion import promote, renew
from apps.approvals.operations.retirement import archive, decommission
from apps.approvals.operations.rollback import roll_back
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.sweeping import NotDue, batches, sweeping

CARRY_OUT = Action("request.carry_out", permission=BY_WORKER, needs_reason=True)

TRY_AGAIN = timedelta(hours=1)
"""How long a request is left alone that was refused, or failed, although its gate is open."""
REASON = "Its gate is open, and the policy in force lets it happen by itself."


def carry_out_what_may(now: datetime) -> int:
    """Carry out every open request the policy asks no operator for, once its gate is open."""
    automatic = [move.id for move in in_force.policy().transitions if move.is_automatic]
    waiting = PromotionRequest.objects.filter(
        state=PromotionRequest.State.OPEN, transition__in=automatic
    )
    with sweeping() as sweep:
        for batch in batches(waiting):
            ready = sweep.judged(batch, lambda some: _ready(some, now))
            tried = _tried_since(now - TRY_AGAIN, ready) if ready else ()
            sweep.each([one for one in ready if one.record_id not in tried], carry_out)
    return sweep.done


def carry_out(request: PromotionRequest) -> None:
    """Carry one request out as an operator would, by the right the policy in force gives.

    The operation that does is nested in this change, so it judges the gate again under the lock.
    """
    with change(CARRY_OUT, request, by=SYSTEM, reason=REASON) as record:
        request.require_open()
        policy = in_force.policy()
        move = policy.transition_or_none(request.transition)
        if move is None or not move.is_automatic:
            raise NotDue("The policy asks an operator to carry this out by now.")
        record.note(transition=request.transition, policy=policy.digest)
        _MOVES[request.transition](request, by=SYSTEM, reason=REASON)


def _ready(requests: Sequence[PromotionRequest], at: datetime) -> list[PromotionRequest]:
    judged = cases.complete(requests, at=at, executor=SYSTEM.id)
    return [case.request for case in judged if case.readiness.is_open]


def _tried_since(start: datetime, requests: Sequence[PromotionRequest]) -> Collection[str]:
    """Return the requests that were refused or failed lately: trying on and on would only fill the
    record."""
    tried = AuditEvent.objects.filter(
        subject_type=PromotionRequest.RECORD.word,
        subject_id__in=[request.record_id for request in requests],
        action=CARRY_OUT.name,
        outcome__in=(AuditEvent.Outcome.REFUSED, AuditEvent.Outcome.FAILED),
        written_at__gt=start,
    )
    return frozenset(tried.values_list("subject_id", flat=True))


def _roll_back(request: PromotionRequest, *, by: Actor, reason: str) -> ModelVersion:
    return roll_back(request.version.model, by=by, reason=reason, to=request.version)


_MOVES: Mapping[str, Callable[..., ModelVersion]] = {
    TO_STAGING: promote,
    TO_PRODUCTION: promote,
    RENEWAL: renew,
    TO_ARCHIVED: archive,
    TO_DECOMMISSIONED: decommission,
    ROLLBACK: _roll_back,
}
