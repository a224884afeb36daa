"""Reproducibility: the record holds what somebody needs to train the version again."""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
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
    silent,
)
from apps.validation.checks.environment.requirements import BUILD_TOOLS, read_line
from apps.validation.checks.lineage_complete import DATA, EXACT_COMMIT

ENVIRONMENT_FILES = frozenset(
    """conda.yaml conda.yml environment.yml python_env.yaml requirements.txt requirements.lock
    pylock.toml uv.lock poetry.lock pipfile.lock pdm.lock conda-lock.yml dockerfile""".split()
)
SEED = re.compile(r"(?:^|[._\-/: ])(?:random_?state|(?:[a-z]+_)?seed|rng)(?:$|[._\-/: ])")
IMAGE = re.compile(r"(?:[^@\s]+@)?sha256:[0-9a-f]{64}")


class Piece(StrEnum):
    """One thing a record must hold so that a version can be trained again."""

    RUN = "run"
    PARAMETERS = "parameters"
    SEED = "seed"
    CODE = "code"
    PACKAGES = "packages"
    PYTHON = "python"
    ENVIRONMENT = "environment"
    DATA = "data"


class ReproducibilityRules(Parameters, frozen=True):
    """Which pieces must be there; the others are only said to be missing."""

    required: Annotated[
        tuple[Piece, ...],
        Meta(description="Pieces without which the check fails; any other one is only said."),
    ] = (Piece.RUN, Piece.PARAMETERS, Piece.CODE, Piece.PACKAGES, Piece.PYTHON, Piece.DATA)
    least_percent: Annotated[
        int,
        Meta(description="The share of all pieces, in percent, that must be there."),
    ] = 0

    def __post_init__(self) -> None:
        if not 0 <= self.least_percent <= 100:
            raise ValueError("least_percent is from 0 to 100")


DEFAULTS = ReproducibilityRules()


@dataclass(frozen=True)
class _Rule:
    """What is asked of one piece: why it is missing, if it is, and what helps."""

    missing: Callable[[ExaminedVersion], str]
    remedy: str


def examine(
    version: ExaminedVersion,
    progress: Progress = silent,
    parameters: ReproducibilityRules = DEFAULTS,
) -> Outcome:
    """Ask for every piece of the record, and count how many are there."""
    if version.is_prompt:
        return Outcome.does_not_apply("A prompt is not trained, so there is nothing to reproduce.")
    missing = {piece: text for piece, rule in _RULES.items() if (text := rule.missing(version))}
    problems = [
        Problem(
            f"no_{piece}",
            Severity.HIGH if piece in parameters.required else Severity.MEDIUM,
            piece.value,
            text,
            _RULES[piece].remedy,
        )
        for piece, text in missing.items()
    ]
    there, whole = len(_RULES) - len(missing), len(_RULES)
    percent = there * 100 // whole
    if percent < parameters.least_percent:
        text = f"{percent} percent of the pieces are there, {parameters.least_percent} are asked."
        remedy = "Record the pieces that are missing."
        problems.append(Problem("low_score", Severity.HIGH, "record", text, remedy))
    named = ", ".join(piece.value for piece in missing)
    summary = f"{there} of {whole} pieces of the record are there" + (
        f"; missing: {named}." if missing else "."
    )
    facts: dict[str, Json] = {
        "score": there,
        "of": whole,
        "percent": percent,
        "missing": [piece.value for piece in missing],
    }
    return Outcome(summary, tuple(problems), facts)


def _no_run(version: ExaminedVersion) -> str:
    return "" if version.record.has_run else "No run is linked with the version."


def _no_parameters(version: ExaminedVersion) -> str:
    return "" if version.record.parameters else "The run recorded no parameter."


def _no_seed(version: ExaminedVersion) -> str:
    names = (name.lower() for name, value in version.record.parameters.items() if _is_set(value))
    if any(SEED.search(name) for name in names):
        return ""
    return "No parameter of the run is a random seed, so training again gives another model."


def _is_set(value: str) -> bool:
    return value.strip().lower() not in {"", "none", "null"}


def _no_code(version: ExaminedVersion) -> str:
    code = version.record.code
    if not code.repository or not code.commit:
        return "The repository and commit of the training code are not both recorded."
    if not EXACT_COMMIT.fullmatch(code.commit.lower()):
        return f"{code.commit!r:.80} is no full commit, so what it stands for can change."
    return "The code had changes that no commit holds." if code.is_dirty else ""


def _no_packages(version: ExaminedVersion) -> str:
    needed = [read_line(line) for line in version.record.packages]
    if not needed:
        return "No package is recorded."
    loose = [one.text for one in needed if not one.is_pinned and one.name not in BUILD_TOOLS]
    if not loose:
        return ""
    return f"{len(loose)} of {len(needed)} packages are not pinned: {', '.join(loose):.300}."


def _no_python(version: ExaminedVersion) -> str:
    return "" if version.record.python_version else "The Python version is not recorded."


def _no_environment(version: ExaminedVersion) -> str:
    names = {posixpath.basename(file.path).lower() for file in version.files}
    if names & ENVIRONMENT_FILES or IMAGE.fullmatch(version.record.container_digest.lower()):
        return ""
    return "Neither the digest of a container nor a file that describes the environment is there."


def _no_data(version: ExaminedVersion) -> str:
    """Say what is missing of the data: any of it, or the digest of some."""
    record = version.record
    marks: dict[str, str] = {}
    for one in record.datasets:
        marks[one.name] = marks.get(one.name) or one.digest
    for edge in version.lineage:
        if edge.relation == "trained_on" and edge.kind in DATA:
            marks[edge.name] = marks.get(edge.name) or edge.digest
    if not marks:
        return "No dataset is linked with the run or the version."
    loose = sorted(name for name, digest in marks.items() if not digest)
    return f"These datasets have no digest: {', '.join(loose):.300}." if loose else ""


_RULES: Mapping[Piece, _Rule] = {
    Piece.RUN: _Rule(_no_run, "Register the version from the run that trained it."),
    Piece.PARAMETERS: _Rule(
        _no_parameters, "Log every parameter of training (mlflow.log_params), defaults included."
    ),
    Piece.SEED: _Rule(
        _no_seed, "Fix the random seed and log it as a parameter, such as seed or random_state."
    ),
    Piece.CODE: _Rule(
        _no_code, "Train from a clean checkout; register its repository and full commit."
    ),
    Piece.PACKAGES: _Rule(
        _no_packages, "Record every package with its exact version (name==1.2.3)."
    ),
    Piece.PYTHON: _Rule(_no_python, "Record the Python version it was trained with."),
    Piece.ENVIRONMENT: _Rule(
        _no_environment, "Register a requirements.txt or lock file, or the container's digest."
    ),
    Piece.DATA: _Rule(
        _no_data, "Log each dataset with its digest (mlflow.log_input), or link it as an asset."
    ),
}


CHECK = Check(
    name="reproducibility",
    title="Reproducibility record",
    sentence=(
        "Looks whether the record holds what somebody else needs to train the version again: run, "
        "parameters, seed, code, packages, environment and data."
    ),
    examine=examine,
    version="1",
    parameters=ReproducibilityRules,
    cites=(
        "Pineau et al., Improving Reproducibility in Machine Learning Research, JMLR 22, 2021",
        "Breck et al., The ML Test Score, IEEE Big Data, 2017: training is reproducible",
    ),
    sources=frozenset({Source.RECORD, Source.LINEAGE}),
)
