"""A version is held against the one in production, on the same data, by a no-worse rule."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.core.inputs import InputRefused
from apps.validation import parameters
from apps.validation.checks import champion_comparison
from apps.validation.checks.champion_comparison import NoWorse
from apps.validation.checks.contract import Outcome
from apps.validation.checks.directions import is_known_higher_better
from apps.validation.checks.no_worse import Comparison, compared
from apps.validation.checks.recorded import Champion, Dataset, Metric, Record
from tests.validation.checks.stored import StoredVersion, codes, grave_codes

DIGEST = "9f86d081"


def auc(value: float, lower: float | None = None, upper: float | None = None) -> Metric:
    return Metric("auc", value, "holdout", DIGEST, lower=lower, upper=upper)


def held(
    ours: Metric | tuple[Metric, ...],
    theirs: Metric | tuple[Metric, ...],
    datasets: tuple[Dataset, ...] = (),
    **given_values: Any,
) -> Outcome:
    mine = ours if isinstance(ours, tuple) else (ours,)
    others = theirs if isinstance(theirs, tuple) else (theirs,)
    champion = Champion(3, "sha256:" + "0" * 64, None, Record(metrics=others, datasets=datasets))
    version = StoredVersion(record=Record(metrics=mine, datasets=datasets), champion=champion)
    chosen: Any = parameters.read(champion_comparison.CHECK, given_values)
    return champion_comparison.examine(version, parameters=chosen)


def test_without_a_champion_there_is_nothing_to_compare_with() -> None:
    outcome = champion_comparison.examine(StoredVersion(record=Record(metrics=[auc(0.9)])))

    assert outcome.facts == {"applies": False}


def test_a_better_version_passes_with_a_table() -> None:
    outcome = held(auc(0.92, 0.9, 0.94), auc(0.91))

    assert outcome.problems == ()
    assert outcome.summary == "1 metric compared with version 3 in production: no worse."
    assert outcome.facts["champion"] == 3
    assert outcome.facts["table"] == {"auc on holdout": "0.92 [0.9, 0.94] against 0.91: better"}


def test_a_worse_value_fails_and_says_by_which_numbers() -> None:
    outcome = held(auc(0.9), auc(0.91))

    [problem] = outcome.problems
    assert (problem.code, problem.severity) == ("worse", "high")
    assert problem.text == (
        "auc on holdout is 0.9, version 3 in production has 0.91; higher is better."
    )
    assert outcome.summary == "1 metric compared with version 3 in production: 1 problem."


def test_a_margin_allows_what_it_says_and_no_more() -> None:
    assert held(auc(0.89), auc(0.9), margin="0.01").passed
    assert not held(auc(0.89), auc(0.9), margin="0.0099").passed
    assert held(auc(0.89), auc(0.9), margins={"auc": 0.01}).passed
    assert not held(auc(0.89), auc(0.9), margin=1, margins={"auc": 0}).passed
    assert "and 0.001 is allowed" in held(auc(0.8), auc(0.9), margin=0.001).problems[0].text


def test_of_a_metric_where_lower_is_better_a_higher_value_is_worse() -> None:
    low, high = (Metric("rmse", value, "holdout", DIGEST) for value in (1.5, 2.5))

    assert held(low, high).passed
    assert grave_codes(held(high, low)) == {"worse"}


def test_intervals_that_overlap_cannot_be_told_apart_and_those_apart_can() -> None:
    unclear = held(auc(0.9, 0.88, 0.92), auc(0.91, 0.89, 0.93))
    assert unclear.passed
    assert [problem.severity for problem in unclear.problems] == ["info"]
    assert "cannot be told apart" in unclear.problems[0].text

    assert grave_codes(held(auc(0.8, 0.78, 0.82), auc(0.91, 0.89, 0.93))) == {"worse"}
    assert held(auc(0.8, 0.78, 0.82), auc(0.91, 0.89, 0.93), margin="0.1").passed


def test_an_interval_on_one_side_only_leaves_the_plain_values() -> None:
    assert grave_codes(held(auc(0.9, 0.8, 0.95), auc(0.91))) == {"worse"}


def test_it_can_be_asked_that_the_interval_shows_it() -> None:
    strict: dict[str, Any] = {"margin": "0.02", "must_be_shown": True}

    assert held(auc(0.91, 0.89, 0.93), auc(0.91), **strict).passed
    assert grave_codes(held(auc(0.91, 0.88, 0.94), auc(0.91), **strict)) == {"not_shown"}
    assert grave_codes(held(auc(0.95), auc(0.91), **strict)) == {"not_shown"}


def test_data_without_a_digest_is_said_and_compared() -> None:
    loose = Metric("auc", 0.92, "holdout")

    outcome = held(loose, auc(0.91))
    assert outcome.passed
    [problem] = outcome.problems
    assert (problem.code, problem.severity) == ("unsure_data", "medium")
    assert "no telling whether it is the same data" in problem.text
    assert held(loose, auc(0.91), datasets=(Dataset("holdout", DIGEST),)).problems == ()


def test_other_data_of_the_same_name_is_not_compared() -> None:
    other = replace(auc(0.99), dataset_digest="other")

    outcome = held(other, auc(0.5))

    assert codes(outcome) == {"other_data", "nothing_in_common"}
    assert not outcome.passed
    assert held(other, auc(0.5), require_common_data=False).passed


def test_nothing_in_common_fails_unless_that_was_switched_off() -> None:
    for ours in ((), (Metric("f1", 0.9, "holdout"),), (Metric("auc", 0.9, "other"),)):
        outcome = held(ours, auc(0.91))
        assert grave_codes(outcome) == {"nothing_in_common"}
        assert outcome.summary == "Nothing to compare with version 3 in production."
        assert "not_measured" in codes(outcome)
        assert held(ours, auc(0.91), require_common_data=False).passed


def test_a_metric_of_unknown_direction_is_said_and_not_judged() -> None:
    odd = Metric("profit_curve", 1.0, "holdout", DIGEST)

    outcome = held((odd, auc(0.9)), (replace(odd, value=2.0), auc(0.9)))
    assert outcome.passed
    assert outcome.facts["not_judged"] == ["profit_curve"]
    assert codes(outcome) == {"no_direction"}
    told = replace(odd, higher_is_better=True)
    assert grave_codes(held(told, replace(told, value=2.0))) == {"worse"}
    both_ways = replace(odd, higher_is_better=False)
    assert "no_direction" in codes(held(told, both_ways))


def test_what_is_recorded_of_a_direction_goes_before_what_is_known() -> None:
    upside_down = replace(auc(0.9), higher_is_better=False)

    assert held(upside_down, auc(0.91)).passed


def test_a_metric_of_no_dataset_is_not_compared() -> None:
    outcome = held((Metric("auc", 0.5), auc(0.9)), (Metric("auc", 0.9), auc(0.9)))

    assert outcome.passed
    assert codes(outcome) == {"no_dataset"}


def test_metrics_that_must_be_compared_fail_when_they_are_not() -> None:
    assert held(auc(0.9), auc(0.9), metrics=["auc"]).passed
    outcome = held(auc(0.9), (auc(0.9), Metric("f1", 0.5, "holdout")), metrics=["f1"])
    assert "must_be_compared" in grave_codes(outcome)


def test_a_slice_that_became_worse_is_said_and_fails_when_asked_for() -> None:
    women, before = (replace(auc(value), slice="sex=female") for value in (0.8, 0.9))

    outcome = held((auc(0.92), women), (auc(0.91), before))
    assert outcome.passed
    assert [problem.severity for problem in outcome.problems] == ["medium"]
    assert outcome.summary.endswith("no worse overall, worse on 1 slice.")
    assert not held((auc(0.92), women), (auc(0.91), before), slices_fail=True).passed


@pytest.mark.parametrize("value", [math.nan, math.inf, 1.7976931348623157e308])
def test_what_is_no_finite_number_is_never_no_worse(value: float) -> None:
    assert "not_finite" in grave_codes(held(auc(value), auc(0.9)))
    outcome = held(auc(0.9), auc(value))
    assert codes(outcome) == {"champion_unfit", "nothing_in_common"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"margin": -1}, "margin is a number from 0"),
        ({"margin": "NaN"}, "margin is a number"),
        ({"margins": {"auc": -1}}, "the margin of auc"),
        ({"margins": {"auc": "Infinity"}}, "the margin of auc"),
    ],
)
def test_a_margin_that_allows_nothing_clear_is_refused(
    values: dict[str, object], said: str
) -> None:
    with pytest.raises(InputRefused, match=said):
        parameters.read(champion_comparison.CHECK, values)


def test_well_known_metrics_are_known_under_the_names_libraries_give_them() -> None:
    higher = "auc roc_auc accuracy f1 precision recall r2 test_roc_auc val-accuracy f1_score_macro"
    lower = "rmse mae mse log_loss brier brier_score test_mean_squared_error RMSE val_loss"

    assert [name for name in higher.split() if is_known_higher_better(name) is not True] == []
    assert [name for name in lower.split() if is_known_higher_better(name) is not False] == []
    assert [is_known_higher_better(name) for name in ("test", "time", "")] == [None, None, None]


values = st.floats(-1e6, 1e6)
widths = st.none() | st.floats(0, 1e3)
margins = st.decimals(0, 100, places=3)


@st.composite
def measured(draw: st.DrawFn) -> Metric:
    value, width = draw(values), draw(widths)
    if width is None:
        return auc(value)
    return auc(value, value - width, value + width)


@given(measured(), measured(), margins, st.booleans())
def test_of_two_versions_never_both_are_worse(
    one: Metric, other: Metric, margin: Decimal, is_higher_better: bool
) -> None:
    there = compared(one, other, is_higher_better=is_higher_better, margin=margin)
    back = compared(other, one, is_higher_better=is_higher_better, margin=margin)

    poor = {Comparison.WORSE, Comparison.UNCLEAR}
    assert not {there, back} <= poor
    is_better = one.value > other.value if is_higher_better else one.value < other.value
    assert (there is Comparison.BETTER) is is_better


@given(measured(), measured(), margins)
def test_the_rule_is_the_same_upside_down(one: Metric, other: Metric, margin: Decimal) -> None:
    assert compared(one, other, is_higher_better=True, margin=margin) is compared(
        _negated(one), _negated(other), is_higher_better=False, margin=margin
    )


@given(measured(), measured(), margins, margins)
def test_a_wider_margin_never_makes_a_version_worse(
    one: Metric, other: Metric, margin: Decimal, more: Decimal
) -> None:
    assume(compared(one, other, is_higher_better=True, margin=margin) is not Comparison.WORSE)

    wider = compared(one, other, is_higher_better=True, margin=margin + more)
    assert wider is not Comparison.WORSE


@given(measured())
def test_a_version_is_no_worse_than_itself(one: Metric) -> None:
    same = compared(one, one, is_higher_better=True, margin=Decimal(0))

    assert same is Comparison.NO_WORSE
    assert held(one, one).passed


def _negated(metric: Metric) -> Metric:
    lower = None if metric.upper is None else -metric.upper
    upper = None if metric.lower is None else -metric.lower
    return replace(metric, value=-metric.value, lower=lower, upper=upper)


def test_the_defaults_ask_for_common_data_and_no_margin() -> None:
    assert NoWorse().require_common_data
    assert NoWorse().margin == 0
