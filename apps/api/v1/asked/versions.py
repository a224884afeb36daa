"""Versions, their runs and their checks as a caller sends them."""

from typing import Any
from uuid import UUID

from pydantic import Field

from apps.api.strictness import Asked
from apps.catalog.training import MetricFacts, RunFacts


class NewMetric(Asked):
    """A number a run measured."""

    key: str
    value: float
    dataset: str = ""
    slice: str = ""
    lower: float | None = None
    upper: float | None = None
    higher_is_better: bool | None = None
    step: int = 0


class NewRun(Asked):
    """The run a version came from."""

    name: str = ""
    source: str = ""
    parameters: dict[str, str] = {}
    metrics: list[NewMetric] = []

    def facts(self) -> RunFacts:
        """Return the run as the catalog takes it."""
        return RunFacts(
            name=self.name,
            source=self.source,
            parameters=self.parameters,
            metrics=tuple(MetricFacts(**metric.model_dump()) for metric in self.metrics),
        )


class NewVersion(Asked):
    """A version to register from an upload."""

    upload: UUID = Field(strict=False)
    description: str = ""
    change_class: str = ""
    source: str = ""
    framework: str = ""
    flavors: list[str] = []
    python_version: str = ""
    packages: list[str] = []
    code_repository: str = ""
    code_commit: str = ""
    code_is_dirty: bool = False
    container_digest: str = ""
    base_version: int | None = Field(None, description="The number of a version of this model")
    contributors: list[str] = Field([], description="Sign-in names of everybody else who built it")
    signature: dict[str, Any] | None = None
    input_example: Any = None
    run: NewRun | None = None


class DescribedVersion(Asked):
    """The words that describe a version."""

    description: str


class WantedChecks(Asked):
    """Which checks are to run; without names, every one."""

    names: list[str] | None = Field(None, min_length=1)
