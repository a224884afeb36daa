"""ONNX models: loaded and run by ONNX Runtime. What needs its libraries is imported here."""

from collections.abc import Sequence
from importlib.metadata import version as release

from apps.validation.checks.contract import (
    ExaminedFile,
    ExaminedVersion,
    Outcome,
    Problem,
    Progress,
)
from apps.validation.checks.inference import Inference, content, session
from apps.validation.checks.inference.refusals import Refused
from apps.validation.checks.inference.trial import Trial

TOOLS = {name: release(name) for name in ("numpy", "onnx", "onnxruntime")}
"""The libraries a model is run with; behind the walls their releases cannot be read."""


def carry_out(
    version: ExaminedVersion, model: ExaminedFile, progress: Progress, parameters: Inference
) -> Outcome:
    """Run one model of a version, and judge it."""

    def load() -> session.Session:
        return session.load(content.read(model, version.files), model.path)

    return Trial(version, model, progress, parameters, load, TOOLS).outcome()


def load_problems(files: Sequence[ExaminedFile], model: ExaminedFile) -> Sequence[Problem]:
    """Load a model without running it; return what stands in the way."""
    try:
        session.load(content.read(model, files), model.path)
    except Refused as refused:
        return [refused.problem]
    return []
