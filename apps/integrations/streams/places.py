"""Gives lines to the place a stream goes to; who returns without a word has given them all."""

import fcntl
import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from apps.core import deliveries, outbound
from apps.core.errors import DomainError
from apps.integrations.streams import syslog
from apps.integrations.streams.lines import StreamLine
from apps.integrations.streams.targets import FileTarget, HookTarget, Stream, SyslogTarget

LINES = "application/x-ndjson"


class NotTaken(Exception):
    """The place did not take the lines, or not surely all of them; the message says why."""


def give(stream: Stream, lines: Sequence[StreamLine]) -> None:
    """Give lines to a stream's place, in order.

    Raises:
        NotTaken: when it is not sure that all of them are there.
    """
    target = stream.target
    try:
        if isinstance(target, FileTarget):
            _add(Path(target.path), lines)
        elif isinstance(target, SyslogTarget):
            syslog.send(target, lines)
        else:
            _post(stream.name, target, lines)
    except DomainError as refusal:
        raise NotTaken(str(refusal)) from None
    except OSError as problem:
        raise NotTaken(f"{target}: {problem.strerror or problem}") from None


def _add(path: Path, lines: Sequence[StreamLine]) -> None:
    """Add lines to a file, which is opened anew each time, and wait until they are on the disk.

    A line that was cut short by a crash is closed first, and comes again whole.
    """
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
    with os.fdopen(handle, "ab", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotTaken(f"{path} is no file.")
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        torn = b"\n" if size and os.pread(handle, 1, size - 1) != b"\n" else b""
        _write_all(handle, torn + _text(lines))
        os.fsync(file.fileno())
    if is_new:
        _sync_folder(path.parent)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _post(name: str, target: HookTarget, lines: Sequence[StreamLine]) -> None:
    """Post lines, signed as webhooks are; the same lines bear the same delivery id each time."""
    body = _text(lines)
    headers = deliveries.headers(
        body,
        delivery=f"{name}:{lines[0].seq}-{lines[-1].seq}",
        timestamp=int(time.time()),
        secret=settings.STREAM_SECRET,
    )
    status = outbound.post(target.url, body, headers={**headers, "Content-Type": LINES})
    if not 200 <= status < 300:
        raise NotTaken(f"The address answered with status {status}.")


def _text(lines: Sequence[StreamLine]) -> bytes:
    return "".join(f"{line.text}\n" for line in lines).encode("ascii")
