"""The folder a deployer and the model server share: orders go in, states come out.

``orders/<environment>/<service>.json`` says what is to be served, ``states/…`` what is, and
``contents/<digest>/`` holds the files of a version. Files are replaced whole, never written over.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_ORDERS, _STATES, _CONTENTS = "orders", "states", "contents"


@dataclass(frozen=True)
class Served:
    """One version to serve from a folder of contents, with its part in the traffic."""

    called: str
    content: str
    role: str
    share: int


@dataclass(frozen=True)
class Ordered:
    """What is to be served as one service; nothing once it is withdrawn."""

    number: int
    parts: Sequence[Served] = ()


@dataclass(frozen=True)
class Answering:
    """One version that answers; ``digest`` is of the bytes that were loaded, whatever was said."""

    called: str
    digest: str
    share: int
    requests: int


@dataclass(frozen=True)
class State:
    """What a service does: the number of the order it follows, and what keeps it from that."""

    number: int
    parts: Sequence[Answering] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Folder:
    """The shared folder, read and written piece by piece."""

    path: Path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other writers of orders out for as long as the block lasts."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def order(self, environment: str, service: str) -> Ordered | None:
        """Return what was ordered of a service, if anything ever was."""
        found = _read(self._file(_ORDERS, environment, service))
        if found is None:
            return None
        return Ordered(found["number"], tuple(Served(**part) for part in found["parts"]))

    def put_order(self, environment: str, service: str, order: Ordered) -> None:
        """Order a service, in place of what was ordered of it before."""
        _write(self._file(_ORDERS, environment, service), asdict(order))

    def orders(self) -> Iterator[tuple[str, str]]:
        """Yield environment and service of each order, in order of their names."""
        for file in sorted((self.path / _ORDERS).glob("*/*.json")):
            yield file.parent.name, file.stem

    def state(self, environment: str, service: str) -> State | None:
        """Return what a service said of itself last."""
        found = _read(self._file(_STATES, environment, service))
        if found is None:
            return None
        parts = tuple(Answering(**part) for part in found["parts"])
        return State(found["number"], parts, found["trouble"])

    def put_state(self, environment: str, service: str, state: State) -> None:
        """Say what a service does."""
        _write(self._file(_STATES, environment, service), asdict(state))

    def content(self, digest: str) -> Path:
        """Return where the files of a version lie, by the digest of its content."""
        return self.path / _CONTENTS / digest.removeprefix("sha256:")

    def clear(self, *, before: float) -> None:
        """Remove the contents no order names, if they came before a moment (seconds of the epoch).

        Whoever serves one has read it by then.
        """
        orders = [self.order(*place) for place in self.orders()]
        named = {self.content(part.content) for order in orders if order for part in order.parts}
        for content in (self.path / _CONTENTS).glob("*"):
            if content not in named and content.stat().st_mtime < before:
                shutil.rmtree(content, ignore_errors=True)

    def _file(self, kind: str, environment: str, service: str) -> Path:
        return self.path / kind / environment / f"{service}.json"


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    return found


def _write(file: Path, value: Mapping[str, object]) -> None:
    """Replace a file at once, so that a reader sees the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "w") as written:
            json.dump(value, written, sort_keys=True)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
