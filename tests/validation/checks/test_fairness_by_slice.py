"""Groups are held against each other: selection rates by their ratio, error rates by distance."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.inputs import InputRefused
from apps.validation import parameters
from apps.validation.checks import fairness_by_slice
from apps.validation.checks.contract import Outcome
from apps.validation.checks.groups import parted
from apps.validation.checks.rates import Rate, chance_of, z_of
from apps.validation.checks.recorded import Metric, Record
from tests.validation.checks.stored import StoredVersion, codes, grave_codes

Groups = Mapping[str, Mapping[str, float]]


def by_slice(groups: Groups, dataset: str = "holdout") -> list[Metric]:
    return [
        Metric(key, value, dataset, slice=part)
        for part, measured in groups.items()
        for key, value in measured.items()
    ]


def judged(metrics: list[Metric], **given_values: object) -> Outcome:
    version = StoredVersion(record=Record(has_run=True, metrics=metrics))
    chosen: Any = parameters.read(fairness_by_slice.CHECK, given_values)
    return fairness_by_slice.examine(version, parameters=chosen)


def of_sexes(
    measure: str, women: float, men: float, size: float | None = 1000.0, **given_values: object
) -> Outcome:
    sizes = {} if size is None else {"sample_size": size}
    groups = {"sex=female": {measure: women, **sizes}, "sex=male": {measure: men, **sizes}}
    return judged(by_slice(groups), **given_values)


def test_without_slices_it_does_not_apply_unless_required() -> None:
    for metrics in ([], [Metric("auc", 0.9, "holdout", slice="sex=female")]):
        assert judged(metrics).facts == {"applies": False}
        assert grave_codes(judged(metrics, required=True)) == {"no_slices"}


def test_rates_that_lie_close_pass_with_the_numbers_behind_them() -> None:
    outcome = of_sexes("selection_rate", 0.45, 0.5)

    assert outcome.problems == ()
    assert outcome.summary == "The groups of 1 attribute differ within the limits: 1 comparison."
    assert outcome.facts == {
        "attributes": ["sex on holdout"],
        "comparisons": 1,
        "groups_too_small": 0,
        "results": {
            "sex on holdout: selection rate": (
                "sex=female 0.45 of 1,000, sex=male 0.5 of 1,000; "
                "difference 0.05, ratio 0.9000, z 2.24, chance 0.025"
            )
        },
    }
    assert outcome.evidence == [
        {
            "attribute": "sex",
            "dataset": "holdout",
            "measure": "selection_rate",
            "groups": [
                {"group": "sex=female", "value": "0.45", "size": 1000},
                {"group": "sex=male", "value": "0.5", "size": 1000},
            ],
            "difference": "0.05",
            "ratio": "0.9000",
            "z": "2.24",
            "chance": "0.025",
        }
    ]


def test_a_group_selected_at_less_than_four_fifths_of_the_highest_rate_fails() -> None:
    outcome = of_sexes("selection_rate", 0.305, 0.5)

    [problem] = outcome.problems
    assert (problem.code, problem.severity) == ("selection_ratio", "high")
    assert problem.place == "sex on holdout"
    assert problem.text == (
        "Selection rate of sex=female is 61 % of that of sex=male; the four-fifths rule asks for "
        "80 %."
    )
    assert outcome.summary == "1 problem between the groups of 1 attribute."


def test_exactly_four_fifths_passes_and_just_below_is_not_rounded_up() -> None:
    assert of_sexes("selection_rate", 0.48, 0.6).passed
    assert "is 79.9 %" in of_sexes("selection_rate", 0.4799, 0.6).problems[0].text
    own = of_sexes("selection_rate", 0.48, 0.6, least_ratio="0.9").problems[0]
    assert own.text.endswith("the least allowed is 90 %.")


@pytest.mark.parametrize(
    "name",
    """true_positive_rate tpr false_positive_rate fpr false_negative_rate fnr""".split(),
)
def test_error_rates_may_differ_by_a_tenth(name: str) -> None:
    assert of_sexes(name, 0.7, 0.8).passed

    [problem] = of_sexes(name, 0.69, 0.8).problems
    assert (problem.code, problem.severity) == ("error_rates_differ", "high")
    assert "of sex=female is 0.69, of sex=male 0.8: they differ by 0.11; allowed is" in problem.text
    assert of_sexes(name, 0.69, 0.8, most_difference="0.11").passed


def test_other_metrics_can_be_judged_by_their_difference() -> None:
    assert of_sexes("auc", 0.6, 0.9).facts == {"applies": False}
    assert grave_codes(of_sexes("auc", 0.6, 0.9, error_rates=["auc"])) == {"error_rates_differ"}


def test_a_group_too_small_is_said_and_not_judged() -> None:
    groups = {
        "region=north": {"selection_rate": 0.5, "n": 500},
        "region=south": {"selection_rate": 0.5, "n": 500},
        "region=isles": {"selection_rate": 0.1, "n": 12},
    }

    outcome = judged(by_slice(groups))
    assert outcome.passed
    [problem] = outcome.problems
    assert (problem.code, problem.severity) == ("too_small", "low")
    assert problem.text.startswith("region=isles has 12 cases, fewer than the 100 it takes")
    assert outcome.facts["groups_too_small"] == 1
    assert not judged(by_slice(groups), least_sample=10).passed


@pytest.mark.parametrize("size", [99.0, 0.0])
def test_when_too_few_groups_are_large_enough_there_is_no_telling(size: float) -> None:
    outcome = of_sexes("selection_rate", 0.5, 0.5, size)

    assert grave_codes(outcome) == {"all_too_small"}
    assert "no telling" in outcome.problems[-1].text
    assert outcome.summary.endswith("no two groups that can be compared.")


def test_one_group_alone_has_nothing_to_be_compared_with() -> None:
    alone = {"age below 30": {"selection_rate": 0.4, "count": 500}}
    assert grave_codes(judged(by_slice(alone))) == {"cannot_tell"}

    outcome = judged(
        by_slice({**alone, "sex=f": {"selection_rate": 0.4}, "sex=m": {"selection_rate": 0.4}})
    )
    assert outcome.passed
    assert codes(outcome) == {"single_group", "no_sample_size"}


@pytest.mark.parametrize("size", [None, math.nan, -5.0, 120.5, math.inf])
def test_a_sample_size_that_is_none_is_said(size: float | None) -> None:
    outcome = of_sexes("selection_rate", 0.5, 0.5, size)

    assert outcome.passed
    assert codes(outcome) == {"no_sample_size"}
    results = outcome.facts["results"]
    assert isinstance(results, dict)
    assert " z " not in str(results)


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.01, 1.01])
def test_what_is_no_rate_fails(value: float) -> None:
    for name in ("selection_rate", "tpr"):
        assert "not_a_rate" in grave_codes(of_sexes(name, value, 0.5))
    assert "not_a_rate" not in codes(of_sexes("gain", 7.0, 7.0, error_rates=["gain"]))


def test_a_rate_told_twice_in_different_ways_fails_and_a_size_is_not_believed() -> None:
    twice = by_slice(
        {
            "sex=female": {"tpr": 0.8, "true_positive_rate": 0.7, "n": 500},
            "sex=male": {"tpr": 0.8, "true_positive_rate": 0.8, "n": 500, "count": 600},
        }
    )

    outcome = judged(twice)
    assert grave_codes(outcome) == {"not_a_rate"}
    assert "recorded twice" in outcome.problems[1].text
    assert "sex=male" in outcome.problems[0].text


def test_a_rate_one_group_lacks_is_said() -> None:
    groups = {"sex=f": {"tpr": 0.8, "n": 500}, "sex=m": {"tpr": 0.8, "fpr": 0.1, "n": 500}}

    outcome = judged(by_slice(groups))

    assert outcome.passed
    assert outcome.problems[0].text == (
        "The false positive rate of sex=f is not recorded; other groups have one."
    )


def test_when_nobody_is_selected_that_is_said() -> None:
    assert codes(of_sexes("selection_rate", 0.0, 0.0)) == {"nobody_selected"}
    assert grave_codes(of_sexes("selection_rate", 0.0, 0.1)) == {"selection_ratio"}


def test_groups_are_compared_within_one_dataset_only() -> None:
    old = by_slice({"sex=f": {"selection_rate": 0.9, "n": 500}}, "old")
    new = by_slice({"sex=f": {"selection_rate": 0.4, "n": 500}}, "new")
    men = by_slice({"sex=m": {"selection_rate": 0.4, "n": 500}}, "new")

    assert judged([*old, *new, *men]).passed
    assert "no_dataset" in codes(judged([replace(metric, dataset="") for metric in new + men]))


def test_a_slice_may_be_written_into_the_name_of_a_metric() -> None:
    metrics = [
        Metric(f"{key}/sex/{sex}", value, "holdout")
        for sex, rate in (("female", 0.3), ("male", 0.5))
        for key, value in (("selection_rate", rate), ("sample_size", 1000.0))
    ]

    outcome = judged([*metrics, Metric("tpr/threshold", 0.1), Metric("n/sex", 1.0)])
    assert grave_codes(outcome) == {"selection_ratio"}
    assert outcome.facts["attributes"] == ["sex on holdout"]


@pytest.mark.parametrize(
    ("part", "attribute", "group"),
    [
        ("sex=female", "sex", "sex=female"),
        (" sex = female ", "sex", "sex=female"),
        ("sex=female, age=under 30", "age and sex", "age=under 30, sex=female"),
        ("age=under 30 & sex=female", "age and sex", "age=under 30, sex=female"),
        ("region=North, South", "region", "region=North, South"),
        ("age below 30", "age below 30", "age below 30"),
        ("age<=30", "age<=30", "age<=30"),
        ("a=b=c", "a", "a=b=c"),
        ("sex=", "sex", "sex="),
    ],
)
def test_a_slice_names_its_attribute_and_its_group(part: str, attribute: str, group: str) -> None:
    assert parted(part) == (attribute, group)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"least_ratio": 1.1}, "least_ratio is a number from 0 to 1"),
        ({"most_difference": -1}, "most_difference is a number from 0 to 1"),
        ({"least_sample": 0}, "least_sample"),
        ({"error_rates": ["selection_rate"]}, "error_rates are other metrics"),
    ],
)
def test_parameters_outside_their_bounds_are_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        parameters.read(fairness_by_slice.CHECK, values)


def test_the_z_statistic_is_that_of_two_proportions() -> None:
    # 45 of 100 against 60 of 100: the textbook's pooled z is 2.12, and chance 0.034.
    z = z_of(Rate("a", 0.45, 100), Rate("b", 0.6, 100))

    assert z is not None
    assert round(z, 2) == 2.12
    assert round(chance_of(z), 3) == 0.034
    assert z_of(Rate("a", 0.0, 100), Rate("b", 0.0, 100)) is None
    assert z_of(Rate("a", 0.5, None), Rate("b", 0.6, 100)) is None


metrics = st.builds(
    Metric,
    st.sampled_from(["selection_rate", "tpr", "fpr", "true_positive_rate", "n", "count", "auc"]),
    st.sampled_from([0.0, 0.25, 0.5, 1.0, 50.0, 100.0, 2.0, math.nan]),
    st.sampled_from(["", "holdout"]),
    slice=st.sampled_from(["", "sex=f", "sex=m", "sex=x", "age=old", "young", "sex=f, age=old"]),
)


@given(st.lists(metrics, max_size=20), st.randoms())
def test_the_order_of_slices_changes_nothing(found: list[Metric], chance: object) -> None:
    mixed = sorted(found, key=lambda _: chance.random())  # type: ignore[attr-defined]

    assert judged(mixed) == judged(found)


@given(st.floats(0.01, 1), st.floats(0.01, 1))
def test_which_group_bears_which_rate_does_not_matter(one: float, other: float) -> None:
    there, back = of_sexes("selection_rate", one, other), of_sexes("selection_rate", other, one)

    assert there.passed is back.passed
