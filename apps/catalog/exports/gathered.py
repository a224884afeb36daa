"""Everything an export says about a version, read once in a fixed number of queries."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from apps.catalog.facts import final_metrics
from apps.catalog.models import ModelVersion, RunDataset, RunMetric, RunParameter, VersionFile

_PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([A-Za-z0-9.!+_-]+)\s*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Package:
    """A Python package a version needs; without a version when it was not pinned to one."""

    name: str
    version: str

    @classmethod
    def of(cls, requirement: str) -> Self | None:
        """Read a requirement such as ``numpy==2.2.1``; None when it names no package."""
        text = re.split("[#;]", requirement, maxsplit=1)[0].strip()
        pinned, named = _PINNED.fullmatch(text), _NAME.match(text)
        if pinned:
            return cls(pinned[1], pinned[2])
        return cls(named[0], "") if named else None

    @property
    def purl(self) -> str:
        """The package URL (ECMA-427), with the name as PyPI folds it."""
        name = re.sub(r"[-_.]+", "-", self.name).lower()
        version = self.version.replace("+", "%2B").replace("!", "%21")
        return f"pkg:pypi/{name}@{version}" if version else f"pkg:pypi/{name}"


@dataclass(frozen=True)
class Gathered:
    """A version with its files, packages, and what its run was given and measured."""

    version: ModelVersion
    files: Sequence[VersionFile]
    packages: Sequence[Package]
    parameters: Sequence[RunParameter]
    metrics: Sequence[RunMetric]
    datasets: Sequence[RunDataset]

    @classmethod
    def about(cls, version: ModelVersion) -> Self:
        """Read all of it, each list in an order that does not change."""
        run = version.run
        metrics = final_metrics([run.pk]) if run else RunMetric.objects.none()
        return cls(
            version,
            list(version.files.select_related("artifact").order_by("path", "pk")),
            list(_packages(version.packages)),
            list(run.parameters.order_by("key")) if run else [],
            list(metrics.order_by("dataset", "slice", "key", "pk")),
            list(run.datasets.order_by("name", "digest", "context")) if run else [],
        )

    @property
    def dataset_names(self) -> list[str]:
        """The datasets the run read or was measured on, each once."""
        measured = [metric.dataset for metric in self.metrics if metric.dataset]
        return sorted({*(dataset.name for dataset in self.datasets), *measured})


def _packages(requirements: Iterable[object]) -> Iterable[Package]:
    found = {Package.of(str(requirement)) for requirement in requirements}
    return sorted(
        (package for package in found if package is not None),
        key=lambda package: (package.name.lower(), package.name, package.version),
    )
