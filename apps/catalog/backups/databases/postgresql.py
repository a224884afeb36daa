"""PostgreSQL: by its own programs, from the moment our transaction sees and with its rights."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo

from apps.catalog.backups.problems import CouldNot, DoesNotFit
from apps.catalog.store.folder import sync

DEBIAN = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_MOST_SAID = 1000
_ADDRESS = {"host", "hostaddr", "port", "dbname", "user"}
_CLEAN = ("--no-owner", "--no-privileges")


class Postgresql:
    """A database on a server."""

    kind = "postgresql"
    file = "database.pgdump"

    def version(self) -> str:
        return _server_version()

    def dump(self, place: Path) -> None:
        program = _program("pg_dump")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            (moment,) = cursor.fetchone()
        _run([program, "--format=custom", *_CLEAN, f"--snapshot={moment}", f"--file={place}"])
        sync(place)

    def require_takes(self, version: str) -> None:
        if _major(version) > _major(_server_version()):
            raise DoesNotFit(
                f"The backup is of PostgreSQL {version}, and the server here is "
                f"{_server_version()}. Restore to one that is as new."
            )
        _program("pg_restore", _major(version))

    def load(self, place: Path) -> None:
        program = _program("pg_restore")
        _run([program, "--single-transaction", "--exit-on-error", *_CLEAN, str(place)])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).partition(" ")[0]


def _major(version: str) -> int:
    return int(re.match(r"\d+", version)[0])  # type: ignore[index]  # servers begin with one


def _program(name: str, least: int = 0) -> str:
    """Return the newest program of a name, which must be as new as the server.

    Raises:
        CouldNot: when there is none that is.
    """
    least = max(least, _major(_server_version()))
    found = sorted(_installed(name), reverse=True)
    if found and found[0][0] >= least:
        return found[0][1]
    there = f"the newest here is of {found[0][0]}" if found else "there is none here"
    raise CouldNot(
        f"{name} of PostgreSQL {least} or newer is needed, and {there}. "
        f"On Debian and Ubuntu: apt install postgresql-client-{least}."
    )


def _installed(name: str) -> Iterator[tuple[int, str]]:
    """Yield the programs of a name with their versions: Debian keeps several."""
    on_path = shutil.which(name)
    places = [str(place) for place in DEBIAN.glob(f"*/bin/{name}")]
    for place in [*places, *([on_path] if on_path else [])]:
        said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False)
        if version := _VERSION.search(said.stdout):
            yield int(version[1]), place


def _run(command: list[str]) -> None:
    """Run a program on our database; the password is in its environment, where others cannot look.

    Raises:
        CouldNot: with what it said, when it fails.
    """
    connection.ensure_connection()
    here = connection.connection.info
    # Our library knows options that the program's may not: only those somebody chose are handed on.
    chosen = _ADDRESS | connection.settings_dict["OPTIONS"].keys()
    options = {name: value for name, value in here.get_parameters().items() if name in chosen}
    address = f"--dbname={make_conninfo(**options)}"
    environment = {**os.environ, "PGPASSWORD": here.password}
    done = subprocess.run(
        [command[0], address, *command[1:]],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise CouldNot(f"{Path(command[0]).name} failed: {done.stderr.strip()[-_MOST_SAID:]}")
