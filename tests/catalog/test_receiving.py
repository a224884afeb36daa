"""Files that come by page: spooled and hashed on the way, refused in words, never left behind."""

import errno
import hashlib
import io
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import HttpRequest, UnreadablePostError
from django.test import RequestFactory
from pytest_django import Settings

from apps.accounts.access import ActorRequest
from apps.catalog import receiving
from apps.catalog.receiving import HashingUploadHandler, SpooledFile, takes_files
from apps.catalog.store import StoreFull
from apps.core.actors import ANONYMOUS, Actor, Auth, Door, Kind
from apps.core.inputs import InputRefused

PERSON = Actor("usr_1", Kind.USER, Door.WEB, auth=Auth.SESSION)
CONTENT = b"weights" * 400_000  # several pieces


@takes_files
def taking(request: ActorRequest) -> None:
    """Stand for a page that takes files."""


def not_taking(request: ActorRequest) -> None:
    """Stand for every other page."""


def sent(
    *files: tuple[str, bytes], view: Any = taking, actor: Actor = PERSON, **extra: Any
) -> HttpRequest:
    """Return a request as it is when a view is about to read its form."""
    data = {
        f"file{number}": SimpleUploadedFile(name, content)
        for number, (name, content) in enumerate(files)
    }
    request = RequestFactory().post("/", {"said": "yes", **data}, **extra)
    request.resolver_match = SimpleNamespace(func=view)  # type: ignore[assignment]
    request.actor = actor  # type: ignore[attr-defined]
    request.upload_handlers = [HashingUploadHandler(request)]
    return request


def file_of(request: HttpRequest, name: str = "file0") -> SpooledFile:
    found: UploadedFile | Any = request.FILES[name]
    assert isinstance(found, SpooledFile)
    return found


def waiting() -> list[Path]:
    return list(Path(settings.INCOMING).glob("page-*"))


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    assert waiting() == []


def test_a_file_is_hashed_as_it_arrives_and_closed_to_others() -> None:
    request = sent(("weights.bin", CONTENT), ("empty", b""))

    file = file_of(request)
    stored = file.require_whole()

    assert (stored.sha256, stored.size) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    assert file.path.read_bytes() == CONTENT
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert file.name == "weights.bin"
    assert file_of(request, "file1").require_whole().size == 0
    assert request.POST["said"] == "yes"
    request.close()


def test_the_name_of_a_file_says_nothing_about_where_it_waits() -> None:
    request = sent(("../../etc/" + "x" * 300 + ".%2fweird ext", b"1"))

    assert file_of(request).path.parent == Path(settings.INCOMING)
    request.close()


def test_a_file_the_store_took_is_not_missed() -> None:
    request = sent(("a", b"1"))
    file_of(request).path.unlink()

    request.close()


@pytest.mark.parametrize(
    ("view", "actor"), [(not_taking, PERSON), (taking, ANONYMOUS), (None, PERSON)]
)
def test_files_sent_to_a_page_that_takes_none_or_by_strangers_are_dropped(
    view: Any, actor: Actor
) -> None:
    request = sent(("a", CONTENT), view=view, actor=actor)

    assert not request.FILES
    assert request.POST["said"] == "yes"
    assert waiting() == []


def test_a_request_nobody_placed_yet_brings_no_files() -> None:
    request = sent(("a", CONTENT))
    request.resolver_match = None
    del request.actor  # type: ignore[attr-defined]

    assert not request.FILES


def test_a_file_beyond_the_limit_is_refused_and_forgotten_while_others_stay(
    settings: Settings,
) -> None:
    settings.MOST_FILE_BYTES = 10
    request = sent(("big", CONTENT), ("small", b"1234567890"))

    with pytest.raises(InputRefused, match=r"A file holds at most 10.bytes"):
        file_of(request).require_whole()
    assert file_of(request).path.stat().st_size == 0
    assert file_of(request, "file1").require_whole().size == 10
    request.close()


def test_a_full_disk_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path) -> None:
        raise StoreFull

    monkeypatch.setattr(receiving, "require_room", full)
    request = sent(("a", CONTENT))

    with pytest.raises(StoreFull, match="nearly full"):
        file_of(request).require_whole()
    request.close()


class Broken:
    """A body whose sender goes away in the middle."""

    def __init__(self, body: bytes) -> None:
        self._rest = body

    def read(self, size: int = -1) -> bytes:
        piece, self._rest = self._rest[:size], self._rest[size:]
        if not piece:
            raise OSError("connection reset")
        return piece


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9999])
@pytest.mark.parametrize("ends", [Broken, io.BytesIO], ids=["reset", "short"])
def test_g6_a_sender_who_goes_away_leaves_no_file(
    share: float, ends: Callable[[bytes], Any]
) -> None:
    body = sent(("whole", b"1"), ("cut", CONTENT)).read()
    request = sent(("whole", b"1"), ("cut", CONTENT))
    request._stream = ends(body[: int(len(body) * share)])

    try:
        request.FILES  # noqa: B018 - reads the form
    except UnreadablePostError:
        assert ends is Broken
    request.close()

    assert waiting() == []


def test_g9_a_disk_that_fills_while_a_file_comes_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(handle: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(receiving, "_write", full)
    request = sent(("a", CONTENT))

    with pytest.raises(StoreFull, match="nearly full"):
        file_of(request).require_whole()
    request.close()


def test_g9_a_disk_that_breaks_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(handle: int, data: bytes) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(receiving, "_write", broken)
    request = sent(("a", CONTENT))

    with pytest.raises(OSError, match="Input/output"):
        request.FILES  # noqa: B018 - reads the form
