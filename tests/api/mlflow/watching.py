"""Watches what a process opens, makes, moves, removes and connects to."""

import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

_ON_FILES = frozenset(
    "open os.listdir os.scandir os.remove os.rename os.rmdir os.mkdir os.link os.symlink os.chmod "
    "os.truncate os.utime".split()
)
_NEVER = frozenset("socket.connect socket.getaddrinfo subprocess.Popen os.system os.exec".split())
_watchers: list[list[tuple[str, str]]] = []


def _see(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watchers:
        return
    if event in _ON_FILES:
        places = [place for place in arguments[:2] if isinstance(place, str | bytes | Path)]
        seen = [
            (event, str(place.decode() if isinstance(place, bytes) else place)) for place in places
        ]
        _watchers[-1].extend(seen[:1] if event == "open" else seen)
    elif event in _NEVER:
        _watchers[-1].append((event, repr(arguments)))


sys.addaudithook(_see)  # can never be taken off again, so it is silent unless somebody watches


@contextmanager
def nothing_outside_is_touched() -> Iterator[None]:
    """Fail when anything but the data folder and the program itself is touched meanwhile."""
    seen: list[tuple[str, str]] = []
    _watchers.append(seen)
    try:
        yield
    finally:
        _watchers.remove(seen)
    outside = [(event, place) for event, place in seen if not _is_ours(event, place)]
    if outside:
        raise AssertionError(f"Touched meanwhile: {outside}")


def _is_ours(event: str, place: str) -> bool:
    if event in _NEVER:
        return _is_bucket(place)
    where = Path(place).resolve()
    return any(where.is_relative_to(folder) for folder in _own_folders())


def _is_bucket(place: str) -> bool:
    """Say whether a connection goes to the configured store, where artifacts lie in a bucket."""
    options = settings.STORAGES["artifacts"]["OPTIONS"]
    where = urlsplit(options.get("endpoint_url") or "")
    return bool(where.port) and f"'{where.hostname}', {where.port}" in place


def _own_folders() -> set[Path]:
    """Return where the program and its libraries lie, and what it keeps."""
    python = [Path(path) for path in sysconfig.get_paths().values()]
    code = [Path(settings.BASE_DIR) / part for part in ("apps", "registry_site", "templates")]
    return {path.resolve() for path in (*python, *code, Path(settings.DATA))}
