"""Versions of a model: listed, shown, registered with their checks, and their files."""

from typing import Any

from django.http import Http404, HttpResponseBase
from ninja import Router

from apps.accounts.models import User
from apps.api.callers import Call
from apps.api.v1.answers import Version, VersionLine, VersionPage
from apps.api.v1.asked import Limit, NewVersion
from apps.catalog import operations as catalog
from apps.catalog import queries
from apps.catalog.manifest import label_problem
from apps.catalog.models import ModelVersion, RegisteredModel, Upload
from apps.catalog.sending import file_response
from apps.core.inputs import InputRefused
from apps.core.paging import Order
from apps.validation import operations as validation
from apps.validation import queries as checks

router = Router(tags=["versions"])
NEWEST_FIRST = Order(("number",))
_VERSION = "/models/{name}/versions/{int:number}"


@router.get("/models/{name}/versions", url_name="versions", response=VersionPage)
def list_versions(request: Call, name: str, limit: Limit = 100, page: str = "") -> VersionPage:
    """List the versions of a model, the newest first."""
    model = queries.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    versions = model.versions.select_related("model")
    bound_to = f"versions of {model.record_id} for {request.actor.id}"
    found = NEWEST_FIRST.page(versions, size=limit, mark=page, bound_to=bound_to)
    lines = [VersionLine.of(version) for version in found.rows]
    return VersionPage(versions=lines, next=found.older or None)


@router.post("/models/{name}/versions", url_name="versions", response={201: Version})
def register_version(request: Call, name: str, asked: NewVersion) -> Version:
    """Register what an upload holds as the next version, and queue every check on it."""
    model = _model_to_extend(request, name)
    version = validation.register_and_check(model, by=request.actor, **_facts(model, asked))
    return _whole(version)


@router.get(_VERSION, url_name="version", response=Version)
def show_version(request: Call, name: str, number: int) -> Version:
    """Show a version with its files and how its checks stand."""
    return _whole(_find(request, name, number))


@router.get(f"{_VERSION}/files/{{path:path}}", url_name="download")
def download(request: Call, name: str, number: int, path: str) -> HttpResponseBase:
    """Send one file of a version, or a range of it, once it is recorded who takes it."""
    version = _find(request, name, number)
    if label_problem(path):
        raise Http404
    taken = catalog.download(version, path, by=request.actor)
    return file_response(taken, request.headers)


def _find(request: Call, name: str, number: int) -> ModelVersion:
    version = queries.version_or_none(request.actor, name, number)
    if version is None:
        raise Http404
    return version


def _model_to_extend(request: Call, name: str) -> RegisteredModel:
    """Return a model the caller may see; a token that may only register need not see it."""
    extendable = queries.models_where(request.actor, catalog.REGISTER_VERSION.permission)
    model = queries.model_or_none(request.actor, name) or extendable.filter(name=name).first()
    if model is None:
        raise Http404
    return model


def _facts(model: RegisteredModel, asked: NewVersion) -> dict[str, Any]:
    """Return what is declared, as the operation takes it; it reads the upload afresh, locked."""
    declared = asked.model_dump(exclude={"upload", "run", "base_version", "contributors"})
    return declared | {
        "upload": Upload(pk=asked.upload),
        "run": asked.run.facts() if asked.run else None,
        "base_version": _base(model, asked.base_version),
        "contributors": _people(asked.contributors),
    }


def _base(model: RegisteredModel, number: int | None) -> ModelVersion | None:
    if number is None:
        return None
    base: ModelVersion | None = model.versions.filter(number=number).first()
    if base is None:
        raise InputRefused(f"{model} has no version {number}.")
    return base


def _people(usernames: list[str]) -> list[User]:
    people = list(User.objects.filter(username__in=usernames).order_by("pk"))
    unknown = set(usernames) - {person.username for person in people}
    if unknown:
        raise InputRefused(f"Nobody has the sign-in name {min(unknown)!a:.160}.")
    return people


def _whole(version: ModelVersion) -> Version:
    return Version.whole(version, checks.newest_runs(version).values())
