"""What a model answered, held against what was logged that it answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from apps.validation.checks.contract import ExaminedFile, Problem, Severity, counted
from apps.validation.checks.inference.arrays import Array, plain
from apps.validation.checks.inference.feeds import ANSWERS
from apps.validation.checks.schema_declared import Declared, Malformed
from apps.validation.checks.schema_tables import read_table
from apps.validation.checks.schema_values import ExampleLimits, too_large

FILE = "output_example.json"
MOST_BYTES = 16 * 2**20

LOG_AGAIN = (
    "Log the example and its answers again with this very model, and register a new version."
)
FIND_OUT = (
    "Find out what differs: another model file, another preparation of the inputs, or another "
    "release of the runtime. If the logged answers are old, log them again."
)
UNNAMED = Declared(is_named=False)


@dataclass(frozen=True, slots=True)
class Logged:
    """Answers that were logged, and where they lie."""

    value: object
    place: str


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an answer may be from the logged one: in any case, and as a share of it."""

    relative: Decimal
    absolute: Decimal


def find(files: Sequence[ExaminedFile], model: str, beside: object | None) -> Logged | None:
    """Find the logged answers: in the example itself, or in a file of their own.

    Raises:
        Malformed: when the file cannot be read.
    """
    if beside is not None:
        return Logged(beside, "input example")
    folder = model.rpartition("/")[0]
    for path in dict.fromkeys((f"{folder}/{FILE}" if folder else FILE, FILE)):
        file = next((file for file in files if file.path == path), None)
        if file is not None:
            return Logged(_read(file), path)
    return None


def _read(file: ExaminedFile) -> object:
    if file.size > MOST_BYTES:
        raise Malformed(f"{FILE} is more than the {MOST_BYTES:,} bytes that are read")
    try:
        with file.open() as stream:
            value: object = json.loads(stream.read(MOST_BYTES))
    except (ValueError, RecursionError, FileNotFoundError) as trouble:
        raise Malformed(f"{FILE} cannot be read as JSON") from trouble
    size = too_large(value, ExampleLimits())
    if size is not None:
        raise Malformed(f"{FILE} {size}")
    if isinstance(value, dict) and value.keys() == {ANSWERS}:
        return value[ANSWERS]
    return value


def expected(logged: object, answers: Mapping[str, Array]) -> dict[str, Array]:
    """Return the logged answers by the names of the outputs they are for.

    Raises:
        Malformed: when that cannot be told.
    """
    columns = read_table(logged, UNNAMED).columns if _is_table(logged) else logged
    if isinstance(columns, dict) and columns:
        return {str(name): plain(values) for name, values in columns.items()}
    if len(answers) != 1 or isinstance(columns, dict):
        raise Malformed(f"they name no output, and the model has {len(answers)}")
    return {next(iter(answers)): plain(logged)}


def _is_table(logged: object) -> bool:
    if isinstance(logged, dict):
        return {"columns", "data"} <= logged.keys() <= {"columns", "data", "index"}
    return isinstance(logged, list) and bool(logged) and all(isinstance(r, dict) for r in logged)


def differences(
    wanted: Mapping[str, Array], answers: Mapping[str, Array], allowed: Tolerance, place: str
) -> Iterator[Problem]:
    """Yield each output that is not what was logged."""
    for name, values in wanted.items():
        where = f"{place}, output {name!r:.120}"
        if name not in answers:
            text = f"An answer {name!r:.120} was logged, and the model has no such output."
            yield Problem("unknown_output", Severity.HIGH, where, text, LOG_AGAIN)
            continue
        difference = _difference(values, answers[name], allowed)
        if difference is not None:
            yield Problem("other_answer", Severity.HIGH, where, difference, FIND_OUT)


def _difference(wanted: Array, given: Array, allowed: Tolerance) -> str | None:
    if _without_ones(wanted.shape) != _without_ones(given.shape):
        return f"Logged with shape {list(wanted.shape)}, the answer has {list(given.shape)}."
    wanted, given = wanted.reshape(-1), given.reshape(-1)
    if not wanted.size:
        return None
    if _is_number(wanted) and _is_number(given):
        return _difference_of_numbers(wanted, given, allowed)
    wrong = [place for place, value in enumerate(given.tolist()) if value != wanted[place]]
    if not wrong:
        return None
    first = wrong[0]
    return (
        f"{len(wrong):,} of {counted(given.size, 'value')} are not what was logged, the first at "
        f"place {first + 1}: {given[first]!r:.80} instead of {wanted[first]!r:.80}."
    )


def _difference_of_numbers(wanted: Array, given: Array, allowed: Tolerance) -> str | None:
    if "f" not in wanted.dtype.kind + given.dtype.kind:
        is_close = wanted == given
    else:
        is_close = np.isclose(
            given.astype(np.float64),
            wanted.astype(np.float64),
            rtol=float(allowed.relative),
            atol=float(allowed.absolute),
            equal_nan=True,
        )
    wrong = np.flatnonzero(~is_close)
    if not wrong.size:
        return None
    first = int(wrong[0])
    return (
        f"{len(wrong):,} of {counted(given.size, 'value')} are further from what was logged than "
        f"{allowed.relative} of it and {allowed.absolute}, the first at place {first + 1}: "
        f"{given[first].item()!r} instead of {wanted[first].item()!r}."
    )


def _is_number(array: Array) -> bool:
    return array.dtype.kind in "biuf"


def _without_ones(shape: Sequence[int]) -> list[int]:
    return [size for size in shape if size != 1]
