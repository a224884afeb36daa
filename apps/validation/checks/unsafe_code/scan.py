"""One examination in progress: what it may still spend, and what it has found."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from apps.validation.checks.contract import Problem, Progress, Severity
from apps.validation.checks.unsafe_code.allowed import LISTED, Allowed
from apps.validation.checks.unsafe_code.limits import MIB, CannotTell, Limits, too_large

if TYPE_CHECKING:
    from apps.validation.checks.unsafe_code.pieces import Piece

SAVE_SAFELY = "Save the model in a format that cannot run code, such as ONNX, safetensors or skops."
REPACK = "Pack the files again with a common tool, or upload them one by one."
MOST_NAMES = 200
BETWEEN_BEATS = 64 * MIB
BYTES_PER_OPERATION = 64
"""How many bytes are read in the time one operation of a pickle takes, about."""


def shown(text: str, most: int = 200) -> str:
    """Return a text from a file with everything escaped that cannot be seen, or is too long."""
    return "".join(
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text[:most]
    )


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a piece was followed as pickles: bytes, and operations in them."""

    size: int
    operations: int


class Asked(Protocol):
    """Somebody else who judges pickles."""

    def ask(self, scan: "Scan", piece: "Piece", followed: Followed, *, is_grave: bool) -> None: ...


class Scan:
    """Collects problems and facts, and counts what is spent against the limits."""

    def __init__(
        self,
        limits: Limits,
        progress: Progress,
        allowed: Allowed = LISTED,
        second: "Asked | None" = None,
    ) -> None:
        self.limits = limits
        self.allowed = allowed
        self.problems: list[Problem] = []
        self.formats: Counter[str] = Counter()
        self.globals: set[str] = set()
        self.weights: set[str] = set()
        """Files that others of the version name as raw numbers."""
        self._second = second
        self.pieces = 0
        self.pickles = 0
        self._progress = progress
        self._seen: set[tuple[str, str, str]] = set()
        self._operations = 0
        self._members = 0
        self._unpacked = 0
        self._unannounced = 0
        self._place = ""

    def begin(self, place: str) -> None:
        """Start on another stored file, with fresh allowances for what is inside it."""
        self._members = self._unpacked = self._unannounced = 0
        self._place = place
        self._progress(place)

    def report(
        self, code: str, place: str, text: str, remedy: str, severity: Severity = Severity.HIGH
    ) -> None:
        """Note a problem, once, unless there are so many that more would not help anybody."""
        self.add(Problem(code, severity, place, text, remedy))

    def add(self, problem: Problem) -> None:
        """Note a problem that was worded elsewhere."""
        key = (problem.code, problem.place, problem.text)
        if key in self._seen or len(self.problems) > self.limits.problems:
            return
        self._seen.add(key)
        if len(self.problems) == self.limits.problems:
            text = f"There are more than {self.limits.problems} problems; the rest is not listed."
            problem = Problem("more_problems", Severity.HIGH, "version", text, SAVE_SAFELY)
        self.problems.append(problem)

    def cannot_tell(self, trouble: CannotTell, place: str) -> None:
        """Note that a place could not be examined; that is a problem and never a pass."""
        self.report(trouble.code, place, f"Cannot tell whether it is safe: {trouble.text}", REPACK)

    @property
    def operations(self) -> int:
        """How many operations of pickles were followed so far."""
        return self._operations

    def ask(self, piece: "Piece", followed: Followed, *, is_grave: bool) -> None:
        """Get a second opinion on what was followed, if there is one to be had."""
        if self._second is not None:
            self._second.ask(self, piece, followed, is_grave=is_grave)

    def spend_operations(self, number: int) -> None:
        """Count operations of a pickle, or work that takes as long."""
        self._operations += number
        self.announce(number * BYTES_PER_OPERATION, self._place)
        if self._operations > self.limits.operations:
            raise too_large("the pickles have more operations than are examined")

    def note_operations(self, number: int) -> None:
        """Count operations that were done before anybody could be told that they are too many."""
        self._operations += number

    def spend_member(self) -> None:
        """Count one member of an archive."""
        self._members += 1
        if self._members > self.limits.members:
            raise too_large(f"it holds more than {self.limits.members} members")

    def spend_unpacked(self, size: int, place: str) -> None:
        """Count unpacked bytes, and show every now and then that the check is alive."""
        self._unpacked += size
        if self._unpacked > self.limits.unpacked:
            raise too_large("it unpacks to more bytes than are examined")
        self.announce(size, place)

    def announce(self, size: int, place: str) -> None:
        """Show after some work that the check is alive."""
        self._unannounced += size
        if self._unannounced >= BETWEEN_BEATS:
            self._unannounced = 0
            self._progress(place)
