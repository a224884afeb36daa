"""Reads the lists operators load to their end, into the short form in which checks use them."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from apps.catalog.store.contract import Expected, Intake, Source
from apps.core.inputs import InputRefused
from apps.validation.checks.environment import osv
from apps.validation.checks.environment.advisories import FORM, Head, line_of, written
from apps.validation.checks.environment.osv_files import entries_of
from apps.validation.checks.signature import signers
from apps.validation.models import ReferenceList

MOST_BYTES = 512 * 2**20
MOST_KEPT = 128 * 2**20
OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ReadList:
    """A list that was read to its end: how much it holds, and the bytes that are kept of it."""

    entries: int
    kept: Iterator[bytes]


Reader = Callable[[BinaryIO], ReadList]


@contextmanager
def laid_aside(source: Source) -> Iterator[tuple[BinaryIO, str]]:
    """Copy what comes in to a file that can be read from any place; give it with its digest.

    Raises:
        BytesRefused: when it is larger than a list may be.
    """
    with tempfile.TemporaryFile() as copy:
        intake = Intake(source, Expected(most=MOST_BYTES))
        for piece in intake:
            copy.write(piece)
        copy.seek(0)
        yield copy, f"sha256:{intake.stored().sha256}"


def read_advisories(source: BinaryIO) -> ReadList:
    """Read advisories in the OSV schema; keep what is about packages of PyPI, as an index.

    Raises:
        InputRefused: when something in it cannot be read; the message says where.
    """
    lines: list[bytes] = []
    seen: set[str] = set()
    newest, entries, size = OLDEST, 0, 0
    for place, value in entries_of(source):
        entry = osv.read_entry(value, place)
        if entry.id in seen:
            raise InputRefused(f"{place} ({entry.id}) is there already. Each advisory comes once.")
        seen.add(entry.id)
        newest = max(newest, entry.modified)
        entries += bool(entry.about)
        for package, advisory in entry.about:
            lines.append(line_of(package, advisory))
            size += len(lines[-1])
        if size > MOST_KEPT:
            raise InputRefused(
                f"{place}: what is to be kept grew past {MOST_KEPT // 2**20} MiB. Load the list of "
                "PyPI alone."
            )
    if not lines:
        raise InputRefused(
            f"None of the {len(seen):,} advisories is about a package of PyPI and in force, so "
            "there is nothing to load."
        )
    return ReadList(entries, written(Head(FORM, entries, newest.astimezone(UTC)), lines))


def read_signers(source: BinaryIO) -> ReadList:
    """Read a list of trusted signers, in YAML or JSON; it is kept as it came.

    Raises:
        InputRefused: when something in it is not as it should be; the message says where.
    """
    data = source.read(signers.MOST_BYTES + 1)
    return ReadList(len(signers.read(data)), iter([data]))


READERS: Mapping[str, Reader] = {
    ReferenceList.Kind.ADVISORIES: read_advisories,
    ReferenceList.Kind.SIGNERS: read_signers,
}
"""Which function reads a list of each kind."""


def reader_for(kind: str) -> Reader:
    """Return what reads a kind of list.

    Raises:
        InputRefused: when there is no such kind.
    """
    if kind not in READERS:
        raise InputRefused(f"There is no list of the kind {kind!a:.60}. There is: {_kinds()}.")
    return READERS[kind]


def _kinds() -> str:
    return ", ".join(str(kind) for kind in READERS)
