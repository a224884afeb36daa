"""Rollouts are asked for here, since only here it is known what may run. No stage moves by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from apps.approvals.operations import rollback
from apps.approvals.serving import admission
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_text
from apps.deployments import deployers, rolling
from apps.deployments.models import Deployment, Environment, Placement, Rollout
from apps.deployments.rolling import Asked, Terms

_DEPLOY = "catalog.deploy_version"
_REFUSAL = "Only an operator of this model puts its versions into environments."

DEPLOY = Action("deployment.deploy", permission=_DEPLOY, refusal=_REFUSAL, sealing=Sealing.FIRST)
SHIFT = Action(
    "deployment.shift",
    permission=_DEPLOY,
    needs_reason=True,
    refusal=_REFUSAL,
    sealing=Sealing.FIRST,
)
ROLL_BACK = Action(
    "deployment.roll_back",
    permission=_DEPLOY,
    needs_reason=True,
    refusal=_REFUSAL,
    sealing=Sealing.AWAITED,
)
WITHDRAW = Action(
    "deployment.withdraw",
    permission=_DEPLOY,
    needs_reason=True,
    refusal=_REFUSAL,
    sealing=Sealing.AWAITED,
)
RECORD_BY_HAND = Action("rollout.record", permission=_DEPLOY, refusal=_REFUSAL)

BY_HAND = "by_hand"
CHAMPION = Placement.Role.CHAMPION
MOST_TOLD = 2000


class NotAdmissible(RuleBroken):
    """A version may not run in an environment that prevents this."""

    code = "not_admissible"


def deploy(
    model: RegisteredModel,
    environment: Environment,
    parts: Sequence[Asked],
    *,
    by: Actor,
    reason: str = "",
    service: str = "",
) -> Rollout:
    """Put versions of a model into an environment, in place of what is to run there now.

    Raises:
        InputRefused: when the parts, or the name of the service, are not what they may be.
        NotAdmissible: when one of the versions may not run there, and the environment prevents it.
    """
    with change(DEPLOY, model, by=by, reason=reason) as record:
        record.lock(environment)
        environment.renew()
        deployment = rolling.opened(model, environment, service=service, at=record.time)
        rollout = begun(deployment, parts, Rollout.Kind.DEPLOY, record=record, by=by)
        record.about(rollout)
    return rollout


def shift(
    deployment: Deployment,
    parts: Sequence[Asked],
    *,
    by: Actor,
    reason: str,
    shown: int | None = None,
) -> Rollout:
    """Change the shares and roles of what is to run: the next step of a canary, or back.

    ``shown`` is the number of the rollout somebody looked at: where another one is desired by now,
    they are to look again.
    """
    with change(SHIFT, deployment, by=by, reason=reason) as record:
        record.lock(deployment.environment)
        _require_live(deployment)
        _require_shown(deployment, shown)
        rollout = begun(deployment, parts, Rollout.Kind.SHIFT, record=record, by=by)
        record.about(rollout)
    return rollout


def roll_back(
    deployment: Deployment, *, by: Actor, reason: str, to: Rollout | None = None
) -> Rollout:
    """Bring back what ran before; where it left production, that is rolled back with it.

    ``to`` is the rollout somebody means: no other one is brought back. The way back of a version
    in production is the one agreed on when it was promoted, under its gate.

    Raises:
        RuleBroken: when there is nothing to go back to, or another rollout is meant.
        GatesClosed: when the version has to come back to production, and its gate is closed.
    """
    with change(ROLL_BACK, deployment, by=by, reason=reason) as record:
        target = rollback_target(deployment)
        if target is None:
            raise RuleBroken(f"Nothing ran before in {deployment}, so there is no way back.")
        if to is not None and to.pk != target.pk:
            raise RuleBroken(f"The way back leads to rollout {target.number}, not to {to.number}.")
        _bring_back_to_production(deployment, target, by=by)
        record.lock(deployment.environment)
        rollout = begun(
            deployment,
            rolling.parts_of(target),
            Rollout.Kind.ROLL_BACK,
            record=record,
            by=by,
            restores=target,
        )
        record.about(rollout)
    return rollout


def withdraw(deployment: Deployment, *, by: Actor, reason: str) -> Rollout:
    """Let nothing of a model run in an environment any more, whatever a gate says."""
    with change(WITHDRAW, deployment, by=by, reason=reason) as record:
        _require_live(deployment)
        terms = Terms(Rollout.Kind.WITHDRAW, at=record.time, reason=record.reason, by=by)
        rollout = rolling.begin(deployment, (), terms)
        record.about(rollout)
        record.note(environment=deployment.environment.record_id, number=rollout.number)
    return rollout


def record_by_hand(rollout: Rollout, *, by: Actor, done: bool, told: str = "") -> Rollout:
    """Say how a rollout ended that people carry out.

    Raises:
        RuleBroken: when a deployer carries it out, or it ended already.
    """
    with change(RECORD_BY_HAND, rollout, by=by) as record:
        require_text(told, "What happened", MOST_TOLD, lines=True)
        if rollout.deployer != BY_HAND:
            title = deployers.named(rollout.deployer).title
            raise RuleBroken(f"{title} carries it out and says how it ended.")
        if rollout.state != Rollout.State.AWAITED:
            raise RuleBroken(f"{rollout} is not waiting: {rollout.get_state_display().lower()}.")
        if not done and not told.strip():
            raise InputRefused("Say what went wrong.")
        state = Rollout.State.DONE if done else Rollout.State.FAILED
        rollout.finish(state, at=record.time, told=told.strip() or "Recorded as carried out.")
        if done:
            rollout.deployment.take_effect(rollout)
        record.note(number=rollout.number, outcome=state.value)
    return rollout


def rollback_target(deployment: Deployment) -> Rollout | None:
    """Return the newest rollout that was carried out before, and placed other versions.

    What was rolled back from is not gone back to: it was left for a reason.
    """
    past = _past(deployment)
    here = past[-1].versions if past and past[-1].pk == deployment.desired_id else frozenset()
    left = _left_behind(past)
    for one in reversed(past):
        if one.state == Rollout.State.DONE and one.versions != here and not one.versions & left:
            found: Rollout = Rollout.objects.select_related("deployment__model").get(pk=one.pk)
            return found
    return None


@dataclass(frozen=True)
class _Past:
    """A rollout that was not superseded, and the versions it placed."""

    pk: int
    kind: str
    state: str
    versions: frozenset[int]


def _past(deployment: Deployment) -> Sequence[_Past]:
    """Return the rollouts of a deployment that placed something, the oldest first, in one query."""
    rows = (
        Placement.objects.filter(rollout__deployment=deployment)
        .exclude(rollout__state=Rollout.State.SUPERSEDED)
        .order_by("rollout__number", "pk")
        .values_list("rollout", "rollout__kind", "rollout__state", "version")
    )
    return [
        _Past(pk, kind, state, frozenset(version for *_, version in placed))
        for (pk, kind, state), placed in groupby(rows, key=lambda row: row[:3])
    ]


def _left_behind(past: Sequence[_Past]) -> frozenset[int]:
    """Return the versions that rollbacks led away from, and nobody deployed since."""
    left: frozenset[int] = frozenset()
    running: frozenset[int] = frozenset()
    for one in past:
        if one.kind == Rollout.Kind.ROLL_BACK:
            left |= running
        left -= one.versions
        running = one.versions
    return left


def _bring_back_to_production(deployment: Deployment, target: Rollout, *, by: Actor) -> None:
    """Roll the stage back first, where what ran before was archived in favor of what runs now."""
    champion = next(part for part in rolling.parts_of(target) if part.role == CHAMPION).version
    admitted = deployment.environment.stages
    if champion.stage != Stage.ARCHIVED or Stage.PRODUCTION not in admitted:
        return
    if not by.may(rollback.ROLL_BACK.permission, deployment.model):
        raise NotAllowed(rollback.ROLL_BACK.refusal)
    rollback.roll_back(deployment.model, by=by, reason="", to=champion)


def begun(
    deployment: Deployment,
    parts: Sequence[Asked],
    kind: Rollout.Kind,
    *,
    record: Record,
    by: Actor,
    restores: Rollout | None = None,
) -> Rollout:
    """Begin a rollout of versions that may run there, or that the environment lets through."""
    environment = deployment.environment
    environment.require_open()
    parts = rolling.fresh(parts)
    rolling.require_parts(deployment.model, parts)
    answers = admission.answers([part.version for part in parts], environment, at=record.time)
    refused = [answer for answer in answers.values() if not answer.admissible]
    if refused and environment.prevents:
        raise NotAdmissible(" ".join(_said(answer) for answer in refused))
    record.require_reason(is_needed=bool(refused))
    noted = [answers[part.version.pk].as_note() for part in parts]
    terms = Terms(
        kind, at=record.time, reason=record.reason, by=by, admission=noted, restores=restores
    )
    rollout = rolling.begin(deployment, parts, terms)
    record.note(
        environment=environment.record_id,
        number=rollout.number,
        parts=[[part.version.record_id, part.role, part.share] for part in parts],
        inadmissible=len(refused),
    )
    return rollout


def _said(answer: admission.Answer) -> str:
    return " ".join(reason.text for reason in answer.reasons)


def _require_shown(deployment: Deployment, shown: int | None) -> None:
    desired = deployment.desired
    if shown is not None and desired is not None and desired.number != shown:
        raise RuleBroken(f"Somebody asked for rollout {desired.number} meanwhile. Look again.")


def _require_live(deployment: Deployment) -> None:
    if not rolling.parts_of(deployment.desired):
        raise RuleBroken(f"Nothing of {deployment.model.name} is to run there.")
