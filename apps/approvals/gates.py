"""Judges requests and rollbacks: evidence in, readiness out, nothing stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.accounts.models import User
from apps.approvals import cases
from apps.approvals.facts import context
from apps.approvals.judgment import judge, refusals
from apps.approvals.models import ROLLBACK, PromotionRequest, transition_between
from apps.approvals.policies import Mode
from apps.approvals.readiness import GivenSignOff, Readiness
from apps.catalog.duties import roles_on
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

OPERATOR = "operator"
"""Whose sign-off the act itself stands for in an emergency."""
GIVEN_LATER = "The reason is given when it is asked for."
"""Stands for the reason where a transition is only foreseen."""


def evaluate(request: PromotionRequest, *, at: datetime) -> Readiness:
    """Judge every condition and signer slot of the request's gate as of ``at``."""
    [case] = cases.complete([request], at=at)
    return case.readiness


def evaluate_rollback(
    target: ModelVersion,
    *,
    asked_by: str,
    reason: str,
    at: datetime,
    mode: Mode = Mode.STANDARD,
    sign_offs: Sequence[GivenSignOff] = (),
) -> Readiness:
    """Judge whether production may go back to a version as of ``at``.

    The reason answers the warnings of its gate: nobody else is asked.
    """
    evidence = context.Evidence.about([target])
    facts = _of_rollback(target, evidence, mode, asked_by=asked_by, reason=reason, at=at)
    return judge(
        evidence.policy,
        ROLLBACK,
        facts,
        sign_offs,
        mode=mode,
        obligations=evidence.obligations(target, facts, at=at),
        note=reason,
    )


def why_not_at_once(
    target: ModelVersion, readiness: Readiness, *, by: Actor, reason: str, at: datetime
) -> str:
    """Say why an operator may not put a version back in an emergency, or nothing.

    The act stands for a sign-off where the policy asks for the operator's, so who may not give that
    may not act.
    """
    slot = next((one.rule for one in readiness.slots if one.rule.role == OPERATOR), None)
    if slot is None or by.user_id is None:
        return ""
    evidence = context.Evidence.about([target])
    emergency = Mode.EMERGENCY
    facts = _of_rollback(target, evidence, emergency, asked_by=by.id, reason=reason, at=at)
    facts["transition"] = {**_map(facts["transition"]), "executor_id": by.id}
    held = roles_on(by.user_id, target.model_id)
    signer = context.of_signer(User.objects.get(pk=by.user_id), held)
    return " ".join(refusals(evidence.policy, ROLLBACK, facts, signer, slot, mode=emergency))


def foresee(version: ModelVersion, target: Stage, *, asked_by: str, at: datetime) -> Readiness:
    """Judge the gate a version would meet if its move to a stage were asked for as of ``at``.

    Raises:
        RuleBroken: when no transition leads there from where the version is.
    """
    transition = transition_to(version, target)
    evidence = context.Evidence.about([version])
    facts = evidence.of(version, at=at, transition=transition)
    facts["transition"] = {
        **_map(facts.get("transition", {})),
        "id": transition,
        "requested_by": asked_by,
        "justification": GIVEN_LATER,
    }
    owed = evidence.obligations(version, facts, at=at)
    return judge(evidence.policy, transition, facts, (), obligations=owed)


def transition_to(version: ModelVersion, target: Stage) -> str:
    """Return the policy's name for the move of a version to a stage.

    Raises:
        RuleBroken: when there is none from where the version is.
    """
    transition = transition_between(version.stage, target)
    if transition is None:
        raise RuleBroken(
            f"{version} is in {version.get_stage_display()}; "
            f"from there it cannot be promoted to {target.label}."
        )
    return transition


def _of_rollback(
    target: ModelVersion,
    evidence: context.Evidence,
    mode: Mode,
    *,
    asked_by: str,
    reason: str,
    at: datetime,
) -> context.Facts:
    facts = context.of_rollback(target, asked_by=asked_by, reason=reason, at=at, evidence=evidence)
    facts["transition"] = {**_map(facts["transition"]), "mode": mode.value}
    return facts


def _map(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value
