"""Every store of artifacts keeps the same contract: a folder, a bucket here, a bucket by wire."""

import errno
import hashlib
import io
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError
from django.core.files.storage import storages
from moto import mock_aws
from storages.backends.s3 import S3Storage

from apps.catalog import store
from apps.catalog.store import (
    ArtifactStore,
    BytesRefused,
    Expected,
    StoredBytes,
    StoreFull,
    folder,
)
from apps.catalog.store.bucket import BucketStore, Pieces
from apps.catalog.store.contract import PIECE, Said
from apps.catalog.store.folder import FolderStore
from registry_site import environment

GREETING = b"hello, artifact"
SHA256 = hashlib.sha256(GREETING).hexdigest()
STORED = StoredBytes(SHA256, len(GREETING))
BIG = b"".join(bytes([number % 251]) * 4096 for number in range(8192))  # 32 MiB: several parts


@pytest.fixture
def bucket() -> Iterator[BucketStore]:
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="artifacts")
        options = {"access_key": "key", "secret_key": "secret", "region_name": "us-east-1"}
        yield BucketStore(S3Storage(bucket_name="artifacts", location="kept", **options))


@pytest.fixture(
    params=["folder", "bucket", pytest.param("settings", marks=pytest.mark.services)],
)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "artifacts")
    if request.param == "settings":
        return store.artifacts()
    found: BucketStore = request.getfixturevalue("bucket")
    return found


def receive(kept: ArtifactStore, data: bytes = GREETING, **expected: object) -> StoredBytes:
    return kept.receive(io.BytesIO(data), Expected(**expected))  # type: ignore[arg-type]


# -- the contract


def test_bytes_come_back_as_they_went_in(kept: ArtifactStore) -> None:
    assert receive(kept) == STORED
    assert kept.exists(SHA256)
    with kept.open(SHA256) as stream:
        assert stream.read() == GREETING


def test_pieces_that_are_yielded_are_kept_like_a_stream(kept: ArtifactStore) -> None:
    stored = kept.receive(iter([b"hello, ", b"", b"artifact"]), Expected(size=len(GREETING)))

    assert stored == STORED


def test_what_is_removed_is_gone_and_may_come_again(kept: ArtifactStore) -> None:
    receive(kept)

    kept.remove(SHA256)
    kept.remove(SHA256)

    assert not kept.exists(SHA256)
    with pytest.raises(FileNotFoundError):
        kept.open(SHA256)
    with pytest.raises(FileNotFoundError):
        kept.remove("../incoming")
    assert receive(kept) == STORED
    assert kept.exists(SHA256)


def test_an_empty_file_is_kept(kept: ArtifactStore) -> None:
    stored = receive(kept, b"")

    assert stored == StoredBytes(hashlib.sha256(b"").hexdigest(), 0)
    with kept.open(stored.sha256) as stream:
        assert stream.read() == b""


def test_a_file_of_many_parts_is_read_from_wherever_it_is_sought(kept: ArtifactStore) -> None:
    stored = receive(kept, BIG)

    with kept.open(stored.sha256) as stream:
        assert stream.seek(-10, os.SEEK_END) == len(BIG) - 10
        assert stream.read() == BIG[-10:]
        assert stream.read() == b""
        stream.seek(4094)
        assert stream.read(4) == BIG[4094:4098]
        stream.seek(5_000_000, os.SEEK_CUR)
        assert stream.read(8) == BIG[5_004_098:5_004_106]
        stream.seek(0)
        assert hashlib.sha256(stream.read()).hexdigest() == stored.sha256
        with pytest.raises((ValueError, OSError)):
            stream.seek(-1)


def test_the_same_bytes_are_kept_once(kept: ArtifactStore) -> None:
    receive(kept)

    assert receive(kept) == STORED
    with kept.open(SHA256) as stream:
        assert stream.read() == GREETING


def test_what_is_not_there_is_not_found(kept: ArtifactStore) -> None:
    assert not kept.exists("0" * 64)
    with pytest.raises(FileNotFoundError):
        kept.open("0" * 64)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "0" * 63, "g" * 64, "/" + "0" * 63])
def test_g1_only_a_digest_opens_anything(kept: ArtifactStore, digest: str) -> None:
    with pytest.raises(FileNotFoundError):
        kept.open(digest)


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"size": 99}, "was cut off: 99 bytes were announced, 15 came"),
        ({"size": 3}, "went on: 3 bytes were announced"),
        ({"sha256": "0" * 64}, "not the one announced"),
        ({"most": 14}, "larger than the 14.bytes"),
        ({"most": 5, "size": 15}, "larger than the 5.bytes"),
        ({"sha256": "xyz"}, "64 hexadecimal digits"),
    ],
)
def test_g7_bytes_other_than_announced_are_refused_and_not_kept(
    kept: ArtifactStore, expected: dict[str, object], words: str
) -> None:
    other = b"other greetings"  # of the same length, and kept by no other test
    with pytest.raises(BytesRefused, match=words):
        receive(kept, other, **expected)

    assert not kept.exists(hashlib.sha256(other).hexdigest())
    assert kept.clear_unfinished(datetime.now(UTC) + timedelta(days=1)) == 0


def test_announced_digests_may_be_written_in_capitals(kept: ArtifactStore) -> None:
    assert receive(kept, sha256=SHA256.upper(), size=len(GREETING), most=15) == STORED


def test_a_sender_who_goes_away_leaves_nothing(kept: ArtifactStore) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(PIECE)
        yield b"half of "
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        kept.receive(broken(), Expected())

    assert kept.clear_unfinished(datetime.now(UTC) + timedelta(days=1)) == 0


def test_a_hashed_file_is_adopted(kept: ArtifactStore, tmp_path: Path) -> None:
    for _ in range(2):
        spooled = tmp_path / "spooled"
        spooled.write_bytes(GREETING)
        kept.adopt(spooled, STORED)

        assert not spooled.exists()
        with kept.open(SHA256) as stream:
            assert stream.read() == GREETING


def test_an_address_is_that_of_whole_bytes_or_none_is_given(kept: ArtifactStore) -> None:
    receive(kept)

    address = kept.address(SHA256, seconds=5, said=Said("text/plain", "attachment", "no-store"))

    if isinstance(kept, BucketStore):
        assert address is not None
        assert f"{kept.prefix}{STORED.key}?" in address
        assert "response-content-type=text%2Fplain" in address
        with pytest.raises(FileNotFoundError):
            kept.address("../x", seconds=5, said=Said("text/plain", "attachment", "no-store"))
    else:
        assert address is None


# -- a folder alone


@pytest.fixture
def files(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "artifacts")


def everything(kept: FolderStore) -> list[Path]:
    return sorted(path for path in kept.folder.rglob("*"))


def test_q1_a_folder_and_its_files_are_closed_to_others(files: FolderStore) -> None:
    receive(files)

    assert (files.folder / SHA256[:2] / SHA256[2:4] / SHA256).is_file()
    for path in [files.folder, *everything(files)]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_g8_the_same_bytes_by_twenty_senders_are_one_file(files: FolderStore) -> None:
    with ThreadPoolExecutor(20) as senders:
        stored = set(senders.map(lambda _: receive(files), range(20)))

    assert stored == {STORED}
    assert [path.name for path in everything(files) if path.is_file()] == [SHA256]


def test_a_file_on_another_file_system_is_copied(
    files: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled = tmp_path / "spooled"
    spooled.write_bytes(GREETING)
    rename = Path.rename

    def across(self: Path, target: Path) -> Path:
        if self == spooled:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", across)
    files.adopt(spooled, STORED)

    assert not spooled.exists()
    assert files.exists(SHA256)


def test_a_file_that_lost_bytes_on_disk_is_replaced_when_it_comes_again(files: FolderStore) -> None:
    receive(files)
    place = files.folder / STORED.key
    place.write_bytes(b"hel")

    receive(files)

    assert place.read_bytes() == GREETING


def test_a_file_that_cannot_be_moved_is_no_refusal(files: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.adopt(tmp_path / "gone", STORED)

    assert list(files.incoming.iterdir()) == []


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def test_the_last_twentieth_of_a_disk_stays_free(
    files: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Disk(1000, 940, 60))
    receive(files, b"1234567890")

    with pytest.raises(StoreFull, match="nearly full"):
        receive(files, b"12345678901", size=11)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Disk(1000, 951, 49))
    with pytest.raises(StoreFull):
        receive(files, b"1")


def test_a_disk_that_fills_meanwhile_is_noticed(
    files: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "BYTES_BETWEEN_LOOKS", 4)
    looks = iter([Disk(1000, 0, 1000), Disk(1000, 0, 1000), Disk(1000, 990, 10)])
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: next(looks))

    with pytest.raises(StoreFull):
        files.receive([b"1234", b"5678"], Expected())

    assert not [path for path in everything(files) if path.is_file()]


def test_a_disk_that_fills_while_a_piece_is_hashed_leaves_no_file_and_no_thread(
    files: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "BYTES_BETWEEN_LOOKS", 2 * PIECE)
    looks = iter([Disk(1000, 0, 1000), Disk(1000, 990, 10)])
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: next(looks))

    with pytest.raises(StoreFull):
        files.receive(io.BytesIO(BIG), Expected())

    assert not [path for path in everything(files) if path.is_file()]
    assert not [one.name for one in threading.enumerate() if one.name.startswith("hashing")]


@pytest.mark.parametrize("call", ["fsync", "rename"])
@pytest.mark.parametrize("trouble", [errno.ENOSPC, errno.EIO])
def test_g9_trouble_with_the_disk_leaves_nothing_named(
    files: FolderStore, monkeypatch: pytest.MonkeyPatch, call: str, trouble: int
) -> None:
    files.folder.mkdir()
    (files.folder / STORED.key).parent.mkdir(parents=True)
    files.incoming.mkdir()

    def fail(*args: object) -> None:
        raise OSError(trouble, os.strerror(trouble))

    with monkeypatch.context() as patched:
        patched.setattr(os if call == "fsync" else Path, call, fail)
        with pytest.raises(StoreFull if trouble == errno.ENOSPC else OSError):
            receive(files)

    assert not files.exists(SHA256)
    assert list(files.incoming.iterdir()) == []


def test_what_broke_off_long_ago_is_cleared(files: FolderStore) -> None:
    assert files.clear_unfinished(datetime.now(UTC)) == 0
    receive(files)
    left = files.incoming / "left"
    left.write_bytes(b"half")

    assert files.clear_unfinished(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert files.clear_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert not left.exists()
    assert files.exists(SHA256)


# -- a bucket alone


def test_what_broke_off_in_a_bucket_is_cleared(bucket: BucketStore) -> None:
    bucket.client.put_object(Bucket="artifacts", Key="kept/incoming/left", Body=b"half")
    receive(bucket)

    assert bucket.clear_unfinished(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert bucket.clear_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 1
    keys = [found["Key"] for found in bucket.client.list_objects_v2(Bucket="artifacts")["Contents"]]
    assert keys == [f"kept/{STORED.key}"]


def test_a_bucket_that_cannot_be_reached_is_no_missing_file(
    bucket: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(**asked: str) -> None:
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject")

    monkeypatch.setattr(bucket.client, "head_object", forbidden)

    with pytest.raises(ClientError, match="403"):
        bucket.exists(SHA256)


def test_pieces_are_read_as_a_stream_of_any_size() -> None:
    assert Pieces(iter([b"abc", b"de"])).read() == b"abcde"
    stream = Pieces(iter([b"abc", b"de"]))
    assert stream.readable()
    assert [stream.read(2), stream.read(2), stream.read(2), stream.read(2)] == [
        b"ab",
        b"cd",
        b"e",
        b"",
    ]


# -- the store the settings name


def test_the_settings_name_a_folder_unless_they_name_a_bucket() -> None:
    expected = BucketStore if environment.text("S3_BUCKET", "") else FolderStore
    assert isinstance(store.artifacts(), expected)


def test_a_storage_in_a_bucket_is_kept_by_a_bucket_store(
    bucket: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"access_key": "key", "secret_key": "secret", "region_name": "us-east-1"}
    monkeypatch.setitem(
        storages._storages,  # type: ignore[attr-defined]
        "artifacts",
        S3Storage(bucket_name="artifacts", **options),
    )

    assert receive(store.artifacts()) == STORED
    assert store.exists(SHA256)
    with store.open(SHA256) as stream:
        assert stream.read() == GREETING
