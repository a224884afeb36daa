"""Twins of processes: threads that do the same work at the other end of the same pipes."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import pytest

from apps.audit.checking import looks
from apps.audit.verifier import bundles


class BesideTwin:
    """Stands for a process, which has ends of pipes of its own."""

    started = 0
    most = 8

    def __init__(self, *, target: Callable[..., None], args: tuple[Any, ...], daemon: bool) -> None:
        assert daemon
        _, own, *more = args
        unused, _ = multiprocessing.Pipe()
        self._own: Connection[Any, Any] = Connection(os.dup(own.fileno()))
        told = (unused, self._own, *more)
        self._thread = threading.Thread(target=target, args=told, daemon=True)

    def start(self) -> None:
        """Begin, while there is room."""
        if BesideTwin.started >= self.most:
            raise OSError("There is no room for another process.")
        BesideTwin.started += 1
        self._thread.start()

    def terminate(self) -> None:
        """End by itself: nobody lends any more."""

    def join(self) -> None:
        self._thread.join()
        self._own.close()


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> type[BesideTwin]:
    """Let twins stand for processes that look at events, a few at a time."""
    monkeypatch.setattr(looks, "_AT_ONCE", 32)
    monkeypatch.setattr(bundles, "may_start", lambda: True)
    monkeypatch.setattr(multiprocessing, "Process", BesideTwin)
    monkeypatch.setattr(BesideTwin, "started", 0)
    return BesideTwin
