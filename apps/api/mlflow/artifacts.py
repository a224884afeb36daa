"""Files of runs, logged models and versions, as MLflow clients list, read, write and delete them.

The server has decoded the address already; whatever still looks encoded is part of a label, or is
refused. Files of a version are reached by its content, and never change.
"""

from collections.abc import Iterable, Iterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.api import bodies
from apps.api.mlflow import errors
from apps.api.mlflow.calls import Asked, Call, Endpoint, Json, Nothing, endpoint
from apps.catalog import operations, sending
from apps.catalog.manifest import require_label
from apps.catalog.models import LoggedModel, Run
from apps.catalog.tracking import addresses, files, rights
from apps.catalog.tracking.addresses import ContentAddress, HomeAddress
from apps.catalog.tracking.files import Entry
from apps.core.inputs import InputRefused

_DOOR = "api/2.0/mlflow-artifacts"
_FILES = f"{_DOOR}/artifacts"
_FILE = f"{_FILES}/<path:place>"
_ABSENT = "There is no file here that you can see."
_FIXED = "The files of a version never change. Register another version instead."
_NO_PARTS = "Multipart upload is not supported for the current artifact repository"
"""What clients know: they send the file in one piece then."""


class Folder(Asked, frozen=True):
    """Which folder is listed, by its path below ``mlflow-artifacts:/``."""

    path: str = ""


class FolderOfRun(Asked, frozen=True):
    """Which folder of a run is listed; older clients name the run in another field."""

    run_id: str = ""
    run_uuid: str = ""
    path: str = ""
    page_token: str = ""


@endpoint("GET", _FILES, Folder)
def list_files(call: Call[Folder]) -> Json:
    """List what lies directly in a folder; a folder that is not there holds nothing."""
    found = _parsed(call.asked.path) if call.asked.path else None
    return _shown(_entries(call, found)) if found else {}


@endpoint("GET", "api/2.0/mlflow/artifacts/list", FolderOfRun)
def list_files_of_run(call: Call[FolderOfRun]) -> Json:
    """List a folder of a run, with paths that begin at the run's own root."""
    asked = call.asked
    if not (uid := asked.run_id or asked.run_uuid):
        raise errors.missing("run_id")
    if asked.page_token:
        raise errors.invalid("No page follows: a list of files is answered whole.")
    run = rights.run_or_none(call.actor, uid)
    if run is None:
        raise errors.absent(f"There is no run {uid!a:.100} that you can see.")
    before = f"{asked.path}/" if asked.path else ""
    return {"root_uri": addresses.root_of(run), **_shown(files.listed(run, asked.path), before)}


@endpoint("GET", _FILE)
def send_file(call: Call[Nothing], *, place: str) -> HttpResponseBase:
    """Send a file, or a range of it; of a version, once it is recorded who takes it."""
    found = _below(place)
    if isinstance(found, ContentAddress):
        version = found.version(call.actor)
        if version is None:
            raise errors.absent(_ABSENT)
        require_label(found.path)
        taken = operations.download(version, found.path, by=call.actor)
    else:
        taken = files.open_file(_home(call, found), found.path)
    return sending.file_or_redirect(taken, call.request.headers)


@endpoint("PUT", _FILE, reads_body=False)
def receive_file(call: Call[Nothing], *, place: str) -> Json:
    """Keep the body as a file; one of the same path is replaced."""
    found = _changeable(place)
    size = bodies.announced_size(call.request)
    files.write(
        _home(call, found),
        found.path,
        bodies.pieces(call.request, size) if size is not None else _nothing(call.request),
        by=call.actor,
        declared_size=size,
        media_type=bodies.media_type(call.request),
    )
    return {}


def _nothing(request: HttpRequest) -> Iterator[bytes]:
    """Yield nothing of a body in chunks, which is how clients send empty files.

    Of others it would not show that they were cut: servers end the body where the line broke.
    """
    for piece in bodies.pieces(request, None):
        if piece:
            raise InputRefused("Send a file that is not empty with a Content-Length.")
        yield piece


@endpoint("DELETE", _FILE, reads_body=False)
def delete_files(call: Call[Nothing], *, place: str) -> Json:
    """Delete a file, a folder with all it holds, or every file of a run or logged model."""
    found = _changeable(place)
    files.remove(_home(call, found), found.path, by=call.actor)
    return {}


def refuse_parts(call: Call[Nothing], *, place: str = "") -> Json:  # noqa: ARG001 - one answer
    """Say that files come in one piece."""
    raise errors.Refusal(_NO_PARTS, "NOT_IMPLEMENTED", 501)


def _parsed(place: str) -> HomeAddress | ContentAddress | None:
    """Return what a place leads to, or nothing; one that is no label either is refused."""
    found = addresses.parsed(place)
    if found is None:
        require_label(place)
    return found


def _below(place: str) -> HomeAddress | ContentAddress:
    found = _parsed(place)
    if found is None:
        raise errors.absent(_ABSENT)
    return found


def _changeable(place: str) -> HomeAddress:
    found = _below(place)
    if isinstance(found, ContentAddress):
        raise errors.forbidden(_FIXED)
    return found


def _home(call: Call[Nothing], found: HomeAddress) -> Run | LoggedModel:
    home = found.home(call.actor)
    if home is None:
        raise errors.absent(_ABSENT)
    return home


def _entries(call: Call[Folder], found: HomeAddress | ContentAddress) -> list[Entry]:
    if isinstance(found, ContentAddress):
        version = found.version(call.actor)
        return files.entries(version.files.all(), found.path) if version else []
    home = found.home(call.actor)
    return files.listed(home, found.path) if home else []


def _shown(found: Iterable[Entry], before: str = "") -> Json:
    """Return a list as clients read it: always whether it is a folder, and the size of a file."""
    shown = [
        {"path": f"{before}{entry.name}", "is_dir": entry.is_folder}
        | ({} if entry.is_folder else {"file_size": entry.size})
        for entry in found
    ]
    return {"files": shown} if shown else {}


_PARTS = tuple(
    endpoint(method, f"{_DOOR}/{path}{within}", reads_body=False)(refuse_parts)
    for method, path in (
        ("POST", "mpu/create"),
        ("POST", "mpu/complete"),
        ("POST", "mpu/abort"),
        ("GET", "presigned"),
    )
    for within in ("", "/<path:place>")
)

ENDPOINTS: tuple[Endpoint, ...] = (
    list_files,
    list_files_of_run,
    send_file,
    receive_file,
    delete_files,
    *_PARTS,
)
