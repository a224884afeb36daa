"""The stand-alone file accepts a pack, and says of every changed one what is wrong and where."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apps.approvals.models import PromotionRequest
from apps.approvals.packs import binding
from apps.audit.log.keys import SigningKey
from apps.audit.log.notes import Checkpoint, signed
from apps.audit.models import Log
from apps.audit.verifier import standalone
from tests import scenarios
from tests.approvals.packs.packed import (
    content_of,
    kept,
    made,
    ordered,
    resting_on_files,
    sealing,
)
from tests.approvals.packs.tampered import Files, Way, archived, files_of, ways
from tests.approvals.packs.tampered_beside import ways_beside
from tests.audit.sealing import sealed
from tests.audit.verifier.test_standalone import oldest_python

pytestmark = pytest.mark.django_db
__all__ = ["sealing"]

MODULE: dict[str, Any] = {"__name__": "verify_audit"}
exec(compile(standalone.text(), standalone.NAME, "exec"), MODULE)
LEAST_WAYS = 100


@pytest.fixture
def promotion() -> PromotionRequest:
    """Return what the pack is of, walked to before anything stands in for our code."""
    return resting_on_files()


@pytest.fixture
def content(promotion: PromotionRequest, sealing: None) -> bytes:
    return content_of(made(ordered(promotion.version)))


def key() -> str:
    return sealed.vkey(Log.objects.get().origin)


def verify(place: Path, *arguments: object) -> tuple[int, list[str]]:
    """Run the verifier here; return what it exits with, and what it says."""
    said: list[str] = []
    MODULE["_say"] = said.append
    return MODULE["main"](["pack", str(place), "--key", key(), *map(str, arguments)]), said


@contextmanager
def seldom_signed() -> Iterator[None]:
    """Remember which signatures hold: most ways leave the checkpoint, and the curve is slow."""
    is_signed, known = MODULE["is_signed"], {}

    def remembering(*asked: bytes) -> bool:
        if asked not in known:
            known[asked] = is_signed(*asked)
        return known[asked]

    MODULE["is_signed"] = remembering
    try:
        yield
    finally:
        MODULE["is_signed"] = is_signed


def run_alone(place: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the stand-alone file by itself, on the oldest Python it is for if there is one here."""
    program = folder / standalone.NAME
    program.write_text(standalone.text(), encoding="utf-8")
    asked = [oldest_python(), "-I", "-S", str(program), "pack", str(place), "--key", key()]
    return subprocess.run(asked, capture_output=True, text=True, env={}, cwd=folder, check=False)


def test_the_stand_alone_file_accepts_a_pack_and_the_folder_it_is_unpacked_to(
    content: bytes, tmp_path: Path
) -> None:
    file = kept(content, tmp_path)
    alone = run_alone(file, tmp_path)
    assert (alone.returncode, alone.stderr) == (0, "")
    assert ": whole." in alone.stdout

    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(file) as archive:
        archive.extractall(unpacked)
    assert verify(unpacked)[0] == 0
    (unpacked / "notes.txt").write_text("I agree")
    (unpacked / "README.txt").unlink()
    code, said = verify(unpacked)
    assert code == 1
    assert said[:2] == [
        "pack.missing: README.txt: it is not there, or cannot be read",
        "pack.extra: notes.txt: the manifest does not name it",
    ]
    (unpacked / "README.txt").symlink_to("/etc/hostname")
    assert verify(unpacked)[1][0].startswith("pack.path: README.txt: it is a link")

    own = SigningKey(Log.objects.get().origin, sealed.SEED)
    note = files_of(content)[binding.CHECKPOINT].decode()
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "1.note").write_text(signed(Checkpoint(own.name, 1, b"\x01" * 32).text, [own]))
    (vault / "2.note").write_text(note)
    code, said = verify(file, "--checkpoint", vault)
    assert (code, said[1]) == (0, "Held to 1 checkpoints from elsewhere, those of the same size.")
    forked = Checkpoint(own.name, int(note.split("\n")[1]), b"\x01" * 32)
    (vault / "2.note").write_text(signed(forked.text, [own]))
    code, said = verify(file, "--checkpoint", vault)
    assert code == 1
    assert said[0].startswith(f"fork: {vault / '2.note'}: the log has another root")


def test_a_pack_changed_in_any_of_many_ways_is_refused_with_the_place(
    content: bytes, tmp_path: Path
) -> None:
    files = files_of(content)
    assert archived(files) == content
    tried = [*ways(files), *ways_beside(files)]
    assert len(tried) >= LEAST_WAYS
    with seldom_signed():
        missed = [way.said for way in tried if not _is_refused(way, files, tmp_path)]
    assert missed == []

    for way in tried if os.environ.get("SIGNET_TEST_LONG") == "1" else tried[:1]:
        alone = run_alone(kept(_changed(way, files), tmp_path), tmp_path)
        assert alone.returncode == 1, way.said
        assert way.place in alone.stdout, way.said


def test_without_a_file_the_program_says_that_it_could_not_check(tmp_path: Path) -> None:
    scenarios.registered_model()
    sealed.seal_all()
    code, said = verify(tmp_path / "nothing.zip")
    assert (code, said[0].partition(":")[0]) == (3, "Could not check")


def _is_refused(way: Way, files: Files, folder: Path) -> bool:
    code, said = verify(kept(_changed(way, files), folder))
    found = [line for line in said if line.startswith(way.finding) and way.place in line]
    if code != 1 or not found:
        sys.stderr.write(f"{way}: {code} {said}\n")
    return code == 1 and bool(found)


def _changed(way: Way, files: Files) -> bytes:
    changed = way.change(files)
    return changed if isinstance(changed, bytes) else archived(changed)
