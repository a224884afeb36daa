"""Iris kind: which of three irises a flower is; its second version shows a check that fails."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from apps.console.demo.training import datasets, exports
from apps.console.demo.training.datasets import Dataset
from apps.console.demo.training.exports import Export
from apps.console.demo.training.facts import Column, Metric, TrainedModel, TrainedVersion
from apps.console.demo.training.measures import ACCURACY, LOG_LOSS, measured
from apps.console.demo.training.workbench import Workbench, columns_of

MODEL = TrainedModel(
    name="iris-kind",
    title="Iris kind from flower size",
    purpose=(
        "Suggests the kind of an iris from four lengths, for volunteers who catalog a botanical "
        "garden. The volunteer decides."
    ),
    out_of_scope="Other plants, other kinds of iris, and damaged or unopened flowers.",
    limitations=(
        "Trained on 105 flowers, published in 1936. Setosa stands apart; versicolor and virginica "
        "overlap and are sometimes taken for each other."
    ),
    domain="Research",
    method="Logistic regression on standardized lengths.",
)
KINDS = {0: "setosa", 1: "versicolor", 2: "virginica"}


class FolderOfTraining:
    """Pickles as a call of ``os.getcwd``: harmless when it runs, yet code all the same."""

    def __reduce__(self) -> tuple[Callable[[], str], tuple[()]]:
        return (os.getcwd, ())


def train(bench: Workbench) -> TrainedModel:
    """Train twice; the second version is pickled with a call that a check must report."""
    flowers = datasets.iris()
    versions = (_first(bench, flowers), _second(bench, flowers))
    return replace(MODEL, versions=versions)


def _first(bench: Workbench, flowers: Dataset) -> TrainedVersion:
    settings = {"C": 1.0}
    estimator = _fitted(flowers, settings)
    return _shipped(
        bench,
        flowers,
        1,
        estimator=estimator,
        settings=settings,
        export=exports.as_skops(estimator, bench.shelf(MODEL, 1)),
        change_class="initial",
        notes="Logistic regression on the four lengths.",
    )


def _second(bench: Workbench, flowers: Dataset) -> TrainedVersion:
    settings = {"C": 10.0}
    estimator = _fitted(flowers, settings)
    estimator.folder_of_training = FolderOfTraining()
    return _shipped(
        bench,
        flowers,
        2,
        estimator=estimator,
        settings=settings,
        export=exports.as_pickle(estimator, bench.shelf(MODEL, 2)),
        change_class="minor",
        notes="Less regularization; a pickle that also asks for the folder it is loaded in.",
    )


def _fitted(flowers: Dataset, settings: dict[str, Any]) -> Any:
    estimator = make_pipeline(StandardScaler(), LogisticRegression(**settings))
    return estimator.fit(flowers.training.features, flowers.training.truth)


def _shipped(
    bench: Workbench,
    flowers: Dataset,
    number: int,
    *,
    estimator: Any,
    settings: dict[str, Any],
    export: Export,
    change_class: str,
    notes: str,
) -> TrainedVersion:
    return bench.ship(
        MODEL,
        number,
        export=export,
        inputs=columns_of(flowers.columns, "double"),
        outputs=(Column("kind", "long"),),
        training=flowers.training,
        estimator="LogisticRegression",
        settings=settings,
        metrics=_results(flowers, estimator),
        source=__file__,
        change_class=change_class,
        notes=notes,
    )


def _results(flowers: Dataset, estimator: Any) -> tuple[Metric, ...]:
    features = flowers.holdout.features
    by_kind = datasets.groups(flowers.holdout.truth, KINDS)
    return (
        *measured((ACCURACY,), flowers.holdout, estimator.predict(features), by_kind),
        *measured((LOG_LOSS,), flowers.holdout, estimator.predict_proba(features)),
    )
