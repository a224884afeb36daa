"""What the pages show on which something is done about a deployment that is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from apps.approvals import gates, in_force
from apps.approvals.pages import gate
from apps.approvals.serving import admission
from apps.approvals.serving.operations.rollouts import rollback_target
from apps.catalog import lineage
from apps.catalog.lifecycle import Stage
from apps.catalog.lineage import Affected, BlastRadius, Node, Notified, Ref
from apps.catalog.models import ModelVersion
from apps.console.serving import words
from apps.console.serving.deploy_forms import PartForm
from apps.console.serving.deployment import why_not
from apps.core.actors import Actor
from apps.deployments import rolling
from apps.deployments.models import Deployment, Placement
from apps.deployments.rolling import Asked

CHAMPION = Placement.Role.CHAMPION
RETURNS = "Version {} returns to production with it, in the same step. Its gate is judged again."
REFUSED = "The environment refuses it."
LET_THROUGH = "It goes through with a reason."


@dataclass(frozen=True)
class Parts:
    """The forms of all that is to run, one for each version, as they were shown."""

    forms: Sequence[PartForm]
    shown: int
    """Which rollout they were shown from."""

    @classmethod
    def of(cls, deployment: Deployment, data: QueryDict | None) -> "Parts":
        running = rolling.parts_of(deployment.desired)
        number = deployment.desired.number if deployment.desired else 0
        return cls([PartForm(part, data) for part in running], number)

    def are_valid(self) -> bool:
        """Say whether every form is whole; each says itself what is missing."""
        valid = [form.is_valid() for form in self.forms]
        return all(valid)

    def asked(self) -> list[Asked]:
        """Return what is to run from now on."""
        told = (form.asked() for form in self.forms)
        return [part for part in told if part is not None]


def frame(deployment: Deployment, reader: Actor) -> dict[str, Any]:
    """Return what each of these pages begins with."""
    return {
        "deployment": deployment,
        "crumbs": crumbs(deployment),
        "back": deployment.get_absolute_url(),
        "why_not": why_not(deployment, reader),
    }


def crumbs(deployment: Deployment) -> list[tuple[str, str]]:
    """Return the way to a deployment."""
    return [
        ("Deployments", reverse("deployments:list")),
        (str(deployment), deployment.get_absolute_url()),
    ]


def going_back(deployment: Deployment, reader: Actor, *, at: datetime) -> dict[str, Any]:
    """Return what the page of a rollback shows: where it leads, and what its gate says."""
    target = rollback_target(deployment)
    page: dict[str, Any] = {**frame(deployment, reader), "target": target}
    if target is None:
        return page | {"why_nowhere": "Nothing ran before here, so there is no way back."}
    parts = rolling.parts_of(target)
    returning = _returning(deployment, parts)
    answers = admission.answers(
        [part.version for part in parts if part.version != returning],
        deployment.environment,
        at=at,
    )
    return page | {
        "parts": [words.of_part(part) for part in parts],
        "returning": RETURNS.format(returning.number) if returning else "",
        "gate": _gate(returning, reader, at) if returning else None,
        "against": [reason.text for answer in answers.values() for reason in answer.reasons],
        "so": REFUSED if deployment.environment.prevents else LET_THROUGH,
    }


def _returning(deployment: Deployment, parts: Iterable[Asked]) -> ModelVersion | None:
    """Return the version whose stage is rolled back with it: it left production since."""
    champion = next((part.version for part in parts if part.role == CHAMPION), None)
    admits = Stage.PRODUCTION in deployment.environment.stages
    is_away = champion is not None and champion.stage == Stage.ARCHIVED
    return champion if admits and is_away else None


def _gate(version: ModelVersion, reader: Actor, at: datetime) -> gate.Gate:
    readiness = gates.evaluate_rollback(
        version, asked_by=reader.id, reason=gates.GIVEN_LATER, at=at
    )
    return gate.of_readiness(readiness.policy, readiness, in_force.policy())


def consumers(deployment: Deployment, reader: Actor) -> BlastRadius:
    """Return what uses the versions that are to run, as lineage knows it."""
    versions = [part.version for part in rolling.parts_of(deployment.desired)]
    below = (lineage.downstream(version, reader) for version in versions)
    return merged(BlastRadius.of(one) for one in below)


def merged(radii: Iterable[BlastRadius]) -> BlastRadius:
    """Return what several things reach together: each thing once, at its shortest distance."""
    versions: dict[int, Affected] = {}
    assets: dict[Ref, Node] = {}
    people: dict[int, Notified] = {}
    for radius in radii:
        for one in radius.versions:
            versions[one.version.pk] = min(one, versions.get(one.version.pk, one), key=_distance)
        for node in radius.assets:
            assets[node.ref] = min(node, assets.get(node.ref, node), key=_distance)
        for told in radius.people:
            people.setdefault(told.person.pk, told)
    return BlastRadius(tuple(versions.values()), tuple(assets.values()), tuple(people.values()))


def _distance(one: Affected | Node) -> int:
    return one.distance
