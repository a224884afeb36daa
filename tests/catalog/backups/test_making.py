"""Backups are whole, or are none: taken under writes, cut short, repeated, refused."""

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from apps.audit.models import AuditEvent
from apps.catalog import places, store
from apps.catalog.backups import listing, looking, making
from apps.catalog.backups.folders import UNFINISHED, Backup, BackupFolder
from apps.catalog.backups.problems import CouldNot, NotABackup
from apps.catalog.models import Artifact, ModelVersion
from apps.catalog.store import Expected
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from tests.audit.sealing.sealed import happened, told
from tests.catalog.backups.kept import (
    HOST,
    Killed,
    brought_back,
    damage_in_store,
    elsewhere,
    kept_file,
    killed_at,
    seal,
    taken,
)
from tests.factories import actor, person
from tests.scenarios import MODEL_FILES, stranger

ROUNDS = 10 if os.environ.get("SIGNET_TEST_LONG") == "1" else 1
MIB = 2**20

pytestmark = pytest.mark.django_db(transaction=True)


def stored(data: bytes) -> Artifact:
    """Keep bytes, and name them as an app does."""
    with transaction.atomic():
        kept = store.artifacts().receive([data], Expected())
        return places.artifact_of(kept, at=database_now())


def test_a_backup_says_what_it_holds_and_both_its_events_do(
    version: ModelVersion, tmp_path: Path
) -> None:
    log = seal()
    backup = taken(tmp_path / "backups")

    manifest = backup.manifest
    assert looking.look_through(backup) == []
    assert [file.sha256 for file in listing.read(backup.list)] == sorted(
        Artifact.objects.values_list("sha256", flat=True)
    )
    assert manifest.files.count == len(MODEL_FILES)
    assert manifest.files.bytes == sum(Artifact.objects.values_list("size", flat=True))
    assert manifest.log is not None
    assert (manifest.log.origin, manifest.log.size) == (log.origin, log.size)
    assert manifest.log.root == bytes(log.root).hex()
    assert manifest.dump.kind == connection.vendor
    assert "audit.0003_sealing" in manifest.migrations
    assert manifest.lacking == ()
    intent, done = told("backup.make")
    assert [intent["outcome"], done["outcome"]] == ["intent", "done"]
    assert done["parent"] == intent["id"]
    assert done["detail"]["backup"] == manifest.digest
    assert done["detail"]["dump"] == manifest.dump.sha256


def test_only_administrators_and_the_host_take_backups(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with pytest.raises(NotAllowed, match="administrators"):
        making.make(folder, by=actor(stranger()))
    assert not folder.exists()
    refused = AuditEvent.objects.get(action="backup.make")
    assert refused.outcome == AuditEvent.Outcome.REFUSED

    admin = person("root", administrator=True)
    assert making.make(folder, by=actor(admin)).missing == []


def test_the_next_backup_copies_what_is_new_or_damaged_and_nothing_else(
    version: ModelVersion, tmp_path: Path
) -> None:
    first = taken(tmp_path / "backups")
    whole, rotten = sorted(Artifact.objects.values_list("sha256", flat=True))[:2]
    before = kept_file(first, whole).stat()
    damaged = kept_file(first, rotten)
    damaged.write_bytes(b"?" * damaged.stat().st_size)
    assert [flaw.name for flaw in looking.look_through(first)] == ["file"]
    new = stored(b"came later")

    second = taken(tmp_path / "backups")

    assert kept_file(first, whole).stat().st_ino == before.st_ino
    assert kept_file(first, whole).stat().st_mtime_ns == before.st_mtime_ns
    assert kept_file(second, new.sha256).read_bytes() == b"came later"
    assert looking.look_through(first) == looking.look_through(second) == []
    assert Backup.at(tmp_path / "backups").place == second.place != first.place


def test_one_that_was_cut_short_is_none_and_the_next_goes_on_from_it(
    version: ModelVersion, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    [first, *_] = sorted(Artifact.objects.values_list("sha256", flat=True))

    with pytest.raises(Killed):
        making.make(folder, by=HOST, tell=killed_at("Copying files", after=1))
    for place in (folder, folder / UNFINISHED):
        with pytest.raises(NotABackup, match=r"broke off\. Run manage.py backup"):
            Backup.at(place)
    [left] = [path for path in (folder / "files").rglob(first) if path.is_file()]
    there = left.stat().st_ino
    assert [entry["outcome"] for entry in told("backup.make")] == ["intent"]

    backup = taken(folder)

    assert looking.look_through(backup) == []
    assert left.stat().st_ino == there
    assert not (folder / UNFINISHED).exists()
    with pytest.raises(NotABackup, match="has no manifest"):
        Backup.at(folder / "files")
    with pytest.raises(NotABackup, match="is not there"):
        Backup.at(tmp_path / "nowhere")


def test_a_backup_under_writes_is_of_one_moment_and_lacks_nothing(
    version: ModelVersion, tmp_path: Path
) -> None:
    wanted, wrote, ending = threading.Semaphore(0), threading.Semaphore(0), threading.Event()

    def write() -> None:
        try:
            while wanted.acquire(timeout=120) and not ending.is_set():
                stored(os.urandom(100))
                happened(chain="test:writer")
                wrote.release()
        finally:
            connection.close()

    def wait(doing: str, done: int, total: int) -> None:
        """Go on when something more was written, and let more be written while it goes on."""
        wanted.release(3)
        assert wrote.acquire(timeout=120)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(ROUNDS):
            made = making.make(tmp_path / "backups", by=HOST, tell=wait)
            assert made.missing == []
            seal()
    finally:
        ending.set()
        wanted.release()
        writer.join(120)
    backup = Backup.at(tmp_path / "backups")
    assert looking.look_through(backup) == []
    assert backup.manifest.files.count < Artifact.objects.count()

    with elsewhere(tmp_path):
        found = brought_back(backup)
        assert found.missing == []
        assert {finding.name for finding in found.findings} == {"rollback"}
        assert Artifact.objects.count() == backup.manifest.files.count


def test_what_the_store_lacks_is_named_and_the_backup_is_taken_all_the_same(
    version: ModelVersion, tmp_path: Path
) -> None:
    lost, rotten = (version.files.get(path=path) for path in ("README.md", "MLmodel"))
    store.artifacts().remove(lost.artifact.sha256)
    damage_in_store(rotten.artifact.sha256, b"#" * rotten.artifact.size)

    made = making.make(tmp_path / "backups", by=HOST)

    assert sorted(str(missing) for missing in made.missing) == sorted(
        f"sha256:{file.artifact.sha256} of {version}: {file.path}" for file in (lost, rotten)
    )
    assert set(made.backup.manifest.lacking) == {lost.artifact.sha256, rotten.artifact.sha256}
    assert [flaw.name for flaw in looking.look_through(made.backup)] == ["file", "file"]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow past a size, as a quota would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_leaves_the_earlier_backup_as_it_was(
    version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    earlier = taken(folder)
    stored(os.urandom(24 * MIB))

    with files_of_at_most(20 * MIB), pytest.raises(OSError, match="File too large"):
        making.make(folder, by=HOST)
    assert told("backup.make")[-1]["outcome"] == "failed"
    assert Backup.at(folder).place == earlier.place
    assert not any(path.is_file() for path in (folder / "files" / "incoming").iterdir())

    monkeypatch.setattr("apps.catalog.store.folder.LEAST_FREE_SHARE", 1.0)
    with pytest.raises(CouldNot, match="no room left"):
        making.make(folder, by=HOST)
    assert Backup.at(folder).place == earlier.place
    assert looking.look_through(earlier) == []


def test_a_folder_of_other_things_and_one_in_use_are_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("Dear Ada")
    with pytest.raises(RuleBroken, match="holds other things"):
        taken(tmp_path / "home")

    with (
        BackupFolder(tmp_path / "backups").alone(),
        pytest.raises(RuleBroken, match="Another backup"),
    ):
        taken(tmp_path / "backups")
