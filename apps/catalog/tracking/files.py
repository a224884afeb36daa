"""Files of runs and logged models: written by who started them, and written again if need be.

The bytes go through the artifact store before a row names them, so a file that broke off on its way
in is never seen. A version that was registered from a file keeps the artifact it was given.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.catalog import places, store
from apps.catalog.ingest import MOST_MEDIA_TYPE, PLAIN
from apps.catalog.manifest import folded, require_label
from apps.catalog.models import LoggedModel, Run, TrackedFile
from apps.catalog.outgoing import Download, opened
from apps.catalog.store import Expected, Source, StoredBytes
from apps.catalog.tracking import rights
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotFound, RuleBroken
from apps.core.inputs import require_text

Home = Run | LoggedModel


@dataclass(frozen=True, order=True)
class Entry:
    """A file or a folder directly within a folder; a folder has no size."""

    name: str
    size: int | None = None

    @property
    def is_folder(self) -> bool:
        return self.size is None


def write(
    home: Home,
    path: str,
    source: Source,
    *,
    by: Actor,
    declared_size: int | None = None,
    media_type: str = "",
) -> TrackedFile:
    """Store a file and give it its path; a file that was there under this path is replaced.

    Raises:
        RuleBroken: when the path, the bytes, or their number and size are not what may be.
    """
    _require_writable(home, by=by)
    places.require_path(path)
    require_text(media_type, "The media type", MOST_MEDIA_TYPE)
    expected = Expected(size=declared_size, most=places.room_in(_files(home), path))
    stored = store.artifacts().receive(source, expected)
    with transaction.atomic():
        _lock(home)
        _require_writable(home, by=by)
        return _name(home, path, stored, media_type=media_type or PLAIN)


def remove(home: Home, path: str, *, by: Actor) -> int:
    """Take a file away, or a folder with all it holds, or everything for the path ``""``.

    The artifacts stay: other runs and versions may name them.
    """
    rights.require_writer(by, home)
    with transaction.atomic():
        _lock(home)
        gone = [pk for pk, *_ in _within(_files(home), path)]
        for start in range(0, len(gone), _AT_ONCE):
            TrackedFile.objects.filter(pk__in=gone[start : start + _AT_ONCE]).delete()
    if not gone and path:
        raise NotFound("There is no file or folder of that path.")
    return len(gone)


def listed(home: Home, folder: str = "") -> list[Entry]:
    """Return what lies directly within a folder, in order of name; nothing when there is none."""
    return entries(_files(home), folder)


def open_file(home: Home, path: str) -> Download:
    """Open a file of a run or logged model that the caller may see."""
    require_label(path)
    file = _files(home).filter(path=path).select_related("artifact").first()
    if file is None:
        raise NotFound("There is no file of that path.")
    return opened(path, file.artifact)


def entries(files: QuerySet[Any], folder: str = "") -> list[Entry]:
    """Return what lies directly within a folder of some files, in order of name."""
    start = len(folder) + 1 if folder else 0
    found: dict[str, Entry] = {}
    for _, path, size in _within(files, folder):
        name, slash, _ = path[start:].partition("/")
        if name:
            found[name] = Entry(name, None if slash else size)
    return [found[name] for name in sorted(found)]


_AT_ONCE = 500


def _files(home: Home) -> QuerySet[TrackedFile]:
    return home.files.all()


def _within(files: QuerySet[Any], path: str) -> Iterator[tuple[int, str, int]]:
    """Yield the id, path and size of a file, or of all files within a folder.

    The database narrows by the folded form, which every database compares alike.
    """
    if path:
        require_label(path)
        files = files.filter(folded_path__startswith=folded(path))
    for pk, held, size in files.values_list("pk", "path", "artifact__size"):
        if not path or held == path or held.startswith(f"{path}/"):
            yield pk, held, size


def _name(home: Home, path: str, stored: StoredBytes, *, media_type: str) -> TrackedFile:
    files, now = _files(home), database_now()
    places.require_no_clash(files, path)
    places.require_room(files, path, stored.size)
    facts = {
        "artifact": places.artifact_of(stored, at=now),
        "media_type": media_type,
        "written_at": now,
    }
    file, _ = files.update_or_create(
        **_key(home),
        path=path,
        defaults=facts,
        create_defaults={**facts, "folded_path": folded(path)},
    )
    return file


def _key(home: Home) -> dict[str, Home]:
    return {"run": home} if isinstance(home, Run) else {"logged_model": home}


def _require_writable(home: Home, *, by: Actor) -> None:
    rights.require_writer(by, home)
    if home.deleted_at is not None:
        raise RuleBroken(f"{home} is deleted. Restore it to write to it.")


def _lock(home: Home) -> None:
    """Let one writer after the other name files here, each seeing what the last one named."""
    held = type(home).objects.select_for_update().filter(pk=home.pk).first()
    if held is None:
        raise NotFound("This is not there any more.")
    home.deleted_at = held.deleted_at
