"""Writers that die as by ``kill -9`` around a commit, while a sealer works.

``python -m tests.audit.sealing.doomed_writer KILLS`` prints the events that were acknowledged.
"""

import os
import random
import signal
import sys
import time

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from apps.audit.management.commands.seal import pause  # noqa: E402
from apps.audit.sealing.watching import Watch  # noqa: E402
from tests.audit.sealing.doomed_sealer import forked  # noqa: E402
from tests.audit.sealing.sealed import happened, sealer  # noqa: E402

POINTS = ("before the event", "before the commit", "after the commit", "after the answer")


def write(number: int, answers: int) -> None:
    """Write events and answer for each, until death comes at one of the points."""
    point = POINTS[number % len(POINTS)]
    left = random.Random(number).randrange(4)
    while True:
        left -= 1

        def at(here: str, is_due: bool = left < 0) -> None:
            if is_due and here == point:
                os.kill(os.getpid(), signal.SIGKILL)

        with transaction.atomic():
            at(POINTS[0])
            [event] = happened(chain=f"test:writer_{number}")
            at(POINTS[1])
        at(POINTS[2])
        os.write(answers, f"{event.pk}\n".encode())
        at(POINTS[3])


def seal() -> None:
    one, watch = sealer(), Watch()
    while True:
        time.sleep(min(pause(one, watch), 0.02))


def main(kills: int) -> None:
    """Let so many writers die, one after the other, and print what they answered for."""
    connection.close()
    sealing = forked(seal)
    read, answers = os.pipe()
    for number in range(kills):
        pid = forked(lambda: write(number, answers))  # noqa: B023 - forked at once
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), f"a writer ended by itself: {status}"
    os.close(answers)
    os.kill(sealing, signal.SIGKILL)
    os.waitpid(sealing, 0)
    with os.fdopen(read) as told:
        sys.stdout.write(told.read())


if __name__ == "__main__":
    main(int(sys.argv[1]))
