"""The confined process: closes its walls, takes the job, examines, and says what it found."""

import codecs
import importlib
import io
import os
import socket
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import msgspec

from apps.validation.checks.contract import Outcome, Source
from apps.validation.checks.recorded import Champion, Edge, Record, WrittenDocument
from apps.validation.confined import wire
from apps.validation.confined.walls import close, end_with_parent

MOST_TRACE = 20_000
ENCODINGS = """ascii cp437 cp1252 idna latin-1 raw_unicode_escape unicode_escape utf-8 utf-8-sig
    utf-16 utf-16-be utf-16-le utf-32 utf-32-be utf-32-le""".split()


@dataclass(frozen=True)
class HandedFile:
    """A file of a version whose bytes the worker hands over when they are asked for."""

    path: str
    sha256: str
    size: int
    line: socket.socket
    kind: str = ""
    since: str = ""

    def open(self) -> BinaryIO:
        wire.send(self.line, wire.Wanted(self.sha256))
        descriptor = wire.take(self.line)
        if descriptor is None:
            raise FileNotFoundError(self.path)
        return io.BufferedReader(io.FileIO(descriptor, "rb", closefd=True), 2**20)


@dataclass(frozen=True)
class HandedVersion:
    """What the job says about the version."""

    digest: str
    files: Sequence[HandedFile]
    signature: dict[str, object] | None
    input_example: object | None
    is_prompt: bool
    record: Record
    champion: Champion | None
    lineage: Sequence[Edge]
    documents: Sequence[WrittenDocument]
    attached: Sequence[HandedFile]
    lists: Mapping[Source, HandedFile]
    walls: Sequence[str]
    """Which walls are closed around the process; a check that runs models asks."""


def main(arguments: Sequence[str]) -> None:
    """Serve one job over the socket whose number is given: ``3 512 600 module:function …``."""
    end_with_parent()
    number, memory, seconds, *to_import = arguments
    line = socket.socket(fileno=int(number))
    try:
        # What is imported later would lie behind the walls.
        for name in to_import:
            _named(name)
        for name in ENCODINGS:
            codecs.lookup(name)
        walls = close(int(memory), int(seconds))
        wire.send(line, _examined(wire.receive_job(line), line, walls))
    except wire.Broken:
        return
    except BaseException as error:
        trace = "".join(traceback.format_exception(error))[-MOST_TRACE:]
        wire.send(line, wire.Crashed(type(error).__name__, trace))


def _examined(job: wire.Job, line: socket.socket, walls: Sequence[str]) -> wire.Done:
    examine = _named(job.function)
    parameters = msgspec.convert(job.parameters, _named(job.takes), strict=False)

    def progress(place: str) -> None:
        wire.send(line, wire.Step(place))

    outcome = cast(Outcome, examine(_version(job, line, walls), progress, parameters))
    return wire.Done(
        outcome.summary,
        [
            wire.Found(found.code, found.severity, found.place, found.text, found.remedy)
            for found in outcome.problems
        ],
        outcome.facts,
        outcome.evidence,
        dict(outcome.tools),
        walls,
    )


def _version(job: wire.Job, line: socket.socket, walls: Sequence[str]) -> HandedVersion:
    def handed(file: wire.FileLine) -> HandedFile:
        return HandedFile(file.path, file.sha256, file.size, line, file.kind, file.since)

    return HandedVersion(
        digest=job.digest,
        files=tuple(map(handed, job.files)),
        signature=job.signature,
        input_example=job.input_example,
        is_prompt=job.is_prompt,
        record=job.record,
        champion=job.champion,
        lineage=job.lineage,
        documents=job.documents,
        attached=tuple(map(handed, job.attached)),
        lists={source: handed(file) for source, file in job.lists.items()},
        walls=walls,
    )


def _named(place: str) -> Any:
    """Return what ``module:name`` stands for."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # what the check left behind has no say in how the process ends
