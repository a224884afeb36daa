"""Names of environments and of what runs there."""

from collections.abc import Mapping

from apps.console.queries.named import Found, Named, Reader
from apps.deployments.models import Deployment, Drill, Environment, Placement, Rollout, Sighting

_DEPLOYMENT = ("deployment__model", "deployment__environment")


def _environments(pks: set[int]) -> Found:
    rows = Environment.objects.filter(pk__in=pks)
    return {row.pk: Named(str(row), row.get_absolute_url()) for row in rows}


def _deployments(pks: set[int]) -> Found:
    rows = Deployment.objects.filter(pk__in=pks).select_related("model", "environment")
    return {row.pk: Named(str(row), row.get_absolute_url()) for row in rows}


def _rollouts(pks: set[int]) -> Found:
    rows = Rollout.objects.filter(pk__in=pks).select_related(*_DEPLOYMENT)
    return {row.pk: Named(_lower(row), row.get_absolute_url()) for row in rows}


def _placements(pks: set[int]) -> Found:
    rows = Placement.objects.filter(pk__in=pks).select_related("version__model")
    return {row.pk: Named(str(row), row.version.get_absolute_url()) for row in rows}


def _drills(pks: set[int]) -> Found:
    rows = Drill.objects.filter(pk__in=pks).select_related(*_DEPLOYMENT)
    return {row.pk: Named(_lower(row), row.deployment.get_absolute_url()) for row in rows}


def _sightings(pks: set[int]) -> Found:
    """Name sightings by their endpoint: what was seen there may be hidden from who reads this."""
    rows = Sighting.objects.filter(pk__in=pks).select_related("environment")
    return {
        row.pk: Named(
            f"what is seen at {row.endpoint} in {row.environment}",
            row.environment.get_absolute_url(),
        )
        for row in rows
    }


def _lower(row: Rollout | Drill) -> str:
    name = str(row)
    return name[0].lower() + name[1:]


READERS: Mapping[str, Reader] = {
    Environment.RECORD.word: _environments,
    Deployment.RECORD.word: _deployments,
    Rollout.RECORD.word: _rollouts,
    Placement.RECORD.word: _placements,
    Drill.RECORD.word: _drills,
    Sighting.RECORD.word: _sightings,
}
