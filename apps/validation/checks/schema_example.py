"""Schema: the declared signature and the input example describe the same thing."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.validation.checks.contract import (
    Check,
    ExaminedVersion,
    Outcome,
    Parameters,
    Problem,
    Progress,
    Severity,
    counted,
    silent,
)
from apps.validation.checks.schema_declared import (
    DECLARE,
    MOST_PROBLEMS,
    Column,
    Declared,
    Malformed,
    Tensor,
    read_side,
)
from apps.validation.checks.schema_tables import ABSENT, Table, read_table, unwrapped
from apps.validation.checks.schema_values import (
    COLUMN_TYPES,
    ExampleLimits,
    is_null,
    kind_of_tensor,
    too_large,
)

LIMITS = ExampleLimits()
DEFAULTS = Parameters()

GIVE_EXAMPLE = "Log the model with an input example of a few rows."
CORRECT = "Correct the signature or the input example, and register a new version."
SHORTEN = "Log the model with a smaller input example of plain JSON values."

NO_INPUTS = Problem(
    "no_signature",
    Severity.HIGH,
    "signature",
    "No input columns are declared, so nothing says what the model accepts.",
    DECLARE,
)
NO_OUTPUTS = Problem(
    "no_outputs",
    Severity.MEDIUM,
    "signature",
    "No output columns are declared, so nothing says what the model answers.",
    DECLARE,
)


@dataclass(frozen=True, slots=True)
class Examination:
    """What one look at signature and example brought."""

    problems: list[Problem]
    facts: dict[str, int]


def examine(
    version: ExaminedVersion,
    progress: Progress = silent,
    parameters: Parameters = DEFAULTS,
    limits: ExampleLimits = LIMITS,
) -> Outcome:
    """Compare a declared signature with the input example."""
    progress("signature")
    if version.is_prompt and not version.signature:
        return Outcome("A prompt declares no columns, so there is nothing to compare.")
    found = Examination([], {"inputs": 0, "outputs": 0, "rows": 0})
    declared = _read_signature(version.signature, found)
    if version.input_example is None:
        found.problems.append(_no_example())
    elif declared is not None:
        progress("input example")
        _compare(unwrapped(version.input_example, declared), declared, found, limits)
    return Outcome(_summary(found), tuple(found.problems[:MOST_PROBLEMS]), dict(found.facts))


def _read_signature(signature: dict[str, object] | None, found: Examination) -> Declared | None:
    inputs = _read_side(signature or {}, "inputs", found, NO_INPUTS)
    _read_side(signature or {}, "outputs", found, NO_OUTPUTS)
    return inputs


def _read_side(
    signature: dict[str, object], side: str, found: Examination, absent: Problem
) -> Declared | None:
    """Return what is declared on one side; nothing, and a problem, when that is not clear."""
    try:
        declared = read_side(signature.get(side) or [])
    except Malformed as trouble:
        text = f"The declared {side} cannot be read: {trouble}."
        found.problems.append(_problem("unreadable_signature", f"signature {side}", text, CORRECT))
        return None
    found.facts[side] = len(declared.names)
    if declared.names:
        return declared
    found.problems.append(absent)
    return None


def _compare(
    example: object, declared: Declared, found: Examination, limits: ExampleLimits
) -> None:
    size = too_large(example, limits)
    if size is not None:
        text = f"The example {size}, so it was not compared."
        found.problems.append(_problem("too_large", "input example", text, SHORTEN))
        return
    try:
        if declared.tensors:
            found.problems.extend(_tensor_problems(example, declared, found))
        else:
            table = read_table(example, declared)
            found.facts["rows"] = table.rows
            found.problems.extend(_table_problems(table, declared))
    except Malformed as trouble:
        text = f"The example cannot be read: {trouble}."
        found.problems.append(_problem("unreadable_example", "input example", text, CORRECT))


def _table_problems(table: Table, declared: Declared) -> Iterator[Problem]:
    if table.rows == 0:
        yield _empty()
        return
    for column in declared.columns:
        yield from _column_problems(column, table)
    for name in sorted(table.columns.keys() - set(declared.names)):
        text = f"The example has a column {name!r:.120} that is not declared."
        yield _problem("additional_column", _place(name), text, CORRECT)


def _column_problems(column: Column, table: Table) -> Iterator[Problem]:
    place, values = _place(column.name), table.columns.get(column.name)
    if values is None:
        if column.is_required:
            text = f"The column {column.name!r:.120} is declared as required, the example lacks it."
            yield _problem("missing_column", place, text, CORRECT)
        return
    admits = COLUMN_TYPES[column.type]
    empty = [row for row, value in enumerate(values) if value is ABSENT or is_null(value)]
    wrong = [
        row
        for row, value in enumerate(values)
        if value is not ABSENT and not is_null(value) and not admits(value)
    ]
    if empty and column.is_required:
        text = f"The column is required, and {counted(len(empty), 'row')} leave it empty"
        yield _problem("null_value", place, f"{text}, first row {empty[0] + 1}.", CORRECT)
    if wrong:
        kind = type(values[wrong[0]]).__name__
        text = f"Declared as {column.type}; {counted(len(wrong), 'row')} hold something else"
        detail = f"{text}, first row {wrong[0] + 1} of type {kind}."
        yield _problem("wrong_type", place, detail, CORRECT)


def _tensor_problems(example: object, declared: Declared, found: Examination) -> Iterator[Problem]:
    if not declared.is_named:
        yield from _one_tensor(example, declared.tensors[0], found)
        return
    if not isinstance(example, dict):
        raise Malformed("its tensors have no names, while the declared ones do")
    given = {str(name): value for name, value in example.items()}
    for tensor in declared.tensors:
        if tensor.name in given:
            yield from _one_tensor(given[tensor.name], tensor, found)
        else:
            text = f"The tensor {tensor.name!r:.120} is declared, the example lacks it."
            yield _problem("missing_column", _place(tensor.name), text, CORRECT)
    for name in sorted(given.keys() - set(declared.names)):
        text = f"The example has a tensor {name!r:.120} that is not declared."
        yield _problem("additional_column", _place(name), text, CORRECT)


def _one_tensor(value: object, tensor: Tensor, found: Examination) -> Iterator[Problem]:
    place = _place(tensor.name)
    shape, leaves = _shape_of(value)
    found.facts["rows"] = shape[0] if shape else 1
    admits = kind_of_tensor(tensor.dtype)
    if not leaves:
        yield _empty()
    elif not _fits(shape, tensor.shape):
        text = f"Declared with shape {list(tensor.shape)}, the example has {list(shape)}."
        yield _problem("wrong_shape", place, text, CORRECT)
    elif admits is None or not all(admits(leaf) for leaf in leaves):
        text = f"Declared as {tensor.dtype}; the example holds something else."
        yield _problem("wrong_type", place, text, CORRECT)


def _shape_of(value: object) -> tuple[tuple[int, ...], list[object]]:
    """Return the sizes of a nested list and its innermost values."""
    shape: list[int] = []
    level = [value]
    while any(isinstance(item, list) for item in level):
        lists = [item for item in level if isinstance(item, list)]
        if len(lists) != len(level) or len({len(item) for item in lists}) > 1:
            raise Malformed("its lists differ in length or depth, so they are no tensor")
        shape.append(len(lists[0]))
        level = [inner for item in lists for inner in item]
    return tuple(shape), level


def _fits(shape: tuple[int, ...], declared: tuple[int, ...]) -> bool:
    sizes = zip(shape, declared, strict=False)
    return len(shape) == len(declared) and all(want in (-1, size) for size, want in sizes)


def _place(name: str) -> str:
    return f"column {name!r:.120}"


def _empty() -> Problem:
    text = "The example holds no row, so there is nothing to compare."
    return _problem("empty_example", "input example", text, GIVE_EXAMPLE)


def _no_example() -> Problem:
    text = "There is no input example, so the signature was compared with nothing."
    return _problem("no_example", "input example", text, GIVE_EXAMPLE)


def _problem(code: str, place: str, text: str, remedy: str) -> Problem:
    return Problem(code, Severity.HIGH, place, text, remedy)


def _summary(found: Examination) -> str:
    grave = sum(problem.severity.fails for problem in found.problems)
    if grave:
        return f"{counted(grave, 'problem')} between the signature and the input example."
    inputs, rows = counted(found.facts["inputs"], "input"), counted(found.facts["rows"], "row")
    return f"The input example fits the signature: {inputs}, {rows}."


CHECK = Check(
    name="schema",
    title="Schema",
    sentence="Compares the declared columns with the input example, value by value.",
    examine=examine,
    version="2",
    at_registration=True,
)
