"""Long work: claim a version that waits for its bytes, fetch them, give them to it.

A job is an ordinary row with a lease. Its tries are the fence: a worker that was thought lost and
comes back too late concludes nothing.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from apps.accounts.actors import actor_for
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion, Run
from apps.catalog.store import StoreFull
from apps.core.actors import WORKER, Actor, Door
from apps.core.clock import database_now
from apps.core.errors import DomainError, RuleBroken
from apps.integrations.mlflow_import import files, places, queries, runs
from apps.integrations.mlflow_import.client import LATER, Absent, Bounds, Client
from apps.integrations.mlflow_import.places import Origins
from apps.integrations.mlflow_import.report import Notes, Report
from apps.integrations.mlflow_import.rows import ImportJob
from apps.integrations.mlflow_import.servers import SecretMissing, configured
from apps.validation import operations as validation

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""Longer than a request takes with its pauses; it is renewed with each, and while bytes come."""
SECONDS_BETWEEN_BEATS = 10.0
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120))
MOST_TRIES = len(BACK_OFF) + 1
MOST_NOTE = 500
BOUNDS = Bounds(pauses=(0.5,))

NOWHERE = "No configured MLflow server has the run or the logged model it names."
UNNAMED = "It names neither a run nor a logged model, so no server can be asked for it."
LOST = "The worker was lost in the middle of the last try."
SETTLED = "The version does not wait for its bytes any more."

Clock = Callable[[], datetime]
State = ImportJob.State
Shape = TypeVar("Shape")


class LeaseLost(RuleBroken):
    """The job was given to another worker."""

    code = "lease_lost"


@dataclass(frozen=True)
class Outcome:
    """How one try ended."""

    state: State
    note: str = ""


def queue(now: datetime, *, since: datetime | None, most: int = queries.MOST_RUNG) -> list[int]:
    """Make a job for each version that waits for bytes, and return the jobs whose time has come."""
    if not configured():
        return []
    waiting = queries.versions_without_bytes(since=since)[:most]
    ImportJob.objects.bulk_create(
        (ImportJob(version=version, queued_at=now, next_at=now) for version in waiting),
        ignore_conflicts=True,
    )
    ready = queries.due(now).order_by("next_at", "pk")
    return list(ready.values_list("pk", flat=True)[: queries.MOST_RUNG])


def look_again(now: datetime) -> None:
    """Let jobs that were given up wait again, for servers and secrets change."""
    queries.worth_another_look(now).update(
        state=State.WAITING, tries=0, next_at=now, lease_until=None, finished_at=None
    )


def execute(job_id: int, *, clock: Clock = database_now) -> None:
    """Carry out one job, unless somebody else does or its time has not come."""
    job = claim(job_id, now=clock())
    if job is None:
        return
    try:
        conclude(job, attempt(job, Heartbeat(job, clock)), now=clock())
    except LeaseLost as lost:
        logger.warning("Import %s is left to another worker: %s", job_id, lost)


def claim(job_id: int, *, now: datetime) -> ImportJob | None:
    """Begin the next try, unless somebody else is at it."""
    job = queries.due(now).filter(pk=job_id).first()
    if job is None:
        return None
    mine = queries.due(now).filter(pk=job.pk, tries=job.tries)
    if not mine.update(tries=job.tries + 1, lease_until=now + LEASE):
        return None
    whole = ImportJob.objects.select_related("version__model", "version__run", "upload")
    return whole.get(pk=job_id)


class Heartbeat:
    """Renews the lease of a job while its worker gets on."""

    def __init__(self, job: ImportJob, clock: Clock) -> None:
        self._held = ImportJob.objects.filter(pk=job.pk, tries=job.tries, state=State.WAITING)
        self._clock, self._last = clock, time.monotonic()

    def __call__(self) -> None:
        """Renew the lease when some seconds have passed.

        Raises:
            LeaseLost: when another worker has the job.
        """
        if time.monotonic() - self._last < SECONDS_BETWEEN_BEATS:
            return
        self._last = time.monotonic()
        if not self._held.update(lease_until=self._clock() + LEASE):
            raise LeaseLost("Another worker has it.")


def attempt(job: ImportJob, alive: Callable[[], None]) -> Outcome:
    """Make one try; no transaction is open while bytes come."""
    version = job.version
    if version.deleted_at is not None or version.readiness != Readiness.PENDING:
        return Outcome(State.DONE if version.is_ready else State.FAILED, SETTLED)
    if job.tries > MOST_TRIES:
        return Outcome(State.FAILED, LOST)
    try:
        notes = _import(job, alive)
    except LeaseLost:
        raise
    except (*LATER, SecretMissing, StoreFull, files.NoUpload) as trouble:
        return Outcome(State.WAITING, str(trouble))
    except DomainError as refusal:
        return Outcome(State.FAILED, str(refusal))
    except Exception as error:
        logger.exception("Import %s could not be carried out.", job.pk)
        return Outcome(
            State.WAITING, f"It stopped with an error of its own: {type(error).__name__}."
        )
    return Outcome(State.DONE, " ".join(str(left) for left in notes.report.left))


def conclude(job: ImportJob, outcome: Outcome, *, now: datetime) -> None:
    """Write down how a try ended, provided no newer one began."""
    state = outcome.state
    if state == State.WAITING and job.tries >= MOST_TRIES:
        state = State.FAILED
    if state != State.WAITING:
        files.forget(job)
    held = ImportJob.objects.filter(pk=job.pk, tries=job.tries, state=State.WAITING)
    held.update(
        state=state,
        source=job.source,
        note=outcome.note[:MOST_NOTE],
        lease_until=None,
        next_at=now + BACK_OFF[min(job.tries, len(BACK_OFF)) - 1],
        finished_at=None if state == State.WAITING else now,
    )


# -- one version -----------------------------------------------------------------------------------


def _import(job: ImportJob, alive: Callable[[], None]) -> Notes:
    version, notes = job.version, Notes(Report())
    by = actor_for(version.created_by, door=Door.WORKER)
    client, origins = _holder(version, alive)
    job.source = client.server.name
    run = _run(version, client, origins, notes, by=by)
    folder = places.folder_within(client, version.source, origins)
    fetched = files.fetch(client, folder, job, by=by)
    alive()
    validation.complete_and_check(version, fetched, by=WORKER, run=run)
    return notes


def _holder(version: ModelVersion, alive: Callable[[], None]) -> tuple[Client, Origins]:
    """Return the first configured server that knows what a version comes from.

    Raises:
        RuleBroken: when none does.
    """
    if not version.run_uid and not version.logged_model_uid:
        raise RuleBroken(UNNAMED)
    trouble: DomainError | None = None
    for server in configured():
        client = Client(server, bounds=BOUNDS, alive=alive)
        try:
            origins = _known(client, version)
        except (*LATER, SecretMissing) as away:  # another server may have it
            trouble = away
            continue
        if origins is not None:
            return client, origins
    raise trouble or RuleBroken(NOWHERE)


def _known(client: Client, version: ModelVersion) -> Origins | None:
    """Return the run and the logged model of a version as far as a server knows them."""
    logged = _or_none(client.logged_model, version.logged_model_uid)
    uid = version.run_uid or (logged.source_run_id if logged else "") or ""
    run = _or_none(client.run, uid)
    return Origins(run, logged) if run or logged else None


def _or_none(read: Callable[[str], Shape], uid: str) -> Shape | None:
    try:
        return read(uid) if uid else None
    except Absent:
        return None


def _run(
    version: ModelVersion, client: Client, origins: Origins, notes: Notes, *, by: Actor
) -> Run | None:
    """Return the run of a version as it is recorded here, brought over when it was not."""
    if version.run is not None or origins.run is None:
        return version.run
    return runs.bring_run(client, origins.run, notes, by=by)
