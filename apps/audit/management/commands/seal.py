"""Runs a sealer until it is told to stop."""

import logging
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import Error, connection

from apps.audit.sealing import anchors, signing
from apps.audit.sealing.batches import WrongTagKey
from apps.audit.sealing.sealer import Sealer
from apps.audit.sealing.signing import NoKey
from apps.audit.sealing.watching import Watch
from apps.core.clock import database_now

logger = logging.getLogger(__name__)

IDLE = 0.2
"""Seconds between two looks while nothing happens."""
HURRY = 0.05
"""Seconds between two looks after something happened: whoever decides something waits for it."""
BUSY = 10.0
"""For how many seconds after something happened more is looked for in a hurry."""
AFTER_TROUBLE = 1.0
LAST = 10.0
"""Seconds for which places that have not answered are awaited at the end of one run."""


class Command(BaseCommand):
    """Seal events as they come, sign the log and hand its checkpoints over."""

    help = "Seal the record: events become leaves of the log, which is signed and kept elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare whether to stay."""
        parser.add_argument("--once", action="store_true", help="seal what there is, and end")

    def handle(self, *, once: bool, **options: Any) -> None:
        """Take steps until told to stop, each of them whole."""
        self.is_ending = threading.Event()
        sealer = Sealer(signing.kept_keys, anchors.configured())
        try:
            if once:
                while sealer.step():
                    pass
                sealer.finish(LAST)
            else:
                self.stay(sealer)
        except (NoKey, WrongTagKey) as problem:
            raise CommandError(str(problem)) from None

    def stay(self, sealer: Sealer) -> None:
        """Go on until a signal asks to end; the step under way is finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.is_ending.set())
        watch = Watch()
        while not self.is_ending.is_set():
            self.is_ending.wait(pause(sealer, watch))


def pause(sealer: Sealer, watch: Watch) -> float:
    """Take one step, and look after the log; return how long to wait before the next one."""
    try:
        has_more = sealer.step()
        watch.look(now=database_now())
    except Error as trouble:
        logger.warning("The database did not answer: %s", trouble)
        connection.close()
        sealer.lost_connection()
        return AFTER_TROUBLE
    if has_more:
        watch.busy_until = time.monotonic() + BUSY
        return 0.0
    return HURRY if time.monotonic() < watch.busy_until else IDLE
