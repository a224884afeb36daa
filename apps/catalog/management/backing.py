"""What the commands about backups have in common: how they tell how far they are, and how they end.

They end with 0 when all is whole, 1 with findings, 2 when called wrongly, 3 when they could not.
"""

import sqlite3
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError, OutputWrapper
from django.db import Error

from apps.audit.sealing.signing import NoKey
from apps.catalog.backups.problems import CouldNot, Damaged
from apps.catalog.backups.restoring import Outcome
from apps.core import formats
from apps.core.errors import DomainError

FOUND, WRONG_USE, COULD_NOT = 1, 2, 3
MOST_TOLD = 20
"""How many findings of one kind are told: a folder of checkpoints ahead has one for each."""
_SECONDS_BETWEEN = 0.2


class Progress:
    """Draws one line again and again on a terminal, and nothing anywhere else."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out, self._length, self._last = out, 0, ("", 0.0)
        self._is_shown = out.isatty()

    def tell(self, doing: str, done: int, total: int) -> None:
        """Say how far a step is, at most every fifth of a second."""
        before, at = self._last
        if not self._is_shown or (before == doing and time.monotonic() - at < _SECONDS_BETWEEN):
            return
        self._last = doing, time.monotonic()
        how_far = f": {formats.size(done)} of {formats.size(total)}" if total else " …"
        self._out.write(f"\r{(doing + how_far).ljust(self._length)}", ending="")
        self._out.flush()
        self._length = len(doing + how_far)

    def end(self) -> None:
        """Leave the line, so that what follows begins on its own."""
        if self._length:
            self._out.write("")
            self._length = 0


@contextmanager
def told_plainly(progress: Progress) -> Iterator[None]:
    """Turn what stands in the way into words and a code."""
    try:
        yield
    except Damaged as problem:
        raise CommandError(str(problem), returncode=FOUND) from None
    except DomainError as refusal:
        raise CommandError(str(refusal), returncode=WRONG_USE) from None
    except (CouldNot, NoKey) as problem:
        raise CommandError(str(problem), returncode=COULD_NOT) from None
    except (OSError, Error, sqlite3.Error) as problem:
        raise CommandError(f"Could not do it: {problem}", returncode=COULD_NOT) from None
    finally:
        progress.end()


def add_outside_options(parser: ArgumentParser) -> None:
    """Let whoever calls name what is kept outside: checkpoints, and the keys they are signed by."""
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        type=Path,
        help="a checkpoint kept elsewhere, or a folder of them; may be repeated",
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        help="a published key: an earlier one, or where the sealer's is not",
    )


def read_notes(places: list[Path]) -> dict[str, str]:
    """Return the checkpoints in files, or in folders of them, by where they are."""
    files = [
        file
        for place in places
        for file in (sorted(place.rglob("*.note")) if place.is_dir() else [place])
    ]
    return {str(file): file.read_text("utf-8") for file in files}


def tell_outcome(out: OutputWrapper, found: Outcome) -> int:
    """Say what a look at a restored registry found; return the code to end with."""
    counts = Counter(finding.name for finding in found.findings)
    for name, count in counts.items():
        for finding in [each for each in found.findings if each.name == name][:MOST_TOLD]:
            out.write(f"{finding.name}: {finding.place}: {finding.words}")
        if count > MOST_TOLD:
            out.write(f"{name}: and {count - MOST_TOLD:,} more")
    for missing in found.missing:
        out.write(f"Missing: {missing}")
    for away in found.away:
        out.write(f"Not compared: {away}")
    if found.halted:
        out.write(
            f"The log is halted: {found.halted} Nothing is sealed or signed. Find out what was "
            "lost; then two people open it again: manage.py audit reopen --as NAME --and NAME "
            "--reason TEXT"
        )
    elif found.size and not found.outside:
        out.write(
            "No checkpoint from elsewhere was there: whether the record went back is not known. "
            "Name those you kept with --checkpoint."
        )
    wrong = f"{len(found.findings):,} findings, {len(found.missing):,} files missing"
    out.write(f"{found.size:,} entries: {'whole' if found.is_whole else wrong}.")
    if not found.is_whole:
        return FOUND
    return COULD_NOT if found.away else 0
