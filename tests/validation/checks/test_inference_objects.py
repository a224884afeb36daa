"""Models that are Python objects: loaded, given their example, and named as they are declared.

Here only models the tests made themselves are loaded; what others made is the runner's.
"""

import gzip
import io
import pickle
import warnings
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from apps.validation.checks.contract import Outcome, silent
from apps.validation.checks.inference import Inference, objects
from apps.validation.checks.inference.refusals import Refused
from apps.validation.checks.inference.trial import Trial
from tests.validation.checks.stored import StoredFile, StoredVersion, codes, grave_codes

ROWS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 1.0], [0.0, 0.0]])
EXAMPLE = {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}
INPUTS = [{"name": "a", "type": "double"}, {"name": "b", "type": "long"}]


class Answering:
    """Answers whatever it is told to, or what it was given."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer

    def predict(self, given: Any) -> Any:
        return given if self.answer is None else self.answer


class Warned(Answering):
    """Warns when it is loaded, as libraries do about another release."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        warnings.warn("made by release 0.1", UserWarning, stacklevel=1)
        self.__dict__.update(state)


class Failing(Answering):
    def predict(self, given: Any) -> Any:
        raise LookupError("no such column")


class Greedy(Answering):
    def predict(self, given: Any) -> Any:
        raise MemoryError


def fitted(*, by_name: bool = False) -> Any:
    rows = pd.DataFrame(ROWS, columns=["a", "b"]) if by_name else ROWS
    return LogisticRegression().fit(rows, [0, 1, 1, 0])


def joblib_of(model: Any, compress: int = 0) -> bytes:
    stream = io.BytesIO()
    joblib.dump(model, stream, compress=compress)
    return stream.getvalue()


def outcome_of(
    data: bytes, example: object = EXAMPLE, *, inputs: object = INPUTS, outputs: object = None
) -> Outcome:
    model = StoredFile("model.bin", data)
    signature = {"inputs": inputs, "outputs": outputs}
    version = StoredVersion([model], signature=signature, input_example=example)
    parameters = Inference(repeats=3)
    return Trial(version, model, silent, parameters, lambda: objects.load(model), {}).outcome()


def answers_of(outcome: Outcome) -> Any:
    evidence: Any = outcome.evidence
    return {name: found["values"] for name, found in evidence["outputs"].items()}


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(fitted(by_name=True)),
        gzip.compress(pickle.dumps(fitted(by_name=True))),
        joblib_of(fitted(by_name=True)),
        joblib_of(fitted(by_name=True), compress=3),
        skops.io.dumps(fitted(by_name=True)),
    ],
    ids=["pickle", "gzip", "joblib", "compressed joblib", "skops"],
)
def test_every_format_is_told_by_its_bytes_and_given_a_table(data: bytes) -> None:
    outcome = outcome_of(data, outputs=[{"name": "kind", "type": "long"}])

    assert outcome.passed
    assert codes(outcome) == {"no_logged_answer"}
    assert answers_of(outcome) == {"kind": ["0", "1"]}
    assert outcome.facts["inputs"] == {"a": "column", "b": "column"}


@pytest.mark.parametrize(
    ("example", "inputs"),
    [
        ([[1, 2], [3, 4]], None),
        ({"inputs": [[1, 2], [3, 4]]}, None),
        (
            [[1, 2], [3, 4]],
            [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}],
        ),
    ],
)
def test_an_example_without_names_is_given_as_an_array(example: object, inputs: object) -> None:
    outcome = outcome_of(pickle.dumps(fitted()), example, inputs=inputs)

    assert answers_of(outcome) == {"predictions": ["0", "1"]}
    assert outcome.facts["inputs"] == {"columns": "2"}


def test_columns_keep_their_declared_types() -> None:
    inputs = [
        {"name": "a", "type": "float"},
        {"name": "b", "type": "string"},
        {"name": "c", "type": "boolean"},
        {"name": "d", "type": "double", "required": False},
    ]
    example = [{"a": 1, "b": "x", "c": True, "d": 1.5}, {"a": 2, "b": "y", "c": False}]

    outcome = outcome_of(pickle.dumps(Answering()), example, inputs=inputs)

    assert outcome.facts["outputs"] == {
        "a": "float32 [2]",
        "b": "string [2]",
        "c": "bool [2]",
        "d": "float64 [2]",
    }
    assert grave_codes(outcome) == {"not_finite"}, "the empty value came back as NaN"


def test_named_tensors_are_given_by_name() -> None:
    spec = {"dtype": "float32", "shape": [-1]}
    inputs = [{"name": name, "type": "tensor", "tensor-spec": spec} for name in ("a", "b")]
    model = pickle.dumps(Answering())

    assert answers_of(outcome_of(model, {"a": [1, 2], "b": [3, 4]}, inputs=inputs)) == {
        "a": ["1.0", "2.0"],
        "b": ["3.0", "4.0"],
    }
    assert "unfit_example" in codes(outcome_of(model, {"a": [1, 2]}, inputs=inputs))


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ([[1, 2], [3, 4]], {"x": ["1", "3"], "y": ["2", "4"]}),
        ({"x": [1, 3], "y": [2, 4]}, {"x": ["1", "3"], "y": ["2", "4"]}),
        (np.array([1, 3], dtype=object), {"predictions": ["1", "3"]}),
        (pd.Series(["p", "q"]), {"predictions": ["'p'", "'q'"]}),
    ],
)
def test_answers_are_named_as_they_are_declared(answer: object, named: object) -> None:
    outputs = [{"name": name, "type": "long"} for name in ("x", "y")]

    assert answers_of(outcome_of(pickle.dumps(Answering(answer)), outputs=outputs)) == named


def test_answers_that_are_no_numbers_and_no_texts_cannot_be_told() -> None:
    outcome = outcome_of(pickle.dumps(Answering([{"a": 1}, {"a": 2}])))

    assert grave_codes(outcome) == {"unknown_type"}


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"junk", "does_not_load", "It does not load"),
        (b"PK\x03\x04junk", "does_not_load", "It does not load"),
        (b"cnowhere_at_all\nThing\n.", "no_library", "the runner has no nowhere_at_all"),
        (pickle.dumps([1]), "does_not_predict", "a list, which has no way to predict"),
        (pickle.dumps(Failing()), "does_not_predict", "LookupError: no such column"),
    ],
)
def test_what_does_not_load_or_predict_is_a_problem_in_words(
    data: bytes, code: str, said: str
) -> None:
    outcome = outcome_of(data)

    [problem] = [found for found in outcome.problems if found.code == code]
    assert said in problem.text
    assert not outcome.passed


def test_what_a_library_warns_of_while_it_loads_is_told() -> None:
    outcome = outcome_of(pickle.dumps(Warned([1, 2])))

    [problem] = [found for found in outcome.problems if found.code == "load_warning"]
    assert problem.text == "UserWarning: made by release 0.1"
    assert outcome.passed


def test_a_file_that_is_gone_is_a_problem_and_memory_without_end_is_for_the_worker_to_tell() -> (
    None
):
    with pytest.raises(Refused, match="does not hold this file"):
        objects.load(StoredFile("model.bin", b"", is_gone=True))
    with pytest.raises(MemoryError):
        outcome_of(pickle.dumps(Greedy()))
