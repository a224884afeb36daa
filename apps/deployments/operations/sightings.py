"""What is seen running: told by agents and people, or looked at by the worker; news is on record.

Most reports repeat what is known, many times a minute: those move ordinary columns, and nothing
else. A report with news is planned again under the lock of its environment, so that two at once
begin no sighting twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Max, Q

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused
from apps.deployments import matching, planning
from apps.deployments.deployers.contract import Seen
from apps.deployments.matching import Told
from apps.deployments.models import Environment, Look, Sighting
from apps.deployments.planning import Plan, Report

SEE = Action(
    "environment.see",
    permission="catalog.post_sightings",
    refusal="Operators, and tokens of theirs, report what is seen running.",
)
LOOK = Action("environment.look", permission=BY_WORKER)

MOST_GOING_ON = 5_000
"""How many sightings go on in one environment."""
AHEAD = timedelta(minutes=5)
"""How far the clock of who looks may be ahead of ours; what it tells then counts as of now."""
OLDEST = timedelta(days=1)
"""After how long what was seen says nothing any more of what runs."""
WITHIN, LEAST_WITHIN = timedelta(hours=1), timedelta(minutes=10)
"""After how long what nobody sees again is gone: where the environment says nothing of it, and at
least, since whoever looks there too may do so more seldom."""
_AT_ONCE = 60
"""How many sightings one event names."""

Step = Callable[[], None]


@dataclass(frozen=True)
class Reported:
    """What became of a report."""

    begun: int
    again: int
    ended: int
    late: int
    """How much was told of endpoints about which something newer is known."""
    unknown: int
    """How much of what was told nobody registered."""

    @classmethod
    def of(cls, plan: Plan) -> "Reported":
        again = len(plan.again) + len(plan.moved)
        return cls(len(plan.begin), again, len(plan.end), plan.late, plan.unknown)


def report(
    environment: Environment,
    seen: Sequence[Seen],
    *,
    by: Actor,
    at: datetime,
    complete: bool = False,
    source: str = Sighting.Source.AGENT.value,
) -> Reported:
    """Take in what was seen at endpoints of an environment at a moment, all of it or nothing.

    Each endpoint is told whole, so that what else went on there has ended; a ``complete`` report
    tells all endpoints, and ends what its source saw before and does not tell.

    Raises:
        InputRefused: when something told is not what it may be, or the moment is not.
        RuleBroken: when the environment was closed, or too much would go on there.
    """
    return _taken_in(SEE, environment, _Said(seen, at, complete, source), by=by)


def report_look(
    environment: Environment, seen: Sequence[Seen], *, at: datetime, complete: bool, source: str
) -> Reported:
    """Take in what the worker saw when it looked, as ``report`` does."""
    return _taken_in(LOOK, environment, _Said(seen, at, complete, source), by=SYSTEM)


@dataclass(frozen=True)
class _Said:
    seen: Sequence[Seen]
    at: datetime
    complete: bool
    source: str


def _taken_in(action: Action, environment: Environment, said: _Said, *, by: Actor) -> Reported:
    if by.may(action.permission, environment):
        repeated = _repeated(environment, said)
        if repeated is not None:
            return repeated
    with change(action, environment, by=by) as record:
        environment.require_open()
        meant, told = _read(environment, said, record.time)
        plan = _planned(environment, meant, told)
        _require_room(environment, plan)
        _see_again(plan, meant.at)
        _carry_out(action, environment, _steps(environment, plan, meant, by), by=by)
        _note_look(environment, meant)
        record.note(
            source=meant.source,
            begun=len(plan.begin),
            moved=len(plan.moved),
            ended=len(plan.end),
        )
    return Reported.of(plan)


def _repeated(environment: Environment, said: _Said) -> Reported | None:
    """Note a report that only repeats what is known; nothing is returned of any other.

    What is refused is refused inside a change, where it is on record.
    """
    try:
        meant, told = _read(environment, said, database_now())
    except InputRefused:
        return None
    with transaction.atomic(durable=True):
        is_open = Environment.objects.filter(pk=environment.pk, closed_at=None).exists()
        plan = _planned(environment, meant, told)
        if plan.is_news or not is_open:
            return None
        _see_again(plan, meant.at)
        _note_look(environment, meant)
    return Reported.of(plan)


# -- reading ---------------------------------------------------------------------------------------


def _read(environment: Environment, said: _Said, now: datetime) -> tuple[Report, list[Told]]:
    at = _moment(said.at, now)
    if said.source not in Sighting.Source.values:
        sources = ", ".join(Sighting.Source.values)
        raise InputRefused(f"{said.source!a:.40} is no source of sightings: {sources} are.")
    minutes = environment.seen_within_minutes
    within = max(timedelta(minutes=minutes), LEAST_WITHIN) if minutes is not None else WITHIN
    told = matching.told_of(environment, said.seen)
    return Report(at, said.complete, said.source, within), told


def _moment(at: datetime, now: datetime) -> datetime:
    if at.tzinfo is None:
        raise InputRefused(f"The moment {at.isoformat()} has no time zone. Add Z for UTC.")
    if at > now + AHEAD:
        raise InputRefused(f"The moment {at.isoformat()} is in the future.")
    if at < now - OLDEST:
        raise InputRefused("What was seen more than a day ago says nothing of what runs now.")
    return min(at, now)


def _planned(environment: Environment, meant: Report, told: Sequence[Told]) -> Plan:
    """Plan a report against what goes on, whose rows are locked in the order of their keys."""
    rows = Sighting.objects.filter(environment=environment, ended_at=None)
    endpoints = {one.endpoint for one in told}
    if not meant.complete:
        rows = rows.filter(endpoint__in=endpoints)
    going_on = list(rows.select_for_update(no_key=True).order_by("pk"))
    known = {(row.endpoint, row.digest or row.called) for row in going_on}
    fresh = {one.endpoint for one in told if (one.endpoint, one.digest or one.called) not in known}
    left_at = _left_at(environment, fresh, meant.at) if fresh else {}
    return planning.plan(meant, told, going_on, left_at)


def _left_at(environment: Environment, endpoints: set[str], at: datetime) -> Mapping[str, datetime]:
    """Return when something ended last at some endpoints, where that was after a moment."""
    ended = Sighting.objects.filter(
        environment=environment, endpoint__in=endpoints, ended_at__gt=at
    )
    return dict(ended.order_by().values_list("endpoint").annotate(left_at=Max("ended_at")))


def _require_room(environment: Environment, plan: Plan) -> None:
    there = Sighting.objects.filter(environment=environment, ended_at=None).count()
    if plan.begin and there - len(plan.end) + len(plan.begin) > MOST_GOING_ON:
        raise RuleBroken(
            f"At most {MOST_GOING_ON:,} contents are seen in an environment at once. Send a "
            "complete report, which ends what is not there any more."
        )


# -- writing ---------------------------------------------------------------------------------------


def _see_again(plan: Plan, at: datetime) -> None:
    """Move what is known of sightings that were seen again: ordinary columns, without history."""
    for row, told in plan.again:
        _freshen(row, told, at)
        row._write("last_seen_at", "share", "requests")


def _freshen(row: Sighting, told: Told, at: datetime) -> None:
    row.last_seen_at = max(row.last_seen_at, at)
    row.share = row.share if told.share is None else told.share
    row.requests = row.requests if told.requests is None else told.requests


def _steps(environment: Environment, plan: Plan, meant: Report, by: Actor) -> list[Step]:
    """Return what is written of a plan: what ended first, since the same may begin anew."""
    return [
        *(partial(_end, row, why, meant.at) for row, why in plan.end),
        *(partial(_move, row, told, meant.at) for row, told in plan.moved),
        *(partial(_begin, environment, told, meant, by) for told in plan.begin),
    ]


def _carry_out(
    action: Action, environment: Environment, steps: Sequence[Step], *, by: Actor
) -> None:
    """Write some rows in the change under way, and more than one event names in children of it."""
    for step in steps[:_AT_ONCE]:
        step()
    for start in range(_AT_ONCE, len(steps), _AT_ONCE):
        with change(action, environment, by=by):
            for step in steps[start : start + _AT_ONCE]:
                step()


def _begin(environment: Environment, told: Told, meant: Report, by: Actor) -> None:
    Sighting(
        environment=environment,
        endpoint=told.endpoint,
        deployment_id=told.deployment_id,
        version_id=told.version_id,
        digest=told.digest,
        called=told.called,
        source=meant.source,
        first_seen_at=meant.at,
        last_seen_at=meant.at,
        share=told.share,
        requests=told.requests,
        seen_by_id=by.user_id,
    ).save()


def _move(row: Sighting, told: Told, at: datetime) -> None:
    _freshen(row, told, at)
    row.version_id, row.deployment_id = told.version_id, told.deployment_id
    row.save()


def _end(row: Sighting, why: str, at: datetime) -> None:
    row.ended_at, row.ended_why = at, why
    row.save()


def _note_look(environment: Environment, meant: Report) -> None:
    """Take note of when all of an environment was looked at last."""
    if meant.complete:
        Look.objects.get_or_create(environment=environment)
        earlier = Q(looked_at=None) | Q(looked_at__lt=meant.at)
        Look.objects.filter(earlier, environment=environment).update(looked_at=meant.at)
