"""What the operator named in ``SIGNET_STREAMS``: streams, each with the place its lines go to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.conf import settings

from apps.core import addresses
from apps.core.errors import DomainError

SYSLOG_PORTS = {"syslog+udp": 514, "syslog+tcp": 601, "syslog+tls": 6514}
LEAST_SECRET = 32
FORMS = (
    "name=file:/path, name=syslog+tls://host:6514 (or syslog+tcp, syslog+udp) "
    "or name=https://address, comma-separated"
)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_ADDRESS = re.compile(r"[0-9a-fA-F:.]+")


@dataclass(frozen=True)
class FileTarget:
    """A file that lines are added to."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True)
class SyslogTarget:
    """A syslog server, and how it is spoken to: ``syslog+udp``, ``syslog+tcp``, ``syslog+tls``."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True)
class HookTarget:
    """An address that batches of lines are posted to."""

    url: str

    def __str__(self) -> str:
        return addresses.destination(self.url).authority  # a path can hold what opens it


Target = FileTarget | SyslogTarget | HookTarget


@dataclass(frozen=True)
class Stream:
    """A stream of the record under the name its position is kept by."""

    name: str
    target: Target


def configured() -> Sequence[Stream]:
    """Return the streams the operator named."""
    return read_streams(tuple(settings.STREAMS))


def named_or_none(name: str) -> Stream | None:
    """Return the stream of a name, unless the operator named none so."""
    return next((stream for stream in configured() if stream.name == name), None)


def require_whole() -> None:
    """Refuse streams that cannot be read, and webhooks without what they are signed with.

    Raises:
        ValueError: which says what is wrong.
    """
    hooks = [
        (stream.name, stream.target.url)
        for stream in configured()
        if isinstance(stream.target, HookTarget)
    ]
    for name, url in hooks:
        try:
            addresses.destination(url)
        except DomainError as refusal:
            raise ValueError(f"{name} leads nowhere. {refusal}") from None
        if len(settings.STREAM_SECRET) < LEAST_SECRET:
            raise ValueError(
                f"{name} is signed with SIGNET_STREAM_SECRET, which takes at least "
                f"{LEAST_SECRET} characters"
            )


@cache
def read_streams(entries: tuple[str, ...]) -> Sequence[Stream]:
    """Read entries such as ``siem=syslog+tls://host:6514``.

    Raises:
        ValueError: when one is none, or two have one name.
    """
    streams: dict[str, Stream] = {}
    for entry in entries:
        name, _, place = entry.partition("=")
        if not _NAME.fullmatch(name):
            raise ValueError(f"{entry!r} begins with no name. It takes {FORMS}")
        if name in streams:
            raise ValueError(f"{name} is named twice")
        streams[name] = Stream(name, _target(entry, place))
    return tuple(streams.values())


def _target(entry: str, place: str) -> Target:
    scheme = place.partition(":")[0]
    if scheme == "file":
        return _file(entry, place.removeprefix("file:"))
    if scheme in SYSLOG_PORTS:
        return _syslog(entry, place)
    if scheme in addresses.DEFAULT_PORTS:
        return HookTarget(place)
    raise ValueError(f"{entry!r} names no place. It takes {FORMS}")


def _file(entry: str, path: str) -> FileTarget:
    is_whole = path.startswith("/") and not path.endswith("/") and path.isprintable()
    if not is_whole or ".." in PurePosixPath(path).parts:
        raise ValueError(f"{entry!r} names no file. It takes name=file:/path/to/events.jsonl")
    return FileTarget(path)


def _syslog(entry: str, place: str) -> SyslogTarget:
    wrong = ValueError(f"{entry!r} names no server. It takes name=syslog+tls://host:6514")
    try:
        parts = urlsplit(place)
        port = parts.port
    except ValueError:
        raise wrong from None
    host = parts.hostname or ""
    shape = _ADDRESS if ":" in host else _HOST
    extra = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if extra or port == 0 or not shape.fullmatch(host):
        raise wrong
    return SyslogTarget(parts.scheme, host, port or SYSLOG_PORTS[parts.scheme])
