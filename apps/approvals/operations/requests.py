"""Asking for a transition, answering its warnings, and taking the ask back."""

from datetime import datetime

from apps.accounts.rules import require_answered_for
from apps.approvals import in_force
from apps.approvals.facts import context
from apps.approvals.gates import transition_to
from apps.approvals.models import ROLLBACK, PromotionRequest, transition_between
from apps.audit.actions import Action
from apps.audit.changes import MOST_REASON, change
from apps.catalog import training
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import require_text
from apps.validation import expected
from apps.validation import operations as validation

REQUEST_PROMOTION = Action(
    "version.request_promotion",
    permission="catalog.request_promotion",
    needs_reason=True,
    refusal="Only the model's developers and owner ask to move its versions.",
)
REQUEST_ROLLBACK = Action(
    "version.request_rollback",
    permission="catalog.roll_back_version",
    needs_reason=True,
    refusal="Only an operator of this model asks to go back to a version.",
)
NOTE_WARNINGS = Action(
    "request.note_warnings",
    permission="catalog.request_promotion",
    needs_reason=True,
    refusal="Only the model's developers and owner answer the warnings of a gate.",
)
WITHDRAW_REQUEST = Action(
    "request.withdraw",
    permission="catalog.request_promotion",
    needs_reason=True,
    refusal="Only the model's developers and owner take a request back.",
)
WITHDRAW_ROLLBACK = Action(
    "request.withdraw_rollback",
    permission="catalog.roll_back_version",
    needs_reason=True,
    refusal="Only an operator of this model takes back a request to go back to a version.",
)


def request_promotion(
    version: ModelVersion, *, by: Actor, target: Stage, reason: str, note: str = ""
) -> PromotionRequest:
    """Ask to move a version to another stage, or to renew its place in production.

    ``note`` answers the warnings of the gate. A check that the gate reads, and that has no result
    that holds, is started with it.
    """
    goes_back = transition_between(version.stage, target) == ROLLBACK
    action = REQUEST_ROLLBACK if goes_back else REQUEST_PROMOTION
    with change(action, version, by=by, reason=reason) as record:
        if by.user_id is None:
            raise NotAllowed("Only a person or a service account asks for a promotion.")
        require_answered_for(by)
        require_text(note, "What is said about the warnings", MOST_REASON, lines=True)
        version.require_ready()
        transition = transition_to(version, target)
        if goes_back is not (transition == ROLLBACK):
            raise RuleBroken(f"{version} changed its stage just now. Look at it, and ask again.")
        _require_no_open_request(version)
        training.settle_facts(version)
        policy = in_force.policy()
        asked = policy.transition(transition)
        request = PromotionRequest(
            version=version,
            transition=transition,
            target=target,
            justification=record.reason,
            note=note.strip(),
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
        record.note(
            transition=transition,
            target=target.value,
            policy=policy.digest,
            content=version.content_digest,
        )
        if missing := [name for name in expected.without_result(version) if name in asked.checks]:
            validation.start_checks(version, by=by, names=missing)
    return request


def note_warnings(request: PromotionRequest, *, by: Actor, reason: str) -> None:
    """Say why the transition may go on although the gate warns; the reason is what is said.

    A sign-off binds what was said when it was given, so saying something else ends it.
    """
    with change(NOTE_WARNINGS, request, by=by, reason=reason) as record:
        request.require_open()
        request.note = record.reason
        request.save()


def withdraw_request(request: PromotionRequest, *, by: Actor, reason: str) -> None:
    """Take an open request back; its sign-offs stay on record and count for nothing else.

    Who may ask for a transition may take back the request for it.
    """
    with change(withdrawal_of(request), request, by=by, reason=reason) as record:
        request.require_open()
        close_as(request, PromotionRequest.State.WITHDRAWN, by=by, at=record.time)


def withdrawal_of(request: PromotionRequest) -> Action:
    """Return the action that takes a request back: going back is the operators' own matter."""
    return WITHDRAW_ROLLBACK if request.transition == ROLLBACK else WITHDRAW_REQUEST


def close_as(
    request: PromotionRequest, state: PromotionRequest.State, *, by: Actor, at: datetime
) -> None:
    """Close a request inside the change that decides it."""
    request.state, request.closed_by_id, request.closed_at = state, by.user_id, at
    request.save()


def replaced_by(version: ModelVersion, target: Stage) -> ModelVersion | None:
    """Return the version a promotion would take the place of, as of now."""
    return context.Evidence.about([version]).replaced_by(version, target)


def _require_no_open_request(version: ModelVersion) -> None:
    open_request = PromotionRequest.objects.filter(
        version=version, state=PromotionRequest.State.OPEN
    ).first()
    if open_request is not None:
        raise RuleBroken(f"{open_request} already asks for this. Sign it off, or withdraw it.")
