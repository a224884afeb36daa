"""Reads of what is seen, of what is to be seen, and of how much of it is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from apps.catalog import queries as catalog
from apps.core.actors import Actor
from apps.deployments import queries
from apps.deployments.drift import Spotted, Terms, Wanted, is_it
from apps.deployments.models import Deployment, Environment, Placement, Sighting
from apps.deployments.models.deployments import DESIRED

_OF_VERSION = (
    "number",
    "content_digest",
    "stage",
    "readiness",
    "authorized_at",
    "deleted_at",
    "model__name",
)
"""What of a version tells what it is, and whether it may run; the rest of it is long."""

_OF_PERSON = ("username", "display_name")

MUST_BE_SEEN = Q(share__gt=0) | Q(role=Placement.Role.SHADOW)
"""Keeps the placements that requests go to."""


class Coverage(NamedTuple):
    """How many of the versions that are to run somewhere are seen there."""

    seen: int
    expected: int


def sightings_visible_to(actor: Actor) -> QuerySet[Sighting]:
    """Return the sightings an actor may know of, ended ones too.

    They are in environments the actor sees; what belongs to a model is for those who see it.
    """
    models = catalog.models_visible_to(actor).values("pk")
    of_seen = Q(deployment=None) | Q(deployment__model__in=models)
    is_seen = Q(version=None) | Q(version__model__in=models)
    found: QuerySet[Sighting] = Sighting.objects.filter(
        of_seen & is_seen, environment__in=queries.environments_visible_to(actor).values("pk")
    )
    if catalog.exam_limits_of(actor) is not None:
        found = found.exclude(deployment=None, version=None)
    return found


def going_on() -> QuerySet[Sighting]:
    """Return the sightings that have not ended, each with its version."""
    found: QuerySet[Sighting] = Sighting.objects.filter(ended_at=None)
    return with_versions(found)


def open_questions() -> QuerySet[Sighting]:
    """Return what is seen in open environments and belongs to nothing: no model can answer for it.

    Its environment does, until somebody registers it, takes it out or says what it is.
    """
    found: QuerySet[Sighting] = Sighting.objects.filter(
        ended_at=None, version=None, deployment=None, environment__closed_at=None
    )
    return found.select_related("environment")


def ended_of(deployment: Deployment) -> QuerySet[Sighting]:
    """Return what was seen of a deployment and has ended, with versions and who saw it first.

    What ended last comes first.
    """
    found: QuerySet[Sighting] = Sighting.objects.filter(
        deployment=deployment, ended_at__isnull=False
    )
    own = [field.name for field in Sighting._meta.concrete_fields]
    found = found.select_related("version__model", "seen_by")
    found = found.only(*own, *_with("version"), *(f"seen_by__{name}" for name in _OF_PERSON))
    return found.order_by("-ended_at", "-pk")


def with_versions(sightings: QuerySet[Sighting]) -> QuerySet[Sighting]:
    """Read sightings with their versions, in the same query."""
    own = [field.name for field in Sighting._meta.concrete_fields]
    return sightings.select_related("version__model").only(*own, *_with("version"))


def wanted_placements() -> QuerySet[Placement]:
    """Return what is to run now, each with its version."""
    found: QuerySet[Placement] = Placement.objects.filter(DESIRED)
    own = [field.name for field in Placement._meta.concrete_fields]
    return found.select_related("version__model").only(*own, *_with("version"))


def coverage(environment: Environment, *, at: datetime) -> Coverage:
    """Say how many of the versions that are to run in an environment are seen there."""
    return coverage_of([environment], at=at)[environment.pk]


def coverage_of(environments: Sequence[Environment], *, at: datetime) -> Mapping[int, Coverage]:
    """Say of each environment how much of what is to run there is seen, in two queries."""
    keys = [environment.pk for environment in environments]
    wanted = _wanted(keys)
    seen = _live(environments, at)
    return {
        key: Coverage(
            sum(any(is_it(one, other) for other in seen[key].get(of, ())) for of, one in there),
            len(there),
        )
        for key, there in wanted.items()
    }


def terms_of(environment: Environment, at: datetime) -> Terms:
    """Return by what is judged in an environment, whatever rollouts there are."""
    minutes = environment.seen_within_minutes
    return Terms(at, timedelta(minutes=minutes) if minutes is not None else None)


def _wanted(keys: Collection[int]) -> dict[int, list[tuple[int, Wanted]]]:
    """Return what has to be seen in each environment, by deployment."""
    rows = Placement.objects.filter(
        DESIRED, MUST_BE_SEEN, rollout__deployment__environment__in=keys
    )
    found: dict[int, list[tuple[int, Wanted]]] = {key: [] for key in keys}
    for where, of, version_id, digest in rows.annotate(
        where=F("rollout__deployment__environment"), of=F("rollout__deployment")
    ).values_list("where", "of", "version_id", "content_digest"):
        found[where].append((of, Wanted(version_id, digest, "")))
    return found


def _live(
    environments: Sequence[Environment], at: datetime
) -> Mapping[int, Mapping[int, list[Spotted]]]:
    """Return what is seen now in each environment, by deployment."""
    terms = {environment.pk: terms_of(environment, at) for environment in environments}
    rows = Sighting.objects.filter(environment__in=terms, ended_at=None, deployment__isnull=False)
    found: dict[int, dict[int, list[Spotted]]] = {key: {} for key in terms}
    for where, of, version_id, endpoint, digest, called, last in rows.values_list(
        "environment_id",
        "deployment_id",
        "version_id",
        "endpoint",
        "digest",
        "called",
        "last_seen_at",
    ):
        if terms[where].is_live(last):
            one = Spotted(endpoint, digest, called, last, version_id)
            found[where].setdefault(of, []).append(one)
    return found


def _with(version: str) -> list[str]:
    return [f"{version}__{name}" for name in ("model", *_OF_VERSION)]
