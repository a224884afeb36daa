"""Starts programs for the tests and stops them again, whatever happens in between."""

import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apps.console.parent import end_with_parent

READY_WITHIN = 60.0


class DidNotStart(RuntimeError):
    """A program ended or stayed silent; the message holds what it said last."""


@contextmanager
def running(
    command: Sequence[str], *, log: Path, is_ready: Callable[[], bool], **options: Any
) -> Iterator[None]:
    """Run a program for as long as the block lasts; it ends with us even when we are killed.

    Raises:
        DidNotStart: when it is not ready in time.
    """
    with log.open("wb") as output:
        program = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,  # Ctrl-C is for us; we stop our programs after the tests
            preexec_fn=end_with_parent,  # noqa: PLW1509 - there is one thread here
            **options,
        )
    try:
        wait_until_ready(program, is_ready, log)
        yield
    finally:
        stop(program)


def wait_until_ready(
    program: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path
) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if program.poll() is not None:
            break
        if is_ready():
            return
        time.sleep(0.1)
    said = log.read_text(errors="replace")[-2000:]
    raise DidNotStart(f"{program.args!r} did not start. It said:\n{said}")


def stop(program: subprocess.Popen[bytes]) -> None:
    """End a program: first politely, then for good."""
    program.terminate()
    try:
        program.wait(timeout=15)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def is_listening(port: int) -> bool:
    """Say whether something accepts connections on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def fresh_password() -> str:
    return secrets.token_urlsafe(24)
