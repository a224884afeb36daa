"""What the scripts share: one way to log in both generations of MLflow, and to say what was so."""

import json
from collections.abc import Callable
from typing import Any

import mlflow
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

IS_THREE = not mlflow.__version__.startswith("2.")
REQUIREMENTS = ["scikit-learn", "pandas"]
"""Named, so that MLflow does not start a process to find them out."""


def say(**facts: Any) -> None:
    """Print what was so, as the last line."""
    print(json.dumps({"mlflow": mlflow.__version__, **facts}))  # noqa: T201 - read by the test


def refusal_of(call: Callable[..., object], *asked: object, **more: object) -> list[str]:
    """Return the code and the words of MLflow's exception, or nothing when there was none."""
    try:
        call(*asked, **more)
    except MlflowException as refusal:
        return [refusal.error_code, str(refusal)]
    return []


def irises() -> tuple[Any, Any]:
    """Return measures of flowers, and their kinds."""
    features, kinds = load_iris(return_X_y=True, as_frame=True)
    return features, kinds


def trained(strength: float = 1.0) -> Any:
    """Return a model that tells the kinds apart."""
    features, kinds = irises()
    return LogisticRegression(C=strength, max_iter=500).fit(features, kinds)


def predictions_of(model: Any) -> list[int]:
    """Return what a model says of some flowers of each kind."""
    features, _ = irises()
    return [int(kind) for kind in model.predict(features[::5])]


def log_model(model: Any, name: str, **more: Any) -> Any:
    """Log a model within the run: MLflow 3 names it, MLflow 2 gives it a folder of the run."""
    place = {"name" if IS_THREE else "artifact_path": name}
    return mlflow.sklearn.log_model(model, **place, **more)


def walked(search: Callable[..., Any], **asked: Any) -> list[Any]:
    """Return what every page of a search holds."""
    page = search(**asked)
    rows = list(page)
    while page.token:
        page = search(**asked, page_token=page.token)
        rows += page
    return rows
