"""Small worlds of assets and edges, made by the real operations."""

import itertools
from typing import Any

from apps.catalog import operations
from apps.catalog.lineage import End
from apps.catalog.models import (
    Asset,
    Experiment,
    LineageEdge,
    ModelVersion,
    RegisteredModel,
    Relation,
    Run,
    RunDataset,
)
from apps.core.actors import Actor
from apps.core.clock import database_now
from tests import scenarios
from tests.factories import actor, person

_NUMBERS = itertools.count(1)


def asset(name: str = "", kind: str = Asset.Kind.DATASET, **given: Any) -> Asset:
    """Declare an asset, as the developer."""
    by = actor(scenarios.developer())
    return operations.declare_asset(
        by=by, kind=kind, name=name or f"asset-{next(_NUMBERS)}", **given
    )


def edge(origin: End, target: End, relation: str = Relation.FEEDS) -> LineageEdge:
    """Declare an edge, as the developer."""
    return operations.declare_edge(origin, target, relation, by=actor(scenarios.developer()))


def run(*datasets: tuple[str, str, str], source: str = "") -> Run:
    """Record a run that read datasets, each by name, digest and context."""
    experiment, _ = Experiment.objects.get_or_create(
        name="Default", defaults={"created_at": database_now(), "touched_at": database_now()}
    )
    made = Run.objects.create(
        uid=f"{next(_NUMBERS):032x}",
        experiment=experiment,
        created_at=database_now(),
        starter_id=actor(scenarios.developer()).id,
    )
    for name, digest, context in datasets:
        RunDataset.objects.create(
            run=made, name=name, digest=digest, context=context, source=source
        )
    return made


def reviewer_of(*models: RegisteredModel, name: str = "") -> Actor:
    """Return somebody who holds a duty on some models, and none anywhere else."""
    zoe = person(name or f"reviewer-{next(_NUMBERS)}")
    for model in models:
        operations.grant_model_duty(
            model, zoe, "peer_reviewer", by=actor(scenarios.owner()), reason="Reviews"
        )
    return actor(zoe)


def versions(count: int) -> list[ModelVersion]:
    """Register versions, each of a model of its own."""
    return [scenarios.registered_version() for _ in range(count)]
