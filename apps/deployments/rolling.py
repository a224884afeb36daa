"""How a rollout begins: the mutators of the operations that ask for one, whoever may."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.inputs import InputRefused
from apps.deployments import tasks
from apps.deployments.models import Deployment, Environment, Placement, Rollout

ALL = 100
"""Percent."""
MOST_PARTS = 10
"""How many versions one rollout places."""
MOST_SERVICE = 63
NEWER = "A newer rollout took its place."
SERVICE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
"""A DNS label (RFC 1123, section 2.1), since platforms make one of it."""


@dataclass(frozen=True)
class Asked:
    """One version asked for: ``share`` in percent of the requests, which a shadow has none of."""

    version: ModelVersion
    role: str = Placement.Role.CHAMPION.value
    share: int = ALL


@dataclass(frozen=True)
class Terms:
    """What a rollout is asked under: by whom, when and why, and what was said of its versions."""

    kind: Rollout.Kind
    at: datetime
    reason: str = ""
    by: Actor | None = None
    admission: Sequence[dict[str, object]] = ()
    restores: Rollout | None = None


def opened(
    model: RegisteredModel, environment: Environment, *, service: str, at: datetime
) -> Deployment:
    """Return the deployment of a model in an environment, made if this is the first.

    Raises:
        InputRefused: when the service's name is none, or another model's there.
    """
    known: Deployment | None = Deployment.objects.filter(
        model=model, environment=environment
    ).first()
    if known is not None:
        if service and service != known.service:
            raise InputRefused(f"{known} is called {known.service} there already.")
        return known
    name = service or service_name(model.name)
    _require_service(name, environment)
    made = Deployment(model=model, environment=environment, service=name, created_at=at)
    made.save()
    return made


def service_name(name: str) -> str:
    """Return what a model is called where only DNS labels are names."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:MOST_SERVICE].strip("-")
    return plain or "model"


def begin(deployment: Deployment, parts: Sequence[Asked], terms: Terms) -> Rollout:
    """Ask for a state of a deployment: what waits is superseded, and a worker is told.

    The caller has locked the model, and checked that the parts may run.
    """
    environment = deployment.environment
    superseded(deployment, at=terms.at)
    rollout = Rollout(
        deployment=deployment,
        number=_next_number(deployment),
        kind=terms.kind,
        deployer=environment.deployer,
        target=environment.target,
        admission=list(terms.admission),
        restores=terms.restores,
        reason=terms.reason,
        asked_by_id=terms.by.user_id if terms.by else None,
        asked_at=terms.at,
    )
    rollout.save()
    for part in parts:
        _placed(rollout, part).save()
    deployment.want(rollout)
    transaction.on_commit(lambda: tasks.ring([rollout.pk]))
    return rollout


def superseded(deployment: Deployment, *, at: datetime) -> None:
    """End what waits of a deployment, whoever carries it out has nothing to conclude."""
    for waiting in deployment.rollouts.filter(state__in=Rollout.WAITING):
        waiting.finish(Rollout.State.SUPERSEDED, at=at, told=NEWER)


def require_parts(model: RegisteredModel, parts: Sequence[Asked]) -> None:
    """Refuse parts that no service could have.

    Raises:
        InputRefused: when a version is another model's or named twice, when shares do not make
            100 percent, or when it is not one champion.
    """
    roles = [part.role for part in parts]
    if not 1 <= len(parts) <= MOST_PARTS:
        raise InputRefused(f"Name one to {MOST_PARTS} versions.")
    if any(part.version.model_id != model.pk for part in parts):
        raise InputRefused(f"Each version has to be one of {model.name}.")
    if len({part.version.pk for part in parts}) < len(parts):
        raise InputRefused("Name each version once.")
    if unknown := sorted(set(roles) - set(Placement.Role.values)):
        raise InputRefused(f"{unknown[0]!a:.40} is no role: {', '.join(Placement.Role.values)}.")
    if roles.count(Placement.Role.CHAMPION) != 1:
        raise InputRefused("Name one champion: the version that answers unless another does.")
    for part in parts:
        _require_share(part)
    if (total := sum(part.share for part in parts)) != ALL:
        raise InputRefused(f"The shares make {total} percent, and have to make {ALL}.")


def fresh(parts: Sequence[Asked]) -> list[Asked]:
    """Return parts with their versions as they are now, under the lock of their model."""
    versions = ModelVersion.objects.select_related("model")
    found = versions.in_bulk({part.version.pk for part in parts})
    return [replace(part, version=found[part.version.pk]) for part in parts]


def parts_of(rollout: Rollout | None) -> list[Asked]:
    """Return what a rollout places, as it would be asked for again; nothing of none."""
    if rollout is None:
        return []
    placements = rollout.placements.select_related("version__model").order_by("pk")
    return [Asked(one.version, one.role, one.share) for one in placements]


def _require_share(part: Asked) -> None:
    if isinstance(part.share, bool) or not 0 <= part.share <= ALL:
        raise InputRefused(f"A share is a whole number of percent from 0 to {ALL}.")
    if part.role == Placement.Role.SHADOW and part.share:
        raise InputRefused(
            f"{part.version} is a shadow, which answers no requests: its share is 0."
        )


def _placed(rollout: Rollout, part: Asked) -> Placement:
    return Placement(
        rollout=rollout,
        version=part.version,
        content_digest=part.version.content_digest,
        role=part.role,
        share=part.share,
    )


def _require_service(name: str, environment: Environment) -> None:
    if len(name) > MOST_SERVICE or not SERVICE.fullmatch(name):
        raise InputRefused(
            f"The name of a service holds a to z, digits and hyphens, at most {MOST_SERVICE}: "
            f"{name!a:.80} does not."
        )
    other = Deployment.objects.filter(environment=environment, service=name).first()
    if other is not None:
        raise InputRefused(f"In {environment} another model is called {name}. Name it otherwise.")


def _next_number(deployment: Deployment) -> int:
    newest = deployment.rollouts.aggregate(newest=Max("number"))["newest"]
    return (newest or 0) + 1
