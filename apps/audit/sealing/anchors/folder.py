"""A folder that keeps checkpoints, best on another host or a write-once mount."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from apps.audit.log.notes import BadNote, Checkpoint, Note
from apps.audit.sealing.anchors.contract import FROM_NOTHING, Anchor, AnchorAway, Growth
from apps.audit.sealing.states import LogBroken


class FolderAnchor(Anchor):
    """A file a checkpoint, never replaced."""

    def __init__(self, name: str, folder: Path, *, is_required: bool) -> None:
        super().__init__(name, is_required=is_required)
        self.folder = folder

    def keep(self, checkpoint: Checkpoint, note: str, growth: Growth = FROM_NOTHING) -> str:
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
