"""Metric thresholds: what was measured keeps the limits that were set for the model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import msgspec

from apps.validation.checks.contract import (
    Check,
    ExaminedVersion,
    Json,
    Outcome,
    Parameters,
    Problem,
    Progress,
    Severity,
    Source,
    counted,
    silent,
)
from apps.validation.checks.measured import (
    exact,
    interval_of,
    is_finite,
    place,
    place_of,
    slice_of,
    with_interval,
)
from apps.validation.checks.recorded import Metric, Record

MOST_THRESHOLDS = 100
MOST_ROWS = 1000
MOST_LIMIT = Decimal(10) ** 15
EVERY_SLICE = "*"

MEASURE = "Measure it on the named data and register a version whose run records it."
NAME_DATA = "Log the metric with the dataset it was measured on."
GIVE_INTERVAL = "Record the metric with both ends of its interval."
IMPROVE = "Improve the model, or ask those who set the threshold whether it still fits the purpose."
NOT_SET = (
    "Nobody set a threshold for this model. Its validators, security officers and risk officers "
    "can."
)


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One limit for one metric."""

    metric: Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
    least: Decimal | None = None
    most: Decimal | None = None
    dataset: Annotated[str, msgspec.Meta(max_length=250)] = ""
    """Empty for every dataset the metric was measured on."""
    slice: Annotated[str, msgspec.Meta(max_length=250)] = ""
    """Empty for all the data, ``*`` for every slice."""
    whole_interval: bool = False
    """Whether the worse end of the interval must keep the limit too."""

    def __post_init__(self) -> None:
        limits = [limit for limit in (self.least, self.most) if limit is not None]
        if not limits:
            raise ValueError(f"the threshold for {self.metric} says neither least nor most")
        if not all(limit.is_finite() and abs(limit) <= MOST_LIMIT for limit in limits):
            raise ValueError(f"the threshold for {self.metric} is not finite or too large")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"the threshold for {self.metric} asks for more than it allows")

    @property
    def place(self) -> str:
        """What it is about: ``auc on holdout, sex=female``."""
        part = "every slice" if self.slice == EVERY_SLICE else self.slice
        return place(self.metric, self.dataset or "every dataset", part)

    @property
    def words(self) -> str:
        """What it asks for."""
        words = [f"at least {self.least}"] if self.least is not None else []
        words += [f"at most {self.most}"] if self.most is not None else []
        ending = " with its whole interval" if self.whole_interval else ""
        return " and ".join(words) + ending


class Thresholds(Parameters, frozen=True):
    """The limits that were set."""

    thresholds: Annotated[
        tuple[Threshold, ...],
        msgspec.Meta(
            max_length=MOST_THRESHOLDS,
            description=(
                "Limits, each with metric, least or most, and if wanted dataset (empty: every "
                "one), slice (empty: all the data, *: every slice) and whole_interval."
            ),
        ),
    ] = ()


NONE_SET = Thresholds()


@dataclass(frozen=True, slots=True)
class Judged:
    """One measured value against one threshold, or the threshold for which there is none."""

    threshold: Threshold
    metric: Metric | None
    problem: Problem | None

    @property
    def row(self) -> dict[str, Json]:
        """The row of the table: everything as text, exact."""
        return {
            "metric": self.threshold.metric if self.metric is None else self.metric.key,
            "dataset": self.threshold.dataset if self.metric is None else self.metric.dataset,
            "slice": self.threshold.slice if self.metric is None else self.metric.slice,
            "asked": self.threshold.words,
            "measured": "nothing" if self.metric is None else with_interval(self.metric),
            "holds": self.problem is None,
        }

    @property
    def line(self) -> tuple[str, str]:
        """Its place, and what was asked and measured there."""
        where = self.threshold.place if self.metric is None else place_of(self.metric)
        measured = "nothing measured" if self.metric is None else with_interval(self.metric)
        verdict = "holds" if self.problem is None else "does not hold"
        return where, f"{measured}; {self.threshold.words}: {verdict}"


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: Thresholds = NONE_SET
) -> Outcome:
    """Hold what the run measured against every threshold."""
    progress("metrics")
    if not parameters.thresholds:
        return Outcome.does_not_apply(NOT_SET)
    judged = [
        row for threshold in parameters.thresholds for row in _judged(threshold, version.record)
    ]
    problems = tuple(row.problem for row in judged if row.problem is not None)
    table: dict[str, Json] = {}
    for row in judged[:MOST_ROWS]:
        where, text = row.line
        table[where] = f"{table[where]}; {text}" if where in table else text
    return Outcome(
        _summary(parameters.thresholds, judged),
        problems,
        {"thresholds": len(parameters.thresholds), "judged": len(judged), "table": table},
        [row.row for row in judged],
    )


def _judged(threshold: Threshold, record: Record) -> Iterator[Judged]:
    named = [
        (metric, part)
        for metric in record.metrics
        if (part := slice_of(metric, threshold.metric)) is not None
    ]
    there = [(metric, part) for metric, part in named if _is_meant(metric, part, threshold)]
    on_data = [metric for metric, _ in there if metric.dataset]
    if not there:
        yield Judged(threshold, None, _missing(threshold, named, record))
    for metric in on_data:
        yield Judged(threshold, metric, _problem_with(metric, threshold))
    if there and not on_data:
        for metric, _ in there:
            text = (
                f"{place_of(metric)} is recorded as {metric.value!r} and names no dataset, so "
                "there is no telling what it was measured on."
            )
            problem = _problem("no_dataset", place_of(metric), text, NAME_DATA)
            yield Judged(threshold, metric, problem)


def _is_meant(metric: Metric, part: str, threshold: Threshold) -> bool:
    if threshold.dataset and metric.dataset != threshold.dataset:
        return False
    return bool(part) if threshold.slice == EVERY_SLICE else part == threshold.slice


def _problem_with(metric: Metric, threshold: Threshold) -> Problem | None:
    where = place_of(metric)
    if not is_finite(metric.value):
        text = f"{where} is recorded as {metric.value!r}, which is no finite number."
        return _problem("not_finite", where, text, MEASURE)
    low = high = exact(metric.value)
    if threshold.whole_interval:
        interval = interval_of(metric)
        if interval is None:
            text = (
                f"{where} is {metric.value!r} without an interval around it, and the threshold "
                "asks that the whole interval keeps the limit."
            )
            return _problem("no_interval", where, text, GIVE_INTERVAL)
        low, high = interval
    is_past = (threshold.least is not None and low < threshold.least) or (
        threshold.most is not None and high > threshold.most
    )
    if not is_past:
        return None
    text = f"{where} is {with_interval(metric)}; asked for is {threshold.words}."
    return _problem("past_threshold", where, text, IMPROVE)


def _missing(threshold: Threshold, named: Sequence[tuple[Metric, str]], record: Record) -> Problem:
    if named:
        elsewhere = sorted({place_of(metric) for metric, _ in named})
        more = f" and {len(elsewhere) - 3} more" if len(elsewhere) > 3 else ""
        why = f"It is recorded as {'; '.join(elsewhere[:3])}{more}."
    elif record.has_run:
        why = "The run records no metric of this name."
    else:
        why = "No run is recorded with this version."
    text = f"{threshold.place} was not measured; asked for is {threshold.words}. {why}"
    return _problem("missing_metric", threshold.place, text, MEASURE)


def _problem(code: str, where: str, text: str, remedy: str) -> Problem:
    return Problem(code, Severity.HIGH, where, text, remedy)


def _summary(thresholds: Sequence[Threshold], judged: Sequence[Judged]) -> str:
    broken = {row.threshold for row in judged if row.problem is not None}
    if broken:
        whole = counted(len(thresholds), "threshold")
        verb = "does" if len(broken) == 1 else "do"
        return f"{len(broken)} of {whole} {verb} not hold."
    if len(thresholds) == 1:
        return "The threshold that was set holds."
    return f"All {len(thresholds)} thresholds hold."


CHECK = Check(
    name="metric-thresholds",
    title="Metric thresholds",
    sentence="Holds what the run measured against the limits that were set for the model.",
    examine=examine,
    version="1",
    parameters=Thresholds,
    cites=("PRA SS1/23 Principle 3.3", "NIST AI RMF MEASURE 2.3", "EU AI Act Art. 15(1)"),
    sources=frozenset({Source.RECORD}),
)
