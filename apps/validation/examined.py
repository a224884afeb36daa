"""A version as checks see it: the manifest and the stored bytes, and nothing of Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from apps.catalog import prompts, store
from apps.catalog.models import ModelVersion


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a version, opened from the content store when a check asks for its bytes."""

    path: str
    sha256: str
    size: int

    def open(self) -> BinaryIO:
        """Open the stored bytes; FileNotFoundError when the store does not hold them."""
        return store.open(self.sha256)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """What a check may know about a version, read once at its start."""

    digest: str
    files: Sequence[StoredFile]
    signature: dict[str, object] | None
    input_example: object | None
    is_prompt: bool


def examined(version: ModelVersion) -> StoredVersion:
    """Return a version as its checks see it."""
    manifest = version.files.order_by("path", "pk").values_list(
        "path", "artifact__sha256", "artifact__size"
    )
    return StoredVersion(
        digest=version.content_digest,
        files=tuple(StoredFile(*entry) for entry in manifest),
        signature=version.signature,
        input_example=version.input_example,
        is_prompt=prompts.is_prompt(version.model),
    )
