"""Shows how far an import is: a bar on a terminal, a line now and then anywhere else."""

import time

from django.core.management.base import OutputWrapper

from apps.integrations.mlflow_import.report import shown

WIDTH = 24
MOST_NAME = 40
SECONDS_BETWEEN_LINES = 5.0


class Bar:
    """Draws one line again and again."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out, self._length = out, 0

    def tell(self, done: int, total: int, name: str) -> None:
        """Draw how many models are done, and which one comes next."""
        filled = WIDTH * done // total if total else WIDTH
        line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done:,}/{total:,} {_short(name)}"
        self._out.write("\r" + line.ljust(self._length), ending="")
        self._out.flush()
        self._length = len(line)

    def end(self) -> None:
        """Leave the line, so that what follows begins on its own."""
        if self._length:
            self._out.write("")


class Lines:
    """Writes a plain line when some seconds have passed, and at the end."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out, self._last = out, float("-inf")

    def tell(self, done: int, total: int, name: str) -> None:
        """Say how many models are done, unless that was said a moment ago."""
        if done < total and time.monotonic() - self._last < SECONDS_BETWEEN_LINES:
            return
        self._last = time.monotonic()
        self._out.write(f"{done:,} of {total:,} models. {_short(name)}".rstrip())

    def end(self) -> None:
        """Nothing stands open."""


def _short(name: str) -> str:
    text = shown(name)
    return text if len(text) <= MOST_NAME else f"{text[: MOST_NAME - 1]}…"
