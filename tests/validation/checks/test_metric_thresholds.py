"""What was measured keeps the limits that were set, or the check says which one it does not."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.inputs import InputRefused
from apps.validation import parameters
from apps.validation.checks import metric_thresholds
from apps.validation.checks.contract import Outcome
from apps.validation.checks.measured import LARGEST
from apps.validation.checks.metric_thresholds import Threshold, Thresholds
from apps.validation.checks.recorded import Metric, Record
from tests.validation.checks.stored import StoredVersion, codes

AUC = Metric("auc", 0.91, "holdout", lower=0.88, upper=0.93)
LOSS = Metric("log_loss", 0.3, "holdout")
AT_LEAST = Threshold("auc", least=Decimal("0.9"))


def judged(*thresholds: Threshold, metrics: tuple[Metric, ...] = (AUC, LOSS)) -> Outcome:
    version = StoredVersion(record=Record(has_run=True, metrics=metrics))
    return metric_thresholds.examine(version, parameters=Thresholds(thresholds))


def test_without_a_threshold_there_is_nothing_to_hold_and_it_says_who_can_set_one() -> None:
    outcome = judged()

    assert outcome.facts == {"applies": False}
    assert outcome.summary.startswith("Nobody set a threshold for this model.")
    assert "risk officers" in outcome.summary


def test_a_value_within_its_limits_passes_with_a_table() -> None:
    outcome = judged(
        Threshold("auc", least=Decimal("0.9"), dataset="holdout"),
        Threshold("log_loss", most=Decimal("0.30")),
    )

    assert outcome.passed
    assert outcome.summary == "All 2 thresholds hold."
    assert outcome.facts["table"] == {
        "auc on holdout": "0.91 [0.88, 0.93]; at least 0.9: holds",
        "log_loss on holdout": "0.3; at most 0.30: holds",
    }
    assert isinstance(outcome.evidence, list)
    assert outcome.evidence[0] == {
        "metric": "auc",
        "dataset": "holdout",
        "slice": "",
        "asked": "at least 0.9",
        "measured": "0.91 [0.88, 0.93]",
        "holds": True,
    }


@pytest.mark.parametrize(
    ("threshold", "code", "words"),
    [
        (Threshold("auc", least=Decimal("0.92")), "past_threshold", "asked for is at least 0.92"),
        (Threshold("auc", most=Decimal("0.9")), "past_threshold", "asked for is at most 0.9"),
        (
            Threshold("auc", least=Decimal("0.9"), whole_interval=True),
            "past_threshold",
            "0.91 [0.88, 0.93]; asked for is at least 0.9 with its whole interval",
        ),
        (
            Threshold("log_loss", most=Decimal(1), whole_interval=True),
            "no_interval",
            "without an interval",
        ),
        (Threshold("f1", least=Decimal(0)), "missing_metric", "no metric of this name"),
        (
            Threshold("auc", least=Decimal(0), dataset="recent"),
            "missing_metric",
            "asked for is at least 0. It is recorded as auc on holdout.",
        ),
        (Threshold("auc", least=Decimal(0), slice="sex=female"), "missing_metric", "sex=female"),
        (Threshold("auc", least=Decimal(0), slice="*"), "missing_metric", "every slice"),
    ],
    ids=range(8),
)
def test_what_does_not_hold_fails_and_says_why(threshold: Threshold, code: str, words: str) -> None:
    outcome = judged(threshold, Threshold("auc", least=Decimal("0.5")))

    assert not outcome.passed
    [problem] = outcome.problems
    assert (problem.code, problem.severity) == (code, "high")
    assert words in problem.text
    assert problem.place
    assert problem.remedy
    assert outcome.summary == "1 of 2 thresholds does not hold."


def test_an_interval_that_lies_within_the_limits_holds_on_both_sides() -> None:
    both = Threshold("auc", Decimal("0.88"), Decimal("0.93"), whole_interval=True)

    assert judged(both).passed


@pytest.mark.parametrize(
    "metric",
    [
        Metric("auc", 0.91, "holdout", lower=0.92, upper=0.93),
        Metric("auc", 0.91, "holdout", lower=0.9),
        Metric("auc", 0.91, "holdout", lower=-math.inf, upper=1.0),
    ],
)
def test_an_interval_that_does_not_hold_its_value_is_none(metric: Metric) -> None:
    whole = Threshold("auc", least=Decimal(0), whole_interval=True)

    assert codes(judged(whole, metrics=(metric,))) == {"no_interval"}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, LARGEST, -LARGEST])
def test_a_value_that_is_no_finite_number_fails(value: float) -> None:
    limits = Threshold("auc", Decimal(-(10**15)), Decimal(10**15))

    outcome = judged(limits, metrics=(Metric("auc", value, "holdout"),))

    assert codes(outcome) == {"not_finite"}


def test_a_metric_without_a_dataset_fails_unless_another_has_one() -> None:
    loose = Metric("auc", 0.99)

    alone = judged(AT_LEAST, metrics=(loose,))
    assert codes(alone) == {"no_dataset"}
    assert "names no dataset" in alone.problems[0].text
    assert judged(AT_LEAST, metrics=(loose, AUC)).passed


def test_any_dataset_means_every_one_and_a_star_every_slice() -> None:
    recent = Metric("auc", 0.7, "recent")
    women, men = (
        Metric("auc", value, "holdout", slice=f"sex={sex}")
        for value, sex in ((0.85, "female"), (0.95, "male"))
    )

    outcome = judged(AT_LEAST, metrics=(AUC, recent, women, men))
    assert [problem.place for problem in outcome.problems] == ["auc on recent"]
    slices = Threshold("auc", least=Decimal("0.9"), slice="*")
    outcome = judged(slices, metrics=(AUC, recent, women, men))
    assert [problem.place for problem in outcome.problems] == ["auc on holdout, sex=female"]


def test_a_slice_written_into_the_name_of_a_metric_is_found() -> None:
    women = Threshold("auc", least=Decimal("0.9"), slice="sex=female")

    assert judged(women, metrics=(Metric("auc/sex/female", 0.92, "holdout"),)).passed
    assert not judged(women, metrics=(Metric("auc/sex/male", 0.92, "holdout"),)).passed


def test_a_version_without_a_run_says_so() -> None:
    outcome = metric_thresholds.examine(StoredVersion(), parameters=Thresholds((AT_LEAST,)))

    assert "No run is recorded" in outcome.problems[0].text
    assert outcome.summary == "1 of 1 threshold does not hold."


def test_a_limit_is_compared_as_it_is_written() -> None:
    third = Threshold("x", least=Decimal("0.1"), most=Decimal("0.1"))

    assert judged(third, metrics=(Metric("x", 0.1, "d"),)).passed


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ({"metric": "auc"}, "neither least nor most"),
        ({"metric": "", "least": 1}, "metric"),
        ({"metric": "auc", "least": "NaN"}, "not finite"),
        ({"metric": "auc", "most": "1e16"}, "too large"),
        ({"metric": "auc", "least": 2, "most": 1}, "asks for more than it allows"),
        ({"metric": "auc", "lest": 2}, "lest"),
        ("auc", "threshold"),
    ],
)
def test_a_threshold_that_says_nothing_clear_is_refused(threshold: object, said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        parameters.read(metric_thresholds.CHECK, {"thresholds": [threshold]})


def test_thresholds_are_kept_as_they_were_set() -> None:
    given_values = {"thresholds": [{"metric": "auc", "least": 0.85, "whole_interval": True}]}

    kept = parameters.set_values(metric_thresholds.CHECK, given_values)

    assert parameters.read(metric_thresholds.CHECK, kept) == Thresholds(
        (Threshold("auc", least=Decimal("0.85"), whole_interval=True),)
    )


@given(st.floats(allow_nan=False, allow_infinity=False), st.decimals(-100, 100, places=4))
def test_a_value_never_holds_at_least_and_strictly_below_at_once(
    value: float, limit: Decimal
) -> None:
    metrics = (Metric("x", value, "d"),)
    above = judged(Threshold("x", least=limit), metrics=metrics).passed
    below = judged(Threshold("x", most=limit), metrics=metrics).passed

    is_judged = abs(value) < LARGEST
    assert (above or below) is is_judged
    assert (above and below) is (is_judged and Decimal(repr(value)) == limit)
