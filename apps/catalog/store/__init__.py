"""Where artifacts are kept: a folder or a bucket, behind the storage named ``artifacts``."""

from pathlib import Path
from typing import BinaryIO

from django.core.files.storage import FileSystemStorage, storages
from django.utils.module_loading import import_string

from apps.catalog.store.contract import (
    ArtifactStore,
    BytesRefused,
    Expected,
    Source,
    StoredBytes,
    StoreFull,
    pieces,
)
from apps.catalog.store.folder import FolderStore

__all__ = [
    "ArtifactStore",
    "BytesRefused",
    "Expected",
    "Source",
    "StoreFull",
    "StoredBytes",
    "artifacts",
    "exists",
    "open",
    "pieces",
]


# Loaded when settings name a bucket: without one, no process pays for the client of S3.
_BUCKET_STORE = "apps.catalog.store.bucket.BucketStore"


def artifacts() -> ArtifactStore:
    """Return the store the settings name."""
    storage = storages["artifacts"]
    if isinstance(storage, FileSystemStorage):
        return FolderStore(Path(storage.location))
    store: ArtifactStore = import_string(_BUCKET_STORE)(storage)
    return store


def open(sha256: str) -> BinaryIO:  # noqa: A001 - read as store.open
    """Open a kept artifact for reading and seeking; FileNotFoundError when it is gone."""
    return artifacts().open(sha256)


def exists(sha256: str) -> bool:
    """Say whether an artifact is kept."""
    return artifacts().exists(sha256)
