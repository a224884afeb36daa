"""Fairness by slice: groups are selected, and erred about, at rates that do not differ too much."""

from collections.abc import Iterator, Sequence
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
from apps.validation.checks.groups import (
    ERROR_RATES,
    SAMPLE_SIZE,
    SELECTION_RATE,
    Attribute,
    Group,
    attributes,
)
from apps.validation.checks.measured import cut, is_finite, percent, require_between
from apps.validation.checks.rates import Rate, chance_of, distance, ordered, ratio, z_of

MOST_ROWS = 1000
FEWEST_TO_COMPARE = 2
LARGEST_LEAST = 1_000_000_000
FOUR_FIFTHS = Decimal("0.8")

MEASURE = (
    "Measure the groups on one dataset and record each with its slice, such as sex=female, and "
    "with its sample size."
)
LOOK_INTO = (
    "Find out why the groups differ. Mend the data, the model or the cut-off, or let those who "
    "answer for the model justify the difference in its documents."
)
MORE_CASES = "Measure on data with more cases of this group, or join groups that belong together."


class Fairness(Parameters, frozen=True):
    """How far groups may differ, and how many cases it takes to tell."""

    least_ratio: Annotated[
        Decimal,
        msgspec.Meta(description="Least share of the highest selection rate any group must have"),
    ] = FOUR_FIFTHS
    most_difference: Annotated[
        Decimal, msgspec.Meta(description="By how much error rates of two groups may differ")
    ] = Decimal("0.1")
    least_sample: Annotated[
        int,
        msgspec.Meta(
            ge=1, le=LARGEST_LEAST, description="Least number of cases a group is judged with"
        ),
    ] = 100
    error_rates: Annotated[
        tuple[str, ...],
        msgspec.Meta(max_length=20, description="Metrics whose difference is judged"),
    ] = ERROR_RATES
    required: Annotated[
        bool, msgspec.Meta(description="Whether a version without metrics by slice fails")
    ] = False

    def __post_init__(self) -> None:
        require_between("least_ratio", self.least_ratio, 0, 1)
        require_between("most_difference", self.most_difference, 0, 1)
        if {SELECTION_RATE, SAMPLE_SIZE} & set(self.error_rates):
            raise ValueError("error_rates are other metrics than selection_rate and sample_size")


DEFAULTS = Fairness()


@dataclass(slots=True)
class Found:
    """What one look at all attributes brought."""

    problems: list[Problem] = field(default_factory=list)
    results: dict[str, Json] = field(default_factory=dict)
    evidence: list[Json] = field(default_factory=list)
    judged: int = 0
    small: int = 0


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: Fairness = DEFAULTS
) -> Outcome:
    """Compare what was measured of each group with the other groups of the same attribute."""
    progress("metrics by slice")
    measured = attributes(version.record.metrics, (SELECTION_RATE, *parameters.error_rates))
    if not measured:
        return _nothing_by_slice(parameters)
    found = Found()
    for attribute in measured:
        progress(attribute.place)
        _judge(attribute, parameters, found)
    if not found.judged and not any(problem.severity.fails for problem in found.problems):
        text = "No two groups of any attribute can be compared, so nothing is known of fairness."
        found.problems.append(_problem("cannot_tell", "slices", text, MEASURE))
    facts: dict[str, Json] = {
        "attributes": [attribute.place for attribute in measured][:MOST_ROWS],
        "comparisons": found.judged,
        "groups_too_small": found.small,
        "results": dict(list(found.results.items())[:MOST_ROWS]),
    }
    return Outcome(_summary(found, measured), tuple(found.problems), facts, found.evidence)


def _nothing_by_slice(parameters: Fairness) -> Outcome:
    text = "No selection or error rates by slice are recorded with this version"
    if not parameters.required:
        return Outcome.does_not_apply(f"{text}, so there are no groups to compare.")
    problem = _problem("no_slices", "slices", f"{text}, and they are required.", MEASURE)
    return Outcome(f"{text}.", (problem,))


def _judge(attribute: Attribute, parameters: Fairness, found: Found) -> None:
    found.problems.extend(_about_the_groups(attribute, parameters, found))
    large = [group for group in attribute.groups if not _is_small(group, parameters)]
    for measure in (SELECTION_RATE, *parameters.error_rates):
        there = [group for group in attribute.groups if measure in group.values]
        if not there:
            continue
        rates = [_rate(group, measure) for group in large if _is_fit(group, measure)]
        found.problems.extend(_unfit(attribute, measure, there))
        found.problems.extend(_not_measured(attribute, measure, large))
        if len(rates) < FEWEST_TO_COMPARE:
            continue
        found.judged += 1
        found.problems.extend(_differences(attribute, measure, rates, parameters))
        _note(attribute, measure, rates, found)


def _about_the_groups(
    attribute: Attribute, parameters: Fairness, found: Found
) -> Iterator[Problem]:
    small = [group for group in attribute.groups if _is_small(group, parameters)]
    found.small += len(small)
    for group in small:
        text = (
            f"{group.name} has {counted(group.size or 0, 'case')}, fewer than the "
            f"{parameters.least_sample:,} it takes to judge, so it is not judged."
        )
        yield _problem("too_small", attribute.place, text, MORE_CASES, Severity.LOW)
    if len(attribute.groups) < FEWEST_TO_COMPARE:
        text = f"Only one group is recorded, {attribute.groups[0].name}: nothing to compare."
        yield _problem("single_group", attribute.place, text, MEASURE, Severity.MEDIUM)
    elif len(attribute.groups) - len(small) < FEWEST_TO_COMPARE:
        text = (
            f"{len(small)} of {len(attribute.groups)} groups have too few cases: what is left "
            "cannot be compared, so there is no telling."
        )
        yield _problem("all_too_small", attribute.place, text, MORE_CASES)
    unknown = [group.name for group in attribute.groups if group.size is None]
    if unknown:
        text = f"How many cases there are is not recorded for {', '.join(unknown[:10])}."
        yield _problem("no_sample_size", attribute.place, text, MEASURE, Severity.MEDIUM)
    if not attribute.dataset:
        text = "These metrics name no dataset, so there is no telling whether groups are of one."
        yield _problem("no_dataset", attribute.place, text, MEASURE, Severity.MEDIUM)


def _is_small(group: Group, parameters: Fairness) -> bool:
    return group.size is not None and group.size < parameters.least_sample


def _is_fit(group: Group, measure: str) -> bool:
    value = group.values.get(measure)
    if value is None or measure in group.disputed or not is_finite(value):
        return False
    return not _is_rate(measure) or 0 <= value <= 1


def _is_rate(measure: str) -> bool:
    return measure == SELECTION_RATE or measure in ERROR_RATES


def _rate(group: Group, measure: str) -> Rate:
    return Rate(group.name, group.values[measure], group.size)


def _unfit(attribute: Attribute, measure: str, groups: Sequence[Group]) -> Iterator[Problem]:
    for group in groups:
        if _is_fit(group, measure):
            continue
        said = f"The {_words(measure)} of {group.name}"
        if measure in group.disputed:
            text = f"{said} is recorded twice, with different values."
        else:
            kind = "a rate between 0 and 1" if _is_rate(measure) else "a finite number"
            text = f"{said} is recorded as {group.values[measure]!r}, which is not {kind}."
        yield _problem("not_a_rate", attribute.place, text, MEASURE)


def _not_measured(attribute: Attribute, measure: str, groups: Sequence[Group]) -> Iterator[Problem]:
    for group in groups:
        if measure not in group.values:
            text = f"The {_words(measure)} of {group.name} is not recorded; other groups have one."
            yield _problem("not_measured", attribute.place, text, MEASURE, Severity.MEDIUM)


def _differences(
    attribute: Attribute, measure: str, rates: Sequence[Rate], parameters: Fairness
) -> Iterator[Problem]:
    *others, high = ordered(rates)
    if measure != SELECTION_RATE:
        low = others[0]
        if distance(low, high) > parameters.most_difference:
            text = (
                f"{_words(measure).capitalize()} of {low.group} is {low.value!r}, of {high.group} "
                f"{high.value!r}: they differ by {distance(low, high)}; allowed is "
                f"{parameters.most_difference}."
            )
            yield _problem("error_rates_differ", attribute.place, text, LOOK_INTO)
    elif not high.value:
        text = "No group is selected at all, so selection rates cannot be compared."
        yield _problem("nobody_selected", attribute.place, text, MEASURE, Severity.MEDIUM)
    else:
        for low in others:
            if ratio(low, high) < parameters.least_ratio:
                yield _problem(
                    "selection_ratio",
                    attribute.place,
                    _ratio_words(low, high, parameters),
                    LOOK_INTO,
                )


def _ratio_words(low: Rate, high: Rate, parameters: Fairness) -> str:
    asks = f"the least allowed is {percent(parameters.least_ratio)}"
    if parameters.least_ratio == FOUR_FIFTHS:
        asks = "the four-fifths rule asks for 80 %"
    return (
        f"Selection rate of {low.group} is {percent(ratio(low, high))} of that of {high.group}; "
        f"{asks}."
    )


def _note(attribute: Attribute, measure: str, rates: Sequence[Rate], found: Found) -> None:
    *others, high = ordered(rates)
    low = others[0]
    z = z_of(low, high) if measure == SELECTION_RATE else None
    figures: dict[str, Json] = {"difference": str(distance(low, high))}
    if measure == SELECTION_RATE and high.value:
        figures["ratio"] = cut(ratio(low, high), 4)
    if z is not None:
        figures["z"] = f"{z:.2f}"
        figures["chance"] = f"{chance_of(z):.2g}"
    shown = ", ".join(rate.words for rate in ordered(rates))
    told = ", ".join(f"{name} {figure}" for name, figure in figures.items())
    found.results[f"{attribute.place}: {_words(measure)}"] = f"{shown}; {told}"
    found.evidence.append(
        {
            "attribute": attribute.name,
            "dataset": attribute.dataset,
            "measure": measure,
            "groups": [
                {"group": rate.group, "value": repr(rate.value), "size": rate.size}
                for rate in ordered(rates)
            ],
            **figures,
        }
    )


def _words(measure: str) -> str:
    return measure.replace("_", " ")


def _problem(
    code: str, where: str, text: str, remedy: str, severity: Severity = Severity.HIGH
) -> Problem:
    return Problem(code, severity, where, text, remedy)


def _summary(found: Found, measured: Sequence[Attribute]) -> str:
    whole = counted(len(measured), "attribute")
    if not found.judged:
        return f"{whole} recorded by slice, and no two groups that can be compared."
    grave = sum(problem.severity.fails for problem in found.problems)
    if grave:
        return f"{counted(grave, 'problem')} between the groups of {whole}."
    return f"The groups of {whole} differ within the limits: {counted(found.judged, 'comparison')}."


CHECK = Check(
    name="fairness",
    title="Fairness by slice",
    sentence="Compares how often groups are selected, and erred about, with each other.",
    examine=examine,
    version="1",
    parameters=Fairness,
    cites=(
        "29 CFR 1607.4(D) (four-fifths rule)",
        "NYC Local Law 144 of 2021; 6 RCNY § 5-300 (impact ratio)",
        "Hardt, Price, Srebro: Equality of opportunity in supervised learning (2016)",
        "EU AI Act Art. 10(2)(f)",
    ),
    sources=frozenset({Source.RECORD}),
)
