"""Wine grade: which cultivar a delivery was pressed from, by its laboratory analysis."""

from dataclasses import replace
from typing import Any

from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from apps.console.demo.training import datasets, exports
from apps.console.demo.training.datasets import SEED, Dataset
from apps.console.demo.training.facts import Column, Metric, TrainedModel, TrainedVersion
from apps.console.demo.training.measures import ACCURACY, LOG_LOSS, measured
from apps.console.demo.training.workbench import Workbench, columns_of

MODEL = TrainedModel(
    name="wine-grade",
    title="Wine delivery grading",
    purpose=(
        "Sorts wine deliveries into the three cultivars that the blending plan grades by, from "
        "thirteen laboratory values. The cellar master confirms each delivery."
    ),
    out_of_scope=(
        "Judging taste, price or authenticity, and wines from other regions or other cultivars."
    ),
    limitations=(
        "Trained on 124 wines of one region. It cannot say that a wine is from none of the "
        "three cultivars. With 54 wines held out, differences of a few percent are chance."
    ),
    domain="Quality control",
    method="Classification of laboratory values: a random forest, then linear discriminants.",
)
CULTIVARS = {0: "cultivar 1", 1: "cultivar 2", 2: "cultivar 3"}


def train(bench: Workbench) -> TrainedModel:
    """Train a random forest, then linear discriminants, on the same wines."""
    wines = datasets.wine()
    versions = (_forest(bench, wines), _discriminants(bench, wines))
    return replace(MODEL, versions=versions)


def _forest(bench: Workbench, wines: Dataset) -> TrainedVersion:
    settings = {"n_estimators": 25, "max_depth": 3}
    estimator = RandomForestClassifier(**settings, random_state=SEED, n_jobs=1)
    estimator.fit(wines.training.features, wines.training.truth)
    return bench.ship(
        MODEL,
        1,
        export=exports.as_joblib(estimator, bench.shelf(MODEL, 1)),
        inputs=columns_of(wines.columns, "double"),
        outputs=(Column("cultivar", "long"),),
        training=wines.training,
        estimator="RandomForestClassifier",
        settings=settings,
        metrics=_results(wines, estimator),
        source=__file__,
        change_class="initial",
        notes="A random forest of 25 shallow trees.",
    )


def _discriminants(bench: Workbench, wines: Dataset) -> TrainedVersion:
    settings = {"solver": "lsqr", "shrinkage": "auto"}
    estimator = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(**settings))
    estimator.fit(wines.training.features, wines.training.truth)
    return bench.ship(
        MODEL,
        2,
        export=exports.as_skops(estimator, bench.shelf(MODEL, 2)),
        inputs=columns_of(wines.columns, "double"),
        outputs=(Column("cultivar", "long"),),
        training=wines.training,
        estimator="LinearDiscriminantAnalysis",
        settings=settings,
        metrics=_results(wines, estimator),
        source=__file__,
        change_class="material",
        notes="Linear discriminants, which can be read, in place of the forest; ships as skops.",
    )


def _results(wines: Dataset, estimator: Any) -> tuple[Metric, ...]:
    features = wines.holdout.features
    by_cultivar = datasets.groups(wines.holdout.truth, CULTIVARS)
    return (
        *measured((ACCURACY,), wines.holdout, estimator.predict(features), by_cultivar),
        *measured((LOG_LOSS,), wines.holdout, estimator.predict_proba(features)),
    )
