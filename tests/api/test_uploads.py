"""Files come in by the API: whole, under clean paths, and seen by their sender alone."""

import hashlib
import uuid
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from apps.accounts.scopes import Scope
from apps.catalog import store
from apps.catalog.models import Artifact, Upload, UploadFile
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of

pytestmark = pytest.mark.django_db

BYTES = b"the weights of a model"
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def upload(caller: Caller) -> str:
    """The address of a fresh upload."""
    return f"/uploads/{said(caller.post('/uploads'), 201)['id']}"


def test_a_file_is_stored_under_its_digest_and_named_in_the_upload(
    caller: Caller, upload: str
) -> None:
    file = said(caller.put(f"{upload}/files/model/weights.bin", BYTES))

    assert file == {
        "path": "model/weights.bin",
        "sha256": SHA256,
        "size": len(BYTES),
        "media_type": "application/octet-stream",
    }
    assert said(caller.get(upload))["files"] == [file]
    with store.open(SHA256) as kept:
        assert kept.read() == BYTES


def test_an_upload_says_when_it_expires_and_which_files_it_holds(
    caller: Caller, upload: str
) -> None:
    shown = said(caller.get(upload))

    assert shown["files"] == []
    assert shown["taken_at"] is None
    assert shown["expires_at"] > shown["started_at"]


def test_the_same_file_once_more_changes_nothing_and_another_one_is_refused(
    caller: Caller, upload: str
) -> None:
    first = said(caller.put(f"{upload}/files/a", BYTES))

    assert said(caller.put(f"{upload}/files/a", BYTES)) == first
    assert "another file" in refusal(caller.put(f"{upload}/files/a", b"other"), 409)["detail"]
    assert (
        "differ at most in case" in refusal(caller.put(f"{upload}/files/A", BYTES), 400)["detail"]
    )
    assert "also a file" in refusal(caller.put(f"{upload}/files/a/b", BYTES), 400)["detail"]


def test_a_file_can_be_taken_out_again(caller: Caller, upload: str) -> None:
    said(caller.put(f"{upload}/files/a", BYTES))

    said(caller.send("DELETE", f"{upload}/files/a"), 204)

    assert said(caller.get(upload))["files"] == []
    refusal(caller.send("DELETE", f"{upload}/files/a"), 404)


def test_an_empty_file_is_a_file(caller: Caller, upload: str) -> None:
    assert said(caller.put(f"{upload}/files/__init__.py", b""))["size"] == 0


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Content-Length": "30"}, "was cut off"),
        ({"X-Content-SHA256": "0" * 64}, "not the one announced"),
        ({"X-Content-SHA256": "abc"}, "64 hexadecimal digits"),
        ({"Content-Length": "-1"}, "no number of bytes"),
        ({"Content-Length": "²"}, "no number of bytes"),
        ({"Content-Length": "9" * 30}, "no number of bytes"),
    ],
    ids=str,
)
def test_bytes_other_than_announced_are_not_named(
    caller: Caller, upload: str, headers: dict[str, str], words: str
) -> None:
    assert words in refusal(caller.put(f"{upload}/files/a", BYTES, headers), 400)["detail"]
    assert not UploadFile.objects.exists()


def test_nothing_is_kept_of_a_file_whose_sender_went_away(caller: Caller, upload: str) -> None:
    class Broken(BytesIO):
        """A connection that is cut after some bytes."""

        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(5) or self._cut()

        def _cut(self) -> bytes:
            raise OSError("connection reset")

    answer = caller.put_from(f"{upload}/files/a", Broken(BYTES), {"Content-Length": "99"})

    assert "broke off" in refusal(answer, 400)["detail"]
    assert not UploadFile.objects.exists()
    incoming = Path(settings.DATA) / "artifacts" / "incoming"
    assert not incoming.exists() or list(incoming.iterdir()) == []


def test_the_announced_digest_is_held_against_the_bytes(caller: Caller, upload: str) -> None:
    said(caller.put(f"{upload}/files/a", BYTES, {"X-Content-SHA256": SHA256.upper()}))


def test_bytes_in_chunks_are_taken_with_a_digest_since_a_cut_would_not_show(
    caller: Caller, upload: str
) -> None:
    path = f"{upload}/files/a"
    digest = {"X-Content-SHA256": SHA256}

    assert "Announce the file" in refusal(caller.put_in_chunks(path, BYTES), 400)["detail"]
    assert "not the one" in refusal(caller.put_in_chunks(path, BYTES[:-1], digest), 400)["detail"]
    assert said(caller.put_in_chunks(path, BYTES, digest))["size"] == len(BYTES)


def test_a_server_that_does_not_find_the_end_needs_a_length(caller: Caller, upload: str) -> None:
    answer = caller.send("PUT", f"{upload}/files/a", headers={"X-Content-SHA256": SHA256})

    assert "Content-Length" in refusal(answer, 400)["detail"]


def test_a_file_over_the_limit_is_refused_before_its_bytes_are_read(
    caller: Caller, upload: str
) -> None:
    with override_settings(MOST_FILE_BYTES=10):
        assert "larger than" in refusal(caller.put(f"{upload}/files/a", BYTES), 400)["detail"]
    assert not Artifact.objects.exists()


def test_a_large_file_is_read_piece_by_piece(caller: Caller, upload: str) -> None:
    """Bodies of JSON end at 1 MiB; files do not."""
    content = b"x" * (3 * 2**20 + 1)

    assert said(caller.put(f"{upload}/files/a", content))["size"] == len(content)


@pytest.mark.parametrize(
    ("said_type", "kept"),
    [
        ("text/csv; charset=utf-8", "text/csv"),
        ("application/x-www-form-urlencoded", "application/octet-stream"),
        ("text/html<script>", "application/octet-stream"),
        ("x" * 200, "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_the_media_type_is_kept_when_it_is_one(
    caller: Caller, upload: str, said_type: str, kept: str
) -> None:
    answer = caller.send(
        "PUT", f"{upload}/files/a", b"1", media_type=said_type, headers={"Content-Length": "1"}
    )

    assert said(answer)["media_type"] == kept


def test_an_upload_of_somebody_else_is_not_there(caller: Caller, upload: str) -> None:
    said(caller.put(f"{upload}/files/a", BYTES))
    other = Caller(token_of(scenarios.owner()))
    absent = f"/uploads/{uuid.uuid4()}"

    for path in (upload, absent):
        refusal(other.get(path), 404)
        refusal(other.put(f"{path}/files/b", BYTES), 404)
        refusal(other.send("DELETE", f"{path}/files/a"), 404)
    assert refusal(other.get(upload), 404) == refusal(other.get(absent), 404)
    assert UploadFile.objects.get().path == "a"


def test_who_may_register_nothing_starts_no_upload() -> None:
    refusal(Caller(token_of(scenarios.auditor())).post("/uploads"), 403)

    assert not Upload.objects.exists()


def test_a_taken_upload_takes_no_more_files(caller: Caller, upload: str) -> None:
    model = scenarios.registered_model()
    said(caller.put(f"{upload}/files/a", BYTES))
    body = {"upload": upload.rpartition("/")[2]}
    said(caller.post(f"/models/{model.name}/versions", body), 201)

    assert (
        "took these files already" in refusal(caller.put(f"{upload}/files/b", b""), 409)["detail"]
    )
    assert said(caller.get(upload))["taken_at"]


@pytest.mark.parametrize("scope", sorted(set(Scope) - {Scope.REGISTER}))
def test_a_token_that_may_not_register_changes_no_upload(
    caller: Caller, upload: str, scope: Scope
) -> None:
    said(caller.put(f"{upload}/files/a", BYTES))
    program = Caller(token_of(scenarios.developer(), scope))

    refusal(program.put(f"{upload}/files/b", BYTES), 403)
    refusal(program.send("DELETE", f"{upload}/files/a"), 403)

    assert [file["path"] for file in said(caller.get(upload))["files"]] == ["a"]
