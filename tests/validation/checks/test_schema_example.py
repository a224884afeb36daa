"""The declared signature and the input example describe the same thing."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.validation.checks import schema_example
from apps.validation.checks.contract import Outcome, Severity
from apps.validation.checks.schema_declared import MOST_PROBLEMS
from apps.validation.checks.schema_values import ExampleLimits
from tests.validation.checks.stored import StoredVersion, codes, grave_codes

OUTPUTS = [{"type": "long"}]


def column(name: str | None, kind: str, **others: object) -> dict[str, object]:
    return {**({} if name is None else {"name": name}), "type": kind, **others}


def tensor(dtype: str, shape: list[int], name: str | None = None) -> dict[str, object]:
    return column(name, "tensor", **{"tensor-spec": {"dtype": dtype, "shape": shape}})


def compared(inputs: object, example: object, outputs: object = OUTPUTS) -> Outcome:
    signature = {"inputs": inputs, "outputs": outputs}
    return schema_example.examine(StoredVersion(signature=signature, input_example=example))


TWO = [column("a", "double"), column("b", "string", required=False)]
ROWS = {"columns": ["a", "b"], "data": [[1.5, "x"], [2, None]]}


@pytest.mark.parametrize(
    "example",
    [
        ROWS,
        {**ROWS, "index": [0, 1]},
        {"dataframe_split": ROWS},
        [{"a": 1.5, "b": "x"}, {"a": 2}],
        {"dataframe_records": [{"a": 1.5, "b": "x"}, {"a": 2}]},
        {"a": [1.5, 2], "b": ["x", None]},
        {"inputs": {"a": [1.5, 2]}},
    ],
)
def test_every_form_of_a_fitting_example_passes(example: object) -> None:
    outcome = compared(TWO, example)

    assert outcome.problems == ()
    assert outcome.facts == {"inputs": 2, "outputs": 1, "rows": 2}
    assert outcome.summary == "The input example fits the signature: 2 inputs, 2 rows."


def test_a_single_record_is_one_row() -> None:
    assert compared(TWO, {"a": 1.5, "b": "x"}).facts["rows"] == 1


def test_a_signature_may_be_the_json_text_mlflow_writes() -> None:
    assert compared(json.dumps(TWO), ROWS, json.dumps(OUTPUTS)).passed


def test_an_empty_list_declares_nothing_however_it_is_written() -> None:
    both: tuple[object, ...] = ([], "[]")
    for nothing in both:
        assert codes(compared(nothing, [{}])) == {"no_signature"}
        assert codes(compared(TWO, ROWS, nothing)) == {"no_outputs"}


def test_a_declared_column_may_bear_the_name_of_an_envelope() -> None:
    assert compared([column("inputs", "double")], {"inputs": [1.5]}).passed


@pytest.mark.parametrize("example", [[[1.5, "x"], [2, "y"]], [[1, "x"]]])
def test_columns_without_names_go_by_position(example: object) -> None:
    assert compared([column(None, "double"), column(None, "string")], example).passed


def test_a_single_column_without_name_takes_plain_values() -> None:
    assert compared([column(None, "long")], [1, 2, 3]).facts["rows"] == 3


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("boolean", [True, False], [1, "true", 0.0]),
        ("integer", [0, -(2**31), 2**31 - 1], [2**31, 1.0, True, "1"]),
        ("long", [2**63 - 1, -(2**63)], [2**63, 1.5, False]),
        ("float", [1, 1.5, 3e38], [1e39, math.inf, True, "1.5"]),
        ("double", [1, 1e300, -0.0], [math.inf, -math.inf, "x", True, [1], 2**1024]),
        ("string", ["", "text"], [1, b"x", ["x"]]),
        ("binary", ["", "YWJj", b"x"], ["no base 64!", "é", 1]),
        ("datetime", ["2030-01-02", "2030-01-02T03:04:05Z"], ["yesterday", 5]),
    ],
)
def test_each_type_admits_its_values_and_no_others(
    kind: str, good: list[object], bad: list[object]
) -> None:
    assert compared([column("a", kind)], {"a": good}).passed
    for value in bad:
        outcome = compared([column("a", kind)], [{"a": good[0]}, {"a": value}])
        assert codes(outcome) == {"wrong_type"}
        assert "row 2" in outcome.problems[0].text


@pytest.mark.parametrize(
    ("example", "code"),
    [
        ({"b": ["x"]}, "missing_column"),
        ([{"b": "x"}], "missing_column"),
        ([{"a": 1}, {"b": "x"}], "null_value"),
        ({"a": [None], "b": ["x"]}, "null_value"),
        ({"a": [math.nan]}, "null_value"),
        ({"a": [1], "c": [1]}, "additional_column"),
        ([], "empty_example"),
        ({}, "empty_example"),
        ({"columns": ["a"], "data": []}, "empty_example"),
        ({"columns": ["a", "b"], "data": [[1]]}, "unreadable_example"),
        ({"columns": ["a", "a"], "data": [[1, 2]]}, "unreadable_example"),
        ({"columns": "a", "data": [[1]]}, "unreadable_example"),
        ({"columns": ["a"], "data": [1]}, "unreadable_example"),
        ({"a": [1, 2], "b": ["x"]}, "unreadable_example"),
        ({"a": [1], "b": "x"}, "unreadable_example"),
        ([[1, "x"]], "unreadable_example"),
        ("text", "unreadable_example"),
        (5, "unreadable_example"),
    ],
)
def test_an_example_that_does_not_fit_fails(example: object, code: str) -> None:
    outcome = compared(TWO, example)

    assert not outcome.passed
    assert code in grave_codes(outcome)
    assert "between the signature and the input example" in outcome.summary


def test_a_signature_without_example_and_the_reverse_are_no_pass() -> None:
    assert grave_codes(compared(TWO, None)) == {"no_example"}
    assert grave_codes(compared(None, ROWS)) == {"no_signature"}
    assert grave_codes(compared([], ROWS)) == {"no_signature"}
    nothing = schema_example.examine(StoredVersion())
    assert grave_codes(nothing) == {"no_signature", "no_example"}


def test_missing_outputs_are_shown_but_do_not_fail() -> None:
    outcome = compared(TWO, ROWS, None)

    assert outcome.passed
    assert [problem.severity for problem in outcome.problems] == [Severity.MEDIUM]


@pytest.mark.parametrize(
    "inputs",
    [
        "no json",
        "[" * 100_000,
        '"' + "x" * 5_000_000 + '"',
        {"a": 1},
        ["a"],
        [column("a", "complex")],
        [{"name": "a"}],
        [column("a", "long"), column("a", "long")],
        [column("a", "long"), column(None, "long")],
        [column("a", "long", required="yes")],
        [{"name": ["a"], "type": "long"}],
        [column("a", "long"), tensor("float64", [-1], "b")],
        [tensor("float64", [-1]), tensor("float64", [-1])],
        [column("a", "tensor")],
        [tensor("object", [-1])],
        [tensor("float64", ["x"])],  # type: ignore[list-item]
        [tensor("float64", [True])],
        [column("a", "tensor", **{"tensor-spec": {"dtype": "bool", "shape": 3}})],
        [column(f"c{number}", "long") for number in range(10_001)],
    ],
    ids=range(19),
)
def test_a_signature_that_cannot_be_read_fails(inputs: object) -> None:
    assert grave_codes(compared(inputs, ROWS)) == {"unreadable_signature"}
    assert "unreadable_signature" in grave_codes(compared(TWO, ROWS, inputs))


def test_a_column_may_be_optional_in_the_older_way() -> None:
    assert compared([column("a", "long"), column("b", "long", optional=True)], {"a": [1]}).passed


@pytest.mark.parametrize(
    ("spec", "example"),
    [
        (tensor("float64", [-1, 2]), [[1, 2.5], [3, 4]]),
        (tensor("float32", [2]), [1.5, 2]),
        (tensor("float16", [-1]), [0.5]),
        (tensor("int8", [-1]), [-128, 127]),
        (tensor("uint8", [-1]), [0, 255]),
        (tensor("int64", []), 5),
        (tensor("bool", [-1]), [True]),
        (tensor("<U5", [-1]), ["text"]),
        (tensor("str", [1, 1, 1]), [[["x"]]]),
    ],
)
def test_a_fitting_tensor_passes(spec: dict[str, object], example: object) -> None:
    assert compared([spec], example).problems == ()
    assert compared([spec], {"inputs": example}).problems == ()


@pytest.mark.parametrize(
    ("spec", "example", "code"),
    [
        (tensor("float64", [-1, 2]), [[1, 2, 3]], "wrong_shape"),
        (tensor("float64", [-1, 2]), [1, 2], "wrong_shape"),
        (tensor("float64", [-1, 2]), [], "empty_example"),
        (tensor("float64", [-1]), [1, [2]], "unreadable_example"),
        (tensor("float64", [-1, -1]), [[1], [2, 3]], "unreadable_example"),
        (tensor("int8", [-1]), [128], "wrong_type"),
        (tensor("uint8", [-1]), [-1], "wrong_type"),
        (tensor("int32", [-1]), [1.5], "wrong_type"),
        (tensor("float64", [-1]), [None], "wrong_type"),
    ],
)
def test_a_tensor_that_does_not_fit_fails(
    spec: dict[str, object], example: object, code: str
) -> None:
    assert grave_codes(compared([spec], example)) == {code}


def test_named_tensors_are_compared_one_by_one() -> None:
    specs = [tensor("int64", [-1], "a"), tensor("bool", [-1], "b")]

    assert compared(specs, {"a": [1], "b": [True]}).passed
    assert grave_codes(compared(specs, {"a": [1]})) == {"missing_column"}
    assert grave_codes(compared(specs, {"a": [1], "b": [True], "c": [1]})) == {"additional_column"}
    assert grave_codes(compared(specs, [[1]])) == {"unreadable_example"}


@pytest.mark.parametrize(
    ("example", "words"),
    [
        (list(range(200)), "values"),
        ([[0] * 9] * 9, "values"),
        ("x" * 200, "letters"),
        ([[[[[[1]]]]]], "deep"),
        ([object()], "object"),
    ],
)
def test_an_example_beyond_the_limits_is_not_passed(example: object, words: str) -> None:
    version = StoredVersion(signature={"inputs": TWO, "outputs": OUTPUTS}, input_example=example)

    outcome = schema_example.examine(version, limits=ExampleLimits(values=50, depth=4, letters=100))

    assert grave_codes(outcome) == {"too_large"}
    assert words in outcome.problems[0].text


def test_there_is_an_end_to_the_list_of_problems() -> None:
    many = [column(f"c{number}", "long") for number in range(300)]

    assert len(compared(many, {"x": [1]}).problems) == MOST_PROBLEMS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values, json_values, json_values)
def test_whatever_is_declared_and_shown_gives_an_outcome(
    inputs: object, outputs: object, example: object
) -> None:
    outcome = compared(inputs, example, outputs)

    assert not outcome.passed or (inputs and example is not None)


@given(json_values)
def test_whatever_is_shown_for_a_clean_signature_gives_an_outcome(example: object) -> None:
    compared(TWO, example)
    compared([tensor("float64", [-1, 2])], example)


def test_a_prompt_has_no_columns_to_declare() -> None:
    outcome = schema_example.examine(StoredVersion(is_prompt=True))

    assert outcome.passed
    assert outcome.summary == "A prompt declares no columns, so there is nothing to compare."


def test_a_prompt_that_declares_columns_is_held_to_them() -> None:
    outcome = schema_example.examine(StoredVersion(is_prompt=True, signature={"inputs": TWO}))

    assert not outcome.passed
