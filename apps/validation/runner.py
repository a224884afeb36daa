"""Long work: claim a run, examine without a transaction, conclude under the fence."""

import logging
from datetime import UTC, datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog.models import ModelVersion
from apps.core.actors import BY_WORKER, SYSTEM, WORKER
from apps.core.errors import DomainError, NotFound, RuleBroken
from apps.validation import basis, checks, confined, expected, leases, parameters, queries
from apps.validation.checks.contract import Check, Outcome, Parameters, Progress
from apps.validation.conclusions import Conclusion
from apps.validation.confined import CheckCrashed
from apps.validation.examined import examined
from apps.validation.leases import Heartbeat, LeaseLost
from apps.validation.models import CheckLease, CheckRun, NotWaiting, StaleConclusion

logger = logging.getLogger(__name__)

CLAIM = Action("check_run.claim", permission=BY_WORKER)
CONCLUDE = Action("check_run.conclude", permission=BY_WORKER)
TAKE_BACK = Action("check_run.take_back", permission=BY_WORKER)
EXPIRE = Action("check_run.expire", permission=BY_WORKER)

OWN_ERROR = "The check stopped with an error of its own ({}). The worker's log holds the details."
MOVED = "This version's content is no longer what was examined, so the result does not count."


MOST_EXPIRED = 200
"""How many awaited runs one sweep concludes."""


class StillAwaited(RuleBroken):
    """The run is not overdue after all, or its result came."""

    code = "still_awaited"


class NotStalled(RuleBroken):
    """The run's worker is alive after all."""

    code = "not_stalled"


def execute(run_id: int, *, worker: str) -> None:
    """Carry out one run, unless its row says that somebody else did or does."""
    run = CheckRun.objects.filter(pk=run_id, state=CheckRun.State.QUEUED).first()
    if run is None:
        logger.info("Check run %s does not wait; the message came twice or late.", run_id)
        return
    try:
        attempt = claim(run, worker=worker)
        with Heartbeat(run.pk, attempt) as heartbeat:
            conclusion = examine(run, heartbeat)
        conclude(run, attempt, conclusion)
    except (NotWaiting, LeaseLost, StaleConclusion) as lost:
        logger.warning("Check run %s is left to another worker: %s", run_id, lost)
    except NotFound as deleted:
        logger.info("Check run %s is left alone: %s", run_id, deleted)


def claim(run: CheckRun, *, worker: str) -> int:
    """Take a waiting run with a lease; return the attempt, which is its fence."""
    with change(CLAIM, run, by=WORKER) as record:
        given, judged_by = basis.of_run(run)
        run.claim(worker=worker, at=record.time, parameters=given, basis=judged_by)
        leases.grant(run)
        record.note(check=run.check_name, attempt=run.attempt)
    return run.attempt


def examine(run: CheckRun, heartbeat: Heartbeat) -> Conclusion:
    """Run the check on the version's files; whatever goes wrong is never a pass."""
    try:
        check = checks.named(run.check_name)
        given = parameters.read(check, run.parameters)
        outcome = _carried_out(check, run.version, heartbeat.progress, given)
        return Conclusion.of(outcome, check)
    except LeaseLost:
        raise
    except SoftTimeLimitExceeded:
        return Conclusion.errored("The check was stopped because it took too long.")
    except DomainError as trouble:
        return Conclusion.errored(f"The check could not go on. {trouble}")
    except CheckCrashed as crash:
        logger.error("Check run %s could not be carried out.\n%s", run.pk, crash.trace)
        return Conclusion.errored(OWN_ERROR.format(crash.kind))
    except Exception as error:
        logger.exception("Check run %s could not be carried out.", run.pk)
        return Conclusion.errored(OWN_ERROR.format(type(error).__name__))


def _carried_out(
    check: Check, version: ModelVersion, progress: Progress, given: Parameters
) -> Outcome:
    """Examine in a confined process what somebody else made, and the rest right here.

    What only code of the model's own could tell goes on in the runner, if the operator has one.
    """
    seen = examined(version, check)
    if not check.is_confined:
        return check.load()(seen, progress, given)
    outcome = confined.carry_out(check, seen, progress, given)
    if check.in_runner and settings.RUNNER and outcome.facts.get("applies") is False:
        return confined.carry_out_apart(settings.RUNNER, check, seen, progress, given)
    return outcome


def conclude(run: CheckRun, attempt: int, conclusion: Conclusion) -> None:
    """Record a conclusion, provided the attempt still holds the run."""
    with change(CONCLUDE, run, by=WORKER) as record:
        run.require_held(attempt)
        if run.version.content_digest != run.examined_digest:
            conclusion = Conclusion.errored(MOVED)
        conclusion.write_to(run, at=record.time)
        CheckLease.objects.filter(run=run).delete()
        record.note(check=run.check_name, attempt=attempt, **conclusion.as_note())


def take_back_stalled(now: datetime) -> dict[int, str]:
    """Take every stalled run back; return those that wait again, each with its check's name."""
    waiting = {}
    for run in queries.stalled(now):
        try:
            take_back(run, now=now)
        except NotStalled as alive:
            logger.info("Check run %s is not taken back: %s", run.pk, alive)
        if run.state == CheckRun.State.QUEUED:
            waiting[run.pk] = run.check_name
    return waiting


def take_back(run: CheckRun, *, now: datetime) -> None:
    """Make a run wait again after its worker was lost, or give it up after several tries."""
    with change(TAKE_BACK, run, by=SYSTEM) as record:
        if not queries.is_stalled(run, now):
            raise NotStalled("Its worker renewed the lease meanwhile.")
        record.note(check=run.check_name, attempt=run.attempt)
        CheckLease.objects.filter(run=run).delete()
        if run.attempt < settings.CHECK_TRIES:
            run.requeue()
        else:
            given_up = Conclusion.errored(
                f"The worker was lost {run.attempt} times in the middle of this check."
            )
            given_up.write_to(run, at=record.time)
            record.note(**given_up.as_note())


def expire_awaited(now: datetime) -> None:
    """Conclude every run whose result from outside is overdue or not expected any more."""
    for run in expected.no_longer_awaited(now).select_related("version")[:MOST_EXPIRED]:
        try:
            expire(run, now=now)
        except StillAwaited as answered:
            logger.info("Check run %s does not expire: %s", run.pk, answered)


def expire(run: CheckRun, *, now: datetime) -> None:
    """Conclude a run nobody posted a result for: without one, so that its gate stays shut."""
    with change(EXPIRE, run, by=SYSTEM) as record:
        if not expected.no_longer_awaited(now).filter(pk=run.pk).exists():
            raise StillAwaited("Its result came meanwhile.")
        if run.due_at is not None and run.due_at < now:
            due = run.due_at.astimezone(UTC)
            said = f"Nobody posted a result before {due:%Y-%m-%d %H:%M} UTC."
        else:
            said = "The organization does not expect this check any more."
        conclusion = Conclusion.errored(said)
        conclusion.write_to(run, at=record.time)
        record.note(check=run.check_name, **conclusion.as_note())
