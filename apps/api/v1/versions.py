"""Versions of a model: listed, shown, registered with their checks, described, deleted."""

from typing import Any

from django.http import Http404, HttpResponseBase
from ninja import Router

from apps.api.callers import Call
from apps.api.conditional import unless_changed
from apps.api.describing import FILE
from apps.api.v1 import as_of as past
from apps.api.v1 import found
from apps.api.v1.answers.as_of import VersionThen
from apps.api.v1.answers.versions import Version, VersionLine, VersionPage
from apps.api.v1.asked.common import Limit, Reason, Words
from apps.api.v1.asked.versions import DescribedVersion, NewVersion
from apps.approvals import operations as approvals
from apps.catalog import operations as catalog
from apps.catalog.manifest import label_problem
from apps.catalog.models import ModelVersion, RegisteredModel, Upload
from apps.catalog.operations import sources
from apps.catalog.sending import file_response
from apps.core.paging import Order
from apps.validation import operations as validation
from apps.validation import queries as checks

router = Router(tags=["versions"])
NEWEST_FIRST = Order(("number",))
_VERSION = "/models/{name}/versions/{int:number}"


@router.get("/models/{name}/versions", url_name="versions", response=VersionPage)
def list_versions(request: Call, name: str, limit: Limit = 100, page: str = "") -> VersionPage:
    """List the versions of a model, the newest first."""
    model = found.model(request.actor, name)
    versions = model.versions.filter(deleted_at=None).select_related("model")
    bound_to = f"versions of {model.record_id} for {request.actor.id}"
    rows = NEWEST_FIRST.page(versions, size=limit, mark=page, bound_to=bound_to)
    lines = [VersionLine.of(version) for version in rows.rows]
    return VersionPage(versions=lines, next=rows.older or None)


@router.post("/models/{name}/versions", url_name="versions", response={201: Version})
def register_version(request: Call, name: str, asked: NewVersion) -> Version:
    """Register what an upload holds as the next version, and queue every check on it."""
    model = found.model(request.actor, name, to=catalog.REGISTER_VERSION)
    version = validation.register_and_check(model, by=request.actor, **_facts(model, asked))
    return _whole(version)


@router.get(_VERSION, url_name="version", response=Version | VersionThen)
def show_version(request: Call, name: str, number: int, as_of: Words = "") -> Version | VersionThen:
    """Show a version with its files and how its checks stand.

    With ``as_of``, how it was at a moment: a day means its end in UTC.
    """
    version = found.version(request.actor, name, number)
    return past.version_then(version, as_of, request.actor) if as_of else _whole(version)


@router.patch(_VERSION, url_name="version", response=Version)
def describe_version(request: Call, name: str, number: int, asked: DescribedVersion) -> Version:
    """Change the words that describe a version; nothing else about it ever changes."""
    version = found.version(request.actor, name, number, to=sources.DESCRIBE_VERSION)
    with unless_changed(request, lambda: show_version(request, name, number)):
        sources.describe_version(version, by=request.actor, description=asked.description)
    return _whole(version)


@router.delete(_VERSION, url_name="version", response={204: None})
def delete_version(request: Call, name: str, number: int, asked: Reason) -> None:
    """Delete a version that nothing refers to; its number is never used again."""
    version = found.version(request.actor, name, number, to=approvals.DELETE_VERSION)
    with unless_changed(request, lambda: show_version(request, name, number)):
        approvals.delete_version(version, by=request.actor, reason=asked.reason)


@router.get(f"{_VERSION}/files/{{path:path}}", url_name="download", openapi_extra=FILE)
def download(request: Call, name: str, number: int, path: str) -> HttpResponseBase:
    """Send one file of a version, or a range of it, once it is recorded who takes it."""
    version = found.version(request.actor, name, number)
    if label_problem(path):
        raise Http404
    taken = catalog.download(version, path, by=request.actor)
    return file_response(taken, request.headers)


def _facts(model: RegisteredModel, asked: NewVersion) -> dict[str, Any]:
    """Return what is declared, as the operation takes it; it reads the upload afresh, locked."""
    declared = asked.model_dump(exclude={"upload", "run", "base_version", "contributors"})
    base = asked.base_version
    return declared | {
        "upload": Upload(pk=asked.upload),
        "run": asked.run.facts() if asked.run else None,
        "base_version": None if base is None else found.version_of(model, base),
        "contributors": found.people(asked.contributors),
    }


def _whole(version: ModelVersion) -> Version:
    return Version.whole(version, checks.newest_runs(version).values())
