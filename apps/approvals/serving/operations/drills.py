"""A drill of the way back: begun by a person, carried on by the worker (serving.drills)."""

from apps.approvals.serving.operations.rollouts import begun, rollback_target
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.deployments import rolling
from apps.deployments.models import Deployment, Drill, Rollout

BEGIN_DRILL = Action(
    "deployment.begin_drill",
    permission="catalog.deploy_version",
    needs_reason=True,
    refusal="Only an operator of this model tries its way back.",
    sealing=Sealing.FIRST,
)


def begin_drill(deployment: Deployment, *, by: Actor, reason: str) -> Drill:
    """Go back to what ran before for as long as that takes, then come forth again.

    A drill moves no stage. What was archived is tried where the environment only warns, such as a
    rehearsal of production; one that prevents refuses it, as it would refuse to run it.

    Raises:
        RuleBroken: when something is under way there, or there is nothing to go back to.
        NotAdmissible: when what ran before may not run there, and the environment prevents it.
    """
    with change(BEGIN_DRILL, deployment, by=by, reason=reason) as record:
        record.lock(deployment.environment)
        if by.user_id is None:
            raise NotAllowed("A drill is begun by somebody who answers for it.")
        _require_at_rest(deployment)
        target = rollback_target(deployment)
        if target is None:
            raise RuleBroken(f"Nothing ran before in {deployment}, so there is no way back to try.")
        away = begun(
            deployment,
            rolling.parts_of(target),
            Rollout.Kind.DRILL,
            record=record,
            by=by,
            restores=target,
        )
        drill = Drill(
            deployment=deployment,
            away=away,
            left=deployment.in_effect,
            started_by_id=by.user_id,
            started_at=record.time,
        )
        drill.save()
        record.about(drill)
    return drill


def _require_at_rest(deployment: Deployment) -> None:
    if deployment.drills.filter(state__in=Drill.UNDER_WAY).exists():
        raise RuleBroken("A drill is under way there already.")
    desired = deployment.desired
    if desired is None or desired.pk != deployment.in_effect_id or not rolling.parts_of(desired):
        raise RuleBroken("A drill begins where all runs as it is to, and nothing is under way.")
