"""Experiments and runs recorded through the MLflow door, as clients send them."""

import itertools
from collections.abc import Mapping
from typing import Any

from tests.api.mlflow.program import Program, said

MS = 1_700_000_000_000
_NUMBERS = itertools.count(1)


def experiment(program: Program, name: str = "") -> str:
    """Create an experiment and return its id."""
    answer = program.post("experiments/create", name=name or f"recorded {next(_NUMBERS)}")
    return str(said(answer)["experiment_id"])


def run(program: Program, experiment_id: str = "", **more: Any) -> str:
    """Start a run and return its id."""
    within = experiment_id or experiment(program)
    answer = program.post("runs/create", experiment_id=within, start_time=MS, **more)
    return str(said(answer)["run"]["info"]["run_id"])


def log(program: Program, run_id: str, **more: Any) -> None:
    """Record a batch, metrics and parameters given by their names."""
    metrics = [
        {"key": key, "value": value, "timestamp": MS, "step": 0}
        for key, value in more.get("metrics", {}).items()
    ]
    given = {kind: pairs(more.get(kind, {})) for kind in ("params", "tags")}
    assert said(program.post("runs/log-batch", run_id=run_id, metrics=metrics, **given)) == {}


def logged_model(program: Program, experiment_id: str, **more: Any) -> str:
    """Create a logged model and return its id."""
    answer = program.post("logged-models", experiment_id=experiment_id, **more)
    return str(said(answer)["model"]["info"]["model_id"])


def pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def found(answer: Any, kind: str = "runs") -> list[str]:
    """Return the ids of what a search found."""
    name = {"runs": "run_id", "models": "model_id"}[kind]
    return [row["info"][name] for row in answer.get(kind, [])]
