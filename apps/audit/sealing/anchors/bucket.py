"""A bucket that keeps checkpoints as objects: created, never replaced, and locked where it can."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Any

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils import timezone

from apps.audit.log.notes import BadNote, Checkpoint, Note
from apps.audit.sealing.anchors.contract import (
    FROM_NOTHING,
    MOST_NOTE,
    Anchor,
    AnchorAway,
    Growth,
)
from apps.audit.sealing.places import Bucket
from apps.audit.sealing.states import LogBroken

CONNECT, SILENCE = 3, 5
"""Seconds to connect within, and for which the server may be silent; nothing is tried twice."""
_THERE = "PreconditionFailed"
_LARGEST = 10**19 - 1
_NAME = re.compile(r"([0-9]{19})\.note")
_MOST_WORDS = 200


class BucketAnchor(Anchor):
    """An object a checkpoint, under the same names as in a folder."""

    def __init__(self, name: str, place: Bucket, *, is_required: bool) -> None:
        super().__init__(name, is_required=is_required)
        self.place = place

    def keep(self, checkpoint: Checkpoint, note: str, growth: Growth = FROM_NOTHING) -> str:
        key = self._key(checkpoint.origin, checkpoint.size)
        try:
            until = self._put(key, note)
        except ClientError as problem:
            if _code(problem) != _THERE:
                raise _away(problem) from None
            self._require_same(key, note)
            until = ""
        except BotoCoreError as problem:
            raise _away(problem) from None
        return f"s3://{self.place.name}/{key}{until}"

    def kept(self, origin: str) -> Iterator[str]:
        try:
            newest = self._newest(origin)
            if newest is None:
                return
            yield self._read(self._key(origin, newest))
            for size in sorted(self._sizes(origin, -1), reverse=True):
                if size != newest:
                    yield self._read(self._key(origin, size))
        except (ClientError, BotoCoreError, UnicodeError) as problem:
            raise _away(problem) from None

    def _put(self, key: str, note: str) -> str:
        lock: dict[str, object] = {}
        until = ""
        if self.place.lock_days:
            ends = timezone.now() + timedelta(days=self.place.lock_days)
            lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": ends}
            until = f", locked until {ends.date()}"
        self._client.put_object(
            Bucket=self.place.name,
            Key=key,
            Body=note.encode(),
            ContentType="application/octet-stream",
            IfNoneMatch="*",
            **lock,
        )
        return until

    def _require_same(self, key: str, note: str) -> None:
        try:
            is_same = Note.read(self._read(key)).text == Note.read(note).text
        except (ClientError, BotoCoreError, UnicodeError, BadNote) as problem:
            raise _away(problem) from None
        if not is_same:
            raise LogBroken(f"{self.name} holds another checkpoint of this size: {key}.")

    def _newest(self, origin: str) -> int | None:
        """Return the largest size kept, in few requests however many there are."""
        low = self._next(origin, -1)
        if low is None:
            return None
        step = 1
        while (found := self._next(origin, low + step)) is not None:
            low, step = found, step * 2
        high = low + step  # nothing is larger, and something is kept at ``low``
        while low < high:
            middle = (low + high) // 2
            found = self._next(origin, middle)
            low, high = (low, middle) if found is None else (found, high)
        return low

    def _next(self, origin: str, size: int) -> int | None:
        return next(self._sizes(origin, size, most=1), None)

    def _sizes(self, origin: str, after: int, *, most: int = 1000) -> Iterator[int]:
        """Yield the sizes kept beyond one, rising; other objects in between are passed over."""
        home = f"{self._home(origin)}/"
        start = home if after < 0 else self._key(origin, min(after, _LARGEST))
        while True:
            answer = self._client.list_objects_v2(
                Bucket=self.place.name, Prefix=home, StartAfter=start, MaxKeys=most
            )
            keys = [str(each["Key"]) for each in answer.get("Contents", [])]
            for key in keys:
                if found := _NAME.fullmatch(key.removeprefix(home)):
                    yield int(found[1])
            if not answer.get("IsTruncated") or not keys:
                return
            start = keys[-1]

    def _read(self, key: str) -> str:
        answer = self._client.get_object(Bucket=self.place.name, Key=key)
        with answer["Body"] as body:
            data: bytes = body.read(MOST_NOTE)
        return data.decode()

    def _home(self, origin: str) -> str:
        return f"{self.place.prefix}/{origin}" if self.place.prefix else origin

    def _key(self, origin: str, size: int) -> str:
        return f"{self._home(origin)}/{size:019}.note"

    @cached_property
    def _client(self) -> Any:
        limits = Config(
            signature_version="s3v4",
            connect_timeout=CONNECT,
            read_timeout=SILENCE,
            retries={"total_max_attempts": 1},
        )
        return Session().client(
            "s3",
            endpoint_url=self.place.endpoint or None,
            region_name=self.place.region,
            aws_access_key_id=settings.ANCHOR_S3_ACCESS_KEY or None,
            aws_secret_access_key=settings.ANCHOR_S3_SECRET_KEY or None,
            config=limits,
        )


def _code(problem: ClientError) -> str:
    return str(problem.response.get("Error", {}).get("Code", ""))


def _away(problem: Exception) -> AnchorAway:
    return AnchorAway(str(problem)[:_MOST_WORDS])
