"""What changes when a version takes another's place."""

from typing import Any

import pytest

from apps.approvals.comparison import MeasureChange, compare
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.catalog.training import MetricFacts, RunFacts
from tests import scenarios


def change(before: float | None, after: float | None, **more: Any) -> MeasureChange:
    return MeasureChange("auc", "", "holdout", before, after, **{"higher_is_better": True, **more})


@pytest.mark.parametrize(
    ("before", "after", "higher_is_better", "difference", "sense"),
    [
        (0.812, 0.837, True, "+0.025", "better"),
        (0.837, 0.812, True, "−0.025", "worse"),
        (0.141, 0.133, False, "−0.008", "better"),
        (0.133, 0.141, False, "+0.008", "worse"),
        (38.0, 41.0, None, "+3", "same"),
        (0.3, 0.1 + 0.2, True, "0", "same"),
        (None, 0.9, True, "", "same"),
        (0.9, None, True, "", "same"),
    ],
)
def test_a_difference_is_signed_and_said_to_be_better_or_worse(
    before: float | None,
    after: float | None,
    higher_is_better: bool | None,
    difference: str,
    sense: str,
) -> None:
    found = change(before, after, higher_is_better=higher_is_better)

    assert (found.difference, found.sense) == (difference, sense)


def version(model: RegisteredModel, *metrics: MetricFacts, **facts: Any) -> ModelVersion:
    parameters = facts.pop("parameters", {})
    run = RunFacts(name="r", metrics=metrics, parameters=parameters)
    return scenarios.registered_version(model, run=run, **facts)


@pytest.fixture
def model(db: None) -> RegisteredModel:
    return scenarios.registered_model()


def test_measures_are_paired_by_dataset_slice_and_name_at_their_last_step(
    model: RegisteredModel,
) -> None:
    before = version(
        model,
        MetricFacts("auc", 0.5, "holdout", step=1),
        MetricFacts("auc", 0.8, "holdout", step=2),
        MetricFacts("auc", 0.1, "other"),
        MetricFacts("loss", 3.0),
    )
    after = version(model, MetricFacts("auc", 0.9, "holdout", step=7, higher_is_better=True))

    holdout, other = compare(before, after).datasets

    [auc] = holdout.measures
    assert (auc.before, auc.after, auc.sense) == (0.8, 0.9, "better")
    assert other.name == "other"
    assert [(gone.before, gone.after) for gone in other.measures] == [(0.1, None)]


def test_slices_that_became_worse_or_are_gone_are_shown_first_and_the_others_folded(
    model: RegisteredModel,
) -> None:
    before = version(
        model,
        MetricFacts("auc", 0.8, "holdout", higher_is_better=True),
        MetricFacts("auc", 0.8, "holdout", slice="young", higher_is_better=True),
        MetricFacts("auc", 0.8, "holdout", slice="old", higher_is_better=True),
        MetricFacts("auc", 0.8, "holdout", slice="gone", higher_is_better=True),
    )
    after = version(
        model,
        MetricFacts("auc", 0.9, "holdout", higher_is_better=True),
        MetricFacts("auc", 0.7, "holdout", slice="young", higher_is_better=True),
        MetricFacts("auc", 0.9, "holdout", slice="old", higher_is_better=True),
    )

    [holdout] = compare(before, after).datasets

    assert [measure.slice for measure in holdout.measures] == ["", "gone", "young"]
    assert [measure.slice for measure in holdout.slices] == ["old"]
    assert holdout.slices_in_words == "1 other measure by slice"


def test_a_version_alone_is_shown_without_differences(model: RegisteredModel) -> None:
    alone = version(
        model,
        MetricFacts("auc", 0.9, "holdout", lower=0.8, upper=0.95),
        MetricFacts("auc", 0.9, "holdout", slice="a"),
        MetricFacts("auc", 0.9, "holdout", slice="b"),
    )

    comparison = compare(None, alone)

    [holdout] = comparison.datasets
    assert holdout.measures[0].has_interval
    assert comparison.has_intervals
    assert holdout.slices_in_words == "2 other measures by slice"
    assert comparison.notes == ()


def test_versions_without_runs_have_nothing_to_compare(model: RegisteredModel) -> None:
    one, two = (scenarios.registered_version(model, run=None) for _ in range(2))

    comparison = compare(one, two)

    assert comparison.datasets == []
    assert not comparison.has_intervals
    assert comparison.notes == []


INPUTS = [{"name": name, "type": "double"} for name in ("a", "b", "c", "d", "e", "f")]


def test_what_else_changed_is_said_in_a_line(model: RegisteredModel) -> None:
    before = version(
        model,
        parameters={"depth": "3", "seed": "7"},
        signature={"inputs": INPUTS[:2]},
        framework="scikit-learn 1.6.1",
    )
    after = version(
        model,
        parameters={"depth": "4", "rate": "0.1", "seed": "7"},
        signature={"inputs": INPUTS[1:]},
        framework="scikit-learn 1.7.2",
        python_version="3.12.1",
    )

    assert compare(before, after).notes == [
        "2 parameters changed",
        "4 input columns added (c, d, e and 1 more), 1 input column removed (a)",
        "Framework scikit-learn 1.6.1 → scikit-learn 1.7.2",
        "Python not recorded → 3.12.1",
    ]


@pytest.mark.parametrize(
    "signature",
    [None, {}, {"inputs": "no json"}, {"inputs": [{"name": "x", "type": "unheard of"}]}],
)
def test_a_signature_that_cannot_be_read_has_no_columns(
    model: RegisteredModel, signature: object
) -> None:
    before = version(model, signature={"inputs": INPUTS[:1]})
    after = version(model, parameters={"depth": "3"}, signature=signature)

    assert compare(before, after).notes == ["1 parameter changed", "1 input column removed (a)"]
