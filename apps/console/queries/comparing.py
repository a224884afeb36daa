"""Two to five versions of a model side by side: what differs first, the rest folded away."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from apps.approvals.comparison import MeasureChange
from apps.catalog.exports.gathered import Package
from apps.catalog.facts import final_metrics
from apps.catalog.models import (
    ModelVersion,
    RegisteredModel,
    RunDataset,
    RunMetric,
    RunParameter,
    VersionFile,
)
from apps.console.queries import versions as shown
from apps.console.queries.measures import number
from apps.core import formats
from apps.core.errors import NotFound
from apps.core.inputs import InputRefused

LEAST, MOST = 2, 5
MOST_ROWS = 500
"""How many differing rows a section shows; a version may have ten thousand files."""

ABSENT = "–"
Key = tuple[str, str, str]
"""A measure: its dataset, its slice, its name."""
Facts = Mapping[str, str]


@dataclass(frozen=True)
class Cell:
    """What one version says, and how a measure of it stands against the first version's."""

    text: str
    delta: str = ""
    sense: str = "same"


@dataclass(frozen=True)
class Row:
    """One fact of all versions."""

    name: str
    cells: Sequence[Cell]
    note: str = ""

    @property
    def is_same(self) -> bool:
        return len({cell.text for cell in self.cells}) == 1


@dataclass(frozen=True)
class Section:
    """Facts of one kind: those that differ, and those that do not."""

    title: str
    different: Sequence[Row]
    same: Sequence[Row]
    left_out: int = 0

    @property
    def same_in_words(self) -> str:
        return "1 is the same" if len(self.same) == 1 else f"{len(self.same)} are the same"


def chosen(model: RegisteredModel, numbers: Sequence[str]) -> list[ModelVersion]:
    """Return the versions of a model that were asked for by number, the oldest first.

    Raises:
        InputRefused: when these are not two to five numbers.
        NotFound: when the model has no such version.
    """
    wanted = {int(text) for text in numbers if text.isascii() and text.isdigit() and len(text) < 10}
    if not LEAST <= len(wanted) <= MOST:
        raise InputRefused(f"Choose {LEAST} to {MOST} versions to compare.")
    rows = model.versions.filter(number__in=wanted, deleted_at=None)
    found = list(rows.select_related("run", "base_version").order_by("number"))
    for version in found:
        version.model = model
    if len(found) != len(wanted):
        raise NotFound(f"{model} does not have all of these versions.")
    return found


def sections(versions: Sequence[ModelVersion]) -> list[Section]:
    """Compare versions in a fixed number of queries; a section without a row is left out."""
    run_ids = [version.run_id for version in versions if version.run_id]
    compared = [
        _measures(versions, run_ids),
        _of("Parameters", versions, _parameters(run_ids)),
        _section("Signature", [_signature(version) for version in versions]),
        _section("Packages", [_packages(version) for version in versions]),
        _of("Data", versions, _datasets(run_ids)),
        _section("Code and environment", [_origin(version) for version in versions]),
        _section("Files, by SHA-256", _files(versions)),
    ]
    return [section for section in compared if section.different or section.same]


def _of(title: str, versions: Sequence[ModelVersion], by_run: Mapping[int, Facts]) -> Section:
    return _section(title, [by_run.get(version.run_id or 0, {}) for version in versions])


def _section(title: str, told: Sequence[Facts]) -> Section:
    """Lay facts of several versions side by side, by name."""
    names = sorted({name for facts in told for name in facts})
    rows = (Row(name, [Cell(facts.get(name, ABSENT)) for facts in told]) for name in names)
    return _sorted(title, rows)


def _sorted(title: str, rows: Iterable[Row]) -> Section:
    same: list[Row] = []
    different: list[Row] = []
    for row in rows:
        (same if row.is_same else different).append(row)
    left_out = max(len(different) - MOST_ROWS, 0) + max(len(same) - MOST_ROWS, 0)
    return Section(title, different[:MOST_ROWS], same[:MOST_ROWS], left_out)


# -- measures


def _measures(versions: Sequence[ModelVersion], run_ids: Sequence[int]) -> Section:
    measured: dict[int, dict[Key, RunMetric]] = defaultdict(dict)
    for metric in final_metrics(run_ids):
        measured[metric.run_id][metric.dataset, metric.slice, metric.key] = metric
    told = [measured.get(version.run_id or 0, {}) for version in versions]
    places = sorted({place for facts in told for place in facts})
    return _sorted(
        "Metrics",
        (
            Row(place[-1], _measured([facts.get(place) for facts in told]), _where(place))
            for place in places
        ),
    )


def _where(place: Key) -> str:
    dataset, part, _ = place
    return ", ".join(filter(None, (formats.short_reference(dataset), part)))


def _measured(metrics: Sequence[RunMetric | None]) -> list[Cell]:
    first, *others = metrics
    return [_value(first), *(_beside(first, metric) for metric in others)]


def _value(metric: RunMetric | None) -> Cell:
    return Cell(ABSENT if metric is None else number(metric.number))


def _beside(first: RunMetric | None, metric: RunMetric | None) -> Cell:
    """Return a value with its difference from the first version's, and whether that is better."""
    if first is None or metric is None or first.is_nan or metric.is_nan:
        return _value(metric)
    change = MeasureChange(
        key=metric.key,
        slice=metric.slice,
        dataset=metric.dataset,
        before=first.value,
        after=metric.value,
        higher_is_better=metric.higher_is_better,
    )
    return Cell(number(metric.value), change.difference, change.sense)


# -- what else a version says


def _parameters(run_ids: Sequence[int]) -> Mapping[int, Facts]:
    rows = RunParameter.objects.filter(run__in=run_ids).values_list("run_id", "key", "value")
    return _by_run(rows)


def _datasets(run_ids: Sequence[int]) -> Mapping[int, Facts]:
    rows = RunDataset.objects.filter(run__in=run_ids).order_by("name", "digest", "pk")
    told: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for run_id, name, context, digest in rows.values_list("run_id", "name", "context", "digest"):
        told[run_id][f"{name} ({context})" if context else name].append(digest)
    return _by_run(
        (run_id, name, ", ".join(digests))
        for run_id, facts in told.items()
        for name, digests in facts.items()
    )


def _by_run(rows: Iterable[tuple[int, str, str]]) -> Mapping[int, Facts]:
    told: dict[int, dict[str, str]] = defaultdict(dict)
    for run_id, name, value in rows:
        told[run_id][name] = value
    return told


def _signature(version: ModelVersion) -> Facts:
    return {
        f"{side.title}: {name}": " ".join(filter(None, (kind, note)))
        for side in shown.signature(version)
        for name, kind, note in side.fields
    }


def _packages(version: ModelVersion) -> Facts:
    found = filter(None, map(Package.of, map(str, version.packages)))
    return {package.name.lower(): package.version or "not pinned" for package in found}


def _origin(version: ModelVersion) -> Facts:
    commit = version.code_commit and f"{version.code_commit}{_dirty(version)}"
    told = {
        "Framework": version.framework,
        "Flavors": ", ".join(map(str, version.flavors)),
        "Python": version.python_version,
        "Repository": version.code_repository,
        "Commit": commit,
        "Container": version.container_digest,
        "Built on": str(version.base_version or ""),
        "Source": version.source,
    }
    return {name: value for name, value in told.items() if value}


def _dirty(version: ModelVersion) -> str:
    return ", with uncommitted changes" if version.code_is_dirty else ""


def _files(versions: Sequence[ModelVersion]) -> list[Facts]:
    rows = VersionFile.objects.filter(version__in=versions).order_by()
    told: dict[int, dict[str, str]] = defaultdict(dict)
    columns = ("version_id", "path", "artifact__sha256", "artifact__size")
    for version_id, path, sha256, size in rows.values_list(*columns):
        told[version_id][path] = f"{formats.short_digest(sha256)}, {formats.size(size)}"
    return [told[version.pk] for version in versions]


def offered(model: RegisteredModel, count: int) -> list[ModelVersion]:
    """Return the newest versions of a model, to choose from."""
    rows = model.versions.filter(deleted_at=None).order_by("-number")
    found = list(islice(rows, count))
    for version in found:
        version.model = model
    return found
