"""The model server: a program of its own, which answers on this machine alone.

    python -m apps.deployments.serving.program FOLDER PORT

``POST /<environment>/<service>/invocations`` answers as ``mlflow models serve`` does.
``GET …/ping`` says whether something answers there, ``GET …/version`` which versions do.
"""

import json
import re
import signal
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from apps.deployments.serving.folder import Folder
from apps.deployments.serving.frames import Frame, FrameRefused, read
from apps.deployments.serving.services import (
    NotServed,
    ProcessEnded,
    Scorer,
    Service,
    Services,
)

HOST = "127.0.0.1"
LOOKS_EVERY = 0.5
MOST_BODY = 16 * 2**20
TRIES = 3
ADDRESS = re.compile(r"/([a-z0-9-]{1,63})/([a-z0-9-]{1,63})/(invocations|ping|health|version)")


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    services: ClassVar[Services]
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Signet-model-server", ""
    timeout = 30

    def do_GET(self) -> None:
        found = ADDRESS.fullmatch(self.path)
        if found is None or found[3] == "invocations":
            self._answer(HTTPStatus.NOT_FOUND, {"message": "There is nothing at this address."})
            return
        service = self.services.at(found[1], found[2])
        if not service.scorers:
            self._answer(HTTPStatus.NOT_FOUND, {"message": "Nothing is served here."})
        elif found[3] == "version":
            self._answer(HTTPStatus.OK, {"versions": [_told(one) for one in service.scorers]})
        else:
            self._answer(HTTPStatus.OK, {"status": "OK"})

    def do_POST(self) -> None:
        found = ADDRESS.fullmatch(self.path)
        body = self._body()
        if body is None:
            return
        if found is None or found[3] != "invocations":
            self._answer(HTTPStatus.NOT_FOUND, {"message": "There is nothing at this address."})
            return
        self._score(found[1], found[2], body)

    def _score(self, environment: str, name: str, body: bytes) -> None:
        try:
            frame = read(body)
            service, scorer, predictions = self._predicted(environment, name, frame)
        except FrameRefused as refusal:
            self._answer(
                HTTPStatus.BAD_REQUEST, {"error_code": "BAD_REQUEST", "message": str(refusal)}
            )
        except NotServed as refusal:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, {"message": str(refusal)})
        else:
            self._answer(HTTPStatus.OK, {"predictions": predictions}, scorer)
            for shadow in service.shadows:
                _ask_shadow(shadow, frame)

    def _predicted(
        self, environment: str, name: str, frame: Frame
    ) -> tuple[Service, Scorer, list[Any]]:
        """Ask the version whose turn it is; another one where that was just replaced."""
        for _ in range(TRIES):
            service = self.services.at(environment, name)
            scorer = service.choose()
            try:
                return service, scorer, scorer.predict(frame)
            except ProcessEnded:
                continue
        raise NotServed("The model's process ended.")

    def _body(self) -> bytes | None:
        """Return what was sent, or answer that it is too much or of no stated length."""
        sent = self.headers.get("Content-Length", "")
        if not sent.isdecimal() or int(sent) > MOST_BODY:
            self.close_connection = True
            self._answer(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                {"message": f"Send at most {MOST_BODY:,} bytes, and say how many."},
            )
            return None
        return self.rfile.read(int(sent))

    def _answer(
        self, status: HTTPStatus, value: dict[str, object], scorer: Scorer | None = None
    ) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if scorer is not None:
            self.send_header("X-Signet-Version", scorer.part.called)
            self.send_header("X-Signet-Digest", scorer.digest)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: what people send to a model is nobody's to keep."""


def _told(scorer: Scorer) -> dict[str, object]:
    part = scorer.part
    return {
        "version": part.called,
        "digest": scorer.digest,
        "role": part.role,
        "share": part.share,
        "requests": scorer.requests,
    }


def _ask_shadow(shadow: Scorer, frame: Frame) -> None:
    try:
        shadow.predict(frame)
    except (FrameRefused, NotServed):
        return  # what a shadow cannot do is nobody's trouble


class Server:
    """The server with the thread that looks for orders."""

    def __init__(self, folder: Path, port: int) -> None:
        self.services = Services(Folder(folder))
        handler = type("BoundHandler", (Handler,), {"services": self.services})
        self._http = ThreadingHTTPServer((HOST, port), handler)
        self._http.daemon_threads = True
        self._ended = threading.Event()
        self._looker = threading.Thread(target=self._look, name="orders", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    def run(self) -> None:
        """Answer until somebody ends it."""
        self._looker.start()
        self._http.serve_forever(poll_interval=0.1)
        self._ended.set()
        self._looker.join()
        self.services.end()
        self._http.server_close()

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """End it, from a signal or another thread."""
        threading.Thread(target=self._http.shutdown, daemon=True).start()

    def _look(self) -> None:
        while not self._ended.wait(LOOKS_EVERY):
            self.services.follow()


def main(arguments: list[str]) -> None:
    """Serve a folder until the program is told to end."""
    folder, port = arguments
    server = Server(Path(folder), int(port))
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, server.stop)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1:])
