"""An MLflow server of a lab, on this machine: it answers in the shapes a stock one answers in."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.integrations.receiver import Receiver, Sent, receiver

API = "/api/2.0/mlflow/"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
PAGE = 2
FILES = {
    "MLmodel": b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n",
    "data/weights.bin": b"weights" * 1000,
    "requirements.txt": b"scikit-learn==1.6.1\n",
}

Json = dict[str, Any]
Hook = Callable[[int, Sent], None]


def uid(name: str) -> str:
    """Return an id of 32 hexadecimal digits that follows from a name."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def pairs(tags: dict[str, str]) -> list[Json]:
    return [{"key": key, "value": value} for key, value in tags.items()]


@dataclass
class Lab:
    """What the server holds, and how it behaves."""

    there: Receiver
    models: dict[str, Json] = field(default_factory=dict)
    versions: dict[str, list[Json]] = field(default_factory=dict)
    runs: dict[str, Json] = field(default_factory=dict)
    history: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    logged: dict[str, Json] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    authorization: str = ""
    hook: Hook = lambda count, sent: None
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """What is answered to a call instead of the truth."""
    count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.there.port}"

    # -- filling it

    def model(
        self,
        name: str,
        tags: dict[str, str] | None = None,
        *,
        aliases: dict[str, int] | None = None,
    ) -> None:
        """Register a model."""
        self.models[name] = {
            "name": name,
            "description": f"About {name}",
            "creation_timestamp": 1700000000000,
            "last_updated_timestamp": 1700000000000,
            "tags": pairs(tags or {}),
            "aliases": [
                {"alias": alias, "version": str(number)}
                for alias, number in (aliases or {}).items()
            ],
        }
        self.versions.setdefault(name, [])

    def prompt(self, name: str, *texts: str) -> None:
        """Register a prompt with versions."""
        self.model(name, {"mlflow.prompt.is_prompt": "true", "_mlflow_experiment_ids": ",1,"})
        for number, text in enumerate(texts, 1):
            tags = {"mlflow.prompt.is_prompt": "true", "mlflow.prompt.text": text}
            self.version(name, number, source="dummy-source", tags=tags)

    def version(self, name: str, number: int, **facts: Any) -> Json:
        """Register a version; the numbers before it may be missing."""
        tags = facts.pop("tags", {})
        version = {
            "name": name,
            "version": str(number),
            "creation_timestamp": 1700000000000,
            "last_updated_timestamp": 1700000000000,
            "current_stage": "None",
            "description": "",
            "source": "",
            "run_id": "",
            "status": "READY",
            "tags": pairs(tags),
            **facts,
        }
        self.versions[name].append(version)
        return version

    def run(
        self, name: str, *, files: dict[str, bytes] | None = None, folder: str = "model"
    ) -> str:
        """Record a run with parameters, metrics, a dataset and, below a folder, files."""
        run = uid(name)
        root = f"1/{run}/artifacts"
        points = [
            {
                "key": "loss",
                "value": 1 / (step + 1),
                "timestamp": 1700000000000 + step,
                "step": step,
            }
            for step in range(5)
        ]
        odd = [{"key": "odd", "value": "NaN", "timestamp": 1700000000000, "step": 0}]
        self.history |= {(run, "loss"): points, (run, "odd"): odd}
        self.runs[run] = {
            "info": {
                "run_id": run,
                "run_uuid": run,
                "run_name": name,
                "experiment_id": "1",
                "status": "FINISHED",
                "start_time": 1700000000000,
                "end_time": 1700000060000,
                "artifact_uri": f"mlflow-artifacts:/{root}",
                "lifecycle_stage": "active",
            },
            "data": {
                "metrics": [points[-1], odd[0]],
                "params": pairs({"depth": "3"}),
                "tags": pairs({"mlflow.runName": name, "mlflow.user": "ann", "signet.own": "no"}),
            },
            "inputs": {
                "dataset_inputs": [
                    {
                        "tags": pairs({"mlflow.data.context": "training"}),
                        "dataset": {
                            "name": "wine",
                            "digest": "abc123",
                            "source_type": "local",
                            "source": "{}",
                        },
                    }
                ]
            },
        }
        for path, content in (FILES if files is None else files).items():
            self.files[f"{root}/{folder}/{path}"] = content
        return run

    def registered(self, name: str, number: int, **facts: Any) -> Json:
        """Register a version with a run of its own and its files."""
        run = self.run(f"{name} {number}")
        source = f"mlflow-artifacts:/1/{run}/artifacts/model"
        return self.version(name, number, source=source, run_id=run, **facts)

    def logged_model(self, name: str) -> str:
        """Log a model as MLflow 3 does: beside the run, in a folder of its own."""
        run = self.run(name, files={})
        model = f"m-{uid(name)}"
        root = f"1/models/{model}/artifacts"
        self.logged[model] = {
            "info": {
                "model_id": model,
                "experiment_id": "1",
                "name": "model",
                "artifact_uri": f"mlflow-artifacts:/{root}",
                "source_run_id": run,
                "status": "LOGGED_MODEL_READY",
            },
            "data": {},
        }
        self.runs[run]["outputs"] = {"model_outputs": [{"model_id": model, "step": "0"}]}
        for path, content in FILES.items():
            self.files[f"{root}/{path}"] = content
        return model

    # -- answering

    def answer(self, sent: Sent, handler: Any) -> None:
        """Answer one request on the handler it came in by."""
        with self._lock:
            self.count += 1
            count = self.count
        self.hook(count, sent)
        status, body = self._answered(sent)
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _answered(self, sent: Sent) -> tuple[int, bytes]:
        parts = urlsplit(sent.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if self.authorization and sent.headers.get("Authorization") != self.authorization:
            return 401, b'{"error_code": "UNAUTHENTICATED"}'
        call = parts.path.removeprefix(API)
        if call in self.answers:
            return self.answers[call]
        if parts.path == ARTIFACTS:
            return 200, json.dumps(self._listed(asked["path"])).encode()
        if parts.path.startswith(f"{ARTIFACTS}/"):
            content = self.files.get(unquote(parts.path).removeprefix(f"{ARTIFACTS}/"))
            return (404, b"{}") if content is None else (200, content)
        found = self._found(call, asked)
        if found is None:
            return 404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"}'
        return 200, json.dumps(found).encode()

    def _found(self, call: str, asked: dict[str, str]) -> Json | None:
        if call.startswith("logged-models/"):
            return _within("model", self.logged.get(call.removeprefix("logged-models/")))
        return {
            "registered-models/search": self._search_models,
            "registered-models/get": lambda given: _within(
                "registered_model", self.models.get(given["name"])
            ),
            "model-versions/search": self._search_versions,
            "model-versions/get-download-uri": self._address,
            "runs/get": lambda given: _within("run", self.runs.get(given["run_id"])),
            "metrics/get-history": lambda given: _page(
                "metrics", self.history[given["run_id"], given["metric_key"]], given
            ),
            "experiments/get": lambda given: {"experiment": {"name": "wines"}},
        }[call](asked)

    def _search_models(self, asked: dict[str, str]) -> Json:
        wanted = "is_prompt" in asked.get("filter", "")
        found = [model for model in self.models.values() if _is_prompt(model) == wanted]
        return _page("registered_models", found, asked)

    def _search_versions(self, asked: dict[str, str]) -> Json:
        name = asked["filter"].split(asked["filter"][7])[1]
        hidden = _is_prompt(self.models[name]) and "is_prompt" not in asked["filter"]
        return _page("model_versions", [] if hidden else self.versions[name], asked)

    def _address(self, asked: dict[str, str]) -> Json | None:
        named = self.versions[asked["name"]]
        found = next(one for one in named if one["version"] == asked["version"])
        return {"artifact_uri": found.get("location") or found["source"]}

    def _listed(self, folder: str) -> Json:
        found: dict[str, Json] = {}
        for path, content in self.files.items():
            if path.startswith(f"{folder}/"):
                name, slash, _ = path.removeprefix(f"{folder}/").partition("/")
                found[name] = {"path": name, "is_dir": bool(slash)}
                if not slash:
                    found[name]["file_size"] = len(content)
        return {"files": list(found.values())} if found else {}


@contextmanager
def lab() -> Iterator[Lab]:
    """Run a lab on a free port until the block ends."""
    with receiver() as running:
        made = Lab(running)
        running.script = made.answer
        yield made


def _within(name: str, found: Json | None) -> Json | None:
    return None if found is None else {name: found}


def _is_prompt(model: Json) -> bool:
    return {"key": "mlflow.prompt.is_prompt", "value": "true"} in model["tags"]


def _page(name: str, rows: list[Json], asked: dict[str, str]) -> Json:
    start = int(asked.get("page_token") or 0)
    page: Json = {name: rows[start : start + PAGE]} if rows else {}
    if start + PAGE < len(rows):
        page["next_page_token"] = str(start + PAGE)
    return page
