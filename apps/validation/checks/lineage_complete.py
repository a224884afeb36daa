"""Lineage: data, code, base model and pipeline of a version are linked, each by what pins it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

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
from apps.validation.checks.recorded import Code, Edge, Record

DATA = frozenset({"dataset", "feature_view"})
MODELS = frozenset({"version", "base_model"})
BUILDERS = frozenset({"pipeline", "service", "container"})
NEEDS_BASE = frozenset({"adapter"})
TRAINING = ("train", "fit")
EVALUATION = ("eval", "test", "valid", "holdout")
EXACT_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

LINK = (
    "Log the data with the run (mlflow.log_input), or declare it on the lineage page of the "
    "version, with its digest or version."
)
PIN = "Give the asset its digest or version: without one, other data may bear the same name."
SAY_CODE = "Register the version with the repository and the full commit it was trained from."
COMMIT = "Commit the changes, train again from that commit, and register a new version."
SAY_BASE = "Declare which model or version it was made from, with its digest or version."
SAY_RUN = "Register the version from its run, or declare the pipeline that built it."


class LineageRules(Parameters, frozen=True):
    """Which links must be there; those not required are only said to be missing."""

    require_training_data: Annotated[
        bool, Meta(description="The data it was trained on, with a digest or version.")
    ] = True
    require_evaluation_data: Annotated[
        bool, Meta(description="The data it was evaluated on, with a digest or version.")
    ] = True
    require_code: Annotated[
        bool, Meta(description="A repository and an exact commit without changes beside it.")
    ] = True
    require_base_model: Annotated[
        bool,
        Meta(
            description="The model an adapter or fine-tuned version was made from, with a digest "
            "or version.",
        ),
    ] = True
    require_pipeline: Annotated[
        bool, Meta(description="The run that trained it, or the pipeline that built it.")
    ] = False
    require_observed: Annotated[
        bool,
        Meta(description="Data links that a run or a tool observed, not only somebody's word."),
    ] = False


DEFAULTS = LineageRules()


@dataclass
class _Looked:
    """What was found so far, and which rule weighs it."""

    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, Json] = field(default_factory=dict)

    def say(self, code: str, is_required: bool, place: str, text: str, remedy: str) -> None:
        severity = Severity.HIGH if is_required else Severity.MEDIUM
        self.problems.append(Problem(code, severity, place, text, remedy))


@dataclass(frozen=True)
class _Data:
    """One piece of data the version is linked to."""

    name: str
    mark: str
    is_observed: bool


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: LineageRules = DEFAULTS
) -> Outcome:
    """Look for every link a version must have, and for what pins the other end."""
    if version.is_prompt:
        return Outcome.does_not_apply("A prompt is written, so there is no data it came from.")
    record, edges = version.record, version.lineage
    looked = _Looked()
    _about_data(looked, "training", _trained_on(record, edges), parameters.require_training_data)
    _about_data(
        looked, "evaluation", _evaluated_on(record, edges), parameters.require_evaluation_data
    )
    _about_code(looked, record.code, parameters.require_code)
    _about_base(looked, record, edges, parameters.require_base_model)
    _about_pipeline(looked, record, edges, parameters.require_pipeline)
    _about_sources(looked, record, edges, parameters.require_observed)
    grave = sum(problem.severity.fails for problem in looked.problems)
    links = counted(len(edges) + len(record.datasets), "link")
    summary = (
        f"{counted(grave, 'required link')} missing or not pinned, of {links} on record."
        if grave
        else f"Every required link is there and pinned, {links} on record."
    )
    return Outcome(summary, tuple(looked.problems), looked.facts)


def _trained_on(record: Record, edges: Sequence[Edge]) -> list[_Data]:
    """Return training data: datasets of the run without another purpose, and edges."""
    named = [
        _Data(one.name, one.digest, True)
        for one in record.datasets
        if _is_for(one.context, TRAINING) or not one.context
    ]
    return named + list(_linked(edges, "trained_on"))


def _evaluated_on(record: Record, edges: Sequence[Edge]) -> list[_Data]:
    """Return evaluation data: datasets and metrics of the run, and edges."""
    named = [
        _Data(one.name, one.digest, True)
        for one in record.datasets
        if _is_for(one.context, EVALUATION)
    ]
    measured = {
        (one.dataset, one.dataset_digest): _Data(one.dataset, one.dataset_digest, True)
        for one in record.metrics
        if one.dataset and not _is_for(one.dataset, TRAINING)
    }
    return [*named, *measured.values(), *_linked(edges, "evaluated_on")]


def _linked(edges: Sequence[Edge], relation: str) -> Iterator[_Data]:
    for edge in edges:
        if edge.relation == relation and edge.kind in DATA:
            yield _Data(edge.name, edge.digest or edge.version, edge.source_class == "observed")


def _is_for(context: str, words: Iterable[str]) -> bool:
    return any(word in context.lower() for word in words)


def _about_data(looked: _Looked, purpose: str, found: list[_Data], is_required: bool) -> None:
    pinned = {one.name for one in found if one.mark}
    looked.facts[f"{purpose}_data"] = sorted({one.name for one in found})
    if not found:
        text = f"No {purpose} data is linked with the version."
        looked.say(f"no_{purpose}_data", is_required, f"{purpose} data", text, LINK)
    for name in sorted({one.name for one in found} - pinned):
        text = f"The {purpose} data {name!r:.200} is linked without a digest or version."
        looked.say(f"unpinned_{purpose}_data", is_required, f"{purpose} data", text, PIN)


def _about_code(looked: _Looked, code: Code, is_required: bool) -> None:
    looked.facts["commit"] = code.commit or None
    if not code.repository or not code.commit:
        missing = "repository" if not code.repository else "commit"
        text = f"The {missing} of the training code is not recorded."
        looked.say("no_code", is_required, "code", text, SAY_CODE)
    elif not EXACT_COMMIT.fullmatch(code.commit.lower()):
        text = f"{code.commit!r:.80} is a name that can move, or part of a commit, and no full one."
        looked.say("inexact_commit", is_required, "code", text, SAY_CODE)
    if code.is_dirty:
        text = "The code had changes that no commit holds, so nobody else can see what ran."
        looked.say("uncommitted_changes", is_required, "code", text, COMMIT)


def _about_base(looked: _Looked, record: Record, edges: Sequence[Edge], is_required: bool) -> None:
    """Ask for the base model where there must be one, and for what pins each there is."""
    bases = [
        edge
        for edge in edges
        if edge.relation == "derived_from" and edge.kind in MODELS and edge.leads_here
    ]
    looked.facts["base_models"] = [edge.name for edge in bases] + (
        [record.base_version] if record.base_version else []
    )
    if not bases and not record.base_version and record.kind in NEEDS_BASE:
        text = "It is an adapter, and the model it adapts is not linked."
        looked.say("no_base_model", is_required, "base model", text, SAY_BASE)
    for edge in bases:
        if not edge.digest and not edge.version:
            text = f"The base model {edge.name!r:.200} is linked without a digest or version."
            looked.say("unpinned_base_model", is_required, "base model", text, SAY_BASE)


def _about_pipeline(
    looked: _Looked, record: Record, edges: Sequence[Edge], is_required: bool
) -> None:
    built = [edge.name for edge in edges if edge.relation == "built_by" and edge.kind in BUILDERS]
    looked.facts["built_by"] = built
    looked.facts["has_run"] = record.has_run
    if not built and not record.has_run:
        text = "Neither the run that trained it nor the pipeline that built it is linked."
        looked.say("no_run", is_required, "run", text, SAY_RUN)


def _about_sources(
    looked: _Looked, record: Record, edges: Sequence[Edge], is_required: bool
) -> None:
    """Count who says so: a run or tool that saw it, somebody's word, or a conclusion."""
    classes = [edge.source_class for edge in edges]
    looked.facts |= {
        "observed": classes.count("observed") + len(record.datasets),
        "declared": classes.count("declared"),
        "inferred": classes.count("inferred"),
    }
    data = [edge for edge in edges if edge.relation in {"trained_on", "evaluated_on"}]
    seen = {one.name for one in record.datasets}
    told = sorted(
        {edge.name for edge in data if edge.source_class != "observed" and edge.name not in seen}
    )
    if told:
        text = f"No run or tool saw these links, people declared them: {', '.join(told):.600}."
        severity = Severity.HIGH if is_required else Severity.INFO
        looked.problems.append(Problem("not_observed", severity, "data", text, LINK))


CHECK = Check(
    name="lineage",
    title="Lineage completeness",
    sentence=(
        "Looks whether data, code, base model and run of a version are linked, each with the "
        "digest, version or commit that pins it."
    ),
    examine=examine,
    version="1",
    parameters=LineageRules,
    cites=(
        "Regulation (EU) 2024/1689 (AI Act), article 10 and annex IV 2(d)",
        "BCBS 239, principle 2: data architecture and IT infrastructure",
        "Gebru et al., Datasheets for Datasets, Communications of the ACM, 2021",
    ),
    sources=frozenset({Source.RECORD, Source.LINEAGE}),
)
