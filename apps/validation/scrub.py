"""Reads the whole store again in the background: the file looked at longest ago first, slowly.

What the store no longer holds as it was given is quarantined: no door hands it out, and every
version that names it fails its integrity check, so that its gate closes. The first look that finds
the right bytes again lifts that.
"""

import fcntl
import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import store
from apps.catalog.models import Artifact, ModelVersion, VersionFile
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.clock import database_now
from apps.validation import basis
from apps.validation.checks import artifact_integrity
from apps.validation.checks.contract import Problem, Severity
from apps.validation.conclusions import Conclusion, as_row
from apps.validation.models import CheckRun

logger = logging.getLogger(__name__)

QUARANTINE = Action("version.quarantine", permission=BY_WORKER)
LIFT = Action("version.lift_quarantine", permission=BY_WORKER)

SLICE = 50.0
"""Seconds after which a run begins with no further file; one it has begun is read to its end."""
BETWEEN_LOOKS = timedelta(days=1)
BETWEEN_LOOKS_AT_DAMAGE = timedelta(minutes=10)
PIECE = 2**20
MOST_PATHS = 50
_LOCK = 0x5C20B
_CHECK = artifact_integrity.CHECK


@dataclass
class Pace:
    """Keeps reading below so many bytes a second, and says when a slice of time is over."""

    bytes_a_second: int
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    read: int = 0
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def count(self, size: int) -> None:
        """Take note of bytes that were read, and wait until they may have been."""
        self.read += size
        ahead = self.read / self.bytes_a_second - (self.clock() - self.began)
        if ahead > 0:
            self.sleep(ahead)

    @property
    def is_over(self) -> bool:
        return self.clock() - self.began >= SLICE


def run(pace: Pace | None = None) -> int:
    """Look at stored files for a slice of time, unless another run does; say at how many."""
    pace = pace or Pace(settings.SCRUB_BYTES_A_SECOND)
    looked = 0
    with _alone() as is_alone:
        while is_alone and not pace.is_over:
            artifact = _due(database_now())
            if artifact is None:
                break
            look_at(artifact, pace)
            looked += 1
    return looked


def look_at(artifact: Artifact, pace: Pace) -> None:
    """Read one stored file again and act on what is found."""
    wrong = _what_is_wrong(artifact, pace)
    now = database_now()
    if wrong:
        logger.error("The store does not hold %s as it was given: %s", artifact, wrong)
        if artifact.quarantined_at is None:
            _note(artifact, quarantined_at=now)
        for version in _versions_naming(artifact):
            _quarantine(version, artifact, wrong)
    elif artifact.quarantined_at is not None:
        for version in _versions_naming(artifact):
            _lift(version, artifact)
        _note(artifact, quarantined_at=None)
    _note(artifact, verified_at=now)


def _due(now: datetime) -> Artifact | None:
    """Return the file looked at longest ago, damaged ones sooner; none when all were lately.

    What was disposed of is not expected to be there.
    """
    lately, damage_lately = now - BETWEEN_LOOKS, now - BETWEEN_LOOKS_AT_DAMAGE
    due = Q(verified_at__lt=lately) | Q(quarantined_at__isnull=False, verified_at__lt=damage_lately)
    return Artifact.objects.filter(due, disposed_at=None).order_by("verified_at", "pk").first()


def _what_is_wrong(artifact: Artifact, pace: Pace) -> str:
    """Return what is wrong with a stored file, in words; a store that is away tells nothing."""
    hashed, size = hashlib.sha256(), 0
    try:
        with store.open(artifact.sha256) as stream:
            while piece := stream.read(PIECE):
                hashed.update(piece)
                size += len(piece)
                pace.count(len(piece))
    except FileNotFoundError:
        return "The store does not hold this file any more."
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        return f"The store could not read this file to its end ({type(error).__name__})."
    if size != artifact.size:
        return f"The record says {artifact.size} bytes, the store holds {size}."
    if hashed.hexdigest() != artifact.sha256:
        return f"The stored bytes have sha256 {hashed.hexdigest()}, not the recorded one."
    return ""


def _quarantine(version: ModelVersion, artifact: Artifact, wrong: str) -> None:
    """Tell a version once that a file of it is damaged: an event, and a failed check."""
    if _has_failed_since(version, artifact):
        return
    with change(QUARANTINE, version, by=SYSTEM) as record:
        paths = _paths(version, artifact)
        damaged = CheckRun(
            version=version,
            check_name=_CHECK.name,
            examined_digest=version.content_digest,
            queued_at=record.time,
            started_at=record.time,
            worker="scrub",
        )
        damaged.parameters, damaged.basis = basis.of_run(damaged)
        problems = [
            Problem("damaged_file", Severity.CRITICAL, path, wrong, artifact_integrity.RESTORE)
            for path in paths
        ]
        conclusion = Conclusion(
            CheckRun.State.FAILED,
            "The background look at the store found a file of this version damaged.",
            [as_row(problem) for problem in problems],
            {"sha256": artifact.sha256},
            _CHECK.version,
        )
        conclusion.write_to(damaged, at=record.time)
        record.note(sha256=artifact.sha256, paths=paths, wrong=wrong)


def _lift(version: ModelVersion, artifact: Artifact) -> None:
    """Say that a file is whole again, and have the version's integrity checked anew."""
    with change(LIFT, version, by=SYSTEM) as record:
        record.note(sha256=artifact.sha256, paths=_paths(version, artifact))
        if not version.check_runs.waiting().filter(check_name=_CHECK.name).exists():
            again = CheckRun(  # the next sweep rings for it
                version=version,
                check_name=_CHECK.name,
                examined_digest=version.content_digest,
                queued_at=record.time,
            )
            again.save()


def _has_failed_since(version: ModelVersion, artifact: Artifact) -> bool:
    """Say whether the newest result is a failure since then: one that passed may have been luck."""
    runs = version.check_runs.filter(check_name=_CHECK.name, state__in=CheckRun.FINAL)
    newest = runs.order_by("-pk").first()
    return (
        newest is not None
        and newest.state == CheckRun.State.FAILED
        and newest.finished_at >= artifact.quarantined_at
    )


def _versions_naming(artifact: Artifact) -> list[ModelVersion]:
    naming = VersionFile.objects.filter(artifact=artifact).values("version")
    found = ModelVersion.objects.filter(pk__in=naming, deleted_at=None)
    return list(found.select_related("model").order_by("pk"))


def _paths(version: ModelVersion, artifact: Artifact) -> list[str]:
    files = VersionFile.objects.filter(version=version, artifact=artifact)
    return list(files.order_by("path").values_list("path", flat=True)[:MOST_PATHS])


def _note(artifact: Artifact, **values: datetime | None) -> None:
    Artifact.objects.filter(pk=artifact.pk).update(**values)
    for name, value in values.items():
        setattr(artifact, name, value)


@contextmanager
def _alone() -> Iterator[bool]:
    """Say whether no other run goes on anywhere; one that dies is in nobody's way."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            (is_ours,) = cursor.fetchone()
            try:
                yield bool(is_ours)
            finally:
                if is_ours:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return
    with (settings.DATA / "scrub.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
