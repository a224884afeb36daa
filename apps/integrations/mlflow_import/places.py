"""Where on an MLflow server the files of a version are, as far as the server hands them out."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from apps.catalog.manifest import label_problem
from apps.core.errors import RuleBroken
from apps.integrations.mlflow_import import answers
from apps.integrations.mlflow_import.client import ARTIFACTS, Absent, Client
from apps.integrations.mlflow_import.servers import MlflowServer

_LOGGED = re.compile(r"m-[\w\-]{1,62}")
_PROXIED = "mlflow-artifacts"


class OutOfReach(RuleBroken):
    """The files of a version are where the server does not hand them out."""

    code = "out_of_reach"


@dataclass(frozen=True)
class Origins:
    """The run and the logged model a version says it comes from, as the server knows them."""

    run: answers.Run | None = None
    logged: answers.LoggedModelInfo | None = None

    @property
    def roots(self) -> tuple[str, ...]:
        """Where their files are."""
        run = self.run.info.artifact_uri if self.run else ""
        logged = self.logged.artifact_uri if self.logged else ""
        return tuple(root for root in (logged, run) if root)


def folder_of(client: Client, source: str, origins: Origins) -> str:
    """Return the folder of the server's artifact store that a source means.

    Raises:
        OutOfReach: when the source leads elsewhere.
    """
    parts = urlsplit(source)
    place = re.sub("/+", "/", parts.path).strip("/")
    if parts.scheme == "models" and _LOGGED.fullmatch(place):
        logged = origins.logged
        if logged is None or logged.model_id != place:
            logged = client.logged_model(place)
        return served(client.server, logged.artifact_uri or "")
    if parts.scheme == "runs":
        uid, _, folder = place.partition("/")
        run = origins.run if origins.run and origins.run.info.run_id == uid else client.run(uid)
        return _of_run(client, run, folder)
    return served(client.server, source)


def folder_within(client: Client, source: str, origins: Origins) -> str:
    """Return the folder a source means, provided it is one of its run or its logged model.

    Whoever registers a version says its source; nothing else of the server may be fetched by that.
    """
    folder = folder_of(client, source, origins)
    if _is_named_by(source, origins):
        return folder
    roots = [served(client.server, root) for root in origins.roots]
    if not any(folder == root or folder.startswith(f"{root}/") for root in roots):
        raise OutOfReach("The source lies outside the run and the logged model it names.")
    return folder


def _is_named_by(source: str, origins: Origins) -> bool:
    """Say whether a source begins with the id of the run or the logged model itself."""
    parts = urlsplit(source)
    uid = parts.path.strip("/").partition("/")[0]
    if parts.scheme == "runs":
        return origins.run is not None and origins.run.info.run_id == uid
    return (
        parts.scheme == "models" and origins.logged is not None and (origins.logged.model_id == uid)
    )


def served(server: MlflowServer, address: str) -> str:
    """Return the path of an address in the artifact store that the server hands out.

    Raises:
        OutOfReach: when the server does not hand it out.
    """
    parts = urlsplit(address)
    path = ""
    if parts.scheme == _PROXIED and parts.hostname in {None, urlsplit(server.address).hostname}:
        path = parts.path
    elif address.startswith(f"{server.address}{ARTIFACTS}/"):
        path = address.removeprefix(f"{server.address}{ARTIFACTS}/")
    clean = path.strip("/")
    if not clean or label_problem(clean) or parts.query or parts.fragment:
        where = f"{parts.scheme}:" if parts.scheme else "a folder of the server"
        raise OutOfReach(
            f"The files lie in {where}, which the server does not hand out to clients."
            if not clean
            else "The address of the files is refused: it could be read in two ways."
        )
    return clean


def _of_run(client: Client, run: answers.Run, folder: str) -> str:
    """Return a folder of a run, or where the model is that MLflow 3 keeps beside it."""
    root = served(client.server, run.info.artifact_uri or "")
    within = f"{root}/{folder}".rstrip("/")
    if not folder or next(client.files(within), None) is not None:
        return within
    for output in run.outputs.model_outputs:
        try:
            logged = client.logged_model(output.model_id)
        except Absent:
            continue
        if logged.name == folder:
            return served(client.server, logged.artifact_uri or "")
    return within
