"""What worker and confined process say to each other: framed MessagePack over a socket pair."""

import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from apps.validation.checks.contract import Severity, Source
from apps.validation.checks.recorded import Champion, Edge, Record, WrittenDocument

MOST_FRAME = 32 * 2**20
"""The most bytes of one message; a process that says more is ended."""
_LENGTH = struct.Struct("!I")


class Broken(Exception):
    """The other side says what it may not, or is gone."""


class Gone(Broken):
    """The other side is gone."""


class FileLine(msgspec.Struct, frozen=True):
    """A file as the manifest names it."""

    path: str
    sha256: str
    size: int
    kind: str = ""
    since: str = ""


class Job(msgspec.Struct, frozen=True, tag="job"):
    """What is to be examined, and by which function with which parameters."""

    function: str
    takes: str
    parameters: dict[str, Any]
    digest: str
    files: Sequence[FileLine]
    signature: dict[str, Any] | None
    input_example: Any
    is_prompt: bool
    record: Record
    champion: Champion | None
    lineage: Sequence[Edge]
    documents: Sequence[WrittenDocument]
    attached: Sequence[FileLine]
    lists: Mapping[Source, FileLine]


class Step(msgspec.Struct, frozen=True, tag="step"):
    """The place under examination."""

    place: str


class Wanted(msgspec.Struct, frozen=True, tag="wanted"):
    """The confined process asks for the bytes of a file; a descriptor answers."""

    sha256: str


class Found(msgspec.Struct, frozen=True):
    """One problem."""

    code: str
    severity: Severity
    place: str
    text: str
    remedy: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The check came to its end."""

    summary: str
    problems: Sequence[Found]
    facts: dict[str, Any]
    evidence: Any
    tools: dict[str, str]
    walls: Sequence[str]


class Crashed(msgspec.Struct, frozen=True, tag="crashed"):
    """The check stopped with an error of its own."""

    kind: str
    trace: str


Said = Step | Wanted | Done | Crashed

_encode = msgspec.msgpack.Encoder().encode
_job: Callable[[bytes], Job] = msgspec.msgpack.Decoder(Job).decode
_said: Callable[[bytes], Said] = msgspec.msgpack.Decoder(Said).decode


def _patiently() -> None:
    """Wait as long as it takes."""


def send(
    line: socket.socket, message: Job | Said, waiting: Callable[[], None] = _patiently
) -> None:
    """Send a message whole, however long the other side takes to begin reading.

    Args:
        waiting: called each time the line's timeout passes meanwhile.

    Raises:
        Broken: when the other side is gone, or the message is too long.
    """
    data = _encode(message)
    if len(data) > MOST_FRAME:
        raise Broken(
            f"a message of {len(data):,} bytes is more than the {MOST_FRAME:,} it may have"
        )
    left = memoryview(_LENGTH.pack(len(data)) + data)
    while left:
        try:
            left = left[line.send(left) :]
        except TimeoutError:
            waiting()
        except OSError as gone:
            raise Gone from gone


def receive_job(line: socket.socket) -> Job:
    """Wait for the job."""
    return _job(_frame(line, _patiently))


def receive(line: socket.socket, waiting: Callable[[], None]) -> Said:
    """Wait for what the confined process says next.

    Args:
        waiting: called each time some bytes came, or the line's timeout passed without any: a
            process that stops in the middle of a message keeps nobody waiting for good.

    Raises:
        Broken: when it is gone or talks nonsense.
    """
    try:
        return _said(_frame(line, waiting))
    except msgspec.DecodeError as nonsense:
        raise Broken(f"it sent a message nobody understands ({nonsense})") from nonsense


def hand_over(line: socket.socket, descriptor: int | None) -> None:
    """Answer a wish for a file with its open descriptor, or with nothing when it is gone."""
    try:
        if descriptor is None:
            line.sendall(b"-")
        else:
            socket.send_fds(line, [b"+"], [descriptor])
    except OSError as gone:
        raise Gone from gone


def take(line: socket.socket) -> int | None:
    """Return the descriptor of the file that was asked for, or nothing when it is gone."""
    mark, descriptors, _, _ = socket.recv_fds(line, 1, 1)
    if mark == b"-":
        return None
    if mark != b"+" or len(descriptors) != 1:
        raise Broken("no file came")
    return descriptors[0]


def _frame(line: socket.socket, waiting: Callable[[], None]) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size, waiting))
    if length > MOST_FRAME:
        raise Broken(f"it sent a message of {length:,} bytes, more than it may")
    return _exactly(line, length, waiting)


def _exactly(line: socket.socket, size: int, waiting: Callable[[], None]) -> bytes:
    data = bytearray()
    while len(data) < size:
        waiting()
        try:
            piece = line.recv(min(size - len(data), 2**20))
        except TimeoutError:
            continue
        except OSError as gone:
            raise Gone from gone
        if not piece:
            raise Gone
        data += piece
    return bytes(data)
