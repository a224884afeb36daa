"""A cluster with KServe, as far as Signet speaks to one: the API server, and the controllers.

It does as they are documented to: objects are written against their ``resourceVersion``; a field
that server-side apply leaves out goes unless somebody else owns it; a changed template makes a
revision, whose annotations are the service's; requests go to what is ready, split as KServe 0.16
splits them; a service that is stopped loses its status. Unknown fields are refused.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.integrations.receiver import Sent

TOKEN = "a token of the service account"
SERVICES = "/apis/serving.kserve.io/v1beta1/namespaces/models/inferenceservices"
REVISIONS = "/apis/serving.knative.dev/v1/namespaces/models/revisions"
LOADED_FROM = "internal.serving.kserve.io/storage-initializer-sourceuri"
_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_KNOWN = re.compile(
    r"apiVersion|kind|metadata\.(name|namespace|resourceVersion|annotations\..+)|spec\.predictor\."
    r"(canaryTrafficPercent|serviceAccountName|model\.(modelFormat\.name|storageUri|runtime))"
)

Path = tuple[str, ...]
Json = dict[str, Any]


@dataclass
class Stored:
    """One service: its fields, who owns each, and what the controllers made of it."""

    fields: dict[Path, Any]
    owners: dict[Path, set[str]]
    status: Json = field(default_factory=dict)
    revisions: dict[str, Json] = field(default_factory=dict)
    version: int = 0

    def of(self, *path: str) -> Any:
        return self.fields.get(path)

    @property
    def annotations(self) -> dict[str, str]:
        at = ("metadata", "annotations")
        return {path[2]: value for path, value in self.fields.items() if path[:2] == at}


@dataclass
class Cluster:
    """Answers one namespace, ``models``."""

    services: dict[str, Stored] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """Addresses of files that never become ready."""
    troubles: list[int] = field(default_factory=list)
    """What the next requests are answered with, in place of what was asked."""
    loses: int = 0
    """How many answers to writes get lost: the write is done."""
    slips: int = 0
    """How many writes of somebody else come in between a read and the next write."""
    numbers: list[int] = field(default_factory=list)
    """The numbers of the orders it took, in their order."""
    page: int = 1000
    _versions: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def script(self, sent: Sent, handler: Any) -> None:
        """Answer one request."""
        status, body = self._answered(sent)
        text = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def _answered(self, sent: Sent) -> tuple[int, Json]:
        if sent.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"reason": "Unauthorized"}
        if self.troubles:
            return self.troubles.pop(0), {"message": "not for everybody's eyes"}
        parts = urlsplit(sent.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        home, _, name = parts.path.rpartition("/")
        if sent.method == "GET":
            return self._read(parts.path, home, name, query)
        answer = self._written(sent, name, query)
        if answer[0] < 300 and self.loses and sent.method == "PATCH":
            self.loses -= 1
            return 504, {}
        return answer

    # -- reading

    def _read(self, path: str, home: str, name: str, query: Mapping[str, str]) -> tuple[int, Json]:
        revisions = {
            revision: found
            for one in self.services.values()
            for revision, found in one.revisions.items()
        }
        if path == SERVICES:
            return 200, self._listed([self._shown(one) for one in self.services.values()], query)
        if path == REVISIONS:
            assert query["labelSelector"] == "serving.kserve.io/inferenceservice"
            return 200, self._listed(list(revisions.values()), query)
        if home == REVISIONS:
            return (200, revisions[name]) if name in revisions else (404, {})
        if home == SERVICES and name in self.services:
            return 200, self._shown(self.services[name])
        return 404, {"reason": "NotFound"}

    def _listed(self, items: list[Json], query: Mapping[str, str]) -> Json:
        begin, size = int(query.get("continue", 0)), min(self.page, int(query["limit"]))
        further = {"continue": str(begin + size)} if begin + size < len(items) else {}
        return {"items": items[begin : begin + size], "metadata": further}

    def _shown(self, one: Stored) -> Json:
        shown: Json = {}
        for path, value in one.fields.items():
            inner = shown
            for step in path[:-1]:
                inner = inner.setdefault(step, {})
            inner[path[-1]] = value
        shown["metadata"]["resourceVersion"] = str(one.version)
        shown["metadata"]["managedFields"] = [{"manager": "signet", "fieldsV1": {"f:spec": {}}}]
        shown["status"] = {"observedGeneration": 1, **one.status}
        return shown

    # -- writing

    def _written(self, sent: Sent, name: str, query: Mapping[str, str]) -> tuple[int, Json]:
        assert query["fieldManager"] == "signet"
        assert query["fieldValidation"] == "Strict"
        fields = dict(_leaves(json.loads(sent.body)))
        if any(not _KNOWN.fullmatch(".".join(path)) for path in fields):
            return 400, {"message": "strict decoding error: unknown field"}
        if not _NAME.fullmatch(str(fields["metadata", "name"])):
            return 422, {"reason": "Invalid"}
        if sent.method == "POST":
            return self._create(str(fields["metadata", "name"]), fields)
        assert sent.headers["Content-Type"] == "application/apply-patch+yaml"
        assert query["force"] == "true"
        return self._apply(name, fields)

    def _create(self, name: str, fields: dict[Path, Any]) -> tuple[int, Json]:
        if name in self.services:
            return 409, {"reason": "AlreadyExists"}
        assert ("metadata", "resourceVersion") not in fields
        made = Stored(fields, {path: {"Update"} for path in fields}, version=next(self._versions))
        self.services[name] = made
        return 201, self._shown(made)

    def _apply(self, name: str, fields: dict[Path, Any]) -> tuple[int, Json]:
        one = self.services[name]
        if self.slips:
            self.slips -= 1
            one.version = next(self._versions)
        if str(fields.pop(("metadata", "resourceVersion"))) != str(one.version):
            return 409, {"reason": "Conflict"}
        for path in [path for path, owners in one.owners.items() if "Apply" in owners]:
            if path not in fields:
                one.owners[path].discard("Apply")
                if not one.owners[path]:
                    del one.owners[path], one.fields[path]
        for path, value in fields.items():
            same = path in one.fields and one.fields[path] == value
            one.owners[path] = (one.owners[path] if same else set()) | {"Apply"}
            one.fields[path] = value
        one.version = next(self._versions)
        self.numbers.append(int(one.annotations["signet/rollout"]))
        return 200, self._shown(one)

    # -- what the controllers do, once asked to

    def settle(self) -> None:
        """Let the controllers make of every service what it says."""
        for name, one in self.services.items():
            if one.annotations.get("serving.kserve.io/stop") == "true":
                one.status, one.revisions = {}, {}
            else:
                self._reconcile(name, one)
            one.version = next(self._versions)

    def _reconcile(self, name: str, one: Stored) -> None:
        uri = one.of("spec", "predictor", "model", "storageUri")
        annotations = {**one.annotations, LOADED_FROM: uri}
        newest = list(one.revisions.values())[-1:]
        if not newest or newest[0]["metadata"]["annotations"] != annotations:
            called = f"{name}-predictor-{len(one.revisions) + 1:05d}"
            one.revisions[called] = {"metadata": {"name": called, "annotations": annotations}}
        ready = [
            called
            for called, revision in one.revisions.items()
            if revision["metadata"]["annotations"][LOADED_FROM] not in self.broken
        ]
        if ready:
            one.status = {"components": {"predictor": self._split(one, ready[-1])}}

    def _split(self, one: Stored, ready: str) -> Json:
        before = one.status.get("components", {}).get("predictor", {})
        rolled_out = before.get("latestRolledoutRevision", "")
        percent = one.of("spec", "predictor", "canaryTrafficPercent")
        traffic = [{"revisionName": ready, "latestRevision": True, "percent": 100}]
        if percent is not None and rolled_out:
            traffic[0]["percent"] = percent
            if percent < 100:
                left = {"revisionName": rolled_out, "percent": 100 - percent, "tag": "prev"}
                traffic.append(left)
        if traffic[0]["percent"] == 100:
            rolled_out = ready
        return {
            "latestRolledoutRevision": rolled_out,
            "latestReadyRevision": ready,
            "latestCreatedRevision": list(one.revisions)[-1],
            "traffic": traffic,
            "url": "http://fraud-predictor.models.example.com",
        }


def _leaves(value: Json, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from _leaves(inner, (*at, name))
        else:
            yield (*at, name), inner
