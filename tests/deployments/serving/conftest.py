"""Small models as files, and a model server that runs in this process."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from apps.deployments.serving.folder import Folder, Ordered, Served
from apps.deployments.serving.program import Server

WAITS = 30.0


def onnx_bytes(factor: float, *, outputs: int = 1) -> bytes:
    """Return a graph that multiplies each of two columns by a factor."""
    row = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    names = [f"y{number}" for number in range(outputs)]
    nodes = [helper.make_node("Mul", ["x", "by"], [name]) for name in names]
    by = helper.make_tensor("by", TensorProto.FLOAT, [1], [factor])
    told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 2]) for name in names]
    graph = helper.make_graph(nodes, "times", [row], told, [by])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def mlmodel(*columns: str) -> bytes:
    """Return an MLmodel file that names its columns."""
    inputs = json.dumps([{"name": name, "type": "double"} for name in columns])
    return f"signature:\n  inputs: '{inputs}'\n".encode()


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread does in a moment."""
    deadline = time.monotonic() + WAITS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert is_so()


@dataclass
class Running:
    """A model server with its folder."""

    server: Server
    folder: Folder

    def put(self, name: str, **files: bytes) -> str:
        """Put the files of a version into the folder, by the name of a digest."""
        for path, content in files.items():
            file = self.folder.content(name) / path.replace("__", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return name

    def order(self, number: int, *parts: Served, service: str = "times") -> None:
        """Order a service and let the server follow at once."""
        self.folder.put_order("test", service, Ordered(number, parts))
        self.server.services.follow()

    def ask(self, path: str, body: object = None, *, raw: bytes | None = None) -> tuple[int, Any]:
        """Return the status and the answer to one request."""
        return self.answer(path, body, raw=raw)[:2]

    def answer(
        self, path: str, body: object = None, *, raw: bytes | None = None
    ) -> tuple[int, Any, Any]:
        """Return the status, the answer and its headers."""
        data = raw if raw is not None else json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}{path}", data)
        try:
            with urllib.request.urlopen(request, timeout=WAITS) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error), error.headers


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Return a model server that follows orders only when it is told to."""
    monkeypatch.setattr("apps.deployments.serving.program.LOOKS_EVERY", 3600.0)
    server = Server(tmp_path, 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Running(server, Folder(tmp_path))
    finally:
        server.stop()
        thread.join()


Part = Callable[..., Served]


def part(content: str, *, called: str = "times/1", role: str = "champion", share: int = 100) -> Any:
    """Return one version to serve."""
    return Served(called, content, role, share)
