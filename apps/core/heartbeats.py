"""A lease that is renewed while its worker lives, so that a lost worker is noticed."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Self

from django.db import DatabaseError, InterfaceError, connection

logger = logging.getLogger(__name__)

BEATS_PER_LEASE = 3

Renew = Callable[[], bool]
"""Extends a lease; says whether it was still held."""


class Heartbeat:
    """Renews a lease for as long as its block lasts, from a thread with its own connection.

    A lease that is lost ends the beating; what that means for the work is for the worker to say.
    """

    def __init__(self, renew: Renew, *, lasts: timedelta, name: str) -> None:
        self._renew, self._name = renew, name
        self._interval = lasts.total_seconds() / BEATS_PER_LEASE
        self._ended, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat of {name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def is_lost(self) -> bool:
        """Whether a beat found that the lease is not held any more."""
        return self._lost.is_set()

    def beat(self, renew: Renew | None = None) -> bool:
        """Renew the lease now, as every beat does unless told how; say whether it is still held.

        A database that does not answer loses no lease: the next beat tries again, and if none gets
        through, the lease runs out.
        """
        try:
            if not (renew or self._renew)():
                self._lost.set()
        except (DatabaseError, InterfaceError) as trouble:
            logger.warning("The lease of %s was not renewed: %s", self._name, trouble)
            connection.close_if_unusable_or_obsolete()  # a broken one would fail every beat
        return not self.is_lost

    def _beat(self) -> None:
        try:
            while not self.is_lost and not self._ended.wait(self._interval):
                self.beat()
        finally:
            connection.close()
