"""Files of a version leave Signet only after the record says who took them."""

from apps.audit.actions import Action
from apps.audit.changes import record_access
from apps.catalog.models import ModelVersion, VersionFile
from apps.catalog.outgoing import Download, opened, require_sound
from apps.core.actors import Actor
from apps.core.errors import NotFound

DOWNLOAD = Action(
    "version.download",
    permission="catalog.download_artifacts",
    refusal="You do not have the right to download files of this model.",
)


def download(version: ModelVersion, path: str, *, by: Actor) -> Download:
    """Open a file of a version, once it is recorded who takes it."""
    files = VersionFile.objects.filter(version=version, path=path)
    file = files.select_related("artifact").first()
    if file is None:
        raise NotFound("This version has no such file.")
    artifact = file.artifact
    require_sound(artifact)
    facts = {"path": path, "sha256": artifact.sha256, "size": artifact.size}
    record_access(DOWNLOAD, version, by=by, facts=facts)
    return opened(path, artifact)
