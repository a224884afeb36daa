"""Versions of a model side by side: what each says of its content and its run, fact by fact."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from apps.catalog.exports.gathered import Package
from apps.catalog.facts import final_metrics
from apps.catalog.models import ModelVersion, RunDataset, RunMetric, RunParameter, VersionFile

V = TypeVar("V")
Told = Mapping[str, V]
NOT_PINNED = "not pinned"


@dataclass(frozen=True)
class Fact(Generic[V]):
    """One fact of each version in order, or nothing where a version does not say."""

    name: str
    values: Sequence[V | None]

    @property
    def is_same(self) -> bool:
        return all(value == self.values[0] for value in self.values)


class Place(NamedTuple):
    """Where a measure stands: its dataset, its slice, its name."""

    dataset: str
    slice: str
    key: str


@dataclass(frozen=True)
class Measure:
    """One final metric of each version in order, or nothing where a version was not measured."""

    place: Place
    metrics: Sequence[RunMetric | None]

    @property
    def is_same(self) -> bool:
        return len({metric and (metric.is_nan, metric.value) for metric in self.metrics}) == 1


class Kept(NamedTuple):
    """The bytes of a file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class SideBySide:
    """Facts of versions, kind by kind; in each kind those that differ come first."""

    measures: Sequence[Measure]
    parameters: Sequence[Fact[str]]
    datasets: Sequence[Fact[str]]
    packages: Sequence[Fact[str]]
    origin: Sequence[Fact[str]]
    files: Sequence[Fact[Kept]]


def side_by_side(versions: Sequence[ModelVersion]) -> SideBySide:
    """Compare versions in a fixed number of queries."""
    run_ids = [version.run_id for version in versions if version.run_id]
    return SideBySide(
        measures=_measures(versions, run_ids),
        parameters=_of_runs(versions, _parameters(run_ids)),
        datasets=_of_runs(versions, _datasets(run_ids)),
        packages=facts([_packages(version) for version in versions]),
        origin=facts([_origin(version) for version in versions]),
        files=facts(_files(versions)),
    )


def facts(told: Sequence[Told[V]]) -> list[Fact[V]]:
    """Lay what several versions tell side by side, by name; what differs comes first."""
    names = sorted({name for one in told for name in one})
    found = [Fact(name, [one.get(name) for one in told]) for name in names]
    return sorted(found, key=lambda fact: fact.is_same)


def _measures(versions: Sequence[ModelVersion], run_ids: Sequence[int]) -> list[Measure]:
    measured: dict[int, dict[Place, RunMetric]] = defaultdict(dict)
    for metric in final_metrics(run_ids):
        measured[metric.run_id][Place(metric.dataset, metric.slice, metric.key)] = metric
    told = [measured.get(version.run_id or 0, {}) for version in versions]
    places = sorted({place for one in told for place in one})
    found = [Measure(place, [one.get(place) for one in told]) for place in places]
    return sorted(found, key=lambda measure: measure.is_same)


def _of_runs(
    versions: Sequence[ModelVersion], rows: Iterable[tuple[int, str, str]]
) -> list[Fact[str]]:
    told: dict[int, dict[str, str]] = defaultdict(dict)
    for run_id, name, value in rows:
        told[run_id][name] = _and(told[run_id], name, value)
    return facts([told.get(version.run_id or 0, {}) for version in versions])


def _and(told: Told[str], name: str, value: str) -> str:
    """Return a value behind those told before under its name."""
    return f"{told[name]}, {value}" if name in told else value


def _parameters(run_ids: Sequence[int]) -> Iterable[tuple[int, str, str]]:
    return RunParameter.objects.filter(run__in=run_ids).values_list("run_id", "key", "value")


def _datasets(run_ids: Sequence[int]) -> Iterable[tuple[int, str, str]]:
    rows = RunDataset.objects.filter(run__in=run_ids).order_by("name", "digest", "context", "pk")
    for run_id, name, context, digest in rows.values_list("run_id", "name", "context", "digest"):
        yield run_id, f"{name} ({context})" if context else name, digest


def _packages(version: ModelVersion) -> Told[str]:
    found = filter(None, map(Package.of, map(str, version.packages)))
    told: dict[str, str] = {}
    for package in sorted(found, key=lambda package: package.version):
        name = package.name.lower()
        told[name] = _and(told, name, package.version or NOT_PINNED)
    return told


def _origin(version: ModelVersion) -> Told[str]:
    told = {
        "framework": version.framework,
        "flavors": ", ".join(map(str, version.flavors)),
        "python_version": version.python_version,
        "code_repository": version.code_repository,
        "code_commit": version.code_commit,
        "code_is_dirty": "yes" if version.code_is_dirty else "",
        "container_digest": version.container_digest,
        "base_version": _base(version),
        "source": version.source,
        "content_digest": version.content_digest,
    }
    return {name: value for name, value in told.items() if value}


def _base(version: ModelVersion) -> str:
    """Return the number of the version it is based on, when that is one of the same model.

    Another model may be one that the reader must not know of.
    """
    base = version.base_version
    return str(base.number) if base and base.model_id == version.model_id else ""


def _files(versions: Sequence[ModelVersion]) -> list[Told[Kept]]:
    rows = VersionFile.objects.filter(version__in=versions).order_by()
    told: dict[int, dict[str, Kept]] = defaultdict(dict)
    columns = ("version_id", "path", "artifact__sha256", "artifact__size")
    for version_id, path, sha256, size in rows.values_list(*columns):
        told[version_id][path] = Kept(sha256, size)
    return [told[version.pk] for version in versions]
