"""Files of a version leave Signet only after the record says who took them."""

from dataclasses import dataclass
from typing import BinaryIO

from apps.audit.actions import Action
from apps.audit.changes import record_access
from apps.catalog import store
from apps.catalog.models import ModelVersion, VersionFile
from apps.core.actors import Actor
from apps.core.errors import NotFound

DOWNLOAD = Action(
    "version.download",
    permission="catalog.download_artifacts",
    refusal="You do not have the right to download files of this model.",
)


@dataclass(frozen=True)
class Download:
    """A file on its way out."""

    path: str
    sha256: str
    size: int
    bytes: BinaryIO


def download(version: ModelVersion, path: str, *, by: Actor) -> Download:
    """Open a file of a version, once it is recorded who takes it."""
    files = VersionFile.objects.filter(version=version, path=path)
    file = files.select_related("artifact").first()
    if file is None:
        raise NotFound("This version has no such file.")
    artifact = file.artifact
    facts = {"path": path, "sha256": artifact.sha256, "size": artifact.size}
    record_access(DOWNLOAD, version, by=by, facts=facts)
    try:
        content = store.open(artifact.sha256)
    except FileNotFoundError:
        raise NotFound("The store does not hold this file any more. Tell the operator.") from None
    return Download(path, artifact.sha256, artifact.size, content)
