"""Deployments: put into environments, shifted, rolled back, withdrawn; and how each stands."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import found
from apps.api.v1.answers.serving import (
    DeploymentAnswer,
    DeploymentPage,
    DrillAnswer,
    DrillPage,
    RolloutAnswer,
    RolloutPage,
)
from apps.api.v1.asked.common import Limit, Reason, Words
from apps.api.v1.asked.serving import (
    AskedPart,
    AskedParts,
    NewDeployment,
    RolloutOutcome,
    WayBack,
)
from apps.approvals.serving import operations, standing
from apps.approvals.serving.operations.rollouts import DEPLOY
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.inputs import MOST_INTEGER, InputRefused
from apps.core.paging import Order
from apps.deployments import queries
from apps.deployments.models import Deployment, Drill, Environment, Placement, Rollout
from apps.deployments.rolling import Asked

router = Router(tags=["deployments"])
IN_ORDER = Order(("pk",), least_first=True)
NEWEST_FIRST = Order(("number",))
LAST_FIRST = Order(("pk",))
_DEPLOYMENT = "/deployments/{int:deployment}"
_ROLLOUT = f"{_DEPLOYMENT}/rollouts/{{int:number}}"


@router.get("/deployments", url_name="deployments", response=DeploymentPage)
def list_deployments(
    request: Call,
    *,
    model: Words = "",
    environment: Words = "",
    limit: Limit = 100,
    page: str = "",
) -> DeploymentPage:
    """List the deployments of models the caller may see, and how each stands."""
    asked = {"model__name": model, "environment__name": environment}
    deployments = queries.deployments_visible_to(request.actor)
    deployments = deployments.filter(**{key: told for key, told in asked.items() if told})
    bound_to = f"deployments for {request.actor.id}: {[model, environment]}"
    rows = IN_ORDER.page(deployments, size=limit, mark=page, bound_to=bound_to)
    return DeploymentPage(deployments=_standing(rows.rows), next=rows.older or None)


@router.post("/models/{name}/deployments", url_name="deploy", response={201: RolloutAnswer})
def deploy(request: Call, name: str, asked: NewDeployment) -> RolloutAnswer:
    """Put versions of a model into an environment, in place of what is to run there now.

    A token with the scope ``deploy`` is enough. A worker carries it out: follow it by its number.
    """
    model = found.model(request.actor, name, to=DEPLOY)
    rollout = operations.deploy(
        model,
        _environment(request.actor, asked.environment),
        _parts(model, asked.versions),
        by=request.actor,
        reason=asked.reason,
        service=asked.service,
    )
    return _answer(rollout)


@router.get(_DEPLOYMENT, url_name="deployment", response=DeploymentAnswer)
def show_deployment(request: Call, deployment: int) -> DeploymentAnswer:
    """Show what is to run, and how what is seen stands to it."""
    [answer] = _standing([_found(request.actor, deployment)])
    return answer


@router.get(f"{_DEPLOYMENT}/rollouts", url_name="rollouts", response=RolloutPage)
def list_rollouts(
    request: Call, deployment: int, limit: Limit = 100, page: str = ""
) -> RolloutPage:
    """List the rollouts of a deployment, the newest first."""
    known = _found(request.actor, deployment)
    bound_to = f"rollouts of {known.record_id} for {request.actor.id}"
    rows = NEWEST_FIRST.page(_whole(known), size=limit, mark=page, bound_to=bound_to)
    return RolloutPage(
        rollouts=[RolloutAnswer.of(one) for one in rows.rows], next=rows.older or None
    )


@router.get(_ROLLOUT, url_name="rollout", response=RolloutAnswer)
def show_rollout(request: Call, deployment: int, number: int) -> RolloutAnswer:
    """Show one rollout: it goes on while it is ``queued``, ``running`` or ``awaited``."""
    return RolloutAnswer.of(_rollout(_found(request.actor, deployment), number))


@router.post(f"{_DEPLOYMENT}/shift", url_name="shift", response={201: RolloutAnswer})
def shift(request: Call, deployment: int, asked: AskedParts) -> RolloutAnswer:
    """Change shares and roles of what is to run: the next step of a canary, or back."""
    known = _found(request.actor, deployment, to_deploy=True)
    parts = _parts(known.model, asked.versions)
    return _answer(operations.shift(known, parts, by=request.actor, reason=asked.reason))


@router.post(f"{_DEPLOYMENT}/roll-back", url_name="roll_back_there", response={201: RolloutAnswer})
def roll_back(request: Call, deployment: int, asked: WayBack) -> RolloutAnswer:
    """Bring back what ran before; where it left production, its stage is rolled back with it.

    That takes the scope ``promote`` too, and an open gate.
    """
    known = _found(request.actor, deployment, to_deploy=True)
    to = _meant(known, asked.to) if asked.to is not None else None
    return _answer(operations.roll_back(known, by=request.actor, reason=asked.reason, to=to))


@router.post(f"{_DEPLOYMENT}/withdraw", url_name="withdraw_there", response={201: RolloutAnswer})
def withdraw(request: Call, deployment: int, asked: Reason) -> RolloutAnswer:
    """Let nothing of a model run in an environment any more."""
    known = _found(request.actor, deployment, to_deploy=True)
    return _answer(operations.withdraw(known, by=request.actor, reason=asked.reason))


@router.get(f"{_DEPLOYMENT}/drills", url_name="drills", response=DrillPage)
def list_drills(request: Call, deployment: int, limit: Limit = 100, page: str = "") -> DrillPage:
    """List the tests of the way back, the newest first, and how each ended."""
    known = _found(request.actor, deployment)
    drills: QuerySet[Drill] = known.drills.select_related("left", "away", "back", "started_by")
    bound_to = f"drills of {known.record_id} for {request.actor.id}"
    rows = LAST_FIRST.page(drills, size=limit, mark=page, bound_to=bound_to)
    return DrillPage(drills=[DrillAnswer.of(one) for one in rows.rows], next=rows.older or None)


@router.post(f"{_DEPLOYMENT}/drills", url_name="drills", response={201: DrillAnswer})
def begin_drill(request: Call, deployment: int, asked: Reason) -> DrillAnswer:
    """Go back to what ran before and forth again, as evidence that the way back works."""
    known = _found(request.actor, deployment, to_deploy=True)
    return DrillAnswer.of(operations.begin_drill(known, by=request.actor, reason=asked.reason))


@router.post(f"{_ROLLOUT}/outcome", url_name="rollout_outcome", response=RolloutAnswer)
def record_outcome(
    request: Call, deployment: int, number: int, asked: RolloutOutcome
) -> RolloutAnswer:
    """Say how a rollout ended that people carry out."""
    known = _found(request.actor, deployment, to_deploy=True)
    rollout = _rollout(known, number)
    operations.record_by_hand(rollout, by=request.actor, done=asked.done, told=asked.told)
    return _answer(rollout)


def _standing(deployments: Sequence[Deployment]) -> list[DeploymentAnswer]:
    found = standing.of_deployments(deployments, at=database_now())
    return [DeploymentAnswer.of(found[one.pk]) for one in deployments]


def _found(actor: Actor, number: int, *, to_deploy: bool = False) -> Deployment:
    """Return a deployment of a model the actor may see, or deploy."""
    if number > MOST_INTEGER:
        raise Http404
    known = _one(queries.deployments_visible_to(actor), number)
    if known is None and to_deploy:
        known = _one(queries.deployments_where(actor, DEPLOY.permission), number)
    if known is None:
        raise Http404
    return known


def _one(deployments: QuerySet[Deployment], number: int) -> Deployment | None:
    return deployments.select_related("model", "environment").filter(pk=number).first()


def _rollout(deployment: Deployment, number: int) -> Rollout:
    found = _rollout_or_none(deployment, number)
    if found is None:
        raise Http404
    return found


def _meant(deployment: Deployment, number: int) -> Rollout:
    """Return the rollout of a deployment that a body names by its number."""
    found = _rollout_or_none(deployment, number)
    if found is None:
        raise InputRefused(f"{deployment} has no rollout {number}.")
    return found


def _rollout_or_none(deployment: Deployment, number: int) -> Rollout | None:
    is_number = 0 < number <= MOST_INTEGER
    return _whole(deployment).filter(number=number).first() if is_number else None


def _whole(deployment: Deployment) -> QuerySet[Rollout]:
    """Return the rollouts of a deployment with all that an answer tells of them."""
    placed = Placement.objects.select_related("version").order_by("pk")
    rollouts: QuerySet[Rollout] = deployment.rollouts.select_related("restores", "asked_by")
    return rollouts.prefetch_related(Prefetch("placements", placed))


def _answer(rollout: Rollout) -> RolloutAnswer:
    """Return a rollout as it is now that something was done about it."""
    return RolloutAnswer.of(_whole(rollout.deployment).get(pk=rollout.pk))


def _environment(actor: Actor, name: str) -> Environment:
    """Return the environment a body names, provided the token is not limited to others."""
    found: Environment | None = queries.environments_of_token(actor).filter(name=name).first()
    if found is None:
        raise InputRefused(f"There is no environment {name!a:.80} for this token.")
    return found


def _parts(model: RegisteredModel, asked: Sequence[AskedPart]) -> list[Asked]:
    return [Asked(found.version_of(model, part.version), part.role, part.share) for part in asked]
