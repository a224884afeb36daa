"""A bill of materials among a version's files, found by content and read strictly."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from apps.validation.checks.contract import ExaminedFile, Problem, Severity

MOST_BYTES = 16 * 2**20
MOST_BILLS = 20
MOST_COMPONENTS = 50_000
MOST_DEPTH = 16
START = 64 * 2**10
ATTACHED_AS = "bill_of_materials"
WRITE_AGAIN = (
    "Write the bill again with a current tool, as CycloneDX 1.4 to 1.7 or SPDX 2.2 or 2.3 in JSON."
)
MOST_SAID = 20
"""How many problems of one kind a bill is said to have, one by one."""

_MARKS = (b'"bomFormat"', b'"spdxVersion"', b"spdx.org/rdf/3")
_NAMED = re.compile(r"(?:.*[._-])?s?bom\.(?:json|xml)|.*\.cdx\.(?:json|xml)|.*\.spdx(?:\.\w+)?")
PURL = re.compile(r"pkg:[a-z][a-z0-9.+-]*/[^\s@?#]+(?:@[^\s?#]+)?(?:\?[^\s#]+)?(?:#\S+)?")


@dataclass(frozen=True, slots=True)
class Component:
    """One thing a bill lists."""

    place: str
    type: str
    name: str
    version: str = ""
    purl: str = ""
    sha256: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    content_digest: str = ""
    """The digest of the whole version, where the bill gives it."""


@dataclass
class Bill:
    """A bill in either form."""

    path: str
    form: str = ""
    serial: str = ""
    subject: Component | None = None
    """What the bill is about."""
    components: list[Component] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    is_read: bool = True
    _said: dict[str, int] = field(default_factory=dict)

    def say(
        self, code: str, severity: Severity, place: str, text: str, remedy: str = WRITE_AGAIN
    ) -> None:
        """Add a problem; of the same kind, so many and no more."""
        self._said[code] = self._said.get(code, 0) + 1
        if self._said[code] <= MOST_SAID:
            where = f"{self.path} {place}".strip()
            self.problems.append(Problem(code, severity, where, text, remedy))

    def refuse(self, text: str) -> "Bill":
        """Say why the bill cannot be read."""
        self.is_read = False
        self.say("unreadable_bill", Severity.HIGH, "", text)
        return self

    def has_room(self) -> bool:
        """Say whether one more component may be read."""
        return len(self.components) < MOST_COMPONENTS


def candidates(files: Iterable[ExaminedFile]) -> Iterator[ExaminedFile]:
    """Yield what was attached as a bill, is one by how it begins, or is named like one."""
    for file in files:
        name = posixpath.basename(file.path).lower()
        if file.kind:
            is_bill = file.kind == ATTACHED_AS
        else:
            is_bill = bool(_NAMED.fullmatch(name)) or (name.endswith(".json") and _is_marked(file))
        if is_bill:
            yield file


def decoded(file: ExaminedFile, bill: Bill) -> dict[str, Any] | None:
    """Return the JSON object in a file, or nothing when the bill says why there is none."""
    if file.size > MOST_BYTES:
        bill.refuse(f"It is larger than {MOST_BYTES // 2**20} MiB, so it was not read.")
        return None
    try:
        with file.open() as stream:
            value: object = msgspec.json.decode(stream.read(MOST_BYTES))
    except FileNotFoundError:
        bill.refuse("The store does not hold this file any more.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        bill.refuse(f"It is not JSON: {error!s:.200}.")
    else:
        if isinstance(value, dict):
            return value
        bill.refuse("It is JSON, and no object.")
    return None


def mapping(value: object) -> dict[str, Any]:
    """Return a value that should be an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects in a value that should be a list of them."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """Return a value that should be text, or an empty one."""
    return value if isinstance(value, str) else ""


def _is_marked(file: ExaminedFile) -> bool:
    if file.size > MOST_BYTES:
        return False
    try:
        with file.open() as stream:
            start = stream.read(START)
    except FileNotFoundError:
        return False
    return any(mark in start for mark in _MARKS)
