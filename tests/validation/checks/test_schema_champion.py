"""Callers of the version in production find the columns they know, or the check says which not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.validation import parameters
from apps.validation.checks import schema_champion
from apps.validation.checks.contract import Outcome, Severity
from apps.validation.checks.recorded import Champion, Record
from apps.validation.checks.schema_declared import MOST_PROBLEMS
from apps.validation.checks.schema_values import COLUMN_TYPES
from tests.validation.checks.stored import StoredVersion, codes, grave_codes

Fields = list[dict[str, object]]


def column(name: str | None, kind: str = "double", **others: object) -> dict[str, object]:
    return {**({} if name is None else {"name": name}), "type": kind, **others}


def tensor(dtype: str, shape: list[int], name: str | None = None) -> dict[str, object]:
    return column(name, "tensor", **{"tensor-spec": {"dtype": dtype, "shape": shape}})


A, B = column("a"), column("b", "string", required=False)
SCORE = column("score")


def held(
    inputs: object,
    outputs: object,
    old_inputs: object = (A, B),
    old_outputs: object = (SCORE,),
    **given_values: object,
) -> Outcome:
    def side(fields: object) -> object:
        return list(fields) if isinstance(fields, tuple) else fields

    old: dict[str, object] = {"inputs": side(old_inputs), "outputs": side(old_outputs)}
    champion = Champion(7, "sha256:" + "0" * 64, old, Record())
    version = StoredVersion(
        signature={"inputs": side(inputs), "outputs": side(outputs)},
        champion=champion,
    )
    chosen: Any = parameters.read(schema_champion.CHECK, given_values)
    return schema_champion.examine(version, parameters=chosen)


def test_the_same_columns_pass_whatever_their_order() -> None:
    outcome = held((B, A), (SCORE,))

    assert outcome.problems == ()
    assert outcome.summary == "The columns are those of version 7 in production."
    assert outcome.facts["champion"] == 7
    assert outcome.facts["changes"] == []


BREAKING = [
    ((B,), (SCORE,), "removed_input", "input 'a'"),
    ((A, B, column("c")), (SCORE,), "new_required_input", "input 'c'"),
    ((A, column("b", "string")), (SCORE,), "newly_required_input", "input 'b'"),
    ((column("a", "float"), B), (SCORE,), "retyped_input", "input 'a'"),
    ((A, column("b", "binary", required=False)), (SCORE,), "retyped_input", "input 'b'"),
    ((A, B), (column("rank", "long"),), "removed_output", "output 'score'"),
    ((A, B), (column("score", "float"),), "retyped_output", "output 'score'"),
    ((A, B), (column("score", required=False),), "no_longer_certain_output", "output 'score'"),
    ((A, B), (), "removed_output", "output 'score'"),
    ((A, B), (column(None),), "changed_form", "signature outputs"),
    ((A, B), (tensor("float64", [-1], "score"),), "changed_form", "signature outputs"),
]


@pytest.mark.parametrize(("inputs", "outputs", "code", "place"), BREAKING, ids=range(len(BREAKING)))
def test_a_change_that_breaks_callers_fails_unless_it_was_agreed(
    inputs: object, outputs: object, code: str, place: str
) -> None:
    outcome = held(inputs, outputs)

    [problem] = [found for found in outcome.problems if found.severity.fails]
    assert (problem.code, problem.place, problem.severity) == (code, place, "high")
    assert "ersion 7" in problem.text
    assert "1 change" in outcome.summary or "2 changes" in outcome.summary
    agreed = held(inputs, outputs, breaking_fails=False)
    assert agreed.passed
    assert Severity.MEDIUM in {found.severity for found in agreed.problems}


def test_what_is_added_and_optional_or_only_wider_breaks_nobody() -> None:
    outcome = held(
        (column("a", "double", required=False), B, column("c", "long", required=False)),
        (SCORE, column("reason", "string")),
        old_inputs=(column("a", "integer"), B),
    )

    assert outcome.passed
    assert codes(outcome) == {
        "added_input",
        "added_output",
        "no_longer_required_input",
        "widened_input",
    }
    assert {problem.severity for problem in outcome.problems} == {Severity.INFO}
    assert outcome.facts["changes"] == [
        "input 'c': added input",
        "input 'a': widened input",
        "input 'a': no longer required input",
        "output 'reason': added output",
    ]
    assert outcome.summary.endswith(
        "4 changes against version 7 in production, none that breaks callers."
    )


@pytest.mark.parametrize(
    ("old", "new", "is_wider"),
    [
        ("integer", "long", True),
        ("integer", "double", True),
        ("float", "double", True),
        ("long", "integer", False),
        ("long", "double", False),
        ("double", "float", False),
        ("long", "string", False),
    ],
)
def test_an_input_may_become_wider_and_an_output_may_not(
    old: str, new: str, is_wider: bool
) -> None:
    inputs = held((column("x", new),), (SCORE,), (column("x", old),))
    outputs = held((A, B), (column("x", new),), (A, B), (column("x", old),))

    assert ("widened_input" in codes(inputs)) is is_wider
    assert ("retyped_input" in grave_codes(inputs)) is not is_wider
    assert "retyped_output" in grave_codes(outputs)


def test_tensors_are_compared_by_type_and_shape() -> None:
    old = (tensor("float32", [-1, 3]),)

    assert held(old, old, old, old).problems == ()
    wider = (tensor("float32", [-1, -1]),)
    assert codes(held(wider, old, old, old)) == {"widened_input"}
    assert grave_codes(held(old, wider, old, old)) == {"retyped_output"}
    other = (tensor("float64", [-1, 3]),)
    assert grave_codes(held(other, old, old, old)) == {"retyped_input"}
    flat = (tensor("float32", [3]),)
    assert "retyped_input" in grave_codes(held(flat, old, old, old))


def test_a_champion_that_declares_nothing_or_nothing_readable_is_said() -> None:
    assert held((A, B), (SCORE,), None, None).problems == ()
    silent = StoredVersion(
        signature={"inputs": [A], "outputs": [SCORE]},
        champion=Champion(7, "", None, Record()),
    )
    assert schema_champion.examine(silent).summary.endswith(
        "Nothing is declared by version 7 in production to compare with."
    )

    outcome = held((A, B), (SCORE,), "no json")
    assert grave_codes(outcome) == {"unreadable_signature"}
    assert held((A, B), (SCORE,), "no json", breaking_fails=False).passed
    assert outcome.summary.endswith("Not every column can be held against version 7 in production.")


def test_a_version_that_declares_nothing_readable_is_told_so_once() -> None:
    assert grave_codes(held(None, (SCORE,))) == {"no_signature"}
    assert grave_codes(held("no json", (SCORE,))) == {"unreadable_signature"}


def test_there_is_an_end_to_the_list_and_what_breaks_stands_in_it() -> None:
    many = tuple(column(f"c{number}", required=False) for number in range(300))

    outcome = held((*many, B), (SCORE,))

    assert len(outcome.problems) == MOST_PROBLEMS
    assert outcome.problems[0].code == "removed_input"


fields = st.lists(
    st.builds(
        column,
        st.sampled_from("abcd"),
        st.sampled_from(sorted(COLUMN_TYPES)),
        required=st.booleans(),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: str(one["name"]),
)


@given(fields, fields)
def test_no_columns_differ_from_themselves_in_any_order(inputs: Fields, outputs: Fields) -> None:
    outcome = held(inputs[::-1], json.dumps(outputs[::-1]), json.dumps(inputs), outputs)

    assert outcome.facts["changes"] == []


@given(fields, fields)
def test_whatever_changed_is_named_in_both_directions(old: Fields, new: Fields) -> None:
    there, back = held(new, (SCORE,), old), held(old, (SCORE,), new)

    assert bool(there.facts["changes"]) is bool(back.facts["changes"])
