"""The metrics of each version: the files themselves give them again, by scikit-learn's own code."""

import hashlib
import math
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import onnxruntime
import pytest
import skops.io
from sklearn import metrics as reference
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
)
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor

from apps.console.demo.training import Metric, TrainedVersion, datasets
from apps.console.demo.training.datasets import Array, Dataset, Mask
from apps.console.demo.training.measures import ACCURACY, RECALL, ROC_AUC, Share
from tests.console.demo.conftest import Training
from tests.console.demo.test_shipped_files import FLAGGED, MODEL_FILES, model_file

DATASETS: dict[str, Callable[[], Dataset]] = {
    "tumor-triage": datasets.breast_cancer,
    "tumor-checklist": datasets.breast_cancer,
    "diabetes-progression": datasets.diabetes,
    "digit-reader": datasets.digits,
    "wine-grade": datasets.wine,
    "iris-kind": datasets.iris,
}
LOADABLE = pytest.mark.parametrize(
    ("name", "number"), [key for key in MODEL_FILES if key != FLAGGED]
)
EVERY_VERSION = pytest.mark.parametrize(("name", "number"), MODEL_FILES)

ON_ANSWERS: dict[str, Callable[[Array, Array], float]] = {
    "accuracy": reference.accuracy_score,
    "recall": reference.recall_score,
    "specificity": lambda truth, answers: reference.recall_score(truth, answers, pos_label=0),
    "rmse": reference.root_mean_squared_error,
    "mae": reference.mean_absolute_error,
    "r2": reference.r2_score,
}
ON_PROBABILITIES: dict[str, Callable[[Array, Array], float]] = {
    "roc_auc": lambda truth, given: reference.roc_auc_score(truth, given[:, 1]),
    "brier_score": lambda truth, given: reference.brier_score_loss(truth, given[:, 1]),
    "log_loss": reference.log_loss,
}


def loaded_answers(version: TrainedVersion, features: Array) -> tuple[Array, Array | None]:
    """What a version's own file answers: its prediction and, where it has any, probabilities."""
    file = model_file(version)
    features = features[:, : len(version.signature["inputs"])]
    if file.suffix == ".onnx":
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        first, *rest = session.run(None, {"X": features.astype(np.float32)})
        return first.ravel(), np.column_stack(rest) if rest else None
    estimator: Any = skops.io.load(file) if file.suffix == ".skops" else joblib.load(file)
    probabilities = getattr(estimator, "predict_proba", None)
    return estimator.predict(features), probabilities and probabilities(features)


def mask_of(metric: Metric, dataset: Dataset) -> Mask:
    """The holdout rows of a metric's slice, read from the words that name it."""
    first, *_ = metric.slice.split() or [""]
    truth = dataset.holdout.truth
    if first == "":
        return np.ones(len(truth), dtype=bool)
    if first in {"mean", "age", "sex"}:
        column = {"mean": "mean_radius"}.get(first, first)
        values = dataset.holdout.features[:, dataset.columns.index(column)]
        low, high = edges_of(metric.slice)
        return (values >= low) & (values < high)
    kinds = {"setosa": 0, "versicolor": 1, "virginica": 2}
    codes = {f"digit {digit}": digit for digit in range(10)}
    codes |= {f"cultivar {code + 1}": code for code in range(3)}
    return truth == (kinds | codes)[metric.slice]


def edges_of(words: str) -> tuple[float, float]:
    """The lower edge of a band, included, and its upper edge, not included."""
    low, *rest = numbers_in(words)
    if "below" in words or "under" in words:
        return -math.inf, low
    if rest:
        # Ages are whole years, so "40 to 54" holds all who are not yet 55.
        return low, rest[0] + 1 if words.startswith("age") else rest[0]
    return low, low + 1 if "code" in words else math.inf


def numbers_in(words: str) -> list[float]:
    """The numbers among the words."""
    return [float(word) for word in words.split() if word[0].isdigit()]


@LOADABLE
def test_the_file_itself_gives_every_metric_again(
    training: Training, name: str, number: int
) -> None:
    version = training.version(name, number)
    dataset = DATASETS[name]()
    answers, probabilities = loaded_answers(version, dataset.holdout.features)
    measured = [metric for metric in version.metrics if metric.dataset == dataset.holdout.reference]

    assert measured
    for metric in measured:
        mask = mask_of(metric, dataset)
        truth = dataset.holdout.truth[mask]
        if metric.key in ON_ANSWERS:
            expected = ON_ANSWERS[metric.key](truth, answers[mask])
        else:
            assert probabilities is not None
            expected = ON_PROBABILITIES[metric.key](truth, probabilities[mask].astype(float))
        assert metric.value == pytest.approx(expected, rel=1e-5), metric


@EVERY_VERSION
def test_every_metric_is_finite_and_inside_its_interval(
    training: Training, name: str, number: int
) -> None:
    for metric in training.version(name, number).metrics:
        assert math.isfinite(metric.value)
        if metric.step == 0:
            assert metric.lower is not None
            assert metric.upper is not None
            assert metric.lower <= metric.value <= metric.upper
            assert metric.lower < metric.upper


@EVERY_VERSION
def test_no_two_metrics_of_a_version_say_the_same_thing(
    training: Training, name: str, number: int
) -> None:
    metrics = training.version(name, number).metrics
    told = {(metric.key, metric.dataset, metric.slice, metric.step) for metric in metrics}

    assert len(told) == len(metrics)


def test_a_served_file_answers_as_the_model_it_was_converted_from(training: Training) -> None:
    rows = datasets.breast_cancer().holdout.features
    answers, probabilities = loaded_answers(training.version("tumor-triage", 2), rows)
    served, served_probabilities = loaded_answers(training.version("tumor-triage", 3), rows)

    assert np.array_equal(served, answers)
    assert probabilities is not None
    assert served_probabilities is not None
    assert np.allclose(served_probabilities, probabilities, atol=1e-5)


@pytest.mark.parametrize("number", [2, 3])
def test_a_converted_regression_answers_as_a_newly_fitted_one(
    training: Training, number: int
) -> None:
    patients = datasets.diabetes()
    settings = training.version("diabetes-progression", number).parameters
    build = {2: RandomForestRegressor, 3: GradientBoostingRegressor}[number]
    given = {
        key: float(settings[key]) if "." in settings[key] else int(settings[key])
        for key in build().get_params()
        if key in settings
    }
    estimator = build(**given, random_state=int(settings["seed"]))
    estimator.fit(patients.training.features, patients.training.truth)
    served, _ = loaded_answers(
        training.version("diabetes-progression", number), patients.holdout.features
    )

    assert np.allclose(served, estimator.predict(patients.holdout.features), rtol=1e-4)


@pytest.mark.parametrize("name", DATASETS)
def test_training_and_holdout_share_no_row_and_are_named_by_their_bytes(name: str) -> None:
    dataset = DATASETS[name]()
    loader = {
        "tumor-triage": load_breast_cancer,
        "tumor-checklist": load_breast_cancer,
        "diabetes-progression": lambda: load_diabetes(scaled=False),
        "digit-reader": load_digits,
        "wine-grade": load_wine,
        "iris-kind": load_iris,
    }[name]
    whole = loader().data
    parts = np.concatenate([dataset.training.features, dataset.holdout.features])

    assert np.array_equal(np.sort(parts, axis=0), np.sort(whole, axis=0))
    for part in (dataset.training, dataset.holdout):
        content = part.features.tobytes() + part.truth.astype(float).tobytes()
        assert part.reference.endswith(f"@sha256:{hashlib.sha256(content).hexdigest()}")


@pytest.mark.parametrize(
    ("name", "number", "key"),
    [
        ("digit-reader", 1, "training_loss"),
        ("digit-reader", 1, "validation_accuracy"),
        ("diabetes-progression", 3, "training_loss"),
    ],
)
def test_a_training_curve_climbs_in_steps_and_improves(
    training: Training, name: str, number: int, key: str
) -> None:
    curve = [metric for metric in training.version(name, number).metrics if metric.key == key]
    steps = [metric.step for metric in curve]
    gain = curve[-1].value - curve[0].value

    assert len(curve) > 10
    assert steps == sorted(set(steps))
    assert steps[0] >= 1
    assert gain > 0 if curve[0].higher_is_better else gain < 0
    assert {metric.dataset for metric in curve} == {DATASETS[name]().training.reference}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("tumor-triage", 398),
        ("tumor-checklist", 398),
        ("diabetes-progression", 309),
        ("wine-grade", 124),
        ("iris-kind", 105),
    ],
)
def test_the_limitations_count_the_rows_trained_on(
    training: Training, name: str, rows: int
) -> None:
    model = next(model for model in training.models if model.name == name)

    assert len(DATASETS[name]().training.truth) == rows
    assert f"Trained on {rows} " in model.limitations


def test_the_interval_of_a_perfect_slice_still_leaves_room_for_error() -> None:
    right = np.ones(20, dtype=int)
    estimate = ACCURACY.estimate(right, right)

    assert estimate is not None
    assert estimate.upper == pytest.approx(1.0)
    # Wilson's lower bound for 20 of 20.
    assert estimate.lower == pytest.approx(0.8389, abs=1e-4)


def test_a_slice_without_a_case_that_counts_has_no_value() -> None:
    nobody = np.zeros(5, dtype=int)

    assert RECALL.estimate(nobody, nobody) is None


def test_ties_count_half_in_the_area_under_the_curve() -> None:
    truth = np.array([0, 1, 0, 1, 1, 0] * 10)
    scores = np.round(np.random.default_rng(3).random(60), 1)
    estimate = ROC_AUC.estimate(truth, scores)

    assert estimate is not None
    assert estimate.value == pytest.approx(reference.roc_auc_score(truth, scores))


@pytest.mark.parametrize("measure", [ACCURACY, RECALL])
def test_more_cases_make_a_narrower_interval(measure: Share) -> None:
    few, many = np.array([1, 1, 1, 0]), np.array([1, 1, 1, 0] * 50)
    wide = measure.estimate(few, np.ones_like(few))
    narrow = measure.estimate(many, np.ones_like(many))

    assert wide is not None
    assert narrow is not None
    assert narrow.upper - narrow.lower <= wide.upper - wide.lower
