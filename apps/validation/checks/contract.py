"""What a check is: a pure function from a version, and what is known of it, to an outcome.

Nothing here or in a check knows Django: a check that parses bytes runs in a confined process which
has neither settings nor a database.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, Protocol

import msgspec

from apps.validation.checks.recorded import Champion, Edge, Record, WrittenDocument

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
    evidence: Json = None
    """The whole evidence when it is more than facts can hold; kept as a file of its own."""
    tools: Mapping[str, str] = field(default_factory=dict)
    """Names and versions of the libraries it was judged with."""

    def __post_init__(self) -> None:
        _require_exact(self.facts)
        _require_exact(self.evidence)

    @classmethod
    def does_not_apply(cls, summary: str) -> "Outcome":
        """Return the outcome of a check that has nothing to judge here, and why."""
        return cls(summary, facts={"applies": False})

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

    @property
    def kind(self) -> str:
        """What it was attached as: oms_signature, dsse, …; empty for a file of the version."""
        ...

    @property
    def since(self) -> str:
        """When the registry received it, in UTC as RFC 3339; empty where that is not known."""
        ...

    def open(self) -> BinaryIO:
        """Open the stored bytes for reading and seeking; FileNotFoundError when they are gone."""
        ...


class Source(StrEnum):
    """What a check reads beside the bytes; when it changes, earlier results are out of date."""

    RECORD = "record"
    CHAMPION = "champion"
    LINEAGE = "lineage"
    DOCUMENTS = "documents"
    ATTESTATIONS = "attestations"
    ADVISORIES = "advisories"
    SIGNERS = "signers"


class ExaminedVersion(Protocol):
    """Everything a check may know about a version; what it does not name as a source is empty."""

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

    @property
    def record(self) -> Record:
        """What was recorded with the version (source ``record``)."""
        ...

    @property
    def champion(self) -> Champion | None:
        """The version in production, unless there is none or it is this one."""
        ...

    @property
    def lineage(self) -> Sequence[Edge]:
        """The edges that lead to and from the version."""
        ...

    @property
    def documents(self) -> Sequence[WrittenDocument]:
        """Every document template there is for the version, whether begun or not."""
        ...

    @property
    def attached(self) -> Sequence[ExaminedFile]:
        """Signatures and attestations attached to the version."""
        ...

    @property
    def lists(self) -> Mapping[Source, ExaminedFile]:
        """The lists the organization loaded: advisories, trusted signers; absent when none was."""
        ...


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an organization sets for a check; a check without a subclass takes nothing.

    Fields have defaults, and a description each by ``msgspec.Meta``. A number that is not whole is
    a ``Decimal``, since parameters enter the record, which has no floats. What a type cannot say,
    such as a bound, ``__post_init__`` says with a ValueError in words.
    """


NONE = Parameters()


class Examine(Protocol):
    """The function behind a check. It gets an instance of the check's own parameters."""

    def __call__(
        self, version: ExaminedVersion, progress: Progress = ..., parameters: Any = ...
    ) -> Outcome: ...


class Weight(StrEnum):
    """Which workers take a check: the many light ones, or the few for long and hungry work."""

    LIGHT = "light"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class Check:
    """A named validation: what it is for, what it reads, and how it examines."""

    name: str
    title: str
    sentence: str
    examine: Examine | str
    """The function; or, for a confined check, ``module:name``, so that only the process that
    carries it out imports the libraries it needs."""
    version: str
    parameters: type[Parameters] = Parameters
    formats: tuple[str, ...] = ()
    """Formats it reads, in words; empty when it reads no bytes."""
    cites: tuple[str, ...] = ()
    """Where the rule comes from: regulation, standard, paper."""
    sources: frozenset[Source] = frozenset()
    weight: Weight = Weight.LIGHT
    is_confined: bool = False
    """Whether it parses bytes somebody else made, and so runs in a confined process."""
    in_runner: str = ""
    """What a confined check that has nothing to judge goes on with in the runner, if one is
    switched on: ``module:name`` of a function that loads formats which can run code."""
    at_registration: bool = False
    """Whether it starts by itself when a version is registered."""
    seconds: int = 600
    """How long it may take; a confined process is ended then."""
    memory: int = 512
    """MiB a confined process may take."""

    @property
    def function(self) -> str:
        """Where the function behind the check is: ``module:name``."""
        return self.examine if isinstance(self.examine, str) else _place(self.examine)

    def load(self) -> Examine:
        """Return the function, with all it imports; for the process that carries the check out."""
        if not isinstance(self.examine, str):
            return self.examine
        module, _, name = self.examine.partition(":")
        found: Examine = getattr(importlib.import_module(module), name)
        return found

    @property
    def takes(self) -> str:
        """Where the class of its parameters is: ``module:name``."""
        return _place(self.parameters)


def silent(place: str) -> None:
    """Tell nobody how far a check has come."""


def counted(number: int, thing: str) -> str:
    """Return a number with its thing, in the plural unless there is one."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _place(thing: Any) -> str:
    return f"{thing.__module__}:{thing.__qualname__}"


def _require_exact(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("A fact is exact: write a float as text or as an integer of smaller units.")
    if isinstance(value, Mapping):
        for inner in value.values():
            _require_exact(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            _require_exact(inner)
