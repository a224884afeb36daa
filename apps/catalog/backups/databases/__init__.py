"""Databases: each dumps one moment of itself into a file, and is filled from one when empty."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from django.db import connection

from apps.catalog.backups.databases.postgresql import Postgresql
from apps.catalog.backups.databases.sqlite import Sqlite


class Database(Protocol):
    """What the settings name."""

    kind: str
    file: str
    """What its dump is called."""

    def version(self) -> str:
        """Return the version of what keeps it."""
        ...

    def dump(self, place: Path) -> None:
        """Write the moment that the running transaction sees into a file, onto the disk.

        Raises:
            CouldNot: when it does not get there whole.
        """
        ...

    def require_takes(self, version: str) -> None:
        """Refuse a dump of a version that is newer than what is here.

        Raises:
            DoesNotFit: when it is.
        """
        ...

    def load(self, place: Path) -> None:
        """Fill the empty database from a dump, all of it or nothing.

        Raises:
            CouldNot: when that does not succeed.
        """
        ...


_KINDS: Mapping[str, Database] = {"sqlite": Sqlite(), "postgresql": Postgresql()}


def configured() -> Database:
    """Return the database the settings name."""
    return _KINDS[connection.vendor]


def is_empty() -> bool:
    """Say whether it holds no table."""
    return not connection.introspection.table_names()
