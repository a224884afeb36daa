"""Tumor triage: which breast masses a pathologist should see first."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from apps.console.demo.training import datasets, exports
from apps.console.demo.training.datasets import Array, Dataset, Floats, Mask
from apps.console.demo.training.facts import Column, Metric, TrainedModel, TrainedVersion
from apps.console.demo.training.measures import (
    ACCURACY,
    BRIER,
    RECALL,
    ROC_AUC,
    SPECIFICITY,
    measured,
)
from apps.console.demo.training.workbench import Workbench, columns_of

MODEL = TrainedModel(
    name="tumor-triage",
    title="Breast mass triage",
    purpose=(
        "Orders fine-needle samples of breast masses so that pathologists read the likely "
        "malignant ones first. Every sample is read by a person, whatever the model answers."
    ),
    out_of_scope=(
        "Diagnosis without a pathologist, screening of people without a mass, and samples that "
        "were not digitized and measured as the training samples were."
    ),
    limitations=(
        "Trained on 398 samples from one hospital, published in 1995. The sample names "
        "neither age nor ancestry, so differences between groups of people cannot be measured. "
        "Few small masses were malignant, so recall on them is uncertain."
    ),
    domain="Clinical decision support",
    method="Logistic regression on standardized cell nucleus measurements.",
    flags=("affects_individuals", "processes_personal_data", "consequential_decisions"),
)
MEANS = 10
ANSWER = (Column("malignant", "long"),)
SERVED_ANSWER = (
    Column("malignant", "long"),
    Column("probability_benign", "float"),
    Column("probability_malignant", "float"),
)


def train(bench: Workbench) -> TrainedModel:
    """Train on ten measurements, then on all thirty, then convert the latter to ONNX."""
    cases = datasets.breast_cancer()
    wide = {"C": 0.5, "max_iter": 1000}
    estimator = _fitted(cases, len(cases.columns), wide)
    versions = (
        _ten_measurements(bench, cases),
        _thirty_measurements(bench, cases, estimator, wide),
        _served(bench, cases, estimator, wide),
    )
    return replace(MODEL, versions=versions)


def _ten_measurements(bench: Workbench, cases: Dataset) -> TrainedVersion:
    settings = {"C": 1.0, "max_iter": 1000}
    estimator = _fitted(cases, MEANS, settings)
    features = cases.holdout.features[:, :MEANS]
    return bench.ship(
        MODEL,
        1,
        export=exports.as_skops(estimator, bench.shelf(MODEL, 1)),
        inputs=columns_of(cases.columns[:MEANS], "double"),
        outputs=ANSWER,
        training=cases.training,
        estimator="LogisticRegression",
        settings=settings,
        metrics=_results(
            cases, estimator.predict(features), estimator.predict_proba(features)[:, 1]
        ),
        source=__file__,
        change_class="initial",
        notes="Uses the mean of each of ten measurements.",
    )


def _thirty_measurements(
    bench: Workbench, cases: Dataset, estimator: Any, settings: dict[str, Any]
) -> TrainedVersion:
    features = cases.holdout.features
    return bench.ship(
        MODEL,
        2,
        export=exports.as_skops(estimator, bench.shelf(MODEL, 2)),
        inputs=columns_of(cases.columns, "double"),
        outputs=ANSWER,
        training=cases.training,
        estimator="LogisticRegression",
        settings=settings,
        metrics=_results(
            cases, estimator.predict(features), estimator.predict_proba(features)[:, 1]
        ),
        source=__file__,
        change_class="material",
        notes="Adds the spread and the worst value of each measurement: thirty inputs, not ten.",
    )


def _served(
    bench: Workbench, cases: Dataset, estimator: Any, settings: dict[str, Any]
) -> TrainedVersion:
    export = exports.as_onnx(
        estimator,
        bench.shelf(MODEL, 3),
        name=MODEL.name,
        columns=len(cases.columns),
        outputs=[column.name for column in SERVED_ANSWER],
    )
    # The served file rounds to 32 bits, so it is measured itself, not the model it came from.
    answers = exports.onnx_answers(export.file, cases.holdout.features)
    return bench.ship(
        MODEL,
        3,
        export=export,
        inputs=columns_of(cases.columns, "float"),
        outputs=SERVED_ANSWER,
        training=cases.training,
        estimator="LogisticRegression",
        settings=settings,
        metrics=_results(cases, answers["malignant"], answers["probability_malignant"]),
        source=__file__,
        change_class="minor",
        notes="Version 2 converted to ONNX, which also answers with the probability.",
    )


def _fitted(cases: Dataset, columns: int, settings: dict[str, Any]) -> Any:
    estimator = make_pipeline(StandardScaler(), LogisticRegression(**settings))
    return estimator.fit(cases.training.features[:, :columns], cases.training.truth)


def _results(cases: Dataset, answers: Array, probabilities: Array) -> tuple[Metric, ...]:
    shares = (RECALL, SPECIFICITY, ACCURACY)
    return (
        *measured((ROC_AUC, BRIER), cases.holdout, probabilities),
        *measured(shares, cases.holdout, answers, _by_size(cases)),
    )


def _by_size(cases: Dataset) -> dict[str, Mask]:
    """Thirds by mean radius, with the edges taken from the rows trained on."""
    radius: Floats = cases.training.features[:, cases.columns.index("mean_radius")]
    low, high = (round(float(edge), 1) for edge in np.quantile(radius, (1 / 3, 2 / 3)))
    return datasets.bands(
        cases.held_out("mean_radius"),
        {
            f"mean radius below {low}": (-np.inf, low),
            f"mean radius {low} to {high}": (low, high),
            f"mean radius from {high}": (high, np.inf),
        },
    )
