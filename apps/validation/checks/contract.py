"""What a check is: a pure function from a version's bytes to an outcome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
"""What a fact may be. There are no floats, since facts enter the record, which has none."""

Progress = Callable[[str], None]
"""Called with the place under examination, at least between files: a long check's heartbeat."""


class Severity(StrEnum):
    """How grave a problem is; the first two fail the check."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def fails(self) -> bool:
        """Say whether one problem of this severity is enough to fail a check."""
        return self in {Severity.CRITICAL, Severity.HIGH}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a check reports: what is wrong, where, and what helps."""

    code: str
    severity: Severity
    place: str
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check concludes; it has passed unless a problem is high or critical."""

    summary: str
    problems: tuple[Problem, ...] = ()
    facts: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_exact(self.facts)

    @property
    def passed(self) -> bool:
        """Say whether no problem is grave enough to fail the check."""
        return not any(problem.severity.fails for problem in self.problems)


class ExaminedFile(Protocol):
    """One file of a version, as the manifest names it and the store holds it."""

    @property
    def path(self) -> str: ...

    @property
    def sha256(self) -> str:
        """The recorded digest: 64 hexadecimal digits."""
        ...

    @property
    def size(self) -> int: ...

    def open(self) -> BinaryIO:
        """Open the stored bytes for reading and seeking; FileNotFoundError when they are gone."""
        ...


class ExaminedVersion(Protocol):
    """Everything a check may know about a version."""

    @property
    def digest(self) -> str:
        """The recorded digest of the content: ``sha256:`` and 64 hexadecimal digits."""
        ...

    @property
    def files(self) -> Sequence[ExaminedFile]: ...

    @property
    def signature(self) -> dict[str, object] | None:
        """The declared input and output columns."""
        ...

    @property
    def is_prompt(self) -> bool:
        """Whether the content is a prompt: text for a model, with no columns of its own."""
        ...

    @property
    def input_example(self) -> object | None: ...


class Examine(Protocol):
    """The function behind a check."""

    def __call__(self, version: ExaminedVersion, progress: Progress = ...) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Check:
    """A named validation: its title, the sentence that explains it, and how it examines."""

    name: str
    title: str
    sentence: str
    examine: Examine
    version: str


def silent(place: str) -> None:
    """Tell nobody how far a check has come."""


def counted(number: int, thing: str) -> str:
    """Return a number with its thing, in the plural unless there is one."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _require_exact(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("A fact is exact: write a float as text or as an integer of smaller units.")
    if isinstance(value, Mapping):
        for inner in value.values():
            _require_exact(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            _require_exact(inner)
