"""The worker's side: starts the process, hands over files, watches limits, takes the outcome."""

import contextlib
import importlib.util
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from apps.validation.checks.contract import (
    Check,
    ExaminedFile,
    ExaminedVersion,
    Outcome,
    Parameters,
    Problem,
    Progress,
    Severity,
)
from apps.validation.confined import wire

ROOT = Path(__file__).resolve().parents[3]
START = (
    "import sys; sys.path[:0] = sys.argv.pop(1).split(chr(10)); sys.argv[0] = 'confined'; "
    "import runpy; runpy.run_module('apps.validation.confined.child', run_name='__main__')"
)
PIECE = 2**20
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""All the environment there is: walls close around one thread, so libraries must not start more."""
BETWEEN_LOOKS = 1.0
"""Seconds after which a silent process is looked after: its time, and whether the run is ours."""

ENDED = "it stopped without saying what it found"
REMEDY = (
    "Look at the file named here. If it is what it should be, ask the operator for more time or "
    "memory for this check, and run it again."
)


class CheckCrashed(Exception):
    """The check stopped with an error of its own; the text names it, ``trace`` tells where."""

    def __init__(self, kind: str, trace: str) -> None:
        super().__init__(kind)
        self.kind, self.trace = kind, trace


def carry_out(
    check: Check, version: ExaminedVersion, progress: Progress, parameters: Parameters
) -> Outcome:
    """Examine a version in a confined process.

    A process that takes too long or too much, or is ended by what it read, has not examined the
    version: the outcome says so as a grave problem, and is never a pass.

    Raises:
        CheckCrashed: when the check itself is at fault.
    """
    with _process(check) as (process, line):

        def ending(broken: wire.Broken) -> str:
            return _how_it_ended(process, broken)

        return converse(line, check, version, progress, parameters, ending=ending)


def converse(
    line: socket.socket,
    check: Check,
    version: ExaminedVersion,
    progress: Progress,
    parameters: Parameters,
    *,
    ending: Callable[[wire.Broken], str],
) -> Outcome:
    """Have the process at the other end examine a version.

    Args:
        ending: why the conversation broke off, in words.
    """
    line.settimeout(BETWEEN_LOOKS)
    talk = _Talk(check, version, progress, line)
    try:
        wire.send(line, _job(check, version, parameters), talk.look_after)
        return talk.outcome()
    except _OutOfTime:
        return _not_examined(talk.place, f"it took more than {check.seconds:,} seconds")
    except wire.Broken as broken:
        return _not_examined(talk.place, ending(broken))


class _OutOfTime(Exception):
    pass


class _Talk:
    """One conversation, until the outcome is there or the time is over."""

    def __init__(
        self, check: Check, version: ExaminedVersion, progress: Progress, line: socket.socket
    ) -> None:
        self.place = "the beginning"
        self._check, self._progress, self._line = check, progress, line
        named = (*version.files, *version.attached, *version.lists.values())
        self._files: dict[str, ExaminedFile] = {file.sha256: file for file in named}
        self._until = time.monotonic() + check.seconds

    def outcome(self) -> Outcome:
        """Serve the process until it is done."""
        while True:
            said = wire.receive(self._line, self.look_after)
            if isinstance(said, wire.Step):
                self.place = said.place
            elif isinstance(said, wire.Wanted):
                self._hand_over(said.sha256)
            elif isinstance(said, wire.Done):
                return _outcome(said)
            elif said.kind == MemoryError.__name__:
                raise wire.Broken(f"it took more than {self._check.memory:,} MiB of memory")
            else:
                raise CheckCrashed(said.kind, said.trace)

    def look_after(self) -> None:
        """Say how far it has come, and end it when its time is over."""
        self._progress(self.place)
        if time.monotonic() > self._until:
            raise _OutOfTime

    def _hand_over(self, sha256: str) -> None:
        file = self._files.get(sha256)
        if file is None:
            raise wire.Broken("it asked for a file that is none of the version's")
        try:
            stream = file.open()
        except FileNotFoundError:
            wire.hand_over(self._line, None)
            return
        with stream, _on_disk(stream, self.look_after) as descriptor:
            wire.hand_over(self._line, descriptor)


@contextmanager
def _process(check: Check) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    ours, theirs = socket.socketpair()
    limits = (str(theirs.fileno()), str(check.memory), str(check.seconds))
    places = "\n".join(_import_places(check))
    command = (sys.executable, "-I", "-c", START, places, *limits, check.function, check.takes)
    with ours, theirs:
        process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=ONE_THREAD,
            cwd="/",
        )
        theirs.close()
        try:
            yield process, ours
        finally:
            process.kill()
            process.wait()


def _import_places(check: Check) -> list[str]:
    """Return where the process imports from beside what is installed: here, and the check's home.

    It starts without the worker's own search path, on which other people's checks may lie.
    """
    top, _, _ = check.function.partition(":")[0].partition(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        return [str(ROOT)]
    home = Path(spec.origin).resolve().parents[1 if spec.submodule_search_locations else 0]
    return [str(ROOT)] if home == ROOT else [str(ROOT), str(home)]


@contextmanager
def _on_disk(stream: BinaryIO, look_after: Callable[[], None]) -> Iterator[int]:
    """Return a descriptor of a stream's bytes, copied aside when it is no file of this machine."""
    try:
        descriptor = stream.fileno()
    except (OSError, AttributeError):  # io.UnsupportedOperation among them
        with tempfile.TemporaryFile() as copy:
            while piece := stream.read(PIECE):
                copy.write(piece)
                look_after()
            copy.seek(0)
            yield copy.fileno()
    else:
        yield descriptor


def _job(check: Check, version: ExaminedVersion, parameters: Parameters) -> wire.Job:
    return wire.Job(
        function=check.function,
        takes=check.takes,
        parameters=msgspec.to_builtins(parameters),
        digest=version.digest,
        files=_lines(version.files),
        signature=version.signature,
        input_example=version.input_example,
        is_prompt=version.is_prompt,
        record=version.record,
        champion=version.champion,
        lineage=version.lineage,
        documents=version.documents,
        attached=_lines(version.attached),
        lists={source: _line(file) for source, file in version.lists.items()},
    )


def _lines(files: Iterable[ExaminedFile]) -> list[wire.FileLine]:
    return [_line(file) for file in files]


def _line(file: ExaminedFile) -> wire.FileLine:
    return wire.FileLine(file.path, file.sha256, file.size, file.kind, file.since)


def _outcome(done: wire.Done) -> Outcome:
    problems = tuple(
        Problem(found.code, found.severity, found.place, found.text, found.remedy)
        for found in done.problems
    )
    facts = {**done.facts, "confined_by": list(done.walls)}
    return Outcome(done.summary, problems, facts, done.evidence, done.tools)


def _not_examined(place: str, why: str) -> Outcome:
    text = f"The examination was ended: {why}."
    problem = Problem("not_examined", Severity.HIGH, place, text, REMEDY)
    return Outcome(f"Not examined: {why}.", (problem,))


def _how_it_ended(process: subprocess.Popen[bytes], broken: wire.Broken) -> str:
    """Return why a conversation broke off, as far as the process's end tells."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=BETWEEN_LOOKS)
    status = process.poll()
    if status is None or status >= 0:
        return ENDED if isinstance(broken, wire.Gone) else str(broken)
    if -status == signal.SIGXCPU:
        return "it took more processor time than it may"
    return f"what it read ended the process ({signal.Signals(-status).name})"
