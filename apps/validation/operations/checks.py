"""What people can ask of checks: that they run."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import disposal
from apps.catalog import operations as catalog
from apps.catalog import sources as catalog_sources
from apps.catalog.models import ModelVersion, RegisteredModel, Run
from apps.catalog.models.content import NamedFile
from apps.catalog.operations import sources
from apps.catalog.sources import Claim
from apps.core.actors import BY_WORKER, Actor
from apps.core.errors import RuleBroken
from apps.validation import checks, expected, tasks
from apps.validation.models import CheckLease, CheckRun

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
CANCEL_CHECKS = Action(
    "version.cancel_checks",
    permission="catalog.run_checks",
    refusal="You do not have the right to cancel checks on this model.",
)
COMPLETE_AND_CHECK = Action("version.complete_and_check", permission=BY_WORKER)


def start_checks(
    version: ModelVersion, *, by: Actor, names: Sequence[str] | None = None
) -> list[CheckRun]:
    """Queue a new run of each named check, or of every check; those that wait already are left.

    An external check is awaited instead, until its result is due.

    Raises:
        RuleBroken: when all of them wait already, or the version's content is not complete.
    """
    with change(START_CHECKS, version, by=by) as record:
        version.require_ready()
        disposal.require_kept(version)
        hours = expected.hours_until_due()
        wanted = names or [*checks.NAMES, *hours]
        waiting = set(version.check_runs.waiting().values_list("check_name", flat=True))
        runs = [
            _await(version, name, hours[name], at=record.time)
            if name in hours
            else _queue(version, checks.named(name).name, at=record.time)
            for name in dict.fromkeys(wanted)
            if name not in waiting
        ]
        if not runs:
            raise RuleBroken("These checks wait or run already. Their results come without asking.")
        record.note(checks=[run.check_name for run in runs], examined=version.content_digest)
        queued = {run.pk: run.check_name for run in runs if run.state == CheckRun.State.QUEUED}
        transaction.on_commit(partial(tasks.ring, queued))
    return runs


def start_missing(version: ModelVersion, *, by: Actor) -> list[CheckRun]:
    """Queue the checks that need it: those that never ran, could not finish or are out of date.

    Raises:
        RuleBroken: when every one has a result that holds, or waits already.
    """
    with change(START_CHECKS, version, by=by):
        names = expected.without_result(version)
        if not names:
            raise RuleBroken("Every check has a result that holds, or is under way already.")
        return start_checks(version, by=by, names=names)


def cancel_checks(
    version: ModelVersion, *, by: Actor, names: Sequence[str] | None = None, reason: str = ""
) -> list[CheckRun]:
    """Cancel the named checks, or every one, that wait or run; a worker at it stops in seconds.

    Raises:
        RuleBroken: when none of them waits or runs.
    """
    with change(CANCEL_CHECKS, version, by=by, reason=reason) as record:
        waiting = version.check_runs.waiting().order_by("pk")
        runs = list(waiting if names is None else waiting.filter(check_name__in=names))
        if not runs:
            raise RuleBroken("Nothing waits or runs any more, so there is nothing to cancel.")
        CheckLease.objects.filter(run__in=runs).delete()
        for run in runs:
            run.version = version
            run.cancel(at=record.time)
        record.note(checks=[run.check_name for run in runs])
    return runs


def rerun(run: CheckRun, *, by: Actor) -> CheckRun:
    """Queue a new run of the same check; the old one stays as it is."""
    [again] = start_checks(run.version, by=by, names=[run.check_name])
    return again


def register_and_check(model: RegisteredModel, *, by: Actor, **facts: Any) -> ModelVersion:
    """Register a version from an upload and queue its checks, in one change."""
    with change(REGISTER_AND_CHECK, model, by=by) as record:
        version = catalog.register_version(model, by=by, **facts)
        record.about(version)
        start_checks(version, by=by, names=checks.AT_REGISTRATION)
    return version


def register_source_and_check(
    model: RegisteredModel,
    claim: Claim,
    *,
    by: Actor,
    tags: Mapping[str, str],
    run_link: str = "",
    description: str = "",
) -> ModelVersion:
    """Register what a source leads to; queue a new version's checks when its bytes are here."""
    found = catalog_sources.find(model, claim, tags, by=by)
    with change(REGISTER_AND_CHECK, model, by=by) as record:
        version = sources.register_found(
            model, found, by=by, tags=tags, run_link=run_link, description=description
        )
        record.about(version)
        if version.is_ready:
            start_checks(version, by=by, names=checks.AT_REGISTRATION)
    return version


def complete_and_check(
    version: ModelVersion, files: Sequence[NamedFile], *, by: Actor, run: Run | None = None
) -> ModelVersion:
    """Give a version the bytes that lay elsewhere and queue its checks, in one change."""
    with change(COMPLETE_AND_CHECK, version, by=by):
        sources.complete_version(version, files, by=by, run=run)
        start_checks(version, by=by, names=checks.AT_REGISTRATION)
    return version


def _await(version: ModelVersion, check_name: str, hours: int, *, at: datetime) -> CheckRun:
    run = CheckRun(
        version=version,
        check_name=check_name,
        examined_digest=version.content_digest,
        state=CheckRun.State.AWAITED,
        queued_at=at,
        due_at=at + timedelta(hours=hours),
    )
    run.save()
    return run


def _queue(version: ModelVersion, check_name: str, *, at: datetime) -> CheckRun:
    run = CheckRun(
        version=version,
        check_name=check_name,
        examined_digest=version.content_digest,
        queued_at=at,
    )
    run.save()
    return run
