"""Models that are Python objects: loading one may run anything, which is why this is the runner's.

What is in the file has the process to itself from here on, and the walls around it.
"""

import io
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import skops.io

from apps.validation.checks.contract import ExaminedFile, Problem, Severity
from apps.validation.checks.inference.arrays import Array, array_of, plain
from apps.validation.checks.inference.candidates import EXPORT
from apps.validation.checks.inference.refusals import Refused
from apps.validation.checks.inference.trial import FIT, Given
from apps.validation.checks.schema_declared import Column, Declared, Malformed
from apps.validation.checks.schema_tables import ABSENT, Table, read_table, unwrapped

try:
    import pandas as pd
except ImportError:
    pd = None

ZIP = b"PK\x03\x04"
MOST_WORDS = 300
UNNAMED = "predictions"
MOST_WARNINGS = 5

ELSEWHERE = "Run the model where it will serve, and post the result as an external check."
ADD_LIBRARY = "Ask the operator to install the library for the runner and to name it at its start."
SAME_RELEASE = "Save the model again with the release it is served with, or pin that release."

_TYPES: dict[str, type[np.generic]] = {
    "boolean": np.bool_,
    "integer": np.int32,
    "long": np.int64,
    "float": np.float32,
    "double": np.float64,
}


@dataclass(frozen=True)
class LoadedObject:
    """A loaded object with a way to predict."""

    place: str
    load_microseconds: int
    problems: Iterable[Problem]
    _object: Any

    @property
    def takes(self) -> dict[str, str]:
        """What it was fitted on, as far as it says so."""
        names = getattr(self._object, "feature_names_in_", None)
        number = getattr(self._object, "n_features_in_", None)
        if names is not None:
            return {str(name): "column" for name in names}
        return {} if number is None else {"columns": str(number)}

    def given(self, example: object, declared: Declared) -> Given:
        """Return the example as MLflow would hand it over: a table, or an array."""
        example = unwrapped(example, declared)
        if declared.tensors:
            return _tensors(example, declared)
        if isinstance(example, list) and not isinstance(next(iter(example), None), dict):
            array = plain(example)
            return Given(array, array.shape[0] if array.ndim else 1)
        table = read_table(example, declared)
        return Given(_frame(table, declared), table.rows)

    def run(self, given: Any, outputs: Declared | None) -> Mapping[str, Array]:
        """Return what it predicts, named as it is declared where it has no names of its own."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer = self._object.predict(given)
                return _named(answer, outputs)
        except MemoryError:
            raise
        except Exception as error:
            text = f"It does not predict its example: {_words(error)}."
            raise Refused("does_not_predict", self.place, text, FIT) from error


def load(model: ExaminedFile) -> LoadedObject:
    """Load a pickle, joblib or skops file, told from each other by their bytes.

    Raises:
        Refused: when it cannot be loaded, or what was loaded does not predict.
    """
    try:
        with model.open() as stream:
            data = stream.read()
    except FileNotFoundError as gone:
        text = "The store does not hold this file any more, so it was not run."
        raise Refused("missing_file", model.path, text, EXPORT) from gone
    began = time.perf_counter_ns()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = _loaded(data, model.path)
    took = (time.perf_counter_ns() - began) // 1000
    if not callable(getattr(found, "predict", None)):
        text = f"What was loaded is a {type(found).__name__:.80}, which has no way to predict."
        raise Refused("does_not_predict", model.path, text, EXPORT)
    return LoadedObject(model.path, took, _problems(warned, model.path), found)


def _loaded(data: bytes, place: str) -> Any:
    try:
        if data.startswith(ZIP):
            return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
        return joblib.load(io.BytesIO(data))
    except MemoryError:
        raise
    except ImportError as absent:
        text = f"Cannot tell what it answers: the runner has no {absent.name or 'such library'}."
        raise Refused("no_library", place, text, ADD_LIBRARY) from absent
    except Exception as error:
        raise Refused(
            "does_not_load", place, f"It does not load: {_words(error)}.", EXPORT
        ) from error


def _problems(warned: Sequence[warnings.WarningMessage], place: str) -> list[Problem]:
    return [
        Problem("load_warning", Severity.MEDIUM, place, text, SAME_RELEASE)
        for text in dict.fromkeys(_words(found.message) for found in warned[:MOST_WARNINGS])
    ]


def _tensors(example: object, declared: Declared) -> Given:
    if not declared.is_named:
        array = array_of(example, _dtype(declared.tensors[0].dtype))
        return Given(array, array.shape[0] if array.ndim else 1)
    if not isinstance(example, dict) or not set(declared.names) <= example.keys():
        raise Malformed("it does not hold the tensors that are declared")
    given = {
        tensor.name: array_of(example[tensor.name], _dtype(tensor.dtype))
        for tensor in declared.tensors
    }
    return Given(given, min((len(array) for array in given.values() if array.ndim), default=1))


def _dtype(name: str) -> type[np.generic]:
    kind = np.dtype(name)
    return np.object_ if kind.kind in "USO" else kind.type


def _frame(table: Table, declared: Declared) -> Any:
    """Return a data frame; an array where there is no pandas to make one."""
    known = {column.name: column for column in declared.columns}
    names = [name for name in declared.names if name in table.columns] or [*table.columns]
    columns = {name: _column(table.columns[name], known.get(name)) for name in names}
    if pd is not None:
        return pd.DataFrame(columns)
    return np.stack([*columns.values()], axis=1)


def _column(values: Sequence[object], column: Column | None) -> Any:
    given = [None if value is ABSENT else value for value in values]
    dtype = _TYPES.get(column.type) if column is not None else None
    if dtype is not None and not any(value is None for value in given):
        return array_of(given, dtype)
    try:
        return plain(given)
    except Malformed:
        return np.array(given, dtype=np.object_)


def _named(answer: Any, outputs: Declared | None) -> dict[str, Array]:
    if pd is not None and isinstance(answer, pd.DataFrame):
        return {str(name): _array(answer[name]) for name in answer.columns}
    if isinstance(answer, Mapping):
        return {str(name): _array(value) for name, value in answer.items()}
    array = _array(answer)
    names = outputs.names if outputs is not None and outputs.is_named else ()
    if len(names) == 1:
        return {names[0]: array}
    if len(names) > 1 and array.ndim == 2 and array.shape[1] == len(names):
        return {name: array[:, position] for position, name in enumerate(names)}
    return {UNNAMED: array}


def _array(answer: Any) -> Array:
    """Return an answer as an array; objects as the numbers or texts they are, where they are."""
    array = np.asarray(answer)
    if array.dtype != np.object_:
        return array
    try:
        return plain(array.tolist())
    except Malformed:
        return array


def _words(error: object) -> str:
    said = " ".join(str(error).split())[:MOST_WORDS].rstrip(". ")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
