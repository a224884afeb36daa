"""Reads an MLflow server over its REST API: typed, page by page, and never without an end."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec
from django.conf import settings

from apps.catalog.manifest import label_problem
from apps.core import outbound
from apps.core.errors import NotFound, RuleBroken
from apps.core.outbound import AnswerTooLong, Flow, NotReached
from apps.integrations.mlflow_import import answers
from apps.integrations.mlflow_import.servers import MlflowServer

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
IS_PROMPT = "tags.`mlflow.prompt.is_prompt` = 'true'"

MOST_ANSWER = 32 * 2**20
ROWS = 100
POINTS = 5000
SECONDS = 60.0
FILE_SECONDS = 6 * 3600.0
SILENCE = 120.0
"""How long a server may fetch a file from its own store before the first byte comes."""

Shape = TypeVar("Shape")


class Unusable(RuleBroken):
    """The server answered something an MLflow server does not."""

    code = "unusable_answer"


class SignInRefused(RuleBroken):
    """The server does not let Signet in, or not there."""

    code = "sign_in_refused"


class Busy(RuleBroken):
    """The server could not answer now; it may later."""

    code = "server_busy"


class Absent(NotFound):
    """The server does not have it."""

    code = "absent_there"


LATER = (NotReached, Busy, SignInRefused)
"""What may go well at another time, so that nothing is settled by it."""


@dataclass(frozen=True)
class Bounds:
    """How much is read before the answer is taken for one without an end, and how often again."""

    pages: int = 10_000
    folders: int = 10_000
    pauses: tuple[float, ...] = (0.5, 2.0)


@dataclass(frozen=True)
class ForeignFile:
    """A file below a folder of the server, and its size when the server says it."""

    path: str
    size: int | None


class Client:
    """One MLflow server, read only."""

    def __init__(
        self,
        server: MlflowServer,
        *,
        bounds: Bounds | None = None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self.server, self.bounds = server, bounds or Bounds()
        self._alive = alive

    # -- the registry

    def models(self, *, prompts: bool) -> Iterator[answers.Model]:
        """Yield all registered models, or all prompts, in order of name."""
        asked = {"max_results": str(ROWS), "order_by": "name ASC"}
        if prompts:
            asked["filter"] = IS_PROMPT
        for page in self._pages("registered-models/search", asked, answers.ModelPage):
            yield from page.registered_models

    def model(self, name: str) -> answers.Model:
        """Return a registered model with its aliases."""
        found = self._get("registered-models/get", {"name": name}, answers.ModelAnswer)
        return found.registered_model

    def versions(self, name: str, *, prompts: bool) -> Iterator[answers.Version]:
        """Yield the versions of a model, or of a prompt, by their numbers."""
        mark = '"' if "'" in name else "'"
        if mark in name:
            raise Unusable("No filter of MLflow can hold this name.")
        asked = {
            "filter": f"name = {mark}{name}{mark}" + (f" AND {IS_PROMPT}" if prompts else ""),
            "max_results": str(ROWS),
            "order_by": "version_number ASC",
        }
        for page in self._pages("model-versions/search", asked, answers.VersionPage):
            yield from page.model_versions

    def download_address(self, name: str, number: int) -> str:
        """Return where the files of a version are, also of one that is a copy."""
        asked = {"name": name, "version": str(number)}
        return self._get("model-versions/get-download-uri", asked, answers.Place).artifact_uri

    # -- the tracking record

    def run(self, uid: str) -> answers.Run:
        """Return a run."""
        return self._get("runs/get", {"run_id": uid}, answers.RunAnswer).run

    def history(self, run_uid: str, key: str) -> Iterator[tuple[answers.Metric, ...]]:
        """Yield all points of a metric, a page at a time."""
        asked = {"run_id": run_uid, "metric_key": key, "max_results": str(POINTS)}
        for page in self._pages("metrics/get-history", asked, answers.MetricPage):
            yield page.metrics

    def experiment_name(self, experiment_id: str) -> str:
        """Return the name of an experiment."""
        asked = {"experiment_id": experiment_id}
        return self._get("experiments/get", asked, answers.ExperimentAnswer).experiment.name

    def logged_model(self, uid: str) -> answers.LoggedModelInfo:
        """Return a logged model."""
        found = self._get(f"logged-models/{quote(uid, safe='')}", {}, answers.LoggedModelAnswer)
        return found.model.info

    # -- files

    def files(self, folder: str) -> Iterator[ForeignFile]:
        """Yield all files below a folder of the server's artifact store, by paths within it."""
        waiting, opened = [""], 0
        while waiting:
            within = waiting.pop()
            opened += 1
            if opened > self.bounds.folders:
                raise Unusable(f"The folder {folder!a:.200} holds folders without an end.")
            for entry in self._listed(f"{folder}/{within}".strip("/")).files:
                path = f"{within}/{entry.path}" if within else entry.path
                _require_one_name(entry.path, path)
                if entry.is_dir:
                    waiting.append(path)
                else:
                    yield ForeignFile(path, entry.file_size or None)

    def file(self, path: str) -> AbstractContextManager[Flow]:
        """Open a file of the server's artifact store."""
        return self._opened(f"{self.server.address}{ARTIFACTS}/{quote(path)}")

    @contextmanager
    def _opened(self, url: str) -> Iterator[Flow]:
        with outbound.stream(
            url,
            headers=self.server.headers,
            most=settings.MOST_FILE_BYTES,
            seconds=FILE_SECONDS,
            silence=SILENCE,
        ) as flow:
            _require_good(flow.status)
            yield Flow(flow.status, flow.length, self._watched(flow.chunks))

    def _watched(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._alive()
            yield chunk

    def _listed(self, folder: str) -> answers.Listing:
        url = f"{self.server.address}{ARTIFACTS}?{urlencode({'path': folder})}"
        return self._decoded(url, answers.Listing)

    # -- one request

    def _pages(self, call: str, asked: dict[str, str], shape: type[Shape]) -> Iterator[Shape]:
        """Yield page after page; a server that turns in a circle or goes on for ever is left."""
        token, seen = "", set[int]()
        for _ in range(self.bounds.pages):
            page = self._get(call, {**asked, "page_token": token} if token else asked, shape)
            yield page
            token = getattr(page, "next_page_token", None) or ""
            if not token:
                return
            if hash(token) in seen:
                break
            seen.add(hash(token))
        raise Unusable("The server gives pages without an end.")

    def _get(self, call: str, asked: dict[str, str], shape: type[Shape]) -> Shape:
        query = f"?{urlencode(asked)}" if asked else ""
        return self._decoded(f"{self.server.address}{API}/{call}{query}", shape)

    def _decoded(self, url: str, shape: type[Shape]) -> Shape:
        body = self._body(url)
        try:
            return msgspec.json.decode(body, type=shape, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Unusable("The server answered something an MLflow server does not.") from None

    def _body(self, url: str) -> bytes:
        """Return an answer, asking again after a pause when the server is away for a moment."""
        for pause in self.bounds.pauses:
            try:
                return self._asked(url)
            except (NotReached, Busy):
                time.sleep(pause)
        return self._asked(url)

    def _asked(self, url: str) -> bytes:
        self._alive()
        headers = {**self.server.headers, "Accept": "application/json"}
        try:
            answer = outbound.ask(
                "GET", url, headers=headers, most=MOST_ANSWER, seconds=SECONDS, silence=SECONDS
            )
        except AnswerTooLong:
            raise Unusable(f"The server answered more than {MOST_ANSWER:,} bytes.") from None
        _require_good(answer.status)
        return answer.body


def _require_good(status: int) -> None:
    if status == 200:
        return
    if status in {401, 403}:
        raise SignInRefused(f"The server refused Signet with status {status}. Look at its token.")
    if status == 404:
        raise Absent("The server does not have this.")
    if status in {408, 425, 429} or status >= 500:
        raise Busy(f"The server could not answer: status {status}.")
    raise Unusable(f"The server answered with status {status}.")


def _require_one_name(name: str, path: str) -> None:
    """Refuse an entry of a folder that is no single name, or would lead out of it."""
    if "/" in name or (problem := label_problem(path)):
        why = "it is no single name" if "/" in name else problem
        raise Unusable(f"The path {path!a:.200} is refused: {why}.")
