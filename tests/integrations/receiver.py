"""A server of somebody else's, on this machine: it keeps what it was sent."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Sent:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Script = Callable[[Sent, Any], None]
"""Answers one request on the handler it is given."""


@dataclass
class Receiver:
    """Answers with a status, headers and a body, or as a script says."""

    port: int
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"the answer nobody may read"
    script: Script | None = None
    requests: list[Sent] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def trust(self) -> list[str]:
        return [f"127.0.0.1:{self.port}"]


@contextmanager
def receiver(wrap: Callable[[socket.socket], socket.socket] | None = None) -> Iterator[Receiver]:
    """Run a receiver on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = Sent(self.command, self.path, dict(self.headers), self.rfile.read(length))
            there.requests.append(sent)
            if there.script is not None:
                there.script(sent, self)
                return
            self.send_response(there.status)
            for name, value in there.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(there.body)))
            self.end_headers()
            self.wfile.write(there.body)

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the names the server calls

        def log_message(self, *said: Any) -> None:
            """Say nothing on the terminal of the tests."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, address: Any) -> None:
            """A client that hangs up is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    if wrap is not None:
        server.socket = wrap(server.socket)
    there = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
