"""Says whether a backup can be restored to what the settings name, before anything is touched."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from apps.audit.log.keys import VerifierKey
from apps.audit.log.notes import BadNote, opened
from apps.audit.models import Log
from apps.audit.sealing import signing
from apps.audit.sealing.signing import NoKey
from apps.catalog.backups import databases
from apps.catalog.backups.folders import Backup
from apps.catalog.backups.manifest import LogState, Manifest
from apps.catalog.backups.problems import DoesNotFit

_MOST_TOLD = 5


def require_fits(backup: Backup, keys: Sequence[str]) -> None:
    """Refuse a backup that does not belong here, or a place that holds something.

    Raises:
        DoesNotFit: with what to change.
    """
    told, database = backup.manifest, databases.configured()
    if told.dump.kind != database.kind:
        raise DoesNotFit(
            f"The backup is of {told.dump.kind}, and the settings name {database.kind}. "
            "Name a database of that kind in SIGNET_DATABASE_URL."
        )
    backup.tagged.require_own()
    _require_same_schema(told)
    _require_log_key(told, keys)
    if not databases.is_empty():
        raise DoesNotFit(
            "The database holds tables already, and a restore replaces nothing. Name an empty one "
            "in SIGNET_DATABASE_URL, or another folder in SIGNET_DATA, and keep the old one."
        )
    database.require_takes(told.dump.version)


def known_keys(log: LogState | Log | None, given: Sequence[str] = ()) -> Sequence[str]:
    """Return the published keys of a log under each name it had: the sealer's, and those given.

    There are none where nothing was sealed.

    Raises:
        NoKey: when none is given and the sealer's files cannot be read.
    """
    if log is None:
        return ()
    try:
        return [*_own_keys(log.origin), *given]
    except NoKey:
        if given:
            return given
        raise


def _own_keys(origin: str) -> Sequence[str]:
    """Return the keys in the sealer's files, read here since a sealer would make its first one."""
    files = list(map(Path, settings.LOG_KEY_FILES))
    name, _, epoch = origin.rpartition("/")
    origins = [f"{name}/{number}" for number in range(1, int(epoch) + 1)]
    try:
        return [signing.key_in(file, one).verifier.text for one in origins for file in files]
    except NoKey as problem:
        raise NoKey(
            f"{problem}. Put the key of the log back, or name it with --key as it was published."
        ) from None


def _require_same_schema(told: Manifest) -> None:
    own = {f"{app}.{name}" for app, name in MigrationLoader(connection).disk_migrations}
    theirs = set(told.migrations)
    for more, other, after in (
        (theirs - own, "a newer", ""),
        (own - theirs, "an older", " Then upgrade as ever: manage.py migrate."),
    ):
        if more:
            first = ", ".join(sorted(more)[:_MOST_TOLD])
            raise DoesNotFit(
                f"The backup is of Signet {told.signet} with {other} schema: {first}. "
                f"Restore it with the Signet that made it.{after}"
            )


def _require_log_key(told: Manifest, keys: Sequence[str]) -> None:
    if told.log is None or not told.log.checkpoint:
        return
    try:
        opened(told.log.checkpoint, [VerifierKey.read(text) for text in keys])
    except BadNote as problem:
        raise DoesNotFit(
            f"The key of the log is another one than that of the backup: {problem} Put the right "
            "file where SIGNET_LOG_KEY_FILES says, or name an earlier key with --key."
        ) from None
