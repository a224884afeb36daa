"""The worker looks at environments itself: it asks deployers that can look, and the endpoints.

It looks outside any transaction and reports what it saw as any agent does. What went wrong stands
beside the environment (``Look``), and is nothing seen.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from apps.core.clock import database_now
from apps.core.errors import DomainError
from apps.deployments import deployers, probing
from apps.deployments.deployers.contract import CannotLook
from apps.deployments.models import Deployment, Environment, Look, Sighting
from apps.deployments.operations import sightings

_MOST_TROUBLE = 500
UNEXPECTED = "Looking failed in a way nobody expected. The log says how."


def to_look_at() -> list[int]:
    """Return the open environments that can be looked at."""
    places = Environment.objects.filter(closed_at=None).order_by("pk")
    return [place.pk for place in places if _can_be_asked(place) or probing.PROBE in place.target]


def look_at(environment_id: int) -> bool:
    """Look at an environment and report what is seen there; say whether nothing went wrong."""
    environment = Environment.objects.filter(pk=environment_id, closed_at=None).first()
    if environment is None:
        return False
    at = database_now()
    try:
        troubles = [*_ask_deployer(environment, at), *_probe(environment, at)]
    except Exception:
        _note(environment, at, UNEXPECTED)
        raise
    _note(environment, at, " ".join(troubles))
    return not troubles


def _can_be_asked(environment: Environment) -> bool:
    return deployers.can_look(environment.deployer, probing.of_deployer(environment.target))


def _ask_deployer(environment: Environment, at: datetime) -> Iterator[str]:
    """Report what the deployer sees; yield what went wrong."""
    if not _can_be_asked(environment):
        return
    deployer = deployers.named(environment.deployer)
    try:
        seen = deployer.look(environment.name, probing.of_deployer(environment.target))
        source = Sighting.Source.DEPLOYER
        sightings.report_look(environment, seen, at=at, complete=True, source=source)
    except (CannotLook, DomainError) as trouble:
        yield f"{deployer.title}: {trouble}"


def _probe(environment: Environment, at: datetime) -> Iterator[str]:
    """Report what the endpoints say of themselves; yield what went wrong."""
    try:
        probe = probing.probe_of(environment.target)
    except msgspec.ValidationError as problem:
        yield f"The probe is refused: {problem}."
        return
    if probe is None:
        return
    services, is_all = _services(environment)
    answers = probing.ask_all(probe, [name for name, _ in services])
    troubles = list(_troubles(answers, {name for name, is_wanted in services if is_wanted}))
    if not is_all:
        troubles.append(f"Only {probing.MOST_PROBED} services are asked.")
    try:
        seen = [one for answer in answers for one in answer.seen]
        source = Sighting.Source.PROBE
        sightings.report_look(environment, seen, at=at, complete=not troubles, source=source)
    except DomainError as refusal:
        troubles.append(str(refusal))
    yield from troubles


def _services(environment: Environment) -> tuple[list[tuple[str, bool]], bool]:
    """Return the services to ask, each with whether it is to run, and whether these are all."""
    rows = Deployment.objects.filter(environment=environment).order_by("pk")
    most = probing.MOST_PROBED
    found = [
        (one.service, one.desired is not None and bool(one.desired.placements.all()))
        for one in rows.select_related("desired").prefetch_related("desired__placements")[
            : most + 1
        ]
    ]
    return found[:most], len(found) <= most


def _troubles(answers: Sequence[probing.Answered], wanted: set[str]) -> Iterator[str]:
    """Yield what went wrong; that nothing answers where nothing is to run is as it should be."""
    for answer in answers:
        if answer.trouble and (answer.is_there or answer.service in wanted):
            yield answer.trouble


def _note(environment: Environment, at: datetime, trouble: str) -> None:
    told = {"tried_at": at, "trouble": trouble[:_MOST_TROUBLE]}
    Look.objects.update_or_create(environment=environment, defaults=told)
