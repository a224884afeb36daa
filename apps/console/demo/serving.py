"""Where the demo's models run: a clinic served from this machine, a rehearsal, and an outpost."""

from typing import Any

from apps.approvals.serving import operations as serving
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.demo.people import OPERATOR
from apps.console.demo.walk import Walk
from apps.core.clock import database_now
from apps.deployments import operations as deployments
from apps.deployments import runner
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Environment, Rollout, Sighting
from apps.deployments.operations import EnvironmentFacts
from apps.deployments.rolling import Asked

CLINIC, REHEARSAL, OUTPOST = "clinic", "rehearsal", "outpost"


def set_up(walk: Walk) -> None:
    """Put what is in production to work. What the worker carries out waits until it runs."""
    clinic, rehearsal, outpost = _clinic(walk), _rehearsal(walk), _outpost(walk)
    digits, triage, wine = (
        RegisteredModel.objects.get(name=name)
        for name in ("digit-reader", "tumor-triage", "wine-grade")
    )
    _deploy(walk, _serving(digits), clinic, "Reads the amounts on internal forms from today on.")
    _deploy(walk, _serving(triage), clinic, "The worklist is sorted by thirty measurements.")
    _deploy(
        walk,
        triage.versions.get(number=3),
        rehearsal,
        "A rehearsal of the ONNX export beside the clinic.",
    )
    _behind_its_time(walk, outpost, wine)
    walk.say("Put models into environments; what is to be served here starts with Signet.")


def _behind_its_time(walk: Walk, outpost: Environment, wine: RegisteredModel) -> None:
    """People say they carried the rollback out there; what answers is the version before."""
    rollout = _deploy(walk, _serving(wine), outpost, "Version 1 again, as in the rollback.")
    _carried_out(walk, rollout, "Installed from the memory stick on Tuesday.")
    replaced = wine.versions.get(number=2)
    seen = Seen(
        "wine-grade.outpost.clinic.example",
        digest=replaced.content_digest,
        called=f"{wine.name}/{replaced.number}",
        share=100,
        requests=1_204,
    )
    deployments.report(
        outpost,
        [seen],
        by=walk.actor(OPERATOR),
        at=database_now(),
        source=Sighting.Source.HAND.value,
    )


def _serving(model: RegisteredModel) -> ModelVersion:
    version: ModelVersion = model.versions.get(stage=Stage.PRODUCTION)
    return version


def _clinic(walk: Walk) -> Environment:
    return _environment(
        walk,
        CLINIC,
        title="Clinic",
        description="The wards and the laboratory. Served by the model server on this machine.",
        admits=(Stage.PRODUCTION.value,),
        region="Main building",
        uses=("Order of the biopsy worklist", "Amounts on internal forms"),
        deployer="local",
        seen_within_minutes=15,
    )


def _rehearsal(walk: Walk) -> Environment:
    return _environment(
        walk,
        REHEARSAL,
        title="Rehearsal",
        description="The clinic's platform with nobody's data, for candidates and drills.",
        admits=(Stage.STAGING.value, Stage.PRODUCTION.value),
        enforcement=Environment.Enforcement.WARN.value,
        region="Main building",
        deployer="local",
        seen_within_minutes=60,
    )


def _outpost(walk: Walk) -> Environment:
    return _environment(
        walk,
        OUTPOST,
        title="Outpost",
        description="The tasting panel's cellar, which has no line. People bring versions there.",
        admits=(Stage.PRODUCTION.value,),
        region="Cellar",
        uses=("Sorting of deliveries",),
    )


def _environment(walk: Walk, name: str, **said: Any) -> Environment:
    """Describe a place, as the operator, who answers for it."""
    facts = EnvironmentFacts(owner=walk.person(OPERATOR), **said)
    return deployments.create_environment(name, facts, by=walk.actor(OPERATOR))


def _deploy(walk: Walk, version: ModelVersion, environment: Environment, reason: str) -> Rollout:
    """Put a version into an environment, as the operator."""
    parts = [Asked(version)]
    by = walk.actor(OPERATOR)
    return serving.deploy(version.model, environment, parts, by=by, reason=reason)


def _carried_out(walk: Walk, rollout: Rollout, told: str) -> None:
    """Let a worker hand a rollout to people, who say that they carried it out."""
    runner.execute(rollout.pk, worker="demo")
    rollout.refresh_from_db()
    serving.record_by_hand(rollout, by=walk.actor(OPERATOR), done=True, told=told)
