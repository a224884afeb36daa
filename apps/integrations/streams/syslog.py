"""Sends lines as syslog messages: RFC 5424, counted by octets over TCP (RFC 6587) and TLS (5425).

The operator named the server, so it may stand in any network; a name is looked up at each batch.
"""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from django.conf import settings

from apps.integrations.streams.lines import StreamLine
from apps.integrations.streams.targets import SyslogTarget

SECONDS = 10.0
MOST_DATAGRAM = 60_000
"""Bytes of one message over UDP: beyond it, the network takes none."""

_LOG_AUDIT = 13
_MOST_MSGID = 32
_APP = "signet"


def send(target: SyslogTarget, lines: Sequence[StreamLine]) -> None:
    """Send lines to a syslog server; over TCP and TLS, until it has read them to their end.

    Raises:
        OSError: when it is not sure that it has them all.
    """
    if target.scheme == "syslog+udp":
        _send_datagrams(target, lines)
        return
    data = b"".join(counted(message(line, line.text)) for line in lines)
    with _connected(target) as connected:
        connected.sendall(data)
        _read_to_the_end(connected)


def message(line: StreamLine, text: str) -> bytes:
    """Return a line as one message; its text is ASCII, so that it needs no mark of its coding."""
    priority = _LOG_AUDIT * 8 + line.severity
    moment = f"{line.time:%Y-%m-%dT%H:%M:%S.%f}Z"
    head = f"<{priority}>1 {moment} {_host()} {_APP} - {line.action[:_MOST_MSGID]} -"
    return f"{head} {text}".encode("ascii")


def counted(one: bytes) -> bytes:
    """Return a message with its length before it."""
    return b"%d %s" % (len(one), one)


def _send_datagrams(target: SyslogTarget, lines: Sequence[StreamLine]) -> None:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
    family, kind, protocol, _, place = found[0]
    with socket.socket(family, kind, protocol) as sender:
        sender.settimeout(SECONDS)
        sender.connect(place)  # so that a machine that refuses them says so
        for line in lines:
            whole = message(line, line.text)
            is_short = len(whole) <= MOST_DATAGRAM
            sender.send(whole if is_short else message(line, line.shortened()))


@contextmanager
def _connected(target: SyslogTarget) -> Iterator[socket.socket]:
    with socket.create_connection((target.host, target.port), timeout=SECONDS) as plain:
        if target.scheme == "syslog+tcp":
            yield plain
            return
        with _context(settings.STREAM_CA_FILE).wrap_socket(
            plain, server_hostname=target.host
        ) as secured:
            yield secured


@cache
def _context(authorities: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authorities or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _read_to_the_end(connected: socket.socket) -> None:
    """End what is sent, and wait until the server ends, too: it has then read all before it.

    A connection alone tells nothing of what is still on its way when it breaks.
    """
    if isinstance(connected, ssl.SSLSocket):
        try:
            connected.unwrap()
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return  # it closed without a farewell, after it read ours
        return
    connected.shutdown(socket.SHUT_WR)
    while connected.recv(4096):
        continue  # a syslog server has nothing to say


def _host() -> str:
    return str(settings.LOG_NAME) or "-"
