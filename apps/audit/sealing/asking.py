"""Asks places outside, each in a thread of its own: a slow one never holds up the others."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from apps.audit.sealing.anchors import AnchorAway

T = TypeVar("T")


class Asked(Generic[T]):
    """A question under way; it reads no row, since it has no connection of its own."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._answer: T | None = None
        self._trouble: Exception | None = None
        self._is_done = threading.Event()
        self._began = time.monotonic()
        self.took = 0.0
        """How many seconds it took, once it is done."""
        threading.Thread(target=self._run, name="anchor", daemon=True).start()

    @property
    def is_done(self) -> bool:
        return self._is_done.is_set()

    @property
    def seconds(self) -> float:
        """How long ago it was asked."""
        return time.monotonic() - self._began

    def wait(self, seconds: float) -> bool:
        """Wait for the answer; say whether it is there."""
        return self._is_done.wait(max(seconds, 0))

    def answer(self) -> T:
        """Return the answer, or raise what asking for it raised."""
        if self._trouble is not None:
            raise self._trouble
        return self._answer  # type: ignore[return-value]

    def _run(self) -> None:
        try:
            self._answer = self._ask()
        except Exception as trouble:  # raised again where it is awaited
            self._trouble = trouble
        finally:
            self.took = self.seconds
            self._is_done.set()


def all_asked(questions: Mapping[str, Callable[[], T]], *, seconds: float) -> dict[str, Asked[T]]:
    """Ask all at once, and return them when all have answered or the time is over.

    What has not answered by then raises when its answer is asked for.
    """
    ends = time.monotonic() + seconds
    asked = {name: Asked(ask) for name, ask in questions.items()}
    for one in asked.values():
        one.wait(ends - time.monotonic())
    return asked


def answer_of(asked: Asked[T]) -> T:
    """Return an answer that is there.

    Raises:
        AnchorAway: when it is not there yet; else whatever asking raised.
    """
    if not asked.is_done:
        raise AnchorAway(f"It did not answer within {asked.seconds:.0f} seconds.")
    return asked.answer()
