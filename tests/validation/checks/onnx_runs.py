"""Running ONNX models the tests built: right here, or as a worker does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps.validation import confined
from apps.validation.checks.contract import Outcome, silent
from apps.validation.checks.inference import CHECK, Inference, onnx_run
from apps.validation.confined.walls import NEEDED_TO_RUN_MODELS
from tests.validation.checks.stored import (
    StoredFile,
    StoredVersion,
    version_of,
)

EXAMPLE = [[1.0, 2.0], [3.0, 4.0]]
ANSWERS = [[8.0], [18.0]]


@dataclass
class WalledVersion(StoredVersion):
    """A version as a process sees it whose walls are closed; tests trust the models they build."""

    walls: tuple[str, ...] = tuple(NEEDED_TO_RUN_MODELS)


def columns(**types: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in types.items()]


def tensor(name: str, dtype: str, *shape: int) -> dict[str, Any]:
    return {"name": name, "type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}}


def outcome_of(
    model: bytes,
    example: object = EXAMPLE,
    *,
    outputs: object = None,
    inputs: object = None,
    files: Mapping[str, bytes] | None = None,
    **parameters: Any,
) -> Outcome:
    """Run a model right here."""
    signature = {"inputs": inputs, "outputs": outputs}
    stored = [
        StoredFile(path, data) for path, data in {"model.onnx": model, **(files or {})}.items()
    ]
    version = WalledVersion(stored, signature=signature, input_example=example)
    return onnx_run.examine(version, silent, Inference(**parameters))


def confined_outcome(
    model: bytes, files: Mapping[str, bytes] | None = None, seconds: int = 60, memory: int = 1024
) -> Outcome:
    """Run a model as a worker does: in a process that can reach nothing."""
    version = version_of({"model.onnx": model, **(files or {})})
    version.input_example = EXAMPLE
    check = replace(CHECK, seconds=seconds, memory=memory)
    return confined.carry_out(check, version, silent, check.parameters())


def text_of(outcome: Outcome, code: str) -> str:
    [problem] = [problem for problem in outcome.problems if problem.code == code]
    return f"{problem.place}: {problem.text}"


def evidence_of(outcome: Outcome) -> Any:
    return outcome.evidence


def answers_of(outcome: Outcome) -> Any:
    return evidence_of(outcome)["outputs"]["y"]["values"]
