"""SQLite: copied page by page, as of one moment, while others go on writing."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from apps.catalog.backups.problems import CouldNot, Damaged
from apps.catalog.store.folder import sync


class Sqlite:
    """A database in a file."""

    kind = "sqlite"
    file = "database.sqlite3"

    def version(self) -> str:
        return sqlite3.sqlite_version

    def dump(self, place: Path) -> None:
        """Copy what the open transaction sees into one file that needs no other beside it."""
        try:
            with closing(sqlite3.connect(place, isolation_level=None)) as copy:
                connection.connection.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
                [(found,)] = copy.execute("PRAGMA quick_check(1)")
        except sqlite3.Error as problem:
            raise CouldNot(f"The database could not be copied to {place}: {problem}.") from None
        if found != "ok":
            raise Damaged(f"The database is damaged; a copy of it is no backup: {found}")
        sync(place)

    def require_takes(self, version: str) -> None:
        """Take any: its file format has been one since 2004."""

    def load(self, place: Path) -> None:
        connection.ensure_connection()
        address = f"{place.resolve().as_uri()}?immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as kept:
                kept.backup(connection.connection)
        except sqlite3.Error as problem:
            raise CouldNot(f"The database could not be filled from {place}: {problem}.") from None
        finally:
            connection.close()
