"""A file on its way out of the store."""

from dataclasses import dataclass
from typing import BinaryIO

from apps.catalog import store
from apps.catalog.models import Artifact
from apps.core.errors import NotFound


@dataclass(frozen=True)
class Download:
    """A file on its way out."""

    path: str
    sha256: str
    size: int
    bytes: BinaryIO


def opened(path: str, artifact: Artifact) -> Download:
    """Open an artifact under the path it goes out by."""
    try:
        content = store.open(artifact.sha256)
    except FileNotFoundError:
        raise NotFound("The store does not hold this file any more. Tell the operator.") from None
    return Download(path, artifact.sha256, artifact.size, content)
