"""Requirements as pip and conda write them: what is asked for, and whether it is one version."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

MOST_LINE = 2000
BUILD_TOOLS = frozenset({"pip", "setuptools", "wheel"})
"""What installs the others; MLflow writes them without an exact version."""

_HASH = re.compile(r"\s--hash[= ](sha256|sha384|sha512):([0-9a-fA-F]{64,128})")
_OPTION_AFTER = re.compile(r"\s--(?:hash|config-settings|global-option|no-binary|only-binary)\b")
_FRAGMENT_HASH = re.compile(r"(?:^|&)(?:sha256|sha384|sha512)=[0-9a-fA-F]{64,128}(?:&|$)")
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?$")
_SCHEME = re.compile(r"(?:git|hg|svn|bzr)\+|https?://|ftp://|file:|s3://", re.IGNORECASE)
_SYSTEM = re.compile(r"(?:git|hg|svn|bzr)\+", re.IGNORECASE)
_PATH = re.compile(r"\.{1,2}/|/|[A-Za-z]:[\\/]|.*\.(?:whl|tar\.gz|zip)$")
_EGG = re.compile(r"(?:^|&)egg=([A-Za-z0-9._-]+)")
_CONDA = re.compile(r"(?:[\w./:-]+::)?([A-Za-z0-9_][A-Za-z0-9._-]*)\s*(.*)")
_CONDA_EXACT = re.compile(r"={1,2}\s*([0-9][A-Za-z0-9.!+_]*)(?:\s*=\s*\S+)?")


class Origin(StrEnum):
    """Where a package comes from."""

    INDEX = "index"
    ADDRESS = "address"
    REPOSITORY = "repository"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Needed:
    """One requirement: the package, the one version it allows if it does, and where it stands."""

    text: str
    name: str = ""
    version: Version | None = None
    unordered: str = ""
    """The one version, when it is not one that can be ordered."""
    is_pinned: bool = False
    origin: Origin = Origin.INDEX
    problem: str = ""
    """Why it cannot be read."""
    places: tuple[str, ...] = field(default=(), compare=False)


def read_line(line: str) -> Needed:
    """Read one requirement as pip writes it, without options that stand alone."""
    text = line.strip()
    if len(text) > MOST_LINE:
        return Needed(text[:80], problem=f"it is longer than {MOST_LINE:,} characters")
    has_hash = _HASH.search(text) is not None
    bare = _OPTION_AFTER.split(text, maxsplit=1)[0].strip()
    shown = without_secret(bare)
    if _SCHEME.match(bare) or _PATH.match(bare):
        return _direct("", bare, shown, has_hash=has_hash)
    try:
        found = Requirement(bare)
    except (InvalidRequirement, RecursionError) as error:
        reason = str(error).splitlines()[0][:200]
        return Needed(shown, problem=without_secret(reason))
    if found.url:
        return _direct(canonicalize_name(found.name), found.url, shown, has_hash=has_hash)
    exact = [
        specifier.version
        for specifier in found.specifier
        if specifier.operator in {"==", "==="} and not specifier.version.endswith(".*")
    ]
    name = canonicalize_name(found.name)
    if "" in exact:
        return Needed(shown, name, problem="it names no version")
    version = _ordered(exact[0]) if exact else None
    return Needed(
        shown,
        name,
        version,
        unordered=exact[0] if exact and version is None else "",
        is_pinned=bool(exact) or has_hash,
    )


def read_conda(line: str) -> Needed:
    """Read one dependency as conda writes it: ``numpy=1.26.4=py311_0``."""
    text = line.strip()
    found = _CONDA.fullmatch(text) if len(text) <= MOST_LINE else None
    if found is None:
        return Needed(text[:80], problem="it is no dependency of conda")
    exact = _CONDA_EXACT.fullmatch(found[2].strip())
    version = _ordered(exact[1]) if exact else None
    unordered = exact[1] if exact and version is None else ""
    return Needed(
        text, canonicalize_name(found[1]), version, unordered, is_pinned=exact is not None
    )


def without_secret(text: str) -> str:
    """Return a text without user names and passwords in its addresses."""
    return re.sub(r"(://)[^/@\s]+@", r"\1…@", text)


def has_secret(text: str) -> bool:
    """Say whether an address in a text holds a password or token."""
    return re.search(r"://(?!git@)[^/@\s]+@", text) is not None


def _direct(name: str, address: str, shown: str, *, has_hash: bool) -> Needed:
    """Return a requirement that names a file or a repository instead of an index."""
    try:
        split = urlsplit(_SYSTEM.sub("", address.partition(";")[0].strip()))
    except ValueError as error:
        return Needed(shown, name, problem=str(error)[:200])
    egg = _EGG.search(split.fragment)
    if _SYSTEM.match(address):
        pinned, origin = _COMMIT.search(split.path) is not None, Origin.REPOSITORY
        named, version = "", None
    else:
        pinned = has_hash or _FRAGMENT_HASH.search(split.fragment) is not None
        is_here = split.scheme not in {"http", "https", "ftp", "s3"}
        origin = Origin.HERE if is_here else Origin.ADDRESS
        named, version = _of_file_name(split.path.rpartition("/")[2])
    known = name or named or (canonicalize_name(egg[1]) if egg else "")
    return Needed(shown, known, version, is_pinned=pinned, origin=origin)


def _of_file_name(name: str) -> tuple[str, Version | None]:
    """Return the package and version a wheel or source archive is named after."""
    try:
        if name.endswith(".whl"):
            return parse_wheel_filename(name)[:2]
        if name.endswith((".tar.gz", ".zip")):
            return parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        pass
    return "", None


def _ordered(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def merged(found: Iterable[Needed]) -> list[Needed]:
    """Return each requirement once, with every place where it stands, in order of name."""
    places: dict[Needed, list[str]] = {}
    for one in found:
        places.setdefault(one, []).extend(one.places)
    parts = [
        Needed(
            one.text,
            one.name,
            one.version,
            one.unordered,
            one.is_pinned,
            one.origin,
            one.problem,
            tuple(dict.fromkeys(stands)),
        )
        for one, stands in places.items()
    ]
    return sorted(parts, key=lambda one: (one.name, one.text))
