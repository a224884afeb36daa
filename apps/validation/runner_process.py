"""The runner: a program of its own that runs models whose format can run code when loaded.

    python -m apps.validation.runner_process /run/signet-runner/socket

It is started under an account, or in a container, that has no credentials and no network, and it
refuses to start where it sees any. It holds no settings and knows no Django. Workers connect to its
socket; each connection is one model, which gets a confined process of its own. What the worker
hands over goes to that process alone, and ends with it.
"""

import argparse
import gc
import importlib
import os
import select
import signal
import socket
import stat
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.validation.checks.inference import CHECK
from apps.validation.confined import child
from apps.validation.confined.parent import ONE_THREAD

ALLOWED = "SIGNET_RUNNER"
SECRETS = tuple(
    """SIGNET_ DJANGO_ DATABASE_ REDIS_ CELERY_ PGPASS MLFLOW_TRACKING_ AWS_ACCESS AWS_SECRET
    AWS_SESSION AWS_PROFILE AWS_WEB""".split()
)
"""What variables with settings and credentials begin with."""

FOR_GROUP = 0o660
BETWEEN_LOOKS = 200
"""Milliseconds after which time that is over, and processes that have ended, are noticed."""
SPARE_SECONDS = 10
BACKLOG = 64


@dataclass(frozen=True)
class Limits:
    """What each model may take."""

    memory: int = CHECK.memory
    seconds: int = CHECK.seconds


@dataclass(frozen=True)
class Running:
    """A process that runs one model, until its time is over or its worker is gone."""

    pid: int
    line: socket.socket
    until: float


class Runner:
    """Serves a socket: one confined process for each connection, so many at a time.

    Each is a copy of this process, which has imported what models need and holds nothing else.
    """

    def __init__(self, listener: socket.socket, limits: Limits, at_a_time: int) -> None:
        self._listener, self._limits, self._at_a_time = listener, limits, at_a_time
        self._running: list[Running] = []

    def serve(self) -> None:
        """Take connections until the program is ended."""
        while True:
            if self._waits():
                self._start(self._listener.accept()[0])
            self._running = [running for running in self._running if not _is_over(running)]

    def _waits(self) -> bool:
        """Wait until a connection has its turn, or it is time to look after what runs."""
        look = select.poll()
        if len(self._running) < self._at_a_time:
            look.register(self._listener, select.POLLIN)
        for running in self._running:
            look.register(running.line, select.POLLRDHUP)
        return self._listener.fileno() in dict(look.poll(BETWEEN_LOOKS))

    def _start(self, line: socket.socket) -> None:
        until = time.monotonic() + self._limits.seconds + SPARE_SECONDS
        pid = os.fork()
        if pid == 0:
            self._become_confined(line)
        self._running.append(Running(pid, line, until))

    def _become_confined(self, line: socket.socket) -> None:
        """Serve one worker over this line, and end; never return to what the runner does."""
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._listener.close()
            for other in self._running:
                other.line.close()
            _leave_terminal()
            numbers = (line.detach(), self._limits.memory, self._limits.seconds)
            child.main([*map(str, numbers), CHECK.in_runner, CHECK.takes])
        finally:
            os._exit(0)


def main(arguments: Sequence[str]) -> None:
    """Listen at the socket that is named, until the program is ended."""
    given = _parser().parse_args(arguments)
    seen = secrets_in(os.environ)
    if seen:
        sys.exit(f"The runner must not know credentials, and sees {', '.join(seen)}. Unset them.")
    os.environ.clear()
    os.environ.update(ONE_THREAD)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listener = listen(given.socket)
    try:
        _import([CHECK.in_runner.partition(":")[0], *given.library])
        Runner(listener, Limits(given.memory, given.seconds), given.at_a_time).serve()
    finally:
        given.socket.unlink(missing_ok=True)


def secrets_in(environment: Mapping[str, str]) -> list[str]:
    """Return the variables that settings and credentials come in."""
    return sorted(
        name for name in environment if name.startswith(SECRETS) and not name.startswith(ALLOWED)
    )


def listen(path: Path) -> socket.socket:
    """Listen at a path that the account and its group may connect to.

    A socket that an earlier runner left behind is replaced, one that answers is not.
    """
    if path.exists() or path.is_symlink():
        if not stat.S_ISSOCK(path.lstat().st_mode) or is_served(path):
            sys.exit(f"{path} is in use.")
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    earlier = os.umask(0o777 & ~FOR_GROUP)
    try:
        listener.bind(str(path))
    finally:
        os.umask(earlier)
    listener.listen(BACKLOG)
    return listener


def is_served(path: Path) -> bool:
    """Say whether somebody answers at a socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        return line.connect_ex(str(path)) == 0


def _import(names: Sequence[str]) -> None:
    """Import what models need; the processes that run them can import nothing more."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as absent:
            sys.exit(f"The runner cannot import {name}: {absent}.")
    gc.freeze()


def _is_over(running: Running) -> bool:
    """Say whether a process has ended; end one whose time is over, or whose worker is gone."""
    if time.monotonic() > running.until or _is_hung_up(running.line):
        os.kill(running.pid, signal.SIGKILL)
        os.waitpid(running.pid, 0)
    elif os.waitpid(running.pid, os.WNOHANG) == (0, 0):
        return False
    running.line.close()
    return True


def _is_hung_up(line: socket.socket) -> bool:
    """Say whether the worker has gone."""
    look = select.poll()
    look.register(line, select.POLLRDHUP)
    return bool(look.poll(0))


def _leave_terminal() -> None:
    """Give up what the runner reads from and writes to."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    os.close(nowhere)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="runner", description=__doc__.partition("\n")[0])
    parser.add_argument("socket", type=Path, help="where to listen")
    parser.add_argument("--at-a-time", type=int, default=1, help="how many models run at once")
    parser.add_argument("--memory", type=int, default=CHECK.memory, help="MiB for each")
    parser.add_argument("--seconds", type=int, default=CHECK.seconds, help="seconds for each")
    parser.add_argument(
        "--library", action="append", default=[], help="a module models may use, once for each"
    )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
