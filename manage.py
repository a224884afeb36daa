#!/usr/bin/env python3
"""Signet's entry point, for a machine that has Python and nothing else of ours.

It makes .venv from the hashed locks in requirements/, with the standard library alone, and goes on
inside it. Another virtual environment is left as it is, and so is everything under
SIGNET_BOOTSTRAP=0. ``manage.py install dev`` stops there, ``manage.py install traces`` adds what
sends traces, and ``manage.py install mlflow2`` makes an environment beside it for the oldest MLflow
client that the tests know.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import importlib.util
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
LOCKS = ("base", "demo", "dev")  # each holds all of the one before
ADDED = ("traces",)  # what some want beside base, and dev holds, too
APART = {"mlflow2": ROOT / ".venv-mlflow2"}  # what cannot be installed beside the rest
NEEDS = {"up": "demo", "demo": "demo", "test": "dev"}
INSTALL = ["install", "-qq", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"]


def main(arguments: list[str]) -> None:
    """Enter the environment the command needs, then run it."""
    command = arguments[0] if arguments else "help"
    if command == "install":
        lock = arguments[1] if len(arguments) > 1 else "dev"
        if lock not in (known := (*LOCKS, *ADDED, *APART)):
            sys.exit(f"There is no lock named {lock!r}: choose from {', '.join(known)}.")
        return enter(lock)
    enter(NEEDS.get(command, "base"))
    if command == "test":
        return test(arguments[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings.development")
    importlib.import_module("django.core.management").execute_from_command_line(sys.argv)
    return None


def test(arguments: list[str]) -> None:
    """Become pytest."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "registry_site.settings.test"
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])


def enter(lock: str) -> None:
    """Go on inside the lock's environment with everything it names installed."""
    home = APART.get(lock, VENV)
    inside = Path(sys.prefix).resolve() == home.resolve()
    elsewhere = sys.prefix != sys.base_prefix and not inside and home == VENV
    if elsewhere or os.environ.get("SIGNET_BOOTSTRAP") == "0":
        return
    if not inside:
        python = str(make_environment(home))
        os.execv(python, [python, str(ROOT / "manage.py"), *sys.argv[1:]])
    if not is_installed(lock):
        with one_at_a_time(home):
            if not is_installed(lock):
                install(lock)


def make_environment(home: Path) -> Path:
    """Make an environment when there is none that runs; return its Python."""
    python = home / "bin" / "python"
    if sys.version_info < OLDEST:  # whoever starts us may well be older
        here, wanted = sys.version.split()[0], ".".join(map(str, OLDEST))
        sys.exit(f"Signet needs Python {wanted} or newer; {sys.executable} is {here}.")
    with one_at_a_time(home):
        if python.exists():
            return python
        done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=False)
    if done.returncode:
        python.unlink(missing_ok=True)
        sys.exit(
            "Python could not make a virtual environment; its message is above. "
            "On Debian and Ubuntu the package python3-venv is missing."
        )
    return python


def install(lock: str) -> None:
    """Install what the lock names, checking every hash, and remember that it was done."""
    home = APART.get(lock, VENV).name
    say(f"Installing requirements/{lock}.txt into {home}: once, about a minute.")
    pip = [sys.executable, "-m", "pip"]
    if importlib.util.find_spec("pip") is None:  # .venv was cut short while it was made
        subprocess.run([sys.executable, "-m", "ensurepip", "--upgrade"], check=False)
    done = subprocess.run(
        [*pip, *INSTALL, "--no-deps", "--require-hashes", "-r", str(lock_file(lock))], check=False
    )
    if done.returncode:
        sys.exit(
            "The packages could not be installed; pip's message is above. Run the same command "
            f"again when the package index can be reached. If it goes on, remove {home} first."
        )
    stamp(lock).write_text(fingerprint(lock))
    importlib.invalidate_caches()


def is_installed(lock: str) -> bool:
    """Say whether this lock, or one that holds all of it, was installed as it stands now."""
    larger = LOCKS[LOCKS.index(lock) :] if lock in LOCKS else (lock,)
    larger = (lock, LOCKS[-1]) if lock in ADDED else larger
    enough = [name for name in larger if stamp(name).is_file()]
    return any(stamp(name).read_text() == fingerprint(name) for name in enough)


def lock_file(lock: str) -> Path:
    return ROOT / "requirements" / f"{lock}.txt"


def fingerprint(lock: str) -> str:
    return hashlib.sha256(lock_file(lock).read_bytes()).hexdigest()


def stamp(lock: str) -> Path:
    """Return where this Python's packages remember a lock; another Python has its own."""
    return Path(sysconfig.get_path("purelib")) / f"signet-{lock}.sha256"


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Hold an environment's own file locked, so that starts at the same moment wait for each other.

    That is this file; an environment apart has its lock file, so that both can be made at once.
    """
    apart = (lock_file(name) for name, place in APART.items() if place == home)
    with next(apart, Path(__file__)).open("r+b") as own:
        fcntl.flock(own, fcntl.LOCK_EX)
        yield


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
