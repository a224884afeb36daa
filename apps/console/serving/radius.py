"""What a change of an asset reaches, where that runs, and a finding on each model concerned."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.approvals.serving import standing
from apps.catalog import lineage
from apps.catalog.lifecycle import Stage
from apps.catalog.lineage import Affected, BlastRadius
from apps.catalog.models import Asset, ModelVersion, RegisteredModel
from apps.console.serving.cells import Cell
from apps.core.actors import Actor
from apps.core.errors import DomainError
from apps.deployments import queries
from apps.deployments.models import Placement, Sighting
from apps.deployments.models.deployments import DESIRED, IN_EFFECT
from apps.risk.models import Finding
from apps.risk.operations import findings
from apps.risk.operations.findings import Said

NO_FUTURE = (Stage.ARCHIVED, Stage.DECOMMISSIONED)


@dataclass(frozen=True)
class Reached:
    """A version that is derived from an asset, with where it runs."""

    affected: Affected
    cells: Sequence[Cell]

    @property
    def version(self) -> ModelVersion:
        return self.affected.version


@dataclass(frozen=True)
class Outcome:
    """What became of a finding on one model."""

    model: RegisteredModel
    finding: Finding | None
    refusal: str = ""


def shown(asset: Asset, reader: Actor, *, at: datetime) -> dict[str, Any]:
    """Return what the page shows: what is reached, those that run first, and whom to tell."""
    below = lineage.downstream(asset, reader)
    radius = BlastRadius.of(below)
    reached = reached_of(radius.versions, reader, at=at)
    return {
        "asset": asset,
        "reached": reached,
        "running": sum(bool(one.cells) for one in reached),
        "radius": radius,
        "assets": radius.assets,
        "may_hide": not below.sees_every_model,
        "stopped": below.stopped_at,
    }


def reached_of(affected: Iterable[Affected], reader: Actor, *, at: datetime) -> list[Reached]:
    """Return versions with where each runs, those that run first, in a fixed number of queries."""
    known = list(affected)
    places = _places([one.version for one in known], reader, at)
    found = [Reached(one, places.get(one.version.pk, ())) for one in known]
    return sorted(found, key=lambda one: not one.cells)  # keeps the order of each half


def concerned(reached: Iterable[Reached]) -> dict[str, ModelVersion]:
    """Return the version of each model a finding is about: the earliest that can still run.

    A finding on a version is carried to every later one.
    """
    chosen: dict[str, ModelVersion] = {}
    for one in sorted(reached, key=_earliest_that_lives):
        chosen.setdefault(one.version.model.name, one.version)
    return chosen


def raise_on_each(
    versions: Iterable[ModelVersion], said: Callable[[ModelVersion], Said], *, by: Actor
) -> list[Outcome]:
    """Raise a finding on the model of each version, and say of each what became of it."""
    return [_raised(version, said(version), by) for version in versions]


def _raised(version: ModelVersion, said: Said, by: Actor) -> Outcome:
    try:
        return Outcome(version.model, findings.raise_finding(version.model, said, by=by))
    except DomainError as refusal:
        return Outcome(version.model, None, str(refusal))


def _earliest_that_lives(one: Reached) -> tuple[bool, int]:
    return one.version.stage in NO_FUTURE, one.version.number


def _places(
    versions: Sequence[ModelVersion], reader: Actor, at: datetime
) -> Mapping[int, Sequence[Cell]]:
    """Return where each version is to run, was brought about or is seen, by version."""
    keys = {version.pk for version in versions}
    visible = queries.deployments_visible_to(reader)
    placed = Placement.objects.filter(DESIRED | IN_EFFECT, version__in=keys)
    seen = Sighting.objects.filter(version__in=keys, ended_at=None, deployment__isnull=False)
    pairs = {
        *placed.values_list("version", "rollout__deployment"),
        *seen.values_list("version", "deployment"),
    }
    there = visible.filter(pk__in={deployment for _, deployment in pairs}).only("pk")
    judged = standing.of_deployments(there, at=at)
    found: dict[int, list[Cell]] = defaultdict(list)
    for version, deployment in sorted(pairs):
        if deployment in judged:
            found[version].append(Cell.of(judged[deployment]))
    return found


def told(outcomes: Sequence[Outcome]) -> list[tuple[bool, str]]:
    """Say what was raised and what was not, each reason once; and whether that is good news."""
    raised = [one.model.name for one in outcomes if one.finding is not None]
    refused: dict[str, list[str]] = defaultdict(list)
    for one in outcomes:
        if one.finding is None:
            refused[one.refusal].append(one.model.name)
    said = [(False, f"Not raised on {', '.join(names)}. {why}") for why, names in refused.items()]
    if not raised:
        return said
    count = "1 finding was" if len(raised) == 1 else f"{len(raised)} findings were"
    return [(True, f"{count} raised: on {', '.join(raised)}."), *said]
