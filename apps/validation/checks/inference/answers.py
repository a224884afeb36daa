"""What a model answered, held against what it declares to answer."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from apps.validation.checks.contract import Problem, Severity, counted
from apps.validation.checks.inference.arrays import Array
from apps.validation.checks.schema_declared import Column, Declared, Tensor
from apps.validation.checks.schema_values import kind_of_tensor

CORRECT = "Correct the declared outputs or the model, and register a new version."
MEND = "Find out for which inputs the model answers so, and mend it before it is used."

READABLE = "biufcU"
_TARGETS: dict[str, str] = {
    "boolean": "bool",
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
}


def named(names: Sequence[str], values: Sequence[object]) -> dict[str, Array]:
    """Return a model's answers by name, each as an array; what is no tensor is taken apart."""
    answers: dict[str, Array] = {}
    for name, value in zip(names, values, strict=True):
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            answers[name] = _of_maps(value)
        elif isinstance(value, list):
            parts = enumerate(value)
            answers |= {f"{name}[{place}]": np.asarray(part) for place, part in parts}
        else:
            answers[name] = np.asarray(value)
    return answers


def _of_maps(rows: Sequence[Mapping[object, object]]) -> Array:
    """Return maps, one for each row, as a table with a column for each of their keys."""
    keys = sorted({key for row in rows for key in row}, key=str)
    return np.asarray([[row.get(key, np.nan) for key in keys] for row in rows])


def unusable(answers: Mapping[str, Array], place: str) -> Iterator[Problem]:
    """Yield a problem for each output that nobody can use: empty, unknown or no finite number."""
    if not any(array.size for array in answers.values()):
        text = "To an example with values in it, the model answers nothing."
        yield Problem("no_answer", Severity.HIGH, place, text, MEND)
    for name, array in answers.items():
        if not _is_readable(array):
            text = f"Cannot tell what it answers: nothing here reads values of {array.dtype.name}."
            yield _problem("unknown_type", _at(place, name), text)
        elif array.dtype.kind in "fc" and not np.isfinite(array).all():
            yield Problem("not_finite", Severity.HIGH, _at(place, name), _not_finite(array), MEND)


def _is_readable(array: Array) -> bool:
    """Say whether its values are numbers or texts; objects are only read as texts."""
    if array.dtype == np.object_:
        return all(isinstance(value, str | bytes) for value in array.reshape(-1).tolist())
    return array.dtype.kind in READABLE


def _not_finite(array: Array) -> str:
    wrong = ~np.isfinite(array)
    none, size = int(np.isnan(array).sum()), int(wrong.sum())
    first = [int(index) for index in np.argwhere(wrong)[0]] if array.ndim else []
    verb = "is no finite number" if size == 1 else "are no finite numbers"
    return (
        f"{size:,} of {counted(array.size, 'value')} {verb} ({none:,} NaN, {size - none:,} "
        f"infinite), the first at {first}."
    )


def against_declared(
    answers: Mapping[str, Array], declared: Declared, rows: int, place: str
) -> Iterator[Problem]:
    """Yield what differs between the answers and the declared outputs."""
    if declared.tensors:
        yield from _against_tensors(answers, declared, place)
        return
    columns = _by_name(answers, declared) or _by_position(answers, declared)
    if columns is None:
        yield from _unlike(answers, declared, place)
        return
    if declared.is_named and not set(declared.names) <= answers.keys():
        text = (
            f"It names its outputs {_listed(answers)}; declared are {_listed(declared.names)}. "
            "They were compared in their order."
        )
        yield _problem("named_otherwise", place, text, Severity.MEDIUM)
    else:
        yield from _additional(answers, declared, place)
    for column, array in zip(declared.columns, columns, strict=True):
        yield from _against_column(array, column, rows, place)


def _by_name(answers: Mapping[str, Array], declared: Declared) -> list[Array] | None:
    if declared.is_named and set(declared.names) <= answers.keys():
        return [answers[name] for name in declared.names]
    return None


def _by_position(answers: Mapping[str, Array], declared: Declared) -> list[Array] | None:
    """Return the columns of the only output, where there are as many as declared."""
    if len(answers) != 1:
        return None
    [array] = answers.values()
    if len(declared.columns) == 1:
        return [array]
    if array.ndim == 2 and array.shape[1] == len(declared.columns):
        return [array[:, position] for position in range(array.shape[1])]
    return None


def _unlike(answers: Mapping[str, Array], declared: Declared, place: str) -> Iterator[Problem]:
    missing = [name for name in declared.names if name not in answers]
    if declared.is_named and len(missing) < len(declared.names):
        for name in missing:
            text = f"The output {name!r:.120} is declared, and the model does not answer it."
            yield _problem("missing_output", _at(place, name), text)
        return
    shapes = ", ".join(f"{name!r:.80} {list(array.shape)}" for name, array in answers.items())
    text = f"Declared are the outputs {_listed(declared.names)}; it answers {shapes or 'nothing'}."
    yield _problem("other_outputs", place, text)


def _additional(answers: Mapping[str, Array], declared: Declared, place: str) -> Iterator[Problem]:
    for name in answers if declared.is_named else ():
        if name not in declared.names:
            text = f"The model also answers {name!r:.120}, which is not declared."
            yield _problem("additional_output", _at(place, name), text, Severity.MEDIUM)


def _against_column(array: Array, column: Column, rows: int, place: str) -> Iterator[Problem]:
    where = _at(place, column.name)
    if not array.ndim or array.shape[0] != rows:
        text = f"The example has {counted(rows, 'row')}, the answer has shape {list(array.shape)}."
        yield _problem("wrong_shape", where, text)
    elif array.size != rows:
        text = f"Declared as one value a row; the answer has shape {list(array.shape)}."
        yield _problem("wrong_shape", where, text)
    if not _fits_type(array, column.type):
        text = f"Declared as {column.type}; the answer is of {_type(array)}."
        yield _problem("wrong_type", where, text)


def _fits_type(array: Array, declared: str) -> bool:
    target = _TARGETS.get(declared)
    if target is None:
        return array.dtype.kind in "OU"
    if (array.dtype.kind == "b") is not (target == "bool"):
        return False
    return bool(np.can_cast(array.dtype, target, "safe"))


def _against_tensors(
    answers: Mapping[str, Array], declared: Declared, place: str
) -> Iterator[Problem]:
    if not declared.is_named:
        if len(answers) != 1:
            yield from _unlike(answers, declared, place)
            return
        yield from _against_tensor(next(iter(answers.values())), declared.tensors[0], place)
        return
    yield from _additional(answers, declared, place)
    for tensor in declared.tensors:
        if tensor.name in answers:
            yield from _against_tensor(answers[tensor.name], tensor, place)
        else:
            text = f"The output {tensor.name!r:.120} is declared, and the model does not answer it."
            yield _problem("missing_output", _at(place, tensor.name), text)


def _against_tensor(array: Array, tensor: Tensor, place: str) -> Iterator[Problem]:
    where, shape = _at(place, tensor.name), array.shape
    sizes = zip(shape, tensor.shape, strict=False)
    if len(shape) != len(tensor.shape) or any(want not in {-1, size} for size, want in sizes):
        text = f"Declared with shape {list(tensor.shape)}, the answer has {list(shape)}."
        yield _problem("wrong_shape", where, text)
    admits = kind_of_tensor(tensor.dtype)
    is_text = admits is not None and admits("")
    if _type(array) != ("string" if is_text else tensor.dtype):
        text = f"Declared as {tensor.dtype}; the answer is of {_type(array)}."
        yield _problem("wrong_type", where, text)


def _type(array: Array) -> str:
    return "string" if array.dtype.kind in "OU" else array.dtype.name


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    shown = ", ".join(repr(name)[:80] for name in list(names)[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown


def _at(place: str, name: str) -> str:
    return f"{place}, output {name!r:.120}"


def _problem(code: str, place: str, text: str, severity: Severity = Severity.HIGH) -> Problem:
    return Problem(code, severity, place, text, CORRECT)
