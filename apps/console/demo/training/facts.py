"""What training leaves behind: a model's description and the measured facts of its versions."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Metric:
    """One measured value: on which dataset and slice, how certain, at which step of a series."""

    key: str
    value: float
    dataset: str
    slice: str = ""
    lower: float | None = None
    upper: float | None = None
    higher_is_better: bool = True
    step: int = 0


@dataclass(frozen=True)
class Column:
    """One named input or output with its MLflow type."""

    name: str
    type: str

    def as_json(self) -> dict[str, str]:
        """The column as a signature writes it."""
        return {"name": self.name, "type": self.type}


@dataclass(frozen=True)
class TrainingSource:
    """The module that trained a version, pinned by the digest of its text, not by a commit."""

    path: str
    digest: str


@dataclass(frozen=True)
class TrainedVersion:
    """One version as it would be shipped, with everything a registry asks about it."""

    number: int
    folder: Path
    signature: dict[str, list[dict[str, str]]]
    input_example: dict[str, list[Any]]
    parameters: dict[str, str]
    metrics: tuple[Metric, ...]
    framework: str
    flavors: tuple[str, ...]
    python_version: str
    packages: tuple[str, ...]
    source: TrainingSource
    change_class: str
    notes: str


@dataclass(frozen=True)
class TrainedModel:
    """A model as its owner would describe it, with its versions in order."""

    name: str
    title: str
    purpose: str
    out_of_scope: str
    limitations: str
    domain: str
    method: str
    flags: tuple[str, ...] = ()
    versions: tuple[TrainedVersion, ...] = ()
