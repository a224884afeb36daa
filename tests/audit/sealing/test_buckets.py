"""Checkpoints in a bucket: created and never replaced, locked where it can, the newest found."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from django.conf import settings as configured
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from pytest_django import Settings

from apps.audit.log.notes import Checkpoint
from apps.audit.models import Anchoring, Log
from apps.audit.sealing.anchors import AnchorAway, BucketAnchor
from apps.audit.sealing.places import Bucket
from apps.audit.sealing.states import LogBroken
from tests.audit.sealing.sealed import ORIGIN, happened, seal_all
from tests.audit.sealing.test_anchors import note, put_back

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["here", pytest.param("settings", marks=pytest.mark.services)])
def bucket(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Bucket]:
    if request.param == "settings":  # the server that holds artifacts, in a place of our own
        options = configured.STORAGES["artifacts"]["OPTIONS"]
        settings.ANCHOR_S3_ACCESS_KEY = options["access_key"]
        settings.ANCHOR_S3_SECRET_KEY = options["secret_key"]
        yield Bucket(
            options["bucket_name"], f"anchors/{uuid4().hex}", endpoint=options["endpoint_url"]
        )
        return
    settings.ANCHOR_S3_ACCESS_KEY = settings.ANCHOR_S3_SECRET_KEY = "known"
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="vault")
        yield Bucket("vault", "kept")


@pytest.fixture
def far(bucket: Bucket) -> BucketAnchor:
    return anchor(bucket)


def anchor(bucket: Bucket) -> BucketAnchor:
    return BucketAnchor("far", bucket, is_required=True)


def keep(far: BucketAnchor, size: int, root: bytes = b"x" * 32) -> str:
    return far.keep(Checkpoint(ORIGIN, size, root), note(size, root))


def test_checkpoints_are_kept_and_read_back_the_largest_first(far: BucketAnchor) -> None:
    happened(2)
    seal_all(far)
    happened(9)
    log = seal_all(far)

    kept = list(far.kept(ORIGIN))
    assert kept[0].startswith(f"{ORIGIN}\n{log.size}\n")
    assert len(kept) == Anchoring.objects.count() > 1
    key = f"{far.place.prefix}/{ORIGIN}/{log.size:019}.note"
    assert Anchoring.objects.get(size=log.size).receipt == f"s3://{far.place.name}/{key}"
    assert list(far.kept("other.test/audit/1")) == []
    put_back(6)
    happened()
    seal_all(far)
    assert Log.objects.get().trouble == f"The database is behind far: 6 < {log.size}."


def test_what_is_there_is_never_replaced(far: BucketAnchor) -> None:
    first = keep(far, 7)
    assert keep(far, 7) == first
    with pytest.raises(LogBroken, match="another checkpoint of this size"):
        keep(far, 7, b"y" * 32)
    far._client.put_object(
        Bucket=far.place.name, Key=f"{far.place.prefix}/{ORIGIN}/notes.txt", Body=b"by hand"
    )
    assert list(far.kept(ORIGIN)) == [note(7, b"x" * 32)]


class Remembered(BucketAnchor):
    """A bucket whose list of names is in memory, and that counts how often it is asked."""

    def __init__(self, sizes: set[int]) -> None:
        super().__init__("far", Bucket("vault"), is_required=True)
        self.sizes = sorted(sizes)
        self.asked = 0

    def _sizes(self, origin: str, after: int, *, most: int = 1000) -> Iterator[int]:
        self.asked += 1
        return iter([size for size in self.sizes if size > after])


@given(st.sets(st.integers(0, 10**12) | st.integers(0, 300), max_size=60))
def test_the_newest_is_found_in_few_requests_however_they_lie(sizes: set[int]) -> None:
    own = Remembered(sizes)
    assert own._newest(ORIGIN) == max(sizes, default=None)
    assert own.asked < 100


def test_a_bucket_that_locks_lets_nobody_remove_a_checkpoint(settings: Settings) -> None:
    settings.ANCHOR_S3_ACCESS_KEY = settings.ANCHOR_S3_SECRET_KEY = "known"
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="vault", ObjectLockEnabledForBucket=True)
        receipt = keep(anchor(Bucket("vault", lock_days=3650)), 7)
        place, _, until = receipt.partition(", locked until ")
        assert datetime.fromisoformat(until).year == (datetime.now(UTC) + timedelta(3650)).year
        key = place.removeprefix("s3://vault/")
        [version] = client.list_object_versions(Bucket="vault")["Versions"]
        held = client.head_object(Bucket="vault", Key=key)
        assert held["ObjectLockMode"] == "COMPLIANCE"
        with pytest.raises(ClientError, match="AccessDenied"):
            client.delete_object(
                Bucket="vault",
                Key=key,
                VersionId=version["VersionId"],
                BypassGovernanceRetention=True,
            )


def test_a_lock_is_not_promised_where_the_bucket_has_none(bucket: Bucket) -> None:
    with pytest.raises(AnchorAway, match="Lock"):
        keep(anchor(replace(bucket, lock_days=30)), 7)


def test_a_bucket_that_is_not_there_took_nothing(settings: Settings) -> None:
    settings.ANCHOR_S3_ACCESS_KEY = settings.ANCHOR_S3_SECRET_KEY = "known"
    with mock_aws(), pytest.raises(AnchorAway, match="NoSuchBucket"):
        keep(anchor(Bucket("nowhere")), 7)
    with mock_aws(), pytest.raises(AnchorAway, match="NoSuchBucket"):
        next(anchor(Bucket("nowhere")).kept(ORIGIN))
