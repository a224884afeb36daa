"""Places outside the database that keep checkpoints, so that the log cannot be put back unseen."""

import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from django.conf import settings

from apps.audit.log.notes import BadNote, Checkpoint, Note
from apps.audit.sealing.states import LogBroken

LOCAL = "local"
"""The name of the folder beside the data: whoever can change the data can change it too."""


class AnchorAway(Exception):
    """A place cannot be reached or written to now."""


class Anchor(Protocol):
    """A place that keeps checkpoints."""

    @property
    def name(self) -> str: ...
    @property
    def is_required(self) -> bool: ...
    @property
    def is_outside(self) -> bool: ...

    def keep(self, checkpoint: Checkpoint, note: str) -> str:
        """Take a checkpoint into keeping; return what tells where it is.

        Raises:
            AnchorAway: when that cannot be done now.
            LogBroken: when it holds another checkpoint of that log and size.
        """
        ...

    def kept(self, origin: str) -> Iterator[str]:
        """Yield the notes of a log that are kept there, the largest first.

        Raises:
            AnchorAway: when it cannot be read now.
        """
        ...


class FolderAnchor:
    """A folder, best on another host or a write-once mount: a file a checkpoint, never replaced."""

    def __init__(self, name: str, folder: Path, *, is_required: bool) -> None:
        self.name = name
        self.folder = folder
        self.is_required = is_required

    @property
    def is_outside(self) -> bool:
        return self.name != LOCAL

    def keep(self, checkpoint: Checkpoint, note: str) -> str:
        home = self.folder / checkpoint.origin
        place = home / f"{checkpoint.size:019}.note"
        try:
            home.mkdir(parents=True, exist_ok=True)
            _write_whole(place, note)
        except (OSError, UnicodeError, BadNote) as problem:
            raise AnchorAway(f"{place}: {problem}") from None
        return str(place)

    def kept(self, origin: str) -> Iterator[str]:
        try:
            for place in sorted((self.folder / origin).glob("[0-9]*.note"), reverse=True):
                yield place.read_text("utf-8")
        except (OSError, UnicodeError) as problem:
            raise AnchorAway(str(problem)) from None


def _write_whole(place: Path, note: str) -> None:
    """Write a file that is there whole or not at all, and is on the disk when this returns.

    Raises:
        LogBroken: when there is one that says something else.
    """
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, place)
    except FileExistsError:
        if Note.read(place.read_text("utf-8")).text != Note.read(note).text:
            raise LogBroken(f"{place} holds another checkpoint of this size.") from None
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def configured() -> Sequence[Anchor]:
    """Return the places the operator named."""
    return [
        FolderAnchor(
            name,
            Path(place.removeprefix("folder:")),
            is_required=name in settings.ANCHORS_REQUIRED,
        )
        for name, place in settings.ANCHORS.items()
    ]
