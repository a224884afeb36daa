"""Files are copied between folders and buckets alike, and each is held to its digest."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from storages.backends.s3 import S3Storage

from apps.catalog.backups import copying
from apps.catalog.backups.copying import Course
from apps.catalog.backups.problems import CouldNot
from apps.catalog.backups.progress import silent
from apps.catalog.store import Expected, StoredBytes
from apps.catalog.store.bucket import BucketStore
from apps.catalog.store.contract import key_of
from apps.catalog.store.folder import FolderStore

COURSE = Course("Copying files", 0, silent)


def bucket_named(name: str) -> BucketStore:
    options = {"access_key": "key", "secret_key": "secret", "region_name": "us-east-1"}
    return BucketStore(S3Storage(bucket_name=name, location="kept", **options))


@pytest.fixture
def bucket() -> Iterator[BucketStore]:
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="artifacts")
        yield bucket_named("artifacts")


def test_a_bucket_is_copied_into_a_folder_and_back_and_damage_is_replaced(
    bucket: BucketStore, tmp_path: Path
) -> None:
    folder = FolderStore(tmp_path)
    files = [bucket.receive([text], Expected()) for text in (b"one", b"two", b"three")]
    one, two, three = files

    assert copying.copy(files, bucket, folder, COURSE) == []
    for stored, other in ((one, b"eno"), (two, b"longer than it was")):
        bucket.client.put_object(
            Bucket="artifacts", Key=f"kept/{key_of(stored.sha256)}", Body=other
        )
    bucket.remove(three.sha256)
    assert copying.untrue(files, bucket, COURSE) == [stored.sha256 for stored in files]
    assert copying.copy(files, folder, bucket, COURSE) == []
    assert copying.untrue(files, bucket, COURSE) == []


def test_what_the_source_cannot_give_whole_takes_nothing_from_the_target(
    bucket: BucketStore, tmp_path: Path
) -> None:
    folder = FolderStore(tmp_path)
    stored = folder.receive([b"one"], Expected())
    for text in (b"two", b""):
        place = tmp_path / key_of(stored.sha256)
        place.write_bytes(text)
        bucket.client.put_object(
            Bucket="artifacts", Key=f"kept/{key_of(stored.sha256)}", Body=b"bad"
        )
        assert copying.copy([stored], folder, bucket, COURSE) == [stored.sha256]
        with bucket.open(stored.sha256) as kept:
            assert kept.read() == b"bad"
    never = StoredBytes(hashlib.sha256(b"never").hexdigest(), 5)
    assert copying.copy([never], folder, bucket, COURSE) == [never.sha256]


def test_a_bucket_that_does_not_answer_is_told_in_words(
    bucket: BucketStore, tmp_path: Path
) -> None:
    folder = FolderStore(tmp_path)
    stored = folder.receive([b"one"], Expected())

    with pytest.raises(CouldNot, match="bucket did not answer as it should"):
        copying.copy([stored], folder, bucket_named("elsewhere"), COURSE)
