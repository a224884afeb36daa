"""Drift: how far the data a model meets now lies from the data it was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import msgspec

from apps.validation.checks.contract import (
    Check,
    ExaminedFile,
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
from apps.validation.checks.distances import (
    critical_gap,
    index_by_chance,
    largest_gap,
    stability_index,
)
from apps.validation.checks.measured import cut, require_between
from apps.validation.checks.profiles import Feature, Profile, read_profile

REFERENCE = "reference_profile.json"
CURRENT = "current_profile.json"
MOST_ROWS = 1000
LARGEST_LEAST = 1_000_000_000

CORRECT = "Write the profile as docs/checks/measures.md shows, and register a version with it."
ONE_OF_EACH = "Register the version with one profile of each kind."
GIVE_REFERENCE = f"Register the version with a {REFERENCE} of its training data."
SAME_BINS = "Count the current data in the bins and categories of the reference profile."
LOOK_INTO = (
    "Find out what changed in the data, and whether the model still answers well on it; train it "
    "again on data like the current, or limit what it is used for."
)
MORE_CASES = "Take the current profile over a longer time."


class Drift(Parameters, frozen=True):
    """From where on a difference is a shift."""

    moderate: Annotated[
        Decimal, msgspec.Meta(description="Population stability index of a moderate shift")
    ] = Decimal("0.1")
    major: Annotated[
        Decimal, msgspec.Meta(description="Population stability index that fails the check")
    ] = Decimal("0.25")
    alpha: Annotated[
        Decimal,
        msgspec.Meta(description="How often the Kolmogorov-Smirnov test may be wrong by chance"),
    ] = Decimal("0.01")
    least_cases: Annotated[
        int,
        msgspec.Meta(
            ge=1, le=LARGEST_LEAST, description="Least number of cases a feature is judged with"
        ),
    ] = 100

    def __post_init__(self) -> None:
        require_between("moderate", self.moderate, 0, 100)
        require_between("major", self.major, self.moderate, 100)
        require_between("alpha", self.alpha, Decimal("0.000001"), Decimal("0.5"))


DEFAULTS = Drift()


@dataclass(frozen=True, slots=True)
class Compared:
    """One feature in both profiles."""

    name: str
    index: float
    by_chance: float
    gap: float | None
    critical: float | None

    @property
    def line(self) -> str:
        """The figures in one line."""
        text = f"PSI {self.index!r}, by chance {self.by_chance!r}"
        if self.gap is None:
            return text
        return f"{text}; KS {self.gap!r}, critical {self.critical!r}"

    @property
    def row(self) -> dict[str, Json]:
        """The figures, exact."""
        return {
            "feature": self.name,
            "psi": repr(self.index),
            "psi_by_chance": repr(self.by_chance),
            "ks": None if self.gap is None else repr(self.gap),
            "ks_critical": None if self.critical is None else repr(self.critical),
        }


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: Drift = DEFAULTS
) -> Outcome:
    """Compare the current profile of the data with the reference profile, feature by feature."""
    references = _ending(version.files, REFERENCE)
    attached = _ending(version.attached, CURRENT)
    currents = attached[-1:] or _ending(version.files, CURRENT)
    if not references and not currents:
        return Outcome.does_not_apply(f"The version has no {REFERENCE} of its training data.")
    problems = _about_the_files(references, currents)
    if problems:
        return Outcome("There is no telling which profiles to compare.", tuple(problems))
    progress(references[0].path)
    reference = read_profile(references[0])
    problems = _unreadable(reference)
    if not currents:
        return _without_current(reference, problems)
    progress(currents[0].path)
    current = read_profile(currents[0])
    problems += _unreadable(current)
    if not reference.features or not current.features:
        return Outcome("The profiles cannot be compared.", tuple(problems))
    return _outcome(reference, current, problems, parameters)


def _ending(files: Sequence[ExaminedFile], name: str) -> list[ExaminedFile]:
    return [file for file in files if file.path.endswith(name)]


def _about_the_files(
    references: Sequence[ExaminedFile], currents: Sequence[ExaminedFile]
) -> list[Problem]:
    problems = []
    for name, files in ((REFERENCE, references), (CURRENT, currents)):
        if len(files) > 1:
            paths = ", ".join(file.path for file in files[:5])
            text = f"{len(files)} files end in {name}, so it is not clear which one holds: {paths}."
            problems.append(_problem("several_profiles", name, text, ONE_OF_EACH))
    if not references:
        text = "There is a profile of current data and none of training data to compare it with."
        problems.append(_problem("no_reference", CURRENT, text, GIVE_REFERENCE))
    return problems


def _unreadable(profile: Profile) -> list[Problem]:
    problems = []
    for unfit in profile.unfit:
        text = f"In {unfit.place}: {unfit.text.rstrip('.')}."
        problems.append(_problem("unreadable_profile", profile.path, text, CORRECT))
    return problems


def _without_current(reference: Profile, problems: Sequence[Problem]) -> Outcome:
    features = counted(len(reference.features), "feature")
    facts: dict[str, Json] = {
        "reference": reference.path,
        "current": None,
        "features": len(reference.features),
        "compared": 0,
    }
    if problems:
        return Outcome("The reference profile cannot be relied on.", tuple(problems), facts)
    summary = f"The reference profile is there: {features}."
    return Outcome(f"{summary} There is nothing to compare it with yet.", facts=facts)


def _outcome(
    reference: Profile, current: Profile, problems: list[Problem], parameters: Drift
) -> Outcome:
    rows = []
    for name, before in sorted(reference.features.items()):
        after = current.features.get(name)
        if after is None:
            problem = None if name in current.names else _absent(name)
        else:
            problem = _obstacle(name, before, after, parameters)
        if after is not None and problem is None:
            row = _compared(name, before, after, parameters)
            rows.append(row)
            problem = _shift(row, parameters)
        problems += [problem] if problem is not None else []
    problems += [_additional(name) for name in sorted(current.names - reference.names)]
    if not rows and not any(problem.severity.fails for problem in problems):
        text = "No feature has enough cases on both sides, so there is no telling."
        problems.append(_problem("cannot_tell", current.path, text, MORE_CASES))
    facts: dict[str, Json] = {
        "reference": reference.path,
        "current": current.path,
        "features": len(reference.names),
        "compared": len(rows),
        "results": {row.name: row.line for row in rows[:MOST_ROWS]},
    }
    evidence = [row.row for row in rows]
    return Outcome(_summary(rows, problems), tuple(problems), facts, evidence)


def _absent(name: str) -> Problem:
    text = "The current profile lacks this feature, so there is no telling whether it drifted."
    return _problem("missing_feature", _place(name), text, SAME_BINS)


def _additional(name: str) -> Problem:
    text = "The reference profile does not know this feature of the current data."
    return _problem("additional_feature", _place(name), text, SAME_BINS, Severity.LOW)


def _obstacle(name: str, before: Feature, after: Feature, parameters: Drift) -> Problem | None:
    if before.kind != after.kind:
        text = f"The reference holds {before.kind}, the current profile {after.kind}."
        return _problem("other_kind", _place(name), text, SAME_BINS)
    if before.edges != after.edges:
        text = "The two profiles count in different bins, so there is no telling how far they lie."
        return _problem("other_bins", _place(name), text, SAME_BINS)
    fewest = min(before.count, after.count)
    if fewest < parameters.least_cases:
        text = (
            f"One profile counts {counted(fewest, 'case')}, fewer than the "
            f"{parameters.least_cases:,} it takes to judge, so it is not judged."
        )
        return _problem("too_few", _place(name), text, MORE_CASES, Severity.LOW)
    return None


def _compared(name: str, before: Feature, after: Feature, parameters: Drift) -> Compared:
    labels = before.labels if before.edges else sorted({*before.labels, *after.labels})
    spreads = [dict(zip(one.labels, one.counts, strict=True)) for one in (before, after)]
    reference, current = ([spread.get(label, 0) for label in labels] for spread in spreads)
    index = stability_index([*reference, before.missing], [*current, after.missing])
    bins = sum(bool(one or other) for one, other in zip(reference, current, strict=True))
    bins += bool(before.missing or after.missing)
    gap = critical = None
    if before.edges and before.present and after.present:
        gap = largest_gap(reference, current)
        critical = critical_gap(before.present, after.present, float(parameters.alpha))
    by_chance = index_by_chance(bins, before.count, after.count)
    return Compared(name, index, by_chance, gap, critical)


def _shift(row: Compared, parameters: Drift) -> Problem | None:
    place, figure = _place(row.name), cut(row.index)
    if row.index >= parameters.major:
        text = f"The data shifted: PSI is {figure}; from {parameters.major} on a shift is major."
        return _problem("major_shift", place, text, LOOK_INTO)
    if row.index >= parameters.moderate:
        text = (
            f"The data shifted somewhat: PSI is {figure}; from {parameters.moderate} on a shift is "
            "moderate."
        )
        return _problem("moderate_shift", place, text, LOOK_INTO, Severity.MEDIUM)
    if row.gap is not None and row.critical is not None and row.gap > row.critical:
        text = (
            f"The data shifted little (PSI {figure}), yet more than chance explains: the "
            f"distributions lie {cut(row.gap)} apart, chance explains {cut(row.critical)}."
        )
        return _problem("slight_shift", place, text, LOOK_INTO, Severity.LOW)
    return None


def _place(name: str) -> str:
    return f"feature {name!r:.120}"


def _problem(
    code: str, place: str, text: str, remedy: str, severity: Severity = Severity.HIGH
) -> Problem:
    return Problem(code, severity, place, text, remedy)


def _summary(rows: Sequence[Compared], problems: Sequence[Problem]) -> str:
    compared = f"{counted(len(rows), 'feature')} compared"
    grave = sum(problem.severity.fails for problem in problems)
    if grave:
        return f"{compared}: {counted(grave, 'problem')}."
    furthest = max(rows, key=lambda row: row.index)
    most = f"{furthest.name:.120} most, PSI {cut(furthest.index)}"
    return f"{compared}, none of them shifted far: {most}."


CHECK = Check(
    name="drift",
    title="Drift of the data",
    sentence="Compares a profile of current data with that of the training data.",
    examine=examine,
    version="1",
    parameters=Drift,
    formats=(f"{REFERENCE}, {CURRENT}",),
    cites=(
        "Siddiqi: Credit Risk Scorecards (2006), population stability index",
        "Yurdakul: Statistical properties of population stability index (2018)",
        "Massey: The Kolmogorov-Smirnov test for goodness of fit, JASA 46 (1951)",
    ),
    sources=frozenset({Source.ATTESTATIONS}),
    is_confined=True,
    seconds=120,
    memory=256,
)
