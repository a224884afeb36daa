"""A file on its way out of the store."""

from dataclasses import dataclass
from typing import BinaryIO

from apps.catalog import disposal, store
from apps.catalog.models import Artifact
from apps.core.errors import NotFound, RuleBroken


class Quarantined(RuleBroken):
    """The store does not hold these bytes as it was given them, so none go out."""

    code = "quarantined"


@dataclass(frozen=True)
class Download:
    """A file on its way out."""

    path: str
    sha256: str
    size: int
    bytes: BinaryIO


def require_sound(artifact: Artifact) -> None:
    """Refuse to hand out an artifact that was disposed of, or that is damaged in the store."""
    if artifact.disposed_at is not None:
        raise disposal.gone(artifact)
    if artifact.quarantined_at is not None:
        raise Quarantined(
            "The store no longer holds the right bytes of this file, so none are handed out. Tell "
            "the operator, who restores it from a second copy."
        )


def opened(path: str, artifact: Artifact) -> Download:
    """Open an artifact under the path it goes out by."""
    require_sound(artifact)
    try:
        content = store.open(artifact.sha256)
    except FileNotFoundError:
        raise NotFound("The store does not hold this file any more. Tell the operator.") from None
    return Download(path, artifact.sha256, artifact.size, content)
