"""The one way out: every request Signet makes to somebody else's server goes through here.

A name is looked up once, every address it has is checked, and the connection is made to one that
was checked, so that a name server cannot answer differently in between. Redirects are not followed,
proxies of the environment not used, and everything ends after some seconds and some bytes.
"""

import logging
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import IPv4Address, ip_address
from ssl import TLSVersion

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from apps.core import addresses, spans
from apps.core.addresses import Address, AddressRefused, Destination
from apps.core.errors import RuleBroken

logger = logging.getLogger(__name__)

SECONDS = 5.0
MOST_BYTES = 64 * 1024
CHUNK = 64 * 1024
_NO_HEADERS: Mapping[str, str] = {}

Resolver = Callable[[str, int], Sequence[str]]
"""Returns the addresses a name has, as texts."""


class NotReached(RuleBroken):
    """The server could not be reached, or did not answer whole and in time."""

    code = "not_reached"


class AnswerTooLong(RuleBroken):
    """The server sent more than was to be taken."""

    code = "answer_too_long"


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Flow:
    """An answer that is read piece by piece."""

    status: int
    length: int | None
    chunks: Iterator[bytes]


def system_resolver(host: str, port: int) -> list[str]:
    """Return every address the system's name service knows for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str] = _NO_HEADERS,
    resolve: Resolver = system_resolver,
) -> int:
    """Send a body and return the status of the answer; nothing else of it is read.

    Raises:
        AddressRefused: when Signet does not send there.
        NotReached: when no answer came within seconds.
    """
    request = _Request("POST", url, body, headers, SECONDS)
    with _asked(request, resolve) as (response, _):
        return int(response.status)


def look(
    url: str, *, headers: Mapping[str, str] = _NO_HEADERS, resolve: Resolver = system_resolver
) -> int:
    """Get an address and return the status of the answer; nothing else of it is read.

    Raises:
        AddressRefused, NotReached: as ``post``.
    """
    request = _Request("GET", url, b"", headers, SECONDS)
    with _asked(request, resolve) as (response, _):
        return int(response.status)


def ask(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] = _NO_HEADERS,
    most: int = MOST_BYTES,
    seconds: float = SECONDS,
    silence: float = SECONDS,
    ca_file: str = "",
    resolve: Resolver = system_resolver,
) -> Answer:
    """Send a request and return the whole answer, provided it is no longer than ``most``.

    ``seconds`` limits the whole; a server that is silent for ``silence`` ends it earlier. With a
    ``ca_file`` its certificate is held to that one alone.

    Raises:
        AddressRefused, NotReached: as ``post``.
        AnswerTooLong: when the answer is longer.
    """
    request = _Request(method, url, body, headers, seconds, silence, ca_file)
    with _asked(request, resolve) as (response, watch):
        return Answer(response.status, b"".join(_chunks(response, watch, most)))


@contextmanager
def stream(
    url: str,
    *,
    headers: Mapping[str, str] = _NO_HEADERS,
    most: int,
    seconds: float,
    silence: float = SECONDS,
    resolve: Resolver = system_resolver,
) -> Iterator[Flow]:
    """Get a file piece by piece, in the same memory however long it is, limited as ``ask``.

    Raises:
        AddressRefused, NotReached, AnswerTooLong: as ``ask``; the last two also while reading.
    """
    request = _Request("GET", url, b"", headers, seconds, silence)
    with _asked(request, resolve) as (response, watch):
        length = response.headers.get("Content-Length", "")
        known = int(length) if length.isascii() and length.isdigit() else None
        if known is not None and known > most:
            raise _too_long(most)
        yield Flow(response.status, known, _chunks(response, watch, most))


# -- one request -----------------------------------------------------------------------------------


class _Watch:
    """Cuts a connection when its time is over, also from a server that sends byte after byte."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self.is_over = False
        self._connected = connected
        self._timer = threading.Timer(max(seconds, 0), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        self.is_over = True
        try:
            # The plain method: the one of TLS sockets would tear down what another thread uses.
            socket.socket.shutdown(self._connected, socket.SHUT_RDWR)
        except OSError:
            logger.debug("A connection to be cut was closed already.")

    def end(self) -> None:
        self._timer.cancel()


@dataclass(frozen=True)
class _Request:
    """What is asked of whom, and within how many seconds."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    seconds: float
    silence: float = SECONDS
    ca_file: str = ""


@contextmanager
def _asked(request: _Request, resolve: Resolver) -> Iterator[tuple[BaseHTTPResponse, _Watch]]:
    """Make one request and hand out the answer while the connection is open."""
    ends = time.monotonic() + request.seconds
    found = addresses.destination(request.url)
    with spans.outward(request.method, found.host, found.port) as span:
        checked = _checked(found, resolve, min(request.seconds, SECONDS))
        connection, connected = _connected(found, checked, ends, request.ca_file)
        connection.timeout = min(request.silence, request.seconds)
        watch = _Watch(connected, ends - time.monotonic())
        try:
            response = _exchanged(connection, request, found, span.headers)
            span.answered(response.status)
            try:
                yield response, watch
            finally:
                response.close()
        finally:
            watch.end()
            connection.close()


def _exchanged(
    connection: HTTPConnection, request: _Request, found: Destination, traced: Mapping[str, str]
) -> BaseHTTPResponse:
    own = {"host": found.authority, "user-agent": "Signet", "accept-encoding": "identity"}
    given = {name: value for name, value in request.headers.items() if name.lower() not in own}
    try:
        connection.request(
            request.method,
            found.path,
            body=request.body or None,
            headers={**given, **own, **traced},
            preload_content=False,
            decode_content=False,
        )
        return connection.getresponse()
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise _not_reached(error) from None


def _checked(found: Destination, resolve: Resolver, seconds: float) -> list[Address]:
    """Return the addresses of a destination, looked up once, if Signet may send to each of them."""
    literal = found.literal
    known = [literal] if literal is not None else _looked_up(found, resolve, seconds)
    for address in known:
        addresses.require_open(found, address)
    return sorted(set(known), key=lambda address: not isinstance(address, IPv4Address))


def _looked_up(found: Destination, resolve: Resolver, seconds: float) -> list[Address]:
    """Look a name up in a thread, since the system's name service knows no time limit."""
    answers: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()

    def look() -> None:
        try:
            answers.put([ip_address(text) for text in resolve(found.host, found.port)])
        except (OSError, ValueError):
            answers.put([])

    threading.Thread(target=look, name="look-up", daemon=True).start()
    try:
        known = answers.get(timeout=seconds)
    except queue.Empty:
        known = []
    if not known:
        raise AddressRefused("This address leads to a place Signet does not send to.")
    return known


def _connected(
    found: Destination, checked: Sequence[Address], ends: float, ca_file: str
) -> tuple[HTTPConnection, socket.socket]:
    """Connect to the first checked address that answers, under the destination's own name."""
    trouble: Exception | None = None
    for address in checked:
        left = ends - time.monotonic()
        if left <= 0:
            break
        connection = _connection(found, address, min(left, SECONDS), ca_file)
        try:
            connection.connect()
        except (HTTPError, HTTPException, OSError) as error:
            trouble = error
            connection.close()
        else:
            assert connection.sock is not None
            return connection, connection.sock
    raise _not_reached(trouble)


def _connection(
    found: Destination, address: Address, seconds: float, ca_file: str
) -> HTTPConnection:
    if found.scheme == "http":
        return HTTPConnection(str(address), found.port, timeout=seconds)
    return HTTPSConnection(
        str(address),
        found.port,
        timeout=seconds,
        server_hostname=found.host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=ca_file or None,
        ssl_minimum_version=TLSVersion.TLSv1_2,
    )


def _chunks(response: BaseHTTPResponse, watch: _Watch, most: int) -> Iterator[bytes]:
    """Yield the body; it ends well only when it came whole, in time and within the limit."""
    taken = 0
    try:
        while chunk := response.read(CHUNK):
            taken += len(chunk)
            if taken > most:
                raise _too_long(most)
            yield chunk
    except (HTTPError, HTTPException, OSError) as error:
        raise _not_reached(error) from None
    if watch.is_over:
        raise _not_reached(None)


def _too_long(most: int) -> AnswerTooLong:
    return AnswerTooLong(f"The server sent more than {most:,} bytes.")


def _not_reached(error: Exception | None) -> NotReached:
    """Say that it failed; what exactly stays in the log, since it tells about other networks."""
    logger.info("A server was not reached: %s", error)
    return NotReached("The server did not answer in time, or its answer broke off.")
