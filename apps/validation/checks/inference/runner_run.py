"""The function behind the check in the runner: models whose format can run code when it is loaded.

It is imported only there: by a process that has no file, no network and no credentials.
"""

from importlib.metadata import version as release

from apps.validation.checks.contract import (
    ExaminedFile,
    ExaminedVersion,
    Outcome,
    Problem,
    Progress,
    Severity,
    silent,
)
from apps.validation.checks.inference import Inference, objects, preloaded
from apps.validation.checks.inference.candidates import MOST_BYTES, names_in_mlmodel
from apps.validation.checks.inference.onnx_run import CONFINE, DEFAULTS
from apps.validation.checks.inference.trial import Trial
from apps.validation.confined.walls import NEEDED_TO_RUN_MODELS

SUFFIXES = (".pkl", ".pickle", ".joblib", ".skops")
TOOLS = {name: release(name) for name in ("joblib", "numpy", "scikit-learn", "skops")}

NO_MODEL = (
    "There is neither an ONNX model in this version nor a pickle, joblib or skops file, so no "
    "model was run."
)
NAME_ONE = "Name the model's file in MLmodel."
NOT_RUN = "No model was run, so there is no telling what it answers."

preloaded.load()


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: Inference = DEFAULTS
) -> Outcome:
    """Load the model of a version, with whatever code it brings, and judge what it answers."""
    found = _models(version)
    if not found:
        return Outcome.does_not_apply(NO_MODEL)
    missing = sorted(NEEDED_TO_RUN_MODELS - set(getattr(version, "walls", ())))
    if missing:
        text = f"This runner cannot confine a model: it does not ensure {', '.join(missing)}."
        return _not_run("not_confined", "runner", text, CONFINE)
    if len(found) > 1:
        names = ", ".join(file.path for file in found[:10])
        text = f"Cannot tell which of {len(found)} files the example is for: {names}."
        return _not_run("several_models", "version", text, NAME_ONE)
    [model] = found
    if model.size > MOST_BYTES:
        text = f"It is larger than the {MOST_BYTES:,} bytes that are loaded here."
        return _not_run("too_large", model.path, text, objects.ELSEWHERE)

    def load() -> objects.LoadedObject:
        return objects.load(model)

    return Trial(version, model, progress, parameters, load, TOOLS, "the runner").outcome()


def _models(version: ExaminedVersion) -> list[ExaminedFile]:
    """Return the file MLmodel names, or every file of the formats known here."""
    known = [file for file in version.files if file.path.casefold().endswith(SUFFIXES)]
    declared = set(names_in_mlmodel(version.files, ("sklearn", "pickled_model")))
    named = [file for file in version.files if file.path in declared]
    return named or known


def _not_run(code: str, place: str, text: str, remedy: str) -> Outcome:
    return Outcome(NOT_RUN, (Problem(code, Severity.HIGH, place, text, remedy),))
