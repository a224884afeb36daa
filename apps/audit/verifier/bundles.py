"""Reads the bundles of an export, each by itself, in as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from apps.audit.verifier.entries import link_of, read_entry
from apps.audit.verifier.epochs import OPENED
from apps.audit.verifier.notes import Bad
from apps.audit.verifier.rotations import MARK
from apps.audit.verifier.shape import WIDTH, numbered
from apps.audit.verifier.tree import folded, leaf_of

FEW = 8192
"""With fewer entries other processes take longer to begin than they save."""
MOST_PROCESSES = 8


class Bundle(NamedTuple):
    """What can be said of some entries without the rest of the log; it travels as a plain tuple."""

    leaves: list[bytes]
    root: bytes
    """The root over the leaves, when they fill a tile."""
    links: list[tuple[bytes, str | None, int, str] | str]
    """The link of each entry, or why it is none; nothing where hashes alone are asked for."""
    again: list[tuple[int, bytes]]
    """The entries that say something of the log itself, by their places."""
    problem: str
    """What is wrong with the file: nothing is read beyond that."""


class _Asked(NamedTuple):
    """Which bundles are read, and how."""

    folder: Path
    size: int
    hashes_only: bool

    @property
    def bundles(self) -> int:
        return (self.size + WIDTH - 1) // WIDTH


class Helper(NamedTuple):
    """A process beside, and our end of the pipe to it."""

    process: Any
    end: Any


def place_of(n: int, size: int) -> str:
    """Return where a bundle of a log of some size stands in an export."""
    return f"tile/entries/{numbered(n, min(WIDTH, size - n * WIDTH))}"


def bundles(folder: Path, size: int, *, hashes_only: bool) -> Generator[Bundle, None, None]:
    """Yield the bundles of a log in order; how many processes read them changes nothing."""
    asked = _Asked(folder, size, hashes_only)
    turns = min(cores(), MOST_PROCESSES) if size >= FEW else 1
    helpers = started(_help, [(asked, range(n, asked.bundles, turns)) for n in range(turns)])
    try:
        for n in range(asked.bundles):
            found = _received(helpers[n % len(helpers)]) if helpers else None
            yield found or _read_bundle(asked, n)
    finally:
        for helper in helpers:
            stop(helper)


def _read_bundle(asked: _Asked, n: int) -> Bundle:
    found = Bundle([], b"", [], [], "")
    problem = ""
    try:
        for raw in _entries(asked, n):
            is_told = MARK in raw
            if not asked.hashes_only:
                link, action = _looked_at(raw)
                found.links.append(link)
                is_told = is_told or action == OPENED
            if is_told:
                found.again.append((len(found.leaves), raw))
            found.leaves.append(leaf_of(raw))
    except Bad as said:
        problem = str(said)
    root = folded(found.leaves) if len(found.leaves) == WIDTH else b""
    return found._replace(root=root, problem=problem)


def _entries(asked: _Asked, n: int) -> Iterator[bytes]:
    place, at = place_of(n, asked.size), 0
    try:
        data = (asked.folder / place).read_bytes()
    except OSError:
        raise Bad(f"{place} is missing") from None
    for _ in range(min(WIDTH, asked.size - n * WIDTH)):
        length = int.from_bytes(data[at : at + 2], "big")
        raw = data[at + 2 : at + 2 + length]
        if len(data) < at + 2 or len(raw) != length:
            raise Bad(f"{place} is cut short")
        yield raw
        at += 2 + length
    if at != len(data):
        raise Bad(f"{place} goes on after its last entry")


def _looked_at(raw: bytes) -> tuple[tuple[bytes, str | None, int, str] | str, str]:
    """Return the link of an entry and its action, or why it is none."""
    try:
        entry = read_entry(raw)
    except Bad as problem:
        return str(problem), ""
    return link_of(entry), entry["action"]


def cores() -> int:
    """Return how many cores this process may use."""
    given = getattr(os, "sched_getaffinity", None)
    return len(given(0)) if given else os.cpu_count() or 1


def started(
    help_: Callable[..., None], told: Sequence[tuple[Any, ...]], *, duplex: bool = False
) -> list[Helper]:
    """Return a process for each that is told something, or none where this one does it itself.

    ``help_`` is called in each with our end of its pipe, its own, and what it is told.
    """
    helpers: list[Helper] = []
    if len(told) < 2 or not may_start():
        return helpers
    try:
        for each in told:
            end, own = multiprocessing.Pipe(duplex)
            process = multiprocessing.Process(target=help_, args=(end, own, *each), daemon=True)
            process.start()
            own.close()  # so that its end is seen here, should it be killed
            helpers.append(Helper(process, end))
    except (OSError, ImportError, AttributeError, pickle.PicklingError):
        for helper in helpers:
            stop(helper)
        return []
    return helpers


def may_start() -> bool:
    """Say whether another process could begin: a fork in spite of threads, and one that has to
    read this file anew and finds none, would only make noise or wait for ever.
    """
    if multiprocessing.current_process().daemon:
        return False
    if multiprocessing.get_start_method() == "fork":
        return threading.active_count() == 1
    main = getattr(sys.modules["__main__"], "__file__", None) or ""
    return _help.__module__ != "__main__" or Path(main).is_file()


def _help(end: Any, own: Any, asked: _Asked, numbers: range) -> None:
    """Read some bundles in a process beside, as far ahead as the pipe has room for."""
    end.close()  # so that it is seen here when nobody reads any more
    try:
        for n in numbers:
            found = _read_bundle(asked, n)
            own.send(tuple(found))
            if found.problem:
                return
    except (OSError, KeyboardInterrupt):
        return


def _received(helper: Helper) -> Bundle | None:
    """Return the next bundle of a process, or none when it is gone: it is read here then."""
    try:
        return Bundle(*helper.end.recv())
    except (EOFError, OSError):
        return None


def stop(helper: Helper) -> None:
    """End a process, whatever it is at."""
    helper.end.close()
    helper.process.terminate()
    helper.process.join()
