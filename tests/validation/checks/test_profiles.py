"""Profiles of data that are not as they should be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.validation.checks import drift
from tests.validation.checks.profiled_versions import (
    AGE,
    BOTH,
    INCOME,
    REGION,
    alone,
    between,
    written,
)
from tests.validation.checks.stored import (
    StoredFile,
    StoredVersion,
    grave_codes,
)

BROKEN: list[tuple[Any, str, str]] = [
    ([], "features", "object with names"),
    ({}, "features", "names no feature"),
    ({"x": 5}, "feature 'x'", "object with names"),
    ({"x": {"count": 5}}, "feature 'x'", "either edges, or quantiles, or values"),
    ({"x": {**INCOME, "values": {}}}, "feature 'x'", "either edges, or quantiles, or values"),
    ({"x": {**INCOME, "colour": 1}}, "feature 'x'", "'colour', which a profile does not know"),
    ({"x": {"values": {"a": 1}}}, "feature 'x'", "has no 'count'"),
    ({"x": {**INCOME, "count": -1}}, "count", "-1 is not a whole number"),
    ({"x": {**INCOME, "count": True}}, "count", "True is not a whole number"),
    ({"x": {**INCOME, "count": 10.5}}, "count", "10.5 is not a whole number"),
    ({"x": {**INCOME, "missing": 2000}}, "missing", "more than all 1,000 cases"),
    ({"x": {**INCOME, "missing": 9}}, "feature 'x'", "add up to 999, while it counts 1,000"),
    ({"x": {**REGION, "count": 999}}, "feature 'x'", "add up to 1,000, while it counts 999"),
    ({"x": {**INCOME, "edges": [0, 10, 10]}}, "edges", "each above the last"),
    ({"x": {**INCOME, "edges": [0]}}, "edges", "two or more numbers"),
    ({"x": {**INCOME, "edges": [0, "1", 2]}}, "edges", "'1' is not a number"),
    ({"x": {**INCOME, "edges": 5}}, "edges", "a list of numbers"),
    ({"x": {**INCOME, "counts": [990]}}, "counts", "3 edges make 2 bins, and 1 counts are given"),
    ({"x": {**INCOME, "counts": [490.5, 499.5]}}, "counts", "490.5 is not a whole number"),
    ({"x": {**INCOME, "below": "no"}}, "below", "'no' is not a whole number"),
    ({"x": {"count": 1, "values": {}}}, "values", "names no value"),
    ({"x": {"count": 1, "values": {"a": -1}}}, "value 'a'", "-1 is not a whole number"),
    ({"x": {**AGE, "levels": [0, 0.5, 0.5, 1]}}, "levels", "each above the last"),
    ({"x": {**AGE, "levels": [0.1, 0.2, 0.3, 1]}}, "levels", "begin with 0 and end with 1"),
    ({"x": {**AGE, "levels": [0, 1]}}, "quantiles", "4 quantiles and 2 levels"),
    ({"x": {**AGE, "quantiles": [18, 30, 29, 99]}}, "quantiles", "must rise"),
    ({"x": {**AGE, "quantiles": [5, 5, 5, 5]}}, "quantiles", "must rise"),
    ({"x": {"count": 5, "quantiles": [1, 2]}}, "levels", "a list of numbers"),
]


def test_a_profile_that_is_not_as_it_should_be_says_where_and_why() -> None:
    for features, place, words in BROKEN:
        outcome = alone(written(features))

        assert grave_codes(outcome) == {"unreadable_profile"}, features
        [problem] = outcome.problems
        assert place in problem.text, features
        assert words in problem.text, features
        assert problem.place == "reference_profile.json"
        assert outcome.summary == "The reference profile cannot be relied on."


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not text in UTF-8"),
        (b'{"profile": 1, "profile": 1}', "twice"),
        (b'{"profile": 1, "features": {"x": NaN}}', "not a number JSON knows"),
        (b'{"profile": 1, "features": {"x": 1e999}}', "too large"),
        (b"[" * 100_000, "nested deeper"),
        (b" " * (2**20 + 1), "longer than"),
        (b"[]", "object with names"),
        (b'{"features": {}}', "has no 'profile'"),
        (b'{"profile": 2, "features": {}}', "it must be 1"),
        (b'{"profile": true, "features": {}}', "it must be 1"),
        (b'{"profile": 1, "features": {}, "data": 5}', "names the data"),
        (b'{"profile": 1, "features": {}, "more": 5}', "'more'"),
    ],
    ids=range(14),
)
def test_a_file_that_is_no_profile_fails(data: bytes, words: str) -> None:
    outcome = alone(data)

    assert grave_codes(outcome) == {"unreadable_profile"}
    assert words in outcome.problems[0].text


def test_a_profile_the_store_lost_fails() -> None:
    gone = StoredVersion([StoredFile("reference_profile.json", b"", is_gone=True)])

    assert "does not hold it" in drift.examine(gone).problems[0].text


def test_every_broken_feature_is_named_and_the_others_are_compared_still() -> None:
    broken = {"x": {"count": 1}, "y": 5}

    outcome = between({**BOTH, **broken}, {**BOTH, "x": REGION, "y": REGION})

    assert len(outcome.problems) == 2
    assert outcome.facts["compared"] == 2


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.sampled_from("ab"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from("count missing edges counts values levels quantiles below".split()),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(plain, plain)
def test_whatever_stands_in_profiles_gives_an_outcome(before: object, after: object) -> None:
    outcome = between({"x": before}, {"x": after})

    assert outcome.summary.endswith(".")
    assert not outcome.passed or outcome.facts["compared"]
