"""Tumor checklist: a few questions that a person can follow on paper, from the same samples."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier

from apps.console.demo.training import datasets, exports
from apps.console.demo.training.datasets import SEED, Dataset
from apps.console.demo.training.facts import Column, Metric, TrainedModel, TrainedVersion
from apps.console.demo.training.measures import ACCURACY, RECALL, SPECIFICITY, measured, series
from apps.console.demo.training.workbench import Workbench, columns_of

MODEL = TrainedModel(
    name="tumor-checklist",
    title="Breast mass checklist",
    purpose=(
        "Orders fine-needle samples by a few questions on paper while breast mass triage cannot "
        "be reached. Every sample is read by a pathologist."
    ),
    out_of_scope="Use while breast mass triage answers, and any use without a pathologist.",
    limitations=(
        "Trained on 398 samples, the same as breast mass triage, so both may be wrong together. "
        "Each question has a sharp edge: a sample close to one can fall on either side."
    ),
    domain="Clinical decision support",
    method="A shallow decision tree on cell nucleus measurements.",
    flags=("affects_individuals", "processes_personal_data"),
)
DEPTHS = range(1, 9)
ANSWER = (
    Column("malignant", "long"),
    Column("share_benign", "float"),
    Column("share_malignant", "float"),
)


@dataclass(frozen=True)
class Step:
    """One version: how many questions in a row, and what is new about it."""

    number: int
    depth: int
    change_class: str
    notes: str


def train(bench: Workbench) -> TrainedModel:
    """Grow a tree of one question, then one of three."""
    cases = datasets.breast_cancer()
    curve = _curve(cases)
    versions = (
        _grown(bench, cases, curve, Step(1, 1, "initial", "One question, easily remembered.")),
        _grown(bench, cases, curve, Step(2, 3, "material", "Three questions in a row find more.")),
    )
    return replace(MODEL, versions=versions)


def _grown(
    bench: Workbench,
    cases: Dataset,
    curve: tuple[Metric, ...],
    step: Step,
) -> TrainedVersion:
    settings = {"max_depth": step.depth, "min_samples_leaf": 5}
    tree = DecisionTreeClassifier(**settings, random_state=SEED)
    tree.fit(cases.training.features, cases.training.truth)
    export = exports.as_onnx(
        tree,
        bench.shelf(MODEL, step.number),
        name=MODEL.name,
        columns=len(cases.columns),
        outputs=[column.name for column in ANSWER],
    )
    answers = exports.onnx_answers(export.file, cases.holdout.features)["malignant"]
    return bench.ship(
        MODEL,
        step.number,
        export=export,
        inputs=columns_of(cases.columns, "float"),
        outputs=ANSWER,
        training=cases.training,
        estimator="DecisionTreeClassifier",
        settings=settings,
        metrics=(*measured((ACCURACY, RECALL, SPECIFICITY), cases.holdout, answers), *curve),
        source=__file__,
        change_class=step.change_class,
        notes=step.notes,
    )


def _curve(cases: Dataset) -> tuple[Metric, ...]:
    """The accuracy on rows left out in turn, by the number of questions in a row."""
    return series(
        "cross_validated_accuracy",
        _scores(cases, DEPTHS),
        cases.training,
        higher_is_better=True,
    )


def _scores(cases: Dataset, depths: Iterable[int]) -> Iterable[float]:
    for depth in depths:
        tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=5, random_state=SEED)
        yield cross_val_score(tree, cases.training.features, cases.training.truth, cv=5).mean()
