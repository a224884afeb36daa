"""Comparison with the champion: on the same data, this version is no worse than what is in use."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
from apps.validation.checks.directions import is_higher_better
from apps.validation.checks.measured import (
    digest_of_data,
    is_finite,
    place_of,
    require_between,
    with_interval,
)
from apps.validation.checks.no_worse import Comparison, compared, is_shown
from apps.validation.checks.recorded import Champion, Metric, Record

MOST_NAMES = 10
MOST_ROWS = 1000
MOST_MARGIN = Decimal(10) ** 9

MEASURE = "Measure this version on the same data as the champion, and register it with that run."
SAME_DATA = "Log the metrics of both versions with the dataset they were measured on."
SAY_DIRECTION = "Record with the metric whether a higher value is better."
IMPROVE = (
    "Improve the model, or let those who set the margin say how much worse it may be, and why."
)
MORE_DATA = "Measure on more data, until the interval is narrow enough to tell."

Place = tuple[str, str, str]
"""A metric's name, its dataset and its slice."""


class NoWorse(Parameters, frozen=True):
    """How much worse a version may be, and what it must be compared by."""

    margin: Annotated[
        Decimal, msgspec.Meta(description="By how much any metric may be worse than the champion's")
    ] = Decimal(0)
    margins: Annotated[
        dict[str, Decimal],
        msgspec.Meta(max_length=100, description="The same for single metrics, by their names"),
    ] = {}
    metrics: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            max_length=100,
            description="Metrics that must be compared; when empty, all with a known direction",
        ),
    ] = ()
    slices_fail: Annotated[
        bool, msgspec.Meta(description="Whether a slice that became worse fails the check")
    ] = False
    must_be_shown: Annotated[
        bool,
        msgspec.Meta(
            description="Whether the interval must show that it is no worse beyond the margin"
        ),
    ] = False
    require_common_data: Annotated[
        bool, msgspec.Meta(description="Whether having nothing to compare fails the check")
    ] = True

    def __post_init__(self) -> None:
        require_between("margin", self.margin, 0, MOST_MARGIN)
        for name, margin in self.margins.items():
            require_between(f"the margin of {name}", margin, 0, MOST_MARGIN)

    def margin_of(self, key: str) -> Decimal:
        """Return by how much a metric may be worse."""
        return self.margins.get(key, self.margin)

    def is_wanted(self, key: str) -> bool:
        """Say whether a metric is to be compared."""
        return not self.metrics or key in self.metrics


DEFAULTS = NoWorse()


@dataclass(frozen=True, slots=True)
class Pair:
    """One metric of both versions on the same data."""

    candidate: Metric
    champion: Metric
    is_higher_better: bool


@dataclass(slots=True)
class Sorted:
    """What the champion was measured by, sorted by whether it can be compared."""

    pairs: list[Pair] = field(default_factory=list)
    undirected: set[str] = field(default_factory=set)
    without_data: set[str] = field(default_factory=set)
    other_data: set[str] = field(default_factory=set)
    unsure_data: set[str] = field(default_factory=set)
    not_measured: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    problems: list[Problem] = field(default_factory=list)


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: NoWorse = DEFAULTS
) -> Outcome:
    """Hold every metric of a version against the champion's on the same data."""
    progress("metrics")
    champion = version.champion
    if champion is None:
        return Outcome.does_not_apply("No other version of this model is in production.")
    found = _sorted(version.record, champion.record, parameters)
    rows, problems = _rows(found.pairs, champion, parameters)
    problems += found.problems
    problems += _about_the_data(found, champion, parameters)
    facts: dict[str, Json] = {
        "champion": champion.number,
        "compared": len(rows),
        "not_judged": sorted(found.undirected)[:MOST_ROWS],
        "table": {str(row["place"]): str(row["line"]) for row in rows[:MOST_ROWS]},
    }
    evidence: Json = {"champion": champion.digest, "rows": rows}
    return Outcome(_summary(rows, problems, champion), tuple(problems), facts, evidence)


def _sorted(record: Record, champion: Record, parameters: NoWorse) -> Sorted:
    found = Sorted()
    ours = {_place(metric): metric for metric in record.metrics}
    directions = _directions([*record.metrics, *champion.metrics])
    wanted = [metric for metric in champion.metrics if parameters.is_wanted(metric.key)]
    for theirs in sorted(wanted, key=_place):
        direction = directions[theirs.key]
        if direction is None:
            found.undirected.add(theirs.key)
        elif not theirs.dataset:
            found.without_data.add(theirs.key)
        elif (mine := ours.get(_place(theirs))) is None:
            found.not_measured[theirs.dataset].add(theirs.key)
        elif _is_same_data(mine, record, theirs, champion, found):
            _pair(mine, theirs, direction, found)
    return found


def _place(metric: Metric) -> Place:
    return metric.key, metric.dataset, metric.slice


def _directions(metrics: Sequence[Metric]) -> Mapping[str, bool | None]:
    by_name: dict[str, list[Metric]] = defaultdict(list)
    for metric in metrics:
        by_name[metric.key].append(metric)
    return {key: is_higher_better(found) for key, found in by_name.items()}


def _is_same_data(
    mine: Metric, record: Record, theirs: Metric, champion: Record, found: Sorted
) -> bool:
    digests = digest_of_data(mine, record), digest_of_data(theirs, champion)
    if not all(digests):
        found.unsure_data.add(theirs.dataset)
    elif digests[0] != digests[1]:
        found.other_data.add(theirs.dataset)
        return False
    return True


def _pair(mine: Metric, theirs: Metric, direction: bool, found: Sorted) -> None:
    where = place_of(mine)
    if not is_finite(mine.value):
        text = f"{where} is recorded as {mine.value!r}, which is no finite number."
        found.problems.append(Problem("not_finite", Severity.HIGH, where, text, MEASURE))
    elif not is_finite(theirs.value):
        text = f"The champion's {where} is recorded as {theirs.value!r}: nothing to hold against."
        found.problems.append(Problem("champion_unfit", Severity.MEDIUM, where, text, MEASURE))
    else:
        found.pairs.append(Pair(mine, theirs, direction))


def _rows(
    pairs: Sequence[Pair], champion: Champion, parameters: NoWorse
) -> tuple[list[dict[str, Json]], list[Problem]]:
    rows: list[dict[str, Json]] = []
    problems: list[Problem] = []
    for pair in pairs:
        margin = parameters.margin_of(pair.candidate.key)
        verdict = compared(
            pair.candidate,
            pair.champion,
            is_higher_better=pair.is_higher_better,
            margin=margin,
        )
        rows.append(_row(pair, verdict, margin))
        problem = _problem_with(pair, verdict, margin, champion, parameters)
        if problem is not None:
            problems.append(problem)
    return rows, problems


def _row(pair: Pair, verdict: Comparison, margin: Decimal) -> dict[str, Json]:
    mine, theirs = with_interval(pair.candidate), with_interval(pair.champion)
    return {
        "place": place_of(pair.candidate),
        "line": f"{mine} against {theirs}: {verdict}",
        "this_version": mine,
        "champion": theirs,
        "better_is": "higher" if pair.is_higher_better else "lower",
        "margin": str(margin),
        "verdict": verdict.value,
    }


def _problem_with(
    pair: Pair, verdict: Comparison, margin: Decimal, champion: Champion, parameters: NoWorse
) -> Problem | None:
    where = place_of(pair.candidate)
    better = "higher" if pair.is_higher_better else "lower"
    text = (
        f"{where} is {with_interval(pair.candidate)}, version {champion.number} in production has "
        f"{with_interval(pair.champion)}; {better} is better"
    )
    text += f" and {margin} is allowed." if margin else "."
    grave = Severity.HIGH
    if pair.candidate.slice and not parameters.slices_fail:
        grave = Severity.MEDIUM
    if verdict is Comparison.WORSE:
        return Problem("worse", grave, where, text, IMPROVE)
    if parameters.must_be_shown and not is_shown(
        pair.candidate, pair.champion, is_higher_better=pair.is_higher_better, margin=margin
    ):
        text += " The interval does not show that it is no worse."
        return Problem("not_shown", grave, where, text, MORE_DATA)
    if verdict is Comparison.UNCLEAR:
        text += " The intervals overlap, so the two cannot be told apart."
        return Problem("cannot_be_told_apart", Severity.INFO, where, text, MORE_DATA)
    return None


def _about_the_data(found: Sorted, champion: Champion, parameters: NoWorse) -> Iterator[Problem]:
    number = champion.number
    for data in sorted(found.unsure_data):
        text = (
            f"The dataset {data} has no digest in this version's run or in that of version "
            f"{number}: there is no telling whether it is the same data."
        )
        yield Problem("unsure_data", Severity.MEDIUM, data, text, SAME_DATA)
    for data in sorted(found.other_data):
        text = (
            f"The dataset {data} has another digest than when version {number} was measured on "
            "it. What was measured on it is not compared."
        )
        yield Problem("other_data", Severity.MEDIUM, data, text, MEASURE)
    yield from _not_compared(found, number, parameters)
    measured = {pair.candidate.key for pair in found.pairs}
    for name in parameters.metrics:
        if name not in measured:
            text = f"{name} must be compared with version {number}, and could not be."
            yield Problem("must_be_compared", Severity.HIGH, name, text, MEASURE)
    if not found.pairs:
        grave = Severity.HIGH if parameters.require_common_data else Severity.MEDIUM
        text = (
            f"This version and version {number} in production share no metric with a known "
            "direction on the same data, so nothing shows that it is no worse."
        )
        yield Problem("nothing_in_common", grave, "metrics", text, MEASURE)


def _not_compared(found: Sorted, number: int, parameters: NoWorse) -> Iterator[Problem]:
    for data, names in sorted(found.not_measured.items()):
        text = f"On {data}, version {number} was measured by {_named(names)}; this version was not."
        yield Problem("not_measured", Severity.MEDIUM, data, text, MEASURE)
    if found.without_data:
        text = f"{_named(found.without_data)} of version {number} names no dataset."
        yield Problem("no_dataset", Severity.LOW, "metrics", text, SAME_DATA)
    if found.undirected:
        text = (
            f"Whether higher or lower is better is not known, or recorded both ways, for "
            f"{_named(found.undirected)}: not judged."
        )
        yield Problem("no_direction", Severity.INFO, "metrics", text, SAY_DIRECTION)


def _named(names: set[str]) -> str:
    shown = sorted(names)[:MOST_NAMES]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _summary(
    rows: Sequence[Mapping[str, Json]], problems: Sequence[Problem], champion: Champion
) -> str:
    against = f"version {champion.number} in production"
    if not rows:
        return f"Nothing to compare with {against}."
    whole = counted(len(rows), "metric")
    grave = sum(problem.severity.fails for problem in problems)
    if grave:
        return f"{whole} compared with {against}: {counted(grave, 'problem')}."
    slices = sum(problem.code == "worse" for problem in problems)
    if slices:
        worse = f"no worse overall, worse on {counted(slices, 'slice')}"
        return f"{whole} compared with {against}: {worse}."
    return f"{whole} compared with {against}: no worse."


CHECK = Check(
    name="champion-comparison",
    title="Comparison with the champion",
    sentence="Holds every metric against the same metric of the version in production.",
    examine=examine,
    version="1",
    parameters=NoWorse,
    cites=(
        "ICH E9 (1998), section 3.3.2: trials to show non-inferiority",
        "ICH E10 (2000), section 1.5: the margin of non-inferiority",
        "Piaggio et al., CONSORT 2010 extension for non-inferiority trials, JAMA 308 (2012)",
    ),
    sources=frozenset({Source.RECORD, Source.CHAMPION}),
)
