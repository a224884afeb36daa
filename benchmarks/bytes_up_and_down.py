"""Sends 1 GB to a server and fetches it again, beside writing the same bytes to disk."""

import hashlib
import http.client
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.load import most_memory
from benchmarks.servers import Server

SIZE, PIECE = 2**30, 2**20


def compare(servers: tuple[Server, Server], folder: Path) -> None:
    """Print how fast the bytes went, and the most memory one process held."""
    alone = _to_disk(folder / "alone.bin")
    print(f"to disk with SHA-256: {_rate(alone)}")
    for server in servers:
        place = _place(server)
        up, down = _up(server, place), _down(server, place)
        memory = most_memory(server.pid) / 2**20
        print(
            f"{server.name}: up {_rate(up)} ({alone / up:.0%}), down {_rate(down)} "
            f"({alone / down:.0%}), at most {memory:.0f} MiB a process"
        )


def _rate(seconds: float) -> str:
    return f"{SIZE / 2**20 / seconds:.0f} MiB/s"


def _pieces() -> Iterator[bytes]:
    piece = os.urandom(PIECE)
    for number in range(SIZE // PIECE):
        yield number.to_bytes(8, "big") + piece[8:]


def _to_disk(path: Path) -> float:
    began, hashed = time.perf_counter(), hashlib.sha256()
    with path.open("wb") as file:
        for piece in _pieces():
            hashed.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began


def _place(server: Server) -> str:
    """Start a run and return where a file of it is sent."""
    line = _line(server)
    body = json.dumps({"experiment_id": "0", "start_time": 0})
    line.request("POST", "/api/2.0/mlflow/runs/create", body, server.headers)
    run = json.loads(line.getresponse().read())["run"]["info"]
    root = run["artifact_uri"].partition(":/")[2].strip("/")
    return f"/api/2.0/mlflow-artifacts/artifacts/{root}/big.bin"


def _up(server: Server, place: str) -> float:
    line, began = _line(server), time.perf_counter()
    headers = {**server.headers, "Content-Length": str(SIZE)}
    headers["Content-Type"] = "application/octet-stream"
    line.request("PUT", place, _pieces(), headers)
    answer = line.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {said[:300]!r}")
    return time.perf_counter() - began


def _down(server: Server, place: str) -> float:
    line, began, came = _line(server), time.perf_counter(), 0
    line.request("GET", place, headers=server.headers)
    answer = line.getresponse()
    while piece := answer.read(PIECE):
        came += len(piece)
    if came != SIZE:
        raise RuntimeError(f"only {came} bytes came back")
    return time.perf_counter() - began


def _line(server: Server) -> http.client.HTTPConnection:
    where = urlsplit(server.address)
    return http.client.HTTPConnection(where.hostname or "", where.port, timeout=300)
