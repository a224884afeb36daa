"""Goes through the whole record once: events, log, checkpoints, texts and, when asked, the rows."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import connection

from apps.audit import guards
from apps.audit.checking.checkpoints import Checkpoints
from apps.audit.checking.events import Events, How, Reader
from apps.audit.checking.rows import Rows
from apps.audit.checking.texts import Texts
from apps.audit.models import Log
from apps.audit.verifier.epochs import Epochs
from apps.audit.verifier.exports import Missing, Report
from apps.audit.verifier.notes import Checkpoint, Finding, Key

_BEGIN = {
    "sqlite": "BEGIN DEFERRED",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}


def verify(
    keys: Sequence[Key],
    outside: Mapping[str, str],
    *,
    hashes_only: bool = False,
    with_rows: bool = False,
    processes: int | None = None,
) -> Report:
    """Check the record; ``outside`` holds notes kept elsewhere, by where they were.

    One process reads the database; how many ``processes`` look at entries beside it changes
    nothing. Without a number there are as many as cores where there is much to read.

    Raises:
        Missing: when nothing was ever sealed.
    """
    with snapshot():
        log = Log.objects.filter(pk=Log.ONLY).first()
        if log is None:
            raise Missing("Nothing was sealed here yet.")
        readers: list[Reader] = [] if hashes_only else [Texts()]
        readers += [Rows()] if with_rows and not hashes_only else []
        how = How(readers, hashes_only=hashes_only, processes=processes)
        return _verify(log, keys, outside, how)


@contextmanager
def snapshot() -> Iterator[None]:
    """Let a block see one moment of the database, while others go on writing."""
    if connection.in_atomic_block:  # a test holds everything still
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _verify(
    log: Log,
    keys: Sequence[Key],
    outside: Mapping[str, str],
    how: How,
) -> Report:
    report = Report()
    now = Checkpoint(log.origin, log.size, bytes(log.root))
    epochs, checkpoints = Epochs(now), Checkpoints(log, list(keys), outside)
    events = Events(log, epochs, checkpoints.ring, checkpoints.sizes(), how)
    report.take(events.sealed())
    report.take(events.waiting())
    report.take(checkpoints.hold(events.roots, epochs))
    for reader in how.readers:
        report.take(reader.conclude())
    for name in guards.missing(connection):
        report.findings.append(Finding("guard", name, "this trigger is gone or does not hold"))
    report.size, report.checkpoint, report.gaps = log.size, now, epochs.gaps
    report.outside = len(checkpoints.outside)
    return report
