"""What a source leads to: files of a run, a logged model, a version, or bytes that lie elsewhere.

Nothing is fetched from any address, and no path is looked up on a disk: an address that leads to
rows of this registry, which the actor may see, gives their artifacts; any other is only kept.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from apps.catalog import disposal, names, prompts, queries
from apps.catalog.manifest import folded, require_labels
from apps.catalog.models import (
    LoggedModel,
    ModelVersion,
    RegisteredModel,
    Run,
    TrackedFile,
    VersionFile,
)
from apps.catalog.models.content import NamedFile
from apps.catalog.operations.labels import MOST_VERSION_TAG
from apps.catalog.tracking import addresses, rights
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused, require_text

DOWNLOAD = "catalog.download_artifacts"
MOST_RUN_UID = 32
MOST_LOGGED_UID = 64

_LOGGED = re.compile(r"m-[\w\-]{1,62}")
_VERSION = re.compile(
    r"(?P<name>[^/]+)/(?P<number>[1-9][0-9]{0,8})|(?P<of>[^/]+)@(?P<alias>[\w\-]+)"
)
_PROXIED = "mlflow-artifacts"
_OWN_SCHEMES = frozenset({"models", "runs", _PROXIED})


@dataclass(frozen=True)
class Claim:
    """Where a version is said to come from, as a client gives it."""

    source: str
    run_uid: str = ""
    logged_model_uid: str = ""


@dataclass(frozen=True)
class Found:
    """What a source leads to. Without files and text of a prompt, the bytes lie elsewhere."""

    source: str
    files: tuple[NamedFile, ...] = ()
    run: Run | None = None
    run_uid: str = ""
    logged_model_uid: str = ""
    logged_by: str = ""
    copied: ModelVersion | None = None
    prompt: bytes = b""


def find(model: RegisteredModel, claim: Claim, tags: Mapping[str, str], *, by: Actor) -> Found:
    """Return what a claimed source leads to, as far as the actor may see it.

    Raises:
        InputRefused: when the source could be read in two ways, or is not what run and logged
            model say.
        RuleBroken: when it leads to something here that holds no files.
    """
    require_text(claim.run_uid, "The id of the run", MOST_RUN_UID)
    require_text(claim.logged_model_uid, "The id of the logged model", MOST_LOGGED_UID)
    if prompts.is_prompt(model):
        return _prompt(claim, tags, by=by)
    if not claim.source:
        raise InputRefused("The source is empty. Say where the files of the version are.")
    names.require_source(claim.source)
    parts = urlsplit(claim.source)
    if parts.scheme in _OWN_SCHEMES and (
        parts.query or (parts.netloc and parts.scheme != _PROXIED)
    ):
        raise InputRefused(f"The source is refused: {parts.scheme}: takes no host and no query.")
    place = re.sub("/+", "/", parts.path).strip("/")
    if parts.scheme == "models":
        return _from_models(place, claim, by=by)
    if parts.scheme == "runs":
        return _from_run_uri(place, claim, by=by)
    if parts.scheme == _PROXIED and not parts.netloc:
        return _from_artifacts(place, claim, by=by)
    return _elsewhere(claim, by=by)


def _prompt(claim: Claim, tags: Mapping[str, str], *, by: Actor) -> Found:
    """Return the content of a prompt version, which is what its tags say."""
    if claim.source not in prompts.SOURCES:
        raise InputRefused("A version of a prompt has no source: give dummy-source.")
    for key in prompts.CONTENT.keys() & tags.keys():
        names.require_tag(key, tags[key], MOST_VERSION_TAG)
    run = rights.run_or_none(by, claim.run_uid) if claim.run_uid else None
    return Found(claim.source, run=run, run_uid=claim.run_uid, prompt=prompts.content(tags))


def _elsewhere(claim: Claim, *, by: Actor) -> Found:
    """Keep a source whose bytes are not here, with the run or logged model it names."""
    logged = _logged(claim.logged_model_uid, by=by)
    run = _run(claim, logged, by=by)
    return Found(
        claim.source,
        run=run,
        run_uid=claim.run_uid or (run.uid if run else ""),
        logged_model_uid=claim.logged_model_uid,
        logged_by=logged.started_by.record_id if logged else "",
    )


# -- logged models and versions ----------------------------------------------------------------


def _from_models(place: str, claim: Claim, *, by: Actor) -> Found:
    if _LOGGED.fullmatch(place):
        _require_same(claim.logged_model_uid, place, "logged model")
        logged = _logged(place, by=by)
        told = Claim(claim.source, claim.run_uid, place)
        return _from_logged(logged, "", told, by=by) if logged else _elsewhere(told, by=by)
    named = _VERSION.fullmatch(place)
    if named is None:
        raise InputRefused(
            "The source is refused: models:/ is followed by the id of a logged model, a name and a "
            "number, or a name and @alias."
        )
    version = _named_version(named, by=by)
    return _copy(version, claim, source=f"models:/{version.model.name}/{version.number}", by=by)


def _named_version(named: re.Match[str], *, by: Actor) -> ModelVersion:
    """Return the version a source names, by number, by alias, or as the latest."""
    if named["number"]:
        version = queries.version_or_none(by, named["name"], int(named["number"]))
    else:
        seen = queries.versions_visible_to(by).filter(model__name=named["of"])
        newest = seen.select_related("model", "run").order_by("-number")
        is_latest = named["alias"].lower() == "latest"
        version = (newest if is_latest else newest.filter(aliases__name=named["alias"])).first()
    if version is None:
        raise NotFound("The source names a version that is not there.")
    return version


def _copy(version: ModelVersion, claim: Claim, *, source: str, by: Actor) -> Found:
    """Return the content of another version, which whoever may download it may register again."""
    if not by.may(DOWNLOAD, version.model):
        raise NotAllowed(f"You do not have the right to download files of {version.model}.")
    if prompts.is_prompt(version.model):
        raise InputRefused("A version of a prompt is no source of a model.")
    _require_same(claim.run_uid, version.run_uid, "run")
    _require_same(claim.logged_model_uid, version.logged_model_uid, "logged model")
    return Found(
        source if version.is_ready else version.source,
        _files(version.files.select_related("artifact")) if version.is_ready else (),
        version.run,
        version.run_uid,
        version.logged_model_uid,
        copied=version,
    )


def _from_logged(logged: LoggedModel, folder: str, claim: Claim, *, by: Actor) -> Found:
    files = _files(logged.files.select_related("artifact"), folder)
    _require_some(files, f"The logged model {logged.uid}")
    run = _run(claim, logged, by=by)
    return Found(
        claim.source,
        files,
        run,
        claim.run_uid or (run.uid if run else ""),
        logged.uid,
        logged.started_by.record_id,
    )


# -- runs ------------------------------------------------------------------------------------------


def _from_run_uri(place: str, claim: Claim, *, by: Actor) -> Found:
    uid, _, folder = place.partition("/")
    if not uid:
        raise InputRefused("The source is refused: runs:/ is followed by the id of a run.")
    require_text(uid, "The id of the run", MOST_RUN_UID)
    _require_same(claim.run_uid, uid, "run")
    told = Claim(claim.source, uid, claim.logged_model_uid)
    run = rights.run_or_none(by, uid)
    return _from_run(run, folder, told, by=by) if run else _elsewhere(told, by=by)


def _from_run(run: Run, folder: str, claim: Claim, *, by: Actor) -> Found:
    """Return what a run wrote below a folder; MLflow 3 keeps a model of that name beside it."""
    files = _files(run.files.select_related("artifact"), folder)
    if not files:
        logged = run.logged_models.filter(name=folder, deleted_at=None).order_by("-id").first()
        if logged is not None:
            _require_same(claim.logged_model_uid, logged.uid, "logged model")
            return _from_logged(logged, "", claim, by=by)
    _require_some(files, f"The run {run.uid}, below {folder!a:.200},")
    logged_by = _logged(claim.logged_model_uid, by=by)
    return Found(
        claim.source,
        files,
        run,
        run.uid,
        claim.logged_model_uid,
        logged_by.started_by.record_id if logged_by else "",
    )


def _from_artifacts(place: str, claim: Claim, *, by: Actor) -> Found:
    """Return what lies at an address of the artifact door, which is below a run or logged model."""
    address = addresses.parsed(place)
    if isinstance(address, addresses.ContentAddress):
        return _from_content(address, claim, by=by)
    if address is None:
        raise InputRefused(
            "The source is refused: mlflow-artifacts:/ is followed by the artifact folder of a run "
            "or a logged model, or by the content of a version."
        )
    given = claim.run_uid if address.is_run else claim.logged_model_uid
    _require_same(given, address.uid, "run" if address.is_run else "logged model")
    told = Claim(
        claim.source,
        address.uid if address.is_run else claim.run_uid,
        claim.logged_model_uid if address.is_run else address.uid,
    )
    home = address.home(by)
    if isinstance(home, Run):
        return _from_run(home, address.path, told, by=by)
    if home is not None:
        return _from_logged(home, address.path, told, by=by)
    return _elsewhere(told, by=by)


def _from_content(address: addresses.ContentAddress, claim: Claim, *, by: Actor) -> Found:
    version = address.version(by)
    if version is None or address.path or not by.may(DOWNLOAD, version.model):
        raise InputRefused(
            "The source is refused: no version whose files you may download has this content."
        )
    return _copy(version, Claim(claim.source), source=claim.source, by=by)


# -- what holds for all of them --------------------------------------------------------------------


def _logged(uid: str, *, by: Actor) -> LoggedModel | None:
    return rights.logged_model_or_none(by, uid) if uid else None


def _run(claim: Claim, logged: LoggedModel | None, *, by: Actor) -> Run | None:
    """Return the run that was named, or else the one that logged the model."""
    if claim.run_uid:
        if logged and logged.run:
            _require_same(claim.run_uid, logged.run.uid, "run")
        return rights.run_or_none(by, claim.run_uid)
    return logged.run if logged else None


def _require_same(given: str, meant: str, thing: str) -> None:
    if given and given != meant:
        raise InputRefused(f"The source is refused: it is not of the {thing} {given!a:.80}.")


def _require_some(files: Iterable[VersionFile], whose: str) -> None:
    files = list(files)
    disposal.require_there(file.artifact for file in files)
    sizes = [file.artifact.size for file in files]
    if not sizes:
        raise RuleBroken(f"{whose} holds no files. Log the model's files first.")
    if not any(sizes):
        raise RuleBroken(f"{whose} holds only empty files. Log the model's files again.")


def _files(held: Iterable[TrackedFile | VersionFile], folder: str = "") -> tuple[VersionFile, ...]:
    """Return the files below a folder, or the one of exactly that path, named from there on."""
    start = f"{folder.rstrip('/')}/" if folder else ""
    found = [
        _named(file, file.path.removeprefix(start)) for file in held if file.path.startswith(start)
    ] or [_named(file, file.path.rpartition("/")[2]) for file in held if file.path == folder]
    require_labels(file.path for file in found)
    return tuple(sorted(found, key=lambda file: file.path))


def _named(file: NamedFile, path: str) -> VersionFile:
    return VersionFile(
        path=path, folded_path=folded(path), artifact=file.artifact, media_type=file.media_type
    )
