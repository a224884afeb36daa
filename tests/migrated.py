"""A migrated database, made once for each state of the code and copied wherever one is needed.

To migrate takes half a minute of a processor, and a copy none. What is kept is named by a digest of
all code a migration can call, so a changed migration, model or setting makes another. While code is
being written, ``SIGNET_TEST_MIGRATIONS_ALONE=1`` goes by the migrations alone.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".pytest_cache" / "migrated"
MIGRATIONS = ("apps/*/migrations/*.py",)
CODE = ("apps/**/*.py", "registry_site/**/*.py", "requirements/base.txt")
MIGRATE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
_COPYING = 0x7E57  # names the advisory lock of whoever makes or copies the template


@cache
def digest() -> str:
    """Return what stands for the code as it is now, and for what runs it."""
    found = hashlib.sha256(sys.version.encode())
    read = MIGRATIONS if os.environ.get("SIGNET_TEST_MIGRATIONS_ALONE") == "1" else CODE
    for path in sorted(path for pattern in read for path in ROOT.glob(pattern)):
        found.update(f"\n{path.relative_to(ROOT)}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def copied_to(place: Path) -> None:
    """Put a migrated SQLite database in a place where there is none."""
    with _alone():
        kept = KEPT / f"{digest()}.sqlite3"
        if not kept.exists():
            _make(kept)
        shutil.copyfile(kept, place)


def use_own() -> str:
    """Give this process a migrated database of its own; return the name of what it had before."""
    before: str = connection.settings_dict["NAME"]
    own: str = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
    connection.close()
    if connection.vendor == "postgresql":
        _copied_on_the_server(own)
    else:
        Path(own).unlink(missing_ok=True)
        copied_to(Path(own))
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
    return before


def drop_own(before: str) -> None:
    """Take that database away again."""
    connection.creation.destroy_test_db(before, verbosity=0)


# -- SQLite: a file


@contextmanager
def _alone() -> Iterator[None]:
    """Keep out other processes that make a database, or copy one that we might clear away."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(kept: Path) -> None:
    """Migrate a fresh file; those of earlier states of the code are of no use any more."""
    for earlier in KEPT.glob("*.sqlite3*"):
        earlier.unlink()
    making = kept.with_suffix(".sqlite3-making")
    _migrate(f"sqlite://{making}")
    making.rename(kept)


def _migrate(address: str) -> None:
    """Migrate in a process of its own, whose settings are those of every test."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SIGNET_")},
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.test",
        "PYTHONPATH": str(ROOT),
        "SIGNET_DATABASE_URL": address,
    }
    done = subprocess.run(
        [sys.executable, "-c", MIGRATE],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# -- PostgreSQL: a template beside the databases of the tests


def _copied_on_the_server(own: str) -> None:
    """Make a database as a copy of the migrated one, which whoever comes first makes."""
    template = f"test_signet_migrated_{digest()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_COPYING])
        if not _is_there(cursor, template):
            making = f"{template}_making"
            cursor.execute(f'DROP DATABASE IF EXISTS "{making}"')
            cursor.execute(f'CREATE DATABASE "{making}"')
            _migrate(_address_of(making))
            cursor.execute(f'ALTER DATABASE "{making}" RENAME TO "{template}"')
        cursor.execute(f'DROP DATABASE IF EXISTS "{own}"')
        cursor.execute(f'CREATE DATABASE "{own}" TEMPLATE "{template}"')


def _is_there(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


def _address_of(name: str) -> str:
    """Return the address of another database on the server the tests were given."""
    parts = urlsplit(os.environ["SIGNET_DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))
