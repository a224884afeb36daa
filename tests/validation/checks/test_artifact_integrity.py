"""The store is compared with the manifest, and the manifest with the version."""

import io
from typing import BinaryIO

import pytest

from apps.validation.checks import artifact_integrity
from apps.validation.checks.contract import Severity
from tests.validation.checks.stored import StoredFile, StoredVersion, codes, version_of


def test_untouched_files_pass_with_their_facts() -> None:
    version = version_of({"a.txt": b"text", "b/c.bin": bytes(3_000_000)})

    outcome = artifact_integrity.examine(version)

    assert outcome.passed
    assert outcome.problems == ()
    assert outcome.facts == {"files": 2, "bytes": 3_000_004, "manifest_digest": version.digest}
    assert outcome.summary == "2 files read again: sizes, digests and manifest agree."


@pytest.mark.parametrize(
    ("stored", "code"),
    [(b"texT", "wrong_digest"), (b"tex", "wrong_size"), (b"text!", "wrong_size")],
)
def test_changed_bytes_are_critical(stored: bytes, code: str) -> None:
    version = version_of({"a.txt": b"text", "b.txt": b"other"})
    version.files[0].data = stored

    outcome = artifact_integrity.examine(version)

    (problem,) = outcome.problems
    assert (problem.code, problem.severity, problem.place) == (code, Severity.CRITICAL, "a.txt")
    assert outcome.summary == "1 problem with 2 stored files."


def test_a_missing_file_is_critical_and_the_others_are_still_read() -> None:
    version = version_of({"a.txt": b"text", "b.txt": b"other"})
    version.files[0].is_gone = True

    outcome = artifact_integrity.examine(version)

    assert codes(outcome) == {"missing_file"}
    assert outcome.facts["bytes"] == 5


def test_a_file_that_cannot_be_read_is_critical() -> None:
    class Unreadable(StoredFile):
        def open(self) -> BinaryIO:
            raise PermissionError

    outcome = artifact_integrity.examine(StoredVersion([Unreadable("a.txt", b"text")]))

    assert codes(outcome) == {"unreadable_file"}
    assert "PermissionError" in outcome.problems[0].text


@pytest.mark.parametrize("change", ["digest", "path", "size"])
def test_a_changed_record_is_critical(change: str) -> None:
    version = version_of({"a.txt": b"text", "b.txt": b"other"})
    if change == "digest":
        version.digest = "sha256:" + "0" * 64
    elif change == "path":
        version.files[0].path = "c.txt"
    else:
        version.files[0].size = 9

    assert "wrong_manifest" in codes(artifact_integrity.examine(version))


def test_a_long_file_shows_that_the_check_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact_integrity, "PIECE", 10)
    seen: list[str] = []

    artifact_integrity.examine(version_of({"a.txt": bytes(1300)}), seen.append)

    assert seen == ["a.txt"] * 3


def test_the_bytes_are_closed_after_reading() -> None:
    opened: list[io.BytesIO] = []

    class Watched(StoredFile):
        def open(self) -> BinaryIO:
            opened.append(io.BytesIO(self.data))
            return opened[-1]

    artifact_integrity.examine(StoredVersion([Watched("a.txt", b"text")]))

    assert opened[0].closed
