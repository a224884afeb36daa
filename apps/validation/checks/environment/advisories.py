"""Known vulnerabilities as checks read them: a compact index, one line a package and advisory.

The first line says what the index is; the others are sorted by package, each with the package's
name, a tab and the advisory as JSON. It is read line by line, so memory does not grow with it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, BinaryIO

import msgspec
from packaging.version import InvalidVersion, Version

from apps.validation.checks.contract import Severity

FORM = "signet-advisories-1"
MOST_LINE = 4 * 2**20


class UnreadableIndex(ValueError):
    """The index is not what the registry wrote."""


class Advisory(msgspec.Struct, frozen=True, omit_defaults=True):
    """One advisory about one package."""

    id: str
    severity: Severity | None = None
    """Nothing when the advisory gives none we can read."""
    aliases: tuple[str, ...] = ()
    summary: str = ""
    ranges: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Each a row of events: ``introduced``, ``fixed`` or ``last_affected``, and a version."""
    versions: tuple[str, ...] = ()


class Head(msgspec.Struct, frozen=True):
    """What an index is, and how current."""

    form: str
    advisories: int
    newest: Annotated[datetime, msgspec.Meta(tz=True)]
    """When the advisory that changed last was changed."""


@dataclass(frozen=True, slots=True)
class Match:
    """An advisory that speaks of a version, and the next versions it calls free of it."""

    advisory: Advisory
    fixes: tuple[str, ...] = ()
    is_certain: bool = True
    """False when a version it names cannot be ordered, so it was taken to speak of this one."""


_BROKEN = (msgspec.DecodeError, UnicodeDecodeError)
_encode = msgspec.json.Encoder().encode
_advisory = msgspec.json.Decoder(Advisory).decode
_head = msgspec.json.Decoder(Head).decode


def line_of(package: str, advisory: Advisory) -> bytes:
    """Return an advisory as a line of the index."""
    return package.encode() + b"\t" + _encode(advisory) + b"\n"


def written(head: Head, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield an index: its head, and its lines in order."""
    yield _encode(head) + b"\n"
    yield from sorted(lines)


def head_of(index: BinaryIO) -> Head:
    """Read the first line of an index.

    Raises:
        UnreadableIndex: when it is no index.
    """
    try:
        head = _head(index.readline(MOST_LINE))
    except _BROKEN as error:
        raise UnreadableIndex(str(error)) from error
    if head.form != FORM:
        raise UnreadableIndex(f"its form is {head.form!r:.40}")
    return head


def about(index: BinaryIO, packages: Collection[str]) -> dict[str, list[Advisory]]:
    """Read on after the head; return the advisories about some packages, by name."""
    found: dict[str, list[Advisory]] = {}
    while line := index.readline(MOST_LINE):
        name, _, rest = line.partition(b"\t")
        package = name.decode("utf-8", "replace")
        if package in packages:
            try:
                found.setdefault(package, []).append(_advisory(rest))
            except _BROKEN as error:
                raise UnreadableIndex(str(error)) from error
    return found


def matches(version: Version, advisories: Iterable[Advisory]) -> list[Match]:
    """Return the advisories that speak of a version, as the OSV schema evaluates them.

    A build of somebody's own, such as 2.0.1+cu118, is what was released as 2.0.1.
    """
    released = Version(version.public)
    return [found for one in advisories if (found := _match(released, one)) is not None]


def _match(version: Version, advisory: Advisory) -> Match | None:
    fixes: set[Version] = set()
    is_named = any(_is_same(version, one) for one in advisory.versions)
    is_inside = False
    for events in advisory.ranges:
        try:
            ordered = sorted((_version(at), kind) for kind, at in events)
        except InvalidVersion:
            return Match(advisory, is_certain=False)
        is_inside |= _is_inside(version, ordered)
        fixes.update(at for at, kind in ordered if kind == "fixed" and at > version)
    if not is_named and not is_inside:
        return None
    return Match(advisory, tuple(map(str, sorted(fixes)[:1])))


def _is_inside(version: Version, events: Iterable[tuple[Version, str]]) -> bool:
    """Walk the events up to a version and say whether it stands in the affected part."""
    inside = False
    for at, kind in events:
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def _version(text: str) -> Version:
    """Read a version; "0" is how OSV says before every other one."""
    return Version("0.dev0") if text == "0" else Version(text)


def _is_same(version: Version, named: str) -> bool:
    try:
        return Version(Version(named).public) == version
    except InvalidVersion:
        return named == str(version)
