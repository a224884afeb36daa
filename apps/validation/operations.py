"""What people can ask of checks: that they run."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.validation import checks, tasks
from apps.validation.models import CheckRun

START_CHECKS = Action(
    "version.start_checks",
    permission="catalog.run_checks",
    refusal="You do not have the right to run checks on this model.",
)
REGISTER_AND_CHECK = Action(
    "version.register_and_check",
    permission="catalog.register_version",
    refusal="You do not have the right to register versions of this model.",
)


def start_checks(
    version: ModelVersion, *, by: Actor, names: Sequence[str] | None = None
) -> list[CheckRun]:
    """Queue a new run of each named check, or of every check; those that wait already are left.

    Raises:
        RuleBroken: when all of them wait already, or the version's content is not complete.
    """
    with change(START_CHECKS, version, by=by) as record:
        version.require_ready()
        wanted = [checks.named(name).name for name in names or checks.NAMES]
        waiting = set(version.check_runs.waiting().values_list("check_name", flat=True))
        runs = [
            _queue(version, name, at=record.time)
            for name in dict.fromkeys(wanted)
            if name not in waiting
        ]
        if not runs:
            raise RuleBroken("These checks wait or run already. Their results come without asking.")
        record.note(checks=[run.check_name for run in runs], examined=version.content_digest)
        transaction.on_commit(partial(tasks.ring, *(run.pk for run in runs)))
    return runs


def rerun(run: CheckRun, *, by: Actor) -> CheckRun:
    """Queue a new run of the same check; the old one stays as it is."""
    [again] = start_checks(run.version, by=by, names=[run.check_name])
    return again


def register_and_check(model: RegisteredModel, *, by: Actor, **facts: Any) -> ModelVersion:
    """Register a version from an upload and queue every check on it, in one change."""
    with change(REGISTER_AND_CHECK, model, by=by) as record:
        version = catalog.register_version(model, by=by, **facts)
        record.about(version)
        start_checks(version, by=by)
    return version


def _queue(version: ModelVersion, check_name: str, *, at: datetime) -> CheckRun:
    run = CheckRun(
        version=version,
        check_name=check_name,
        examined_digest=version.content_digest,
        queued_at=at,
    )
    run.save()
    return run
