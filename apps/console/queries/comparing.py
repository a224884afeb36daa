"""Two to five versions of a model side by side: what differs first, the rest folded away."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from apps.approvals.comparison import MeasureChange
from apps.catalog.comparison import Fact, Kept, Measure, Place, SideBySide, facts, side_by_side
from apps.catalog.models import ModelVersion, RegisteredModel, RunMetric
from apps.console.queries.measures import number
from apps.core import formats
from apps.core.errors import NotFound
from apps.core.inputs import InputRefused
from apps.validation import signatures

LEAST, MOST = 2, 5
MOST_ROWS = 500
"""How many differing rows a section shows; a version may have ten thousand files."""

ABSENT = "–"
ORIGIN_TITLES = {
    "framework": "Framework",
    "flavors": "Flavors",
    "python_version": "Python",
    "code_repository": "Repository",
    "code_commit": "Commit",
    "code_is_dirty": "Uncommitted changes",
    "container_digest": "Container",
    "base_version": "Built on version",
    "source": "Source",
}
V = TypeVar("V")


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
    is_same: bool
    note: str = ""


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
    found = side_by_side(versions)
    declared = facts([signatures.told_by(version) for version in versions])
    compared = [
        _section("Metrics", map(_measure, found.measures)),
        _section("Parameters", _rows(found.parameters)),
        _section("Signature", _rows(declared, name=_with_capital)),
        _section("Packages", _rows(found.packages)),
        _section("Data", _rows(found.datasets)),
        _section("Code and environment", _origin(found)),
        _section("Files, by SHA-256", _rows(found.files, text=_kept)),
    ]
    return [section for section in compared if section.different or section.same]


def _section(title: str, rows: Iterable[Row]) -> Section:
    same: list[Row] = []
    different: list[Row] = []
    for row in rows:
        (same if row.is_same else different).append(row)
    left_out = max(len(different) - MOST_ROWS, 0) + max(len(same) - MOST_ROWS, 0)
    return Section(title, different[:MOST_ROWS], same[:MOST_ROWS], left_out)


def _rows(
    compared: Iterable[Fact[V]],
    *,
    name: Callable[[str], str] = str,
    text: Callable[[V], str] = str,
) -> Iterable[Row]:
    for fact in compared:
        cells = [Cell(ABSENT if value is None else text(value)) for value in fact.values]
        yield Row(name(fact.name), cells, fact.is_same)


def _origin(found: SideBySide) -> Iterable[Row]:
    told = [fact for fact in found.origin if fact.name in ORIGIN_TITLES]
    return sorted(_rows(told, name=ORIGIN_TITLES.__getitem__), key=lambda row: row.name)


def _with_capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _kept(file: Kept) -> str:
    return f"{formats.short_digest(file.sha256)}, {formats.size(file.size)}"


# -- measures


def _measure(measure: Measure) -> Row:
    first, *others = measure.metrics
    cells = [_value(first), *(_beside(first, metric) for metric in others)]
    return Row(measure.place.key, cells, measure.is_same, _where(measure.place))


def _where(place: Place) -> str:
    return ", ".join(filter(None, (formats.short_reference(place.dataset), place.slice)))


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


def offered(model: RegisteredModel, count: int) -> list[ModelVersion]:
    """Return the newest versions of a model, to choose from."""
    rows = model.versions.filter(deleted_at=None).order_by("-number")
    found = list(islice(rows, count))
    for version in found:
        version.model = model
    return found
