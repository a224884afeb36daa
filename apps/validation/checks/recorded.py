"""What the registry recorded about a version beside its bytes, as plain values a check may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Metric:
    """A number a run measured at the last step of a series; the interval where one was given."""

    key: str
    value: float
    dataset: str = ""
    dataset_digest: str = ""
    slice: str = ""
    lower: float | None = None
    upper: float | None = None
    higher_is_better: bool | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """Data a run read, with the digest the trainer gave, and what it was for: training, testing."""

    name: str
    digest: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Where the code lies; each part empty when it is not known."""

    repository: str = ""
    commit: str = ""
    is_dirty: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A version as its trainer described it."""

    model: str = ""
    kind: str = ""
    number: int = 0
    framework: str = ""
    flavors: Sequence[str] = ()
    python_version: str = ""
    packages: Sequence[str] = ()
    """Requirement lines as pip writes them."""
    code: Code = field(default_factory=Code)
    container_digest: str = ""
    base_version: str = ""
    license: str = ""
    """An SPDX expression; empty when nobody recorded one."""
    has_run: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Sequence[Metric] = ()
    datasets: Sequence[Dataset] = ()


@dataclass(frozen=True, slots=True)
class Champion:
    """The version of the same model that is in production now."""

    number: int
    digest: str
    signature: dict[str, object] | None
    record: Record


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge of a version's lineage, seen from the version."""

    relation: str
    kind: str
    """The kind of asset at the other end: dataset, pipeline, base_model, …"""
    name: str
    version: str = ""
    digest: str = ""
    source_class: str = "declared"
    leads_here: bool = True
    """Whether it leads to the version, as from its base; otherwise the version is the origin."""


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """How far a document about the version is written."""

    template: str
    title: str
    status: str
    completeness: int
    """Percent of the required fields that are filled, rounded down."""
    missing: Sequence[str] = ()
