"""Versions of a model side by side, fact by fact."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from apps.api.v1.answers.base import Answer
from apps.catalog import comparison
from apps.catalog.comparison import Fact, Kept, Measure
from apps.catalog.models import ModelVersion
from apps.validation import signatures

MOST_ROWS = 1000
"""How many facts of one kind are told; those that differ come first."""

V = TypeVar("V")


class Row(Answer):
    """One fact of each version in order, or nothing where a version does not say."""

    name: str
    values: list[str | None]
    is_same: bool


class MetricRow(Answer):
    """One final metric of each version, in order."""

    key: str
    dataset: str
    slice: str
    values: list[float | None]
    higher_is_better: bool | None
    is_same: bool


class Section(Answer):
    """Facts of one kind, those that differ first."""

    kind: str
    rows: list[Row]
    left_out: int


class Comparison(Answer):
    """Versions of a model side by side."""

    versions: list[int]
    metrics: list[MetricRow]
    sections: list[Section]

    @classmethod
    def of(cls, versions: Sequence[ModelVersion]) -> "Comparison":
        """Compare versions in a fixed number of queries."""
        found = comparison.side_by_side(versions)
        declared = comparison.facts([signatures.told_by(version) for version in versions])
        return cls(
            versions=[version.number for version in versions],
            metrics=[_metric(measure) for measure in found.measures[:MOST_ROWS]],
            sections=[
                _section("parameters", found.parameters),
                _section("datasets", found.datasets),
                _section("signature", declared),
                _section("packages", found.packages),
                _section("origin", found.origin),
                _section("files", found.files, text=_digest),
            ],
        )


def _metric(measure: Measure) -> MetricRow:
    return MetricRow(
        **measure.place._asdict(),
        values=[None if one is None or one.is_nan else one.value for one in measure.metrics],
        higher_is_better=next((one.higher_is_better for one in measure.metrics if one), None),
        is_same=measure.is_same,
    )


def _section(kind: str, facts: Sequence[Fact[V]], *, text: Callable[[V], str] = str) -> Section:
    rows = [_row(fact, text) for fact in facts[:MOST_ROWS]]
    return Section(kind=kind, rows=rows, left_out=len(facts) - len(rows))


def _row(fact: Fact[V], text: Callable[[V], str]) -> Row:
    values = [None if value is None else text(value) for value in fact.values]
    return Row(name=fact.name, values=values, is_same=fact.is_same)


def _digest(file: Kept) -> str:
    return file.sha256
