"""Diabetes progression: how far the disease will have advanced after a year."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from apps.console.demo.training import datasets, exports
from apps.console.demo.training.datasets import SEED, Array, Dataset, Mask
from apps.console.demo.training.facts import Column, Metric, TrainedModel, TrainedVersion
from apps.console.demo.training.measures import MAE, R2, RMSE, measured, series
from apps.console.demo.training.workbench import Workbench, columns_of

MODEL = TrainedModel(
    name="diabetes-progression",
    title="Diabetes progression after one year",
    purpose=(
        "Estimates how far diabetes will have progressed a year after the first visit, so that "
        "clinics can plan follow-up appointments. A nurse sets the date and may disregard it."
    ),
    out_of_scope=(
        "Diagnosing diabetes, choosing treatment, setting insurance terms, and people under 19 "
        "or over 79 years."
    ),
    limitations=(
        "Trained on 309 patients. The progression score has no unit, and how it was taken is not "
        "recorded. About half of its variance stays unexplained. The two sexes are coded 1 and 2 "
        "and the source does not say which is which."
    ),
    domain="Population health",
    method="Regression on ten measurements of the first visit: linear, then ensembles of trees.",
    flags=("affects_individuals", "processes_personal_data"),
)
COUNTED = frozenset({"age", "sex"})
EVERY = 10


def train(bench: Workbench) -> TrainedModel:
    """Train a ridge regression, a random forest and boosted trees on the same patients."""
    patients = datasets.diabetes()
    versions = (_ridge(bench, patients), _forest(bench, patients), _boosting(bench, patients))
    return replace(MODEL, versions=versions)


def _ridge(bench: Workbench, patients: Dataset) -> TrainedVersion:
    settings = {"alpha": 10.0}
    estimator = make_pipeline(StandardScaler(), Ridge(**settings))
    estimator.fit(patients.training.features, patients.training.truth)
    inputs = [Column(name, "long" if name in COUNTED else "double") for name in patients.columns]
    return bench.ship(
        MODEL,
        1,
        export=exports.as_joblib(estimator, bench.shelf(MODEL, 1), compress=3),
        inputs=inputs,
        outputs=(Column("progression", "double"),),
        training=patients.training,
        estimator="Ridge",
        settings=settings,
        metrics=_results(patients, estimator.predict(patients.holdout.features)),
        source=__file__,
        change_class="initial",
        notes="Ridge regression, the baseline that later versions have to beat.",
    )


def _forest(bench: Workbench, patients: Dataset) -> TrainedVersion:
    settings = {"n_estimators": 150, "min_samples_leaf": 5, "max_features": 0.4}
    estimator = RandomForestRegressor(**settings, random_state=SEED, n_jobs=1)
    estimator.fit(patients.training.features, patients.training.truth)
    notes = "Replaces the linear model by a random forest and ships as ONNX."
    return _trees(bench, patients, 2, estimator=estimator, settings=settings, notes=notes)


def _boosting(bench: Workbench, patients: Dataset) -> TrainedVersion:
    settings = {"n_estimators": 120, "learning_rate": 0.05, "max_depth": 2, "subsample": 0.7}
    estimator = GradientBoostingRegressor(**settings, random_state=SEED)
    estimator.fit(patients.training.features, patients.training.truth)
    loss = series(
        "training_loss",
        estimator.train_score_,
        patients.training,
        higher_is_better=False,
        every=EVERY,
    )
    notes = "Boosted trees in place of the forest, in a file a fraction of its size."
    return _trees(
        bench, patients, 3, estimator=estimator, settings=settings, notes=notes, curve=loss
    )


def _trees(
    bench: Workbench,
    patients: Dataset,
    number: int,
    *,
    estimator: Any,
    settings: dict[str, Any],
    notes: str,
    curve: tuple[Metric, ...] = (),
) -> TrainedVersion:
    export = exports.as_onnx(
        estimator,
        bench.shelf(MODEL, number),
        name=MODEL.name,
        columns=len(patients.columns),
        outputs=["progression"],
    )
    answers = exports.onnx_answers(export.file, patients.holdout.features)["progression"]
    return bench.ship(
        MODEL,
        number,
        export=export,
        inputs=columns_of(patients.columns, "float"),
        outputs=(Column("progression", "float"),),
        training=patients.training,
        estimator=type(estimator).__name__,
        settings=settings,
        metrics=(*_results(patients, answers), *curve),
        source=__file__,
        change_class="material",
        notes=notes,
    )


def _results(patients: Dataset, answers: Array) -> tuple[Metric, ...]:
    return (
        *measured((RMSE, MAE), patients.holdout, answers, _groups(patients)),
        *measured((R2,), patients.holdout, answers),
    )


def _groups(patients: Dataset) -> dict[str, Mask]:
    ages = {
        "age under 40": (-np.inf, 40.0),
        "age 40 to 54": (40.0, 55.0),
        "age 55 and over": (55.0, np.inf),
    }
    sexes = {1: "sex code 1", 2: "sex code 2"}
    return {
        **datasets.groups(patients.held_out("sex"), sexes),
        **datasets.bands(patients.held_out("age"), ages),
    }
