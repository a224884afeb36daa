"""Drift: the data a model meets now is held against the data it was trained on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.inputs import InputRefused
from apps.validation import confined, parameters
from apps.validation.checks import drift
from apps.validation.checks.contract import silent
from apps.validation.checks.distances import (
    critical_gap,
    index_by_chance,
    largest_gap,
    stability_index,
)
from apps.validation.checks.drift import Drift
from tests.validation.checks.profiled_versions import (
    AGE,
    BOTH,
    INCOME,
    REGION,
    alone,
    between,
    spread,
    written,
)
from tests.validation.checks.stored import (
    StoredFile,
    codes,
    grave_codes,
    version_of,
)


def test_without_a_profile_it_does_not_apply() -> None:
    outcome = drift.examine(version_of({"model.bin": b"x", "profile.json": b"{}"}))

    assert outcome.facts == {"applies": False}


def test_a_reference_alone_is_checked_and_waits_for_something_to_compare() -> None:
    outcome = alone(written({**BOTH, "age": AGE}, data="loans 2026, training"))

    assert outcome.passed
    assert outcome.summary == (
        "The reference profile is there: 3 features. There is nothing to compare it with yet."
    )
    assert outcome.facts == {
        "reference": "reference_profile.json",
        "current": None,
        "features": 3,
        "compared": 0,
    }


def test_a_current_profile_alone_has_nothing_to_be_compared_with() -> None:
    outcome = drift.examine(version_of({"current_profile.json": written(BOTH)}))

    assert grave_codes(outcome) == {"no_reference"}


def test_two_profiles_of_one_kind_leave_it_unclear_which_one_holds() -> None:
    files = {f"{name}/reference_profile.json": written(BOTH) for name in "ab"}

    outcome = drift.examine(version_of(files))

    assert grave_codes(outcome) == {"several_profiles"}
    assert "a/reference_profile.json, b/reference_profile.json" in outcome.problems[0].text


def test_an_attached_profile_of_current_data_goes_before_one_among_the_files() -> None:
    version = version_of(
        {"reference_profile.json": written(BOTH), "current_profile.json": b"broken"}
    )
    moved = {**BOTH, "region": {"count": 1000, "values": {"north": 100, "south": 900}}}
    version.attached = [
        StoredFile("may/current_profile.json", b"broken"),
        StoredFile("june/current_profile.json", written(moved)),
    ]

    outcome = drift.examine(version)

    assert outcome.facts["current"] == "june/current_profile.json"
    assert [problem.place for problem in outcome.problems] == ["feature 'region'"]


def test_equal_profiles_pass_with_their_figures() -> None:
    outcome = between(BOTH, BOTH)

    assert outcome.problems == ()
    assert (
        outcome.summary == "2 features compared, none of them shifted far: income most, PSI 0.000."
    )
    results = outcome.facts["results"]
    assert isinstance(results, dict)
    assert results["region"] == "PSI 0.0, by chance 0.002"
    assert results["income"].startswith("PSI 0.0, by chance 0.004; KS 0.0, critical 0.07")
    assert isinstance(outcome.evidence, list)
    assert outcome.evidence[1] == {
        "feature": "region",
        "psi": "0.0",
        "psi_by_chance": "0.002",
        "ks": None,
        "ks_critical": None,
    }


@pytest.mark.parametrize(
    ("north", "code", "severity"),
    [
        (600, None, None),
        (560, None, None),
        (430, "moderate_shift", "medium"),
        (300, "major_shift", "high"),
        (0, "major_shift", "high"),
    ],
)
def test_shifts_are_graded_by_the_stability_index(
    north: int, code: str | None, severity: str | None
) -> None:
    current = {"count": 1000, "values": {"north": north, "south": 1000 - north}}

    outcome = between({"region": REGION}, {"region": current})

    found = [(problem.code, problem.severity.value) for problem in outcome.problems]
    assert found == ([(code, severity)] if code else [])
    assert outcome.passed is (code != "major_shift")


def test_a_small_shift_that_chance_does_not_explain_is_said() -> None:
    outcome = between({"x": spread([50_000, 50_000])}, {"x": spread([51_500, 48_500])})

    assert outcome.passed
    assert codes(outcome) == {"slight_shift"}
    assert "lie 0.015 apart, chance explains 0.007" in outcome.problems[0].text
    loose = between({"x": spread([500, 500])}, {"x": spread([515, 485])})
    assert loose.problems == ()


def test_values_missing_or_out_of_range_now_are_a_shift() -> None:
    before = spread([500, 500])
    missing = {**spread([250, 250], missing=500), "count": 1000}
    beyond = {**spread([250, 250], above=500), "count": 1000}

    assert grave_codes(between({"x": before}, {"x": missing})) == {"major_shift"}
    assert grave_codes(between({"x": before}, {"x": beyond})) == {"major_shift"}


def test_a_new_category_is_a_shift_as_large_as_its_share() -> None:
    values = {"north": 600, "south": 395, "east": 5}
    few = {"region": {"count": 1000, "values": values}}
    many = {"region": {"count": 1000, "values": {"north": 400, "south": 300, "east": 300}}}

    assert between({"region": REGION}, few).passed
    assert grave_codes(between({"region": REGION}, many)) == {"major_shift"}


@pytest.mark.parametrize(
    ("current", "code"),
    [
        ({"region": REGION}, "missing_feature"),
        ({**BOTH, "income": REGION}, "other_kind"),
        ({**BOTH, "income": {**INCOME, "edges": [0, 11, 20.5]}}, "other_bins"),
        ({**BOTH, "income": {**INCOME, "count": 5}}, "unreadable_profile"),
        ({}, "unreadable_profile"),
    ],
)
def test_what_cannot_be_compared_is_never_a_pass(current: object, code: str) -> None:
    assert grave_codes(between(BOTH, current)) == {code}


def test_a_feature_the_reference_does_not_know_is_said() -> None:
    outcome = between({"region": REGION}, BOTH)

    assert outcome.passed
    assert codes(outcome) == {"additional_feature"}


def test_too_few_cases_are_not_judged_and_none_at_all_are_no_telling() -> None:
    few = {"count": 50, "values": {"north": 1, "south": 49}}

    outcome = between(BOTH, {"income": INCOME, "region": few})
    assert outcome.passed
    assert codes(outcome) == {"too_few"}
    assert grave_codes(between({"region": REGION}, {"region": few})) == {"cannot_tell"}
    assert grave_codes(between({"region": REGION}, {"region": few}, least_cases=10)) == {
        "major_shift"
    }


def test_quantiles_make_bins_and_equal_ones_none_between_them() -> None:
    current = spread([250, 250, 500]) | {"edges": [18, 30, 41, 99]}
    assert between({"age": AGE}, {"age": current}).problems == ()

    zeros = {"count": 1000, "levels": [0, 0.5, 0.75, 1], "quantiles": [0, 0, 8, 8]}
    same = {"count": 1000, "edges": [0, 8], "counts": [1000]}
    assert between({"x": zeros}, {"x": same}).problems == ()


def test_it_runs_where_nothing_but_the_profiles_can_be_reached() -> None:
    files = {"reference_profile.json": written(BOTH), "current_profile.json": written(BOTH)}

    outcome = confined.carry_out(drift.CHECK, version_of(files), silent, Drift())

    assert outcome.passed
    assert outcome.facts["compared"] == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"moderate": -1}, "moderate is a number"),
        ({"moderate": 0.5}, "major is a number from 0.5"),
        ({"alpha": 0}, "alpha is a number"),
        ({"alpha": "NaN"}, "alpha is a number"),
        ({"least_cases": 0}, "least_cases"),
    ],
)
def test_parameters_outside_their_bounds_are_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        parameters.read(drift.CHECK, values)


spreads = st.lists(st.integers(0, 10_000), min_size=2, max_size=12).filter(any)
pairs = st.integers(2, 12).flatmap(
    lambda size: st.tuples(
        *[st.lists(st.integers(0, 10_000), min_size=size, max_size=size).filter(any)] * 2
    )
)


@given(spreads, st.integers(1, 1000))
def test_data_spread_alike_have_no_distance_whatever_their_number(
    counts: list[int], times: int
) -> None:
    more = [count * times for count in counts]

    assert stability_index(counts, more) == 0
    assert largest_gap(counts, more) == 0
    assert between({"x": spread(counts)}, {"x": spread(more)}, least_cases=1).problems == ()


@given(pairs)
def test_a_distance_is_the_same_in_both_directions(both: tuple[list[int], list[int]]) -> None:
    one, other = both

    index = stability_index(one, other)
    assert index == pytest.approx(stability_index(other, one))
    assert index >= 0
    assert largest_gap(one, other) == pytest.approx(largest_gap(other, one))
    assert 0 <= largest_gap(one, other) <= 1


@given(pairs, st.randoms())
def test_the_order_of_bins_does_not_matter_to_the_stability_index(
    both: tuple[list[int], list[int]], chance: Any
) -> None:
    mixed = list(zip(*both, strict=True))
    chance.shuffle(mixed)

    shuffled = stability_index(*(list(one) for one in zip(*mixed, strict=True)))
    assert shuffled == pytest.approx(stability_index(*both))


def test_figures_agree_with_those_worked_out_by_hand() -> None:
    # (0.3 - 0.5) ln(0.3 / 0.5) + (0.7 - 0.5) ln(0.7 / 0.5)
    assert stability_index([50, 50], [30, 70]) == pytest.approx(0.169460, abs=1e-6)
    assert largest_gap([50, 50], [30, 70]) == pytest.approx(0.2)
    # 1.36 sqrt(2 / 100) at 5 %, as every table of critical values has it
    assert critical_gap(100, 100, 0.05) == pytest.approx(0.19207, abs=1e-5)
    assert index_by_chance(11, 1000, 1000) == pytest.approx(0.02)
