"""Backups for the tests of this folder, and another machine to restore them on."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.test import override_settings

from apps.accounts.actors import command_actor
from apps.audit.models import Log
from apps.audit.sealing import anchors, signing
from apps.audit.sealing.sealer import Sealer
from apps.catalog import store
from apps.catalog.backups import making, restoring
from apps.catalog.backups.folders import Backup
from apps.catalog.backups.progress import Tell
from apps.catalog.backups.restoring import Outcome
from apps.catalog.store.contract import key_of
from apps.catalog.store.folder import FolderStore

HOST = command_actor("tests")
REASON = "The disk of db-1 died"


class Killed(BaseException):
    """What ends a program here as ``kill -9`` does."""


def killed_at(step: str, *, after: int = 0) -> Tell:
    """Return what ends the program when a step begins, or when some bytes of it are done."""

    def tell(doing: str, done: int, total: int) -> None:
        if doing == step and done >= after:
            raise Killed

    return tell


def seal() -> Log:
    """Let a sealer do all there is to do, with the key and the places that settings name."""
    one = Sealer(signing.kept_keys, anchors.configured())
    while one.step():
        pass
    return Log.objects.get()


def taken(folder: Path) -> Backup:
    return making.make(folder, by=HOST).backup


def brought_back(backup: Backup, **options: Any) -> Outcome:
    return restoring.restore(backup, by=HOST, reason=REASON, **options)


def kept_file(backup: Backup, sha256: str) -> Path:
    """Return where a backup keeps a file."""
    return backup.files.folder / key_of(sha256)


def damage_in_store(sha256: str, data: bytes) -> None:
    """Put other bytes in the place of a stored file."""
    kept: Any = store.artifacts()
    if isinstance(kept, FolderStore):
        (kept.folder / key_of(sha256)).write_bytes(data)
    else:
        name = f"{kept.prefix}{key_of(sha256)}"
        kept.client.put_object(Bucket=kept.bucket, Key=name, Body=data)


@contextmanager
def elsewhere(place: Path, *, has_store: bool = False) -> Iterator[None]:
    """Stand on another machine for a block: its database is empty, and mostly its store is."""
    before = connection.settings_dict["NAME"]
    name = _empty_database(place)
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with nullcontext() if has_store else override_settings(STORAGES=_empty_store(place)):
            yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        if connection.vendor == "postgresql":
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


def _empty_database(place: Path) -> str:
    if connection.vendor == "sqlite":
        return str(place / f"{uuid.uuid4().hex}.sqlite3")
    name = f"test_elsewhere_{uuid.uuid4().hex}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    return name


def _empty_store(place: Path) -> dict[str, Any]:
    known: Any = storages.backends
    here = known["artifacts"]
    fresh = f"elsewhere-{uuid.uuid4().hex}"
    is_folder = isinstance(storages["artifacts"], FileSystemStorage)
    location = str(place / fresh) if is_folder else f"{here['OPTIONS']['location']}/{fresh}"
    options = {**here["OPTIONS"], "location": location}
    return {**known, "artifacts": {**here, "OPTIONS": options}}
