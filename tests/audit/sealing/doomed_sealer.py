"""Sealers that die as by ``kill -9``, two at a time, each at a point it chooses.

``python -m tests.audit.sealing.doomed_sealer KILLS FOLDER`` goes on until so many have died.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from apps.audit.management.commands.seal import pause  # noqa: E402
from apps.audit.sealing import batches, signing, states  # noqa: E402
from apps.audit.sealing.anchors import folder as folders  # noqa: E402
from apps.audit.sealing.watching import Watch  # noqa: E402
from tests.audit.sealing.sealed import folder, sealer  # noqa: E402

POINTS: tuple[tuple[Any, str, str], ...] = (
    (batches, "seal", "before"),
    (batches, "_add", "after"),
    (batches, "_fill_tiles", "after"),
    (batches, "_unqueue", "after"),
    (batches, "seal", "after"),
    (signing, "signed", "after"),
    (signing, "sign", "after"),
    (folders, "_write_whole", "before"),
    (folders, "_sync_folder", "before"),
    (folders, "_sync_folder", "after"),
)
PATIENCE = 120.0


def doom(number: int) -> None:
    """Let this process die at one of the points, when it passes it for the nth time."""
    holder, name, moment = POINTS[number % len(POINTS)]
    original = getattr(holder, name)
    passes = iter(range(random.Random(number).randrange(4)))

    def stepped(*arguments: Any, **named: Any) -> Any:
        if moment == "before" and next(passes, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if moment == "after" and next(passes, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, name, stepped)


def forked(work: Callable[[], None]) -> int:
    """Do some work in a process of its own, which holds no connection yet."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(3)
    return pid


def main(kills: int, place: Path) -> None:
    """Keep two sealers running, each of them doomed, until enough have died."""
    connection.close()
    running: set[int] = set()
    started = died = 0
    while died < kills:
        while len(running) < 2:
            number = started
            running.add(forked(lambda: seal(number, place)))  # noqa: B023 - forked at once
            started += 1
        pid, status = os.wait()
        running.discard(pid)
        assert os.WIFSIGNALED(status), f"a sealer ended by itself: {status}"
        died += 1
    for pid in running:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    sys.stdout.write(f"{died}\n")


def seal(number: int, place: Path) -> None:
    doom(number)
    one, until = sealer(folder(place)), time.monotonic() + PATIENCE
    while time.monotonic() < until and not states.is_halted():
        time.sleep(min(pause(one, Watch()), 0.02))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
