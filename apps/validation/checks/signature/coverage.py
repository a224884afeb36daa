"""Holds the files a statement names against the files a version has."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.validation.checks.contract import ExaminedFile, ExaminedVersion, Progress
from apps.validation.checks.signature.statements import Resource, Statement

PIECE = 2**20
_GIT = (".git", ".gitattributes", ".github", ".gitignore")
ENDINGS = (".sig", ".sigstore", ".sigstore.json", ".intoto.jsonl", ".intoto.json", ".dsse.json")
"""How files end that hold signatures, which cannot cover themselves."""


@dataclass
class Coverage:
    """What is wrong between a statement and the files, by path."""

    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Files the signer left out on purpose."""
    unknown: list[str] = field(default_factory=list)
    """Files whose digest is of a kind that cannot be computed here."""
    foreign: list[str] = field(default_factory=list)
    """What the statement is about and the version does not hold, which need not be wrong."""

    @property
    def is_broken(self) -> bool:
        """Whether the statement is about other bytes than these."""
        return bool(self.changed or self.missing)

    @property
    def is_whole(self) -> bool:
        """Whether every file is covered."""
        return not (self.is_broken or self.uncovered or self.unknown)


def is_signature(path: str) -> bool:
    """Say whether a file of a version is named as a signature."""
    return path.lower().endswith(ENDINGS)


def compared(version: ExaminedVersion, statement: Statement, progress: Progress) -> Coverage:
    """Compare a statement with the files of a version."""
    files = {file.path: file for file in version.files}
    if statement.is_model_signature:
        return _Comparison(files, progress).of_paths(statement)
    return _of_digests(version, files, statement)


class _Comparison:
    """Compares path by path; digests other than the recorded ones are computed from the bytes."""

    def __init__(self, files: Mapping[str, ExaminedFile], progress: Progress) -> None:
        self._files, self._progress = files, progress
        self._to_sign = [path for path in files if not is_signature(path)]
        self._found = Coverage()

    def of_paths(self, statement: Statement) -> Coverage:
        signed: dict[str, list[Resource]] = {}
        for resource in statement.resources:
            signed.setdefault(self._path(resource.name), []).append(resource)
        for path, resources in signed.items():
            self._compare(path, resources)
        for path, file in self._files.items():
            if path not in signed:
                self._judge_unsigned(path, file, statement.ignored)
        return self._found

    def _path(self, name: str) -> str:
        """Return the path of a signed name; a model of one file was signed as ``.``."""
        return self._to_sign[0] if name == "." and len(self._to_sign) == 1 else name

    def _compare(self, path: str, resources: Sequence[Resource]) -> None:
        file = self._files.get(path)
        if file is None:
            self._found.missing.append(path)
            return
        answers = {self._is_same(file, resource) for resource in resources}
        if False in answers or not _is_gapless(resources, file.size):
            self._found.changed.append(path)
        elif None in answers:
            self._found.unknown.append(path)

    def _is_same(self, file: ExaminedFile, resource: Resource) -> bool | None:
        """Say whether the bytes are those that were signed; nothing when that cannot be told."""
        if resource.algorithm == "sha256" and resource.end is None:
            return resource.digest == file.sha256
        if resource.algorithm not in {"sha256", "blake2b"}:
            return None
        self._progress(file.path)
        hashed = hashlib.new(resource.algorithm)
        try:
            with file.open() as stream:
                stream.seek(resource.start)
                left = (file.size if resource.end is None else resource.end) - resource.start
                while left > 0 and (piece := stream.read(min(PIECE, left))):
                    hashed.update(piece)
                    left -= len(piece)
        except FileNotFoundError:
            return False
        return left == 0 and hashed.hexdigest() == resource.digest

    def _judge_unsigned(self, path: str, file: ExaminedFile, ignored: Sequence[str]) -> None:
        if is_signature(path) or _lies_in(path, _GIT):
            return
        if _lies_in(path, ignored):
            self._found.left_out.append(path)
        else:
            self._found.uncovered.append(path)


def _is_gapless(resources: Sequence[Resource], size: int) -> bool:
    """Say whether stretches of a file are all of it; a file signed as one is."""
    if any(resource.end is None for resource in resources):
        return len(resources) == 1
    at = 0
    for resource in sorted(resources, key=lambda resource: resource.start):
        if resource.start != at or resource.end is None or resource.end <= at:
            return False
        at = resource.end
    return at == size


def _lies_in(path: str, places: Sequence[str]) -> bool:
    """Say whether a path is one of some places, or inside one; all of a model is no place."""
    clean = [place.strip("/") for place in places]
    return any(path == place or path.startswith(f"{place}/") for place in clean if place != ".")


def _of_digests(
    version: ExaminedVersion, files: Mapping[str, ExaminedFile], statement: Statement
) -> Coverage:
    """Compare by digest, since such statements name what was built and not where it lies."""
    found = Coverage()
    paths: dict[str, list[str]] = {}
    for file in files.values():
        paths.setdefault(file.sha256, []).append(file.path)
    covered: set[str] = set()
    for subject in statement.resources:
        if f"{subject.algorithm}:{subject.digest}" == version.digest:
            covered.update(files)
        elif subject.algorithm == "sha256" and subject.digest in paths:
            covered.update(paths[subject.digest])
        elif subject.name in files:
            found.changed.append(subject.name)
        else:
            found.foreign.append(subject.name or subject.digest)
    if not covered and not found.changed:
        found.missing, found.foreign = found.foreign, []
    found.uncovered = [path for path in files if path not in covered and not is_signature(path)]
    return found
