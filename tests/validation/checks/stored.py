"""A version held in memory, and a harmless payload that shows when it has run."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from apps.catalog.manifest import manifest_digest
from apps.validation.checks.contract import Outcome, Source
from apps.validation.checks.recorded import Champion, Edge, Record, WrittenDocument
from apps.validation.checks.unsafe_code import examining
from apps.validation.checks.unsafe_code.limits import Limits

FIRED: list[str] = []
MODULE = __name__


def fire(*what: object) -> str:
    """Leave a mark; loading a hostile sample calls this, examining it never does."""
    FIRED.append(repr(what))
    return "fired"


@dataclass
class StoredFile:
    path: str
    data: bytes
    sha256: str = ""
    size: int = -1
    is_gone: bool = False
    kind: str = ""
    since: str = ""

    def __post_init__(self) -> None:
        self.sha256 = self.sha256 or hashlib.sha256(self.data).hexdigest()
        self.size = len(self.data) if self.size < 0 else self.size

    def open(self) -> BinaryIO:
        if self.is_gone:
            raise FileNotFoundError(self.path)
        return io.BytesIO(self.data)


@dataclass
class StoredVersion:
    files: Sequence[StoredFile] = ()
    digest: str = ""
    signature: dict[str, object] | None = None
    input_example: object | None = None
    is_prompt: bool = False
    record: Record = field(default_factory=Record)
    champion: Champion | None = None
    lineage: Sequence[Edge] = ()
    documents: Sequence[WrittenDocument] = ()
    attached: Sequence[StoredFile] = ()
    lists: Mapping[Source, StoredFile] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.digest = self.digest or manifest_digest(self.files)


def version_of(files: Mapping[str, bytes]) -> StoredVersion:
    return StoredVersion([StoredFile(path, data) for path, data in files.items()])


def scanned(
    data: bytes, path: str = "model.bin", limits: Limits = examining.LIMITS, **others: bytes
) -> Outcome:
    """Examine one file for unsafe code, and make sure that nothing in it has run."""
    FIRED.clear()
    files = {path: data, **{name.replace("_", "."): other for name, other in others.items()}}
    outcome = examining.examine(version_of(files), limits=limits)
    assert FIRED == []
    return outcome


def codes(outcome: Outcome) -> set[str]:
    return {problem.code for problem in outcome.problems}


def grave_codes(outcome: Outcome) -> set[str]:
    return {problem.code for problem in outcome.problems if problem.severity.fails}
