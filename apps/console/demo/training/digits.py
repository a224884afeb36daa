"""Digit reader: which digit a small gray picture shows."""

from dataclasses import replace

from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

from apps.console.demo.training import datasets, exports
from apps.console.demo.training.datasets import SEED, Array, Dataset
from apps.console.demo.training.facts import Column, Metric, TrainedModel, TrainedVersion
from apps.console.demo.training.measures import ACCURACY, measured, series
from apps.console.demo.training.workbench import Workbench, columns_of

MODEL = TrainedModel(
    name="digit-reader",
    title="Handwritten digit reader",
    purpose=(
        "Reads single handwritten digits from the amount field of paper forms. Forms whose "
        "digits do not add up go to a clerk."
    ),
    out_of_scope=(
        "Letters, several digits in one picture, signatures, and pictures that were not scaled "
        "to 8 × 8 pixels with 17 gray levels."
    ),
    limitations=(
        "Always answers with a digit, also for a picture that shows none. The pictures do not "
        "name their writers, so the holdout may hold writers that were trained on."
    ),
    domain="Document handling",
    method="A neural network with one hidden layer, then a support vector machine.",
)
DIGITS = {digit: f"digit {digit}" for digit in range(10)}
READ = Column("digit", "long")


def train(bench: Workbench) -> TrainedModel:
    """Train a neural network, then a support vector machine, on the same pictures."""
    pictures = datasets.digits()
    versions = (_network(bench, pictures), _vectors(bench, pictures))
    return replace(MODEL, versions=versions)


def _network(bench: Workbench, pictures: Dataset) -> TrainedVersion:
    settings = {
        "hidden_layer_sizes": (64,),
        "learning_rate_init": 0.003,
        "max_iter": 200,
        "early_stopping": True,
        "n_iter_no_change": 15,
    }
    network = MLPClassifier(**settings, random_state=SEED)
    estimator = make_pipeline(MinMaxScaler(), network)
    estimator.fit(pictures.training.features, pictures.training.truth)
    outputs = (READ, *(Column(f"probability_{digit}", "float") for digit in DIGITS))
    export = exports.as_onnx(
        estimator,
        bench.shelf(MODEL, 1),
        name=MODEL.name,
        columns=len(pictures.columns),
        outputs=[column.name for column in outputs],
    )
    answers = exports.onnx_answers(export.file, pictures.holdout.features)["digit"]
    return bench.ship(
        MODEL,
        1,
        export=export,
        inputs=columns_of(pictures.columns, "float"),
        outputs=outputs,
        training=pictures.training,
        estimator="MLPClassifier",
        settings=settings,
        metrics=(*_results(pictures, answers), *_curves(pictures, network)),
        source=__file__,
        change_class="initial",
        notes="One hidden layer of 64 units; training stopped when validation stopped improving.",
    )


def _vectors(bench: Workbench, pictures: Dataset) -> TrainedVersion:
    settings = {"C": 5.0, "gamma": 0.001}
    estimator = SVC(**settings).fit(pictures.training.features, pictures.training.truth)
    return bench.ship(
        MODEL,
        2,
        export=exports.as_skops(estimator, bench.shelf(MODEL, 2)),
        inputs=columns_of(pictures.columns, "double"),
        outputs=(READ,),
        training=pictures.training,
        estimator="SVC",
        settings=settings,
        metrics=_results(pictures, estimator.predict(pictures.holdout.features)),
        source=__file__,
        change_class="material",
        notes="Support vectors in place of the network; it no longer answers with probabilities.",
    )


def _results(pictures: Dataset, answers: Array) -> tuple[Metric, ...]:
    by_digit = datasets.groups(pictures.holdout.truth, DIGITS)
    return measured((ACCURACY,), pictures.holdout, answers, by_digit)


def _curves(pictures: Dataset, network: MLPClassifier) -> tuple[Metric, ...]:
    """Both curves run on the training rows: the network sets a tenth of them aside itself."""
    part = pictures.training
    return (
        *series("training_loss", network.loss_curve_, part, higher_is_better=False),
        *series("validation_accuracy", network.validation_scores_, part, higher_is_better=True),
    )
