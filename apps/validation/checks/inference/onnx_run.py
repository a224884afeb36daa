"""The function behind the check: whether a model can be run at all, and what then was found.

What needs a library is in ``onnx_trial``, so that a worker without one still says what it lacks.
"""

from collections.abc import Callable, Sequence
from typing import Any

from apps.validation.checks.contract import (
    ExaminedFile,
    ExaminedVersion,
    Json,
    Outcome,
    Problem,
    Progress,
    Severity,
    silent,
)
from apps.validation.checks.inference import Inference
from apps.validation.checks.inference.candidates import Candidates, find
from apps.validation.confined.walls import NEEDED_TO_RUN_MODELS

Trial = Callable[[ExaminedVersion, ExaminedFile, Progress, Inference], Outcome]
Load = Callable[[Sequence[ExaminedFile], ExaminedFile], Sequence[Problem]]

try:
    from apps.validation.checks.inference import onnx_trial
except ImportError as absent:
    LACKS, TRY, LOAD = absent.name or "library it needs", None, None
else:
    LACKS, TRY, LOAD = "", onnx_trial.carry_out, onnx_trial.load_problems

CONFINE = (
    "Ask the operator to run heavy checks on a Linux worker with libseccomp and landlock, as the "
    "operations guide says."
)
INSTALL = "Ask the operator to install numpy, onnx and onnxruntime on the workers."
NO_MODEL = (
    "There is no ONNX model in this version, so none was run. Other formats can run code when they "
    "are loaded, and are loaded only in a separate runner, if the operator switches one on. Export "
    "the model to ONNX to have it run without."
)
NAME_ONE = "Name the model's file in MLmodel, or call it model.onnx."

DEFAULTS = Inference()


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: Inference = DEFAULTS
) -> Outcome:
    """Run the ONNX model of a version on its input example, and judge what it answers."""
    progress("files")
    found = find(version.files)
    if not found.files and not found.problems:
        return Outcome.does_not_apply(NO_MODEL)
    obstacle = _obstacle(version)
    if obstacle is not None:
        return _not_run(obstacle)
    if found.problems or found.chosen is None:
        return _not_run(*found.problems, *_undecided(found))
    assert TRY is not None
    outcome = TRY(version, found.chosen, progress, parameters)
    return _with_others(outcome, version, found, progress)


def _obstacle(version: ExaminedVersion) -> Problem | None:
    """Return why no model is run on this worker, if so."""
    walls = set(getattr(version, "walls", ()))
    missing = sorted(NEEDED_TO_RUN_MODELS - walls)
    if missing:
        text = f"This worker cannot confine a model: it does not ensure {', '.join(missing)}."
        return Problem("not_confined", Severity.HIGH, "worker", text, CONFINE)
    if TRY is None:
        text = f"Cannot tell what the model answers: the worker has no {LACKS}."
        return Problem("no_library", Severity.HIGH, "worker", text, INSTALL)
    return None


def _undecided(found: Candidates) -> list[Problem]:
    if found.chosen is not None or not found.files:
        return []
    names = ", ".join(file.path for file in found.files[:10])
    text = f"Cannot tell which of {len(found.files)} ONNX files the example is for: {names}."
    return [Problem("several_models", Severity.HIGH, "version", text, NAME_ONE)]


def _with_others(
    outcome: Outcome, version: ExaminedVersion, found: Candidates, progress: Progress
) -> Outcome:
    """Add what loading the version's other ONNX files brought."""
    others = [file for file in found.files if file is not found.chosen]
    if not others:
        return outcome
    assert LOAD is not None
    problems: list[Problem] = []
    for file in others:
        progress(file.path)
        problems += LOAD(version.files, file)
    facts: dict[str, Json] = {**outcome.facts, "only_loaded": [file.path for file in others]}
    summary = f"{outcome.summary} {len(others)} more ONNX files were loaded and not run."
    return Outcome(summary, (*outcome.problems, *problems), facts, outcome.evidence, outcome.tools)


def _not_run(*problems: Any) -> Outcome:
    return Outcome("No model was run, so there is no telling what it answers.", problems)
