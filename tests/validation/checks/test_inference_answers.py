"""Inference: examples reach a model in every form, and its answers are held against others."""

import json
from decimal import Decimal

import numpy as np
import pytest

from apps.validation.checks.contract import Severity
from apps.validation.checks.inference import answers
from tests.validation.checks import onnx_models as models
from tests.validation.checks.onnx_runs import (
    ANSWERS,
    EXAMPLE,
    answers_of,
    columns,
    evidence_of,
    outcome_of,
    tensor,
    text_of,
)
from tests.validation.checks.stored import (
    codes,
    grave_codes,
)


@pytest.mark.parametrize(
    ("example", "inputs"),
    [
        (EXAMPLE, None),
        (EXAMPLE, [tensor("x", "float32", -1, 2)]),
        ({"x": EXAMPLE}, [tensor("x", "float32", -1, 2)]),
        ({"inputs": EXAMPLE}, None),
        ({"instances": EXAMPLE}, None),
        ({"columns": ["a", "b"], "data": EXAMPLE}, columns(a="double", b="double")),
        ({"columns": ["b", "a"], "data": [[2, 1], [4, 3]]}, columns(a="long", b="long")),
        (
            {"dataframe_split": {"columns": ["a", "b"], "data": EXAMPLE}},
            columns(a="float", b="float"),
        ),
        ([{"a": 1, "b": 2}, {"b": 4, "a": 3}], columns(a="double", b="double")),
        ({"a": [1, 3], "b": [2, 4]}, columns(a="double", b="double")),
    ],
)
def test_an_example_is_given_to_the_model_in_each_form_mlflow_writes(
    example: object, inputs: object
) -> None:
    outcome = outcome_of(models.linear(), example, inputs=inputs)

    assert outcome.facts["rows"] == 2
    assert answers_of(outcome) == ["8.0", "18.0"]


def test_columns_that_come_apart_go_to_the_inputs_of_their_names() -> None:
    split = {"columns": ["b", "a"], "data": [[10, 1], [20, 2]]}
    inputs = columns(a="double", b="double")
    for example in ({"a": [1, 2], "b": [10, 20]}, split):
        outcome = outcome_of(models.two_inputs(), example, inputs=inputs)
        assert answers_of(outcome) == ["11.0", "22.0"]


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ([[1, 2], [3]], "differ in length"),
        ([["a", "b"]], "no float32"),
        ([[1, "b"]], "mixes texts"),
        ([[1e39, 1]], "do not fit into float32"),
        ([], "no row"),
        ({"columns": ["a", "b"], "data": []}, "no row"),
        ({"columns": ["a", "b"], "data": [[1]]}, "differ in length"),
        ("text", "neither a table"),
    ],
)
def test_an_example_that_cannot_be_given_to_the_model_is_a_problem(
    example: object, said: str
) -> None:
    outcome = outcome_of(models.linear(), example)

    assert said in text_of(outcome, "unfit_example")
    assert "was not run" in outcome.summary


def test_an_example_of_another_width_is_refused_by_the_model() -> None:
    outcome = outcome_of(models.linear(), [[1, 2, 3]])

    assert "Got: 3 Expected: 2" in text_of(outcome, "does_not_predict")
    assert not outcome.passed


def test_without_an_example_the_model_is_only_loaded() -> None:
    outcome = outcome_of(models.linear(), None)

    assert grave_codes(outcome) == {"no_example"}
    assert "load_microseconds" in outcome.facts


def test_missing_inputs_are_named() -> None:
    outcome = outcome_of(models.two_inputs(), {"a": [1, 2]}, inputs=columns(a="double"))

    assert "'b'" in text_of(outcome, "unfit_example")


@pytest.mark.parametrize(
    ("must_repeat", "severity"), [(True, Severity.HIGH), (False, Severity.MEDIUM)]
)
def test_answers_that_vary_are_as_grave_as_the_organization_says(
    must_repeat: bool, severity: Severity
) -> None:
    outcome = outcome_of(models.random(), must_repeat=must_repeat, repeats=5)

    [problem] = [found for found in outcome.problems if found.code == "not_deterministic"]
    assert problem.severity is severity
    assert "4 of 5 runs" in problem.text
    assert outcome.facts["runs_that_differed"] == 4


def test_answers_that_are_no_numbers_are_grave() -> None:
    outcome = outcome_of(models.logarithm(), [[-1.0, 1.0], [0.0, 1.0]])

    assert text_of(outcome, "not_finite") == (
        "model.onnx, output 'y': 2 of 4 values are no finite numbers (1 NaN, 1 infinite), the "
        "first at [0, 0]."
    )
    assert not outcome.passed


@pytest.mark.parametrize(
    ("logged", "code"),
    [
        (ANSWERS, None),
        ([8.0, 18.0], None),
        ([8.0000001, 18], None),
        ({"predictions": ANSWERS}, None),
        ({"y": [8, 18]}, None),
        ([{"y": 8}, {"y": 18}], None),
        ({"columns": ["y"], "data": ANSWERS}, None),
        ([8.1, 18.0], "other_answer"),
        ([None, 18.0], "other_answer"),
        (["8", "18"], "other_answer"),
        ([8.0], "other_answer"),
        ({"z": [8, 18]}, "unknown_output"),
        ([[8.0], 18.0], "unreadable_answers"),
        ({}, "unreadable_answers"),
        ({"columns": [], "data": []}, "unreadable_answers"),
    ],
)
def test_answers_are_compared_with_those_that_were_logged(logged: object, code: str | None) -> None:
    file = {"output_example.json": json.dumps(logged).encode()}

    outcome = outcome_of(models.linear(), files=file)

    assert grave_codes(outcome) == ({code} if code else set())
    assert "no_logged_answer" not in codes(outcome)


def test_an_answer_of_a_kind_nobody_reads_is_not_passed_over() -> None:
    found = answers.named(("y", "z"), (np.array([1.0]), None))

    [problem] = answers.unusable(found, "model.onnx")
    assert (problem.code, problem.severity) == ("unknown_type", Severity.HIGH)
    assert "'z'" in problem.place


def test_answers_beside_the_example_are_compared_too() -> None:
    right = outcome_of(models.linear(), {"inputs": EXAMPLE, "predictions": ANSWERS})
    wrong = outcome_of(models.linear(), {"inputs": EXAMPLE, "predictions": [[8.0], [19.0]]})

    assert right.facts["compared_with"] == "input example"
    assert right.passed
    assert "at place 2: 18.0 instead of 19.0" in text_of(wrong, "other_answer")


def test_how_far_an_answer_may_be_is_set_by_the_organization() -> None:
    example = {"inputs": EXAMPLE, "predictions": [[8.1], [18.1]]}

    assert not outcome_of(models.linear(), example).passed
    assert outcome_of(models.linear(), example, relative_tolerance=Decimal("0.02")).passed
    assert outcome_of(models.linear(), example, absolute_tolerance=Decimal("0.2")).passed


def test_answers_nobody_can_read_are_a_problem() -> None:
    for broken in (b"{", b"\xff", b"[" * 10_000, b"[" * 40 + b"]" * 40):
        outcome = outcome_of(models.linear(), files={"output_example.json": broken})
        assert "cannot be compared" in text_of(outcome, "unreadable_answers"), broken[:10]


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        (columns(y="float"), set()),
        (columns(y="double"), set()),
        ([{"type": "float"}], set()),
        (columns(y="long"), {"wrong_type"}),
        (columns(y="string"), {"wrong_type"}),
        (columns(y="boolean"), {"wrong_type"}),
        (columns(score="float"), {"named_otherwise"}),
        (columns(y="float", z="float"), {"missing_output"}),
        (columns(a="float", b="float"), {"other_outputs"}),
        ([tensor("y", "float32", -1, 1)], set()),
        ([tensor("y", "float64", -1, 1)], {"wrong_type"}),
        ([tensor("y", "str", -1, 1)], {"wrong_type"}),
        ([tensor("y", "float32", -1, 2)], {"wrong_shape"}),
        ([tensor("y", "float32", -1)], {"wrong_shape"}),
        ([tensor("z", "float32", -1, 1)], {"missing_output", "additional_output"}),
        ("nonsense", {"unreadable_signature"}),
    ],
)
def test_answers_are_held_against_the_declared_outputs(outputs: object, expected: set[str]) -> None:
    outcome = outcome_of(models.linear(), outputs=outputs)

    assert codes(outcome) - {"no_logged_answer"} == expected
    assert outcome.passed is (expected <= {"named_otherwise", "additional_output"})


def test_one_tensor_that_holds_all_declared_columns_is_read_by_position() -> None:
    model = models.logarithm()

    assert outcome_of(model, outputs=[{"type": "float"}, {"type": "double"}]).passed
    assert "wrong_shape" in codes(outcome_of(model, outputs=columns(y="float")))
    assert "wrong_type" in codes(outcome_of(model, outputs=columns(a="float", b="long")))


def test_labels_and_maps_of_probabilities_are_read_as_converters_write_them() -> None:
    outcome = outcome_of(models.classifier(), outputs=columns(label="long"))

    assert outcome.facts["outputs"] == {"label": "int64 [2]", "maps": "float64 [2, 2]"}
    assert "also answers 'maps'" in text_of(outcome, "additional_output")
    assert outcome.passed


def test_operations_a_model_spells_out_itself_are_run() -> None:
    assert answers_of(outcome_of(models.own_function())) == ["2.0", "4.0", "6.0", "8.0"]


def test_latency_is_told_in_whole_microseconds_of_this_worker() -> None:
    outcome = outcome_of(models.linear(), repeats=7)

    latency = outcome.facts["latency_microseconds"]
    assert isinstance(latency, dict)
    assert latency.keys() == {"p50", "p90", "p99", "first"}
    assert all(isinstance(value, int) for value in latency.values())
    assert latency["p50"] <= latency["p90"] <= latency["p99"]
    assert outcome.facts["runs"] == len(evidence_of(outcome)["microseconds"]) == 7
    assert outcome.facts["measured_on"] == "this worker, one processor core"
