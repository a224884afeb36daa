"""A small mail server on this machine that keeps what it is given."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

Script = Callable[["Postbox", bytes], str]
"""Says what a mail is answered with, such as ``250 Kept``; nothing closes the connection."""


class Postbox:
    """What was received, and what the server answers."""

    def __init__(self) -> None:
        self.port = 0
        self.received: list[tuple[str, EmailMessage]] = []
        self.recipients = "250 Fine"
        self.script: Script | None = None

    def take(self, recipient: str, content: bytes) -> str:
        """Keep a mail, and return the answer to it."""
        mail = message_from_bytes(content, policy=policy.default)
        self.received.append((recipient, mail))
        return self.script(self, content) if self.script else "250 Kept"

    @property
    def subjects(self) -> list[str]:
        return [mail["Subject"] for _, mail in self.received]


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        postbox: Postbox = self.server.postbox  # type: ignore[attr-defined]
        recipient = ""
        self.say("220 postbox")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                self.say(postbox.recipients)
            elif verb == b"DATA":
                self.say("354 Go on")
                answer = postbox.take(recipient, self.content())
                if not answer:
                    return
                self.say(answer)
            else:
                self.say("221 Bye" if verb == b"QUIT" else "250 Fine")

    def say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())

    def content(self) -> bytes:
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def postbox() -> Iterator[Postbox]:
    """Run the server at a port that was free."""
    kept = Postbox()
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.postbox = kept  # type: ignore[attr-defined]
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()
