"""Syslog servers on this machine that keep what they were sent."""

import datetime as dt
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HEADER = re.compile(
    rb"<(?P<priority>\d{1,3})>1 (?P<time>\S+) (?P<host>\S+) (?P<app>\S+) - (?P<id>\S+) - "
    rb"(?P<text>.*)",
    re.DOTALL,
)


@dataclass
class Collector:
    """What a server took in: raw bytes by connection, or datagrams."""

    port: int
    taken: list[bytes] = field(default_factory=list)
    closes_early: bool = False

    @property
    def messages(self) -> list[bytes]:
        return [message for data in self.taken for message in counted_out(data)]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [told(message) for message in self.messages]


def told(message: bytes) -> dict[str, Any]:
    """Return what a message says."""
    found = HEADER.fullmatch(message)
    assert found is not None, message
    said: dict[str, Any] = json.loads(found["text"])
    return said


def counted_out(data: bytes) -> Iterator[bytes]:
    """Yield the messages of a connection, each by the count before it."""
    while data:
        count, _, rest = data.partition(b" ")
        yield rest[: int(count)]
        data = rest[int(count) :]


@contextmanager
def over_tcp(context: ssl.SSLContext | None = None) -> Iterator[Collector]:
    """Run a server that reads each connection to its end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = Collector(server.getsockname()[1])

        def serve() -> None:
            with suppress(OSError):
                while True:
                    _take(server.accept()[0], there, context)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield there
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _take(plain: socket.socket, there: Collector, context: ssl.SSLContext | None) -> None:
    plain.settimeout(5)
    with suppress(OSError), plain:
        if there.closes_early:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            there.taken.append(plain.recv(64))
            return
        came = context.wrap_socket(plain, server_side=True) if context else plain
        data = b""
        while piece := came.recv(65536):
            data += piece
        there.taken.append(data)
        if context is not None:
            came.close()


@contextmanager
def over_udp() -> Iterator[Collector]:
    """Run a server that keeps datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        there = Collector(server.getsockname()[1])

        def serve() -> None:
            with suppress(OSError):
                while data := server.recv(65536):
                    there.taken.append(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield there
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", there.port))  # ends it, after all that came before
        thread.join(5)


def certificate(folder: Path, address: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """Return what a server is trusted by: its side of TLS, and the file that holds its own name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return context, public
