"""Takes a backup: first one moment of the database, then every file that moment relies on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from apps.accounts.rights import KEEP_BACKUPS
from apps.audit.actions import Action
from apps.audit.changes import announced
from apps.audit.checking.whole import snapshot
from apps.audit.governed import REGISTRY
from apps.audit.models import Log, SignedCheckpoint
from apps.catalog import store
from apps.catalog.backups import copying, databases, listing, manifest, naming
from apps.catalog.backups.copying import Course
from apps.catalog.backups.folders import Backup, BackupFolder
from apps.catalog.backups.manifest import Dump, Listing, LogState, Manifest
from apps.catalog.backups.naming import Missing
from apps.catalog.backups.progress import Tell, silent
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.digests import utc_text

MAKE = Action(
    "backup.make",
    permission=KEEP_BACKUPS,
    refusal="Only platform administrators, and whoever runs commands on the host, keep backups.",
)


@dataclass(frozen=True)
class Made:
    """A backup that was taken, and what the store could not give for it."""

    backup: Backup
    missing: Sequence[Missing]


@dataclass(frozen=True)
class _Moment:
    """What was read of one moment of the database."""

    files: Listing
    log: LogState | None
    migrations: Sequence[str]


def make(folder: Path, *, by: Actor, tell: Tell = silent) -> Made:
    """Take a backup into a folder of backups; what is there already is not copied again.

    Raises:
        NotAllowed: when the actor keeps no backups.
        RuleBroken: when the folder holds other things, or another backup goes on.
        CouldNot: when a disk or a server would not do; what was there before is untouched.
    """
    place = BackupFolder(folder)
    with announced(MAKE, REGISTRY, by=by) as record, place.alone() as work:
        tell("Copying the database", 0, 0)
        at, moment = database_now(), _dump(work)
        lacking = copying.copy(
            listing.read(work / listing.NAME),
            store.artifacts(),
            place.files,
            Course("Copying files", moment.files.bytes, tell),
        )
        told = Manifest(
            made_at=utc_text(at),
            signet=manifest.own_version(),
            migrations=tuple(moment.migrations),
            dump=_dump_in(work),
            files=moment.files,
            log=moment.log,
            lacking=tuple(lacking),
            secret=manifest.sealed_word(),
        )
        made = place.finish(work, told, at=at)
        record.note(
            backup=told.digest,
            dump=told.dump.sha256,
            files=told.files.count,
            bytes=told.files.bytes,
            lacking=len(lacking),
        )
    return Made(made, list(naming.named(lacking)))


def applied_migrations() -> list[str]:
    """Return the migrations the database has gone through, as ``app.name``."""
    return sorted(
        f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
    )


def _dump(work: Path) -> _Moment:
    """Write the dump and the list of files, both of one moment."""
    database = databases.configured()
    with snapshot():
        moment_log = _log()  # the first read: from here on nothing newer is seen
        database.dump(work / database.file)
        files = listing.write(work / listing.NAME, listing.expected())
        return _Moment(files, moment_log, applied_migrations())


def _log() -> LogState | None:
    log = Log.objects.filter(pk=Log.ONLY).first()
    if log is None:
        return None
    newest = SignedCheckpoint.objects.order_by("-size").first()
    return LogState(log.origin, log.size, bytes(log.root).hex(), newest.note if newest else "")


def _dump_in(folder: Path) -> Dump:
    """Return what the dump in a folder holds."""
    database = databases.configured()
    place = folder / database.file
    with place.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Dump(database.kind, database.version(), database.file, place.stat().st_size, digest)
