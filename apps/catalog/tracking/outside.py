"""Runs that were recorded on another server, taken in under the id they have there."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from apps.catalog.models import Experiment, Run
from apps.catalog.tracking import limits, tags
from apps.catalog.tracking.experiments import require_active
from apps.catalog.tracking.rights import require_may_record
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused

_DIGITS = frozenset("0123456789abcdef")


class RunKnown(RuleBroken):
    """A run of this id is recorded here already."""

    code = "run_known"


@dataclass(frozen=True)
class OutsideRun:
    """What is known of a run before anything it recorded."""

    uid: str
    name: str = ""
    source: str = ""
    started_ms: int = 0


def take_in(experiment: Experiment, told: OutsideRun, *, by: Actor) -> Run:
    """Begin to record a run of another server; it belongs to whoever brings it."""
    require_may_record(by)
    require_active(experiment)
    if len(told.uid) != 32 or not set(told.uid) <= _DIGITS:
        raise InputRefused("The id of a run is 32 hexadecimal digits.")
    named = told.name.strip() or f"run-{told.uid[:8]}"
    tags.require_run_name(named)
    now = database_now()
    started = limits.moment(told.started_ms, "The start of a run") if told.started_ms else None
    run = Run(
        uid=told.uid,
        experiment=experiment,
        name=named,
        source=told.source[:500],
        status=Run.Status.RUNNING,
        created_at=now,
        started_at=started,
        starter_id=by.id,
        started_by_id=by.user_id,
    )
    try:
        with transaction.atomic():
            run.save()
            tags.put(run, [(tags.RUN_NAME, named)])
    except IntegrityError:
        raise RunKnown("A run of this id is recorded here already.") from None
    return run
