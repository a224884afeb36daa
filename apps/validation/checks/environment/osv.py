"""Advisories in the OSV schema, read strictly and shortened to what a check needs.

https://ossf.github.io/osv-schema/ describes it. Only what is about packages of PyPI is kept;
what was withdrawn counts for nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from packaging.utils import canonicalize_name

from apps.core.inputs import InputRefused
from apps.validation.checks.contract import Severity
from apps.validation.checks.environment import cvss
from apps.validation.checks.environment.advisories import Advisory

ECOSYSTEM = "PyPI"
MALICIOUS = "MAL-"
MOST_SUMMARY = 300
MOST_WORD = 200
MOST_VERSIONS = 20_000
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,99}")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?")
_KINDS = ("introduced", "fixed", "last_affected")
_GRAVEST_FIRST = tuple(Severity)


class _Package(msgspec.Struct):
    ecosystem: str
    name: str


class _Event(msgspec.Struct):
    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None


class _Range(msgspec.Struct):
    type: str
    events: list[_Event]


class _Score(msgspec.Struct):
    type: str
    score: str


class _Affected(msgspec.Struct):
    package: _Package | None = None
    ranges: list[_Range] | None = None
    versions: list[str] | None = None
    severity: list[_Score] | None = None
    database_specific: Any = None


class _Entry(msgspec.Struct):
    id: str
    modified: str
    withdrawn: str | None = None
    aliases: list[str] | None = None
    summary: str | None = None
    details: str | None = None
    severity: list[_Score] | None = None
    affected: list[_Affected] | None = None
    database_specific: Any = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One advisory as it was read: when it changed last, and what it says of which packages."""

    id: str
    modified: datetime
    about: tuple[tuple[str, Advisory], ...]


def read_entry(value: object, place: str) -> Entry:
    """Read one advisory.

    Raises:
        InputRefused: when it is none, or holds something the schema does not allow.
    """
    try:
        entry = msgspec.convert(value, _Entry)
    except msgspec.ValidationError as error:
        raise InputRefused(f"{_named(value, place)} is no OSV advisory: {error}.") from None
    if not _ID.fullmatch(entry.id):
        raise InputRefused(f"{place} has the id {entry.id!a:.120}, which is none.")
    where = f"{place} ({entry.id})"
    modified = _moment(entry.modified, f"{where}: modified")
    if entry.withdrawn is not None:
        _moment(entry.withdrawn, f"{where}: withdrawn")
        return Entry(entry.id, modified, ())
    return Entry(entry.id, modified, tuple(_about(entry, where)))


def _about(entry: _Entry, where: str) -> Iterator[tuple[str, Advisory]]:
    """Yield what an advisory says of each package of PyPI, in one piece a package."""
    parts: dict[str, list[_Affected]] = {}
    for affected in entry.affected or ():
        package = affected.package
        if package is not None and package.ecosystem.partition(":")[0] == ECOSYSTEM:
            if not _NAME.fullmatch(package.name):
                raise InputRefused(f"{where} names a package {package.name!a:.120}, which is none.")
            parts.setdefault(canonicalize_name(package.name), []).append(affected)
    aliases = tuple(alias for alias in entry.aliases or () if _ID.fullmatch(alias))
    for package_name, found in sorted(parts.items()):
        ranges = tuple(_ranges(found, where))
        versions = _versions(found, where)
        if ranges or versions:
            severity = _severity(entry, found)
            summary = _summary(entry)
            yield (
                package_name,
                Advisory(entry.id, severity, aliases, summary, ranges, versions),
            )


def _ranges(found: list[_Affected], where: str) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield the rows of events; those of a repository order commits, which no package has."""
    for affected in found:
        for one in affected.ranges or ():
            if one.type == "GIT":
                continue
            events = tuple(
                (kind, _word(version, where))
                for event in one.events
                for kind in _KINDS
                if (version := getattr(event, kind)) is not None
            )
            if not any(kind == "introduced" for kind, _ in events):
                raise InputRefused(f"{where} has a range that is introduced nowhere.")
            yield events


def _versions(found: list[_Affected], where: str) -> tuple[str, ...]:
    named = [_word(version, where) for affected in found for version in affected.versions or ()]
    if len(named) > MOST_VERSIONS:
        raise InputRefused(f"{where} names more than {MOST_VERSIONS:,} versions.")
    return tuple(dict.fromkeys(named))


def _severity(entry: _Entry, found: list[_Affected]) -> Severity | None:
    """Return the gravest severity given by word or, without one, by vector."""
    if entry.id.startswith(MALICIOUS):
        return Severity.CRITICAL
    holders: list[_Entry | _Affected] = [entry, *found]
    words = [cvss.of_word(word) for holder in holders if (word := _said(holder.database_specific))]
    vectors = [cvss.of_vector(one.score) for holder in holders for one in holder.severity or ()]
    for given in (words, vectors):
        known = [severity for severity in given if severity is not None]
        if known:
            return min(known, key=_GRAVEST_FIRST.index)
    return None


def _said(database_specific: object) -> str:
    word = database_specific.get("severity") if isinstance(database_specific, dict) else None
    return word if isinstance(word, str) else ""


def _summary(entry: _Entry) -> str:
    text = " ".join((entry.summary or entry.details or "").split())
    return text if len(text) <= MOST_SUMMARY else f"{text[: MOST_SUMMARY - 1]}…"


def _word(text: str, where: str) -> str:
    if not text or len(text) > MOST_WORD or not text.isprintable():
        raise InputRefused(f"{where} names a version {text!a:.120}, which is none.")
    return text


def _moment(text: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputRefused(f"{where} is {text!a:.60}, which is no time as RFC 3339 writes it.")
    return moment


def _named(value: object, place: str) -> str:
    found = value.get("id") if isinstance(value, dict) else None
    return f"{place} ({found:.100})" if isinstance(found, str) and found.isprintable() else place
