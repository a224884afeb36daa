"""Artifacts in an S3-compatible bucket: uploaded aside, then copied to their name by the server."""

import io
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

from apps.catalog.store.contract import Expected, Intake, Said, Source, StoredBytes, key_of

PART = 16 * 2**20
BUFFER = 2**20
_INCOMING = "incoming/"
_ABSENT = {"404", "NoSuchKey", "NotFound"}
# One part at a time: memory stays at a few parts, whatever the size of the file.
_TRANSFER = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)


class BucketStore:
    """Keeps each artifact as an object; an object appears whole or not at all."""

    def __init__(self, storage: S3Storage) -> None:
        self.client: Any = storage.connection.meta.client
        self.bucket: str = storage.bucket_name
        location = str(storage.location).strip("/")
        self.prefix = f"{location}/" if location else ""

    def receive(self, source: Source, expected: Expected) -> StoredBytes:
        intake = Intake(source, expected)
        aside = f"{self.prefix}{_INCOMING}{uuid.uuid4().hex}"
        try:
            self._upload(cast(IO[bytes], Pieces(iter(intake))), aside)
            stored = intake.stored()
            if not self._is_kept(stored):
                self.client.copy(
                    {"Bucket": self.bucket, "Key": aside},
                    self.bucket,
                    self.prefix + stored.key,
                    Config=_TRANSFER,
                )
        finally:
            self.client.delete_object(Bucket=self.bucket, Key=aside)
        return stored

    def adopt(self, path: Path, stored: StoredBytes) -> None:
        if not self._is_kept(stored):
            with path.open("rb") as file:
                self._upload(file, self.prefix + stored.key)
        path.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        key = self.prefix + key_of(sha256)
        size = self._size_of(key)
        if size is None:
            raise FileNotFoundError(f"{sha256} is not in the bucket")
        return io.BufferedReader(KeptObject(self.client, self.bucket, key, size), BUFFER)

    def address(self, sha256: str, *, seconds: int, said: Said) -> str | None:
        kept = {
            "Bucket": self.bucket,
            "Key": self.prefix + key_of(sha256),
            "ResponseContentType": said.media_type,
            "ResponseContentDisposition": said.disposition,
            "ResponseCacheControl": said.caching,
        }
        signed: str = self.client.generate_presigned_url("get_object", kept, ExpiresIn=seconds)
        return signed

    def exists(self, sha256: str) -> bool:
        return self._size_of(self.prefix + key_of(sha256)) is not None

    def remove(self, sha256: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key_of(sha256))

    def clear_unfinished(self, before: datetime) -> int:
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.prefix + _INCOMING
        )
        old = [
            kept["Key"]
            for page in pages
            for kept in page.get("Contents", ())
            if kept["LastModified"] < before
        ]
        for key in old:
            self.client.delete_object(Bucket=self.bucket, Key=key)
        return len(old)

    def _upload(self, file: IO[bytes], key: str) -> None:
        self.client.upload_fileobj(file, self.bucket, key, Config=_TRANSFER)

    def _is_kept(self, stored: StoredBytes) -> bool:
        return self._size_of(self.prefix + stored.key) == stored.size

    def _size_of(self, key: str) -> int | None:
        try:
            head = self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return int(head["ContentLength"])


class Pieces(io.RawIOBase):
    """Pieces of bytes as a stream that is read once, for a client that wants to read."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source, self._rest = source, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._source, b""))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def read(self, size: int = -1) -> bytes:
        """Read exactly so many bytes unless the pieces end, as a part of an upload needs."""
        wanted = size if size >= 0 else None
        parts: list[bytes] = []
        while wanted is None or wanted > 0:
            part = super().read(min(BUFFER, wanted) if wanted is not None else BUFFER)
            if not part:
                break
            parts.append(part)
            if wanted is not None:
                wanted -= len(part)
        return b"".join(parts)


class KeptObject(io.RawIOBase):
    """An object read from wherever the reader is: one request for each stretch read in a row."""

    def __init__(self, client: Any, bucket: str, key: str, size: int) -> None:
        self._client, self._bucket, self._key, self._size = client, bucket, key, size
        self._place, self._body = 0, cast(Any, None)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        place = start + offset
        if place < 0:
            raise ValueError(f"There is no place {place} in a file")
        if place != self._place:
            self._let_go()
            self._place = place
        return place

    def readinto(self, buffer: Any) -> int:
        if self._place >= self._size:
            return 0
        if self._body is None:
            self._body = self._client.get_object(
                Bucket=self._bucket, Key=self._key, Range=f"bytes={self._place}-"
            )["Body"]
        data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
