"""The input example as the tensors a model takes, the way MLflow hands it to one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from apps.validation.checks.inference.arrays import DTYPES, Array, array_of
from apps.validation.checks.schema_declared import Declared, Malformed
from apps.validation.checks.schema_tables import ABSENT, Table, read_table, unwrapped

ANSWERS = "predictions"
"""Where an example may hold what the model answered to it."""
SPLIT = frozenset({"columns", "data", "index"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One input of a model as ONNX Runtime describes it."""

    name: str
    kind: str
    shape: Sequence[int | str | None]

    @property
    def dtype(self) -> type[np.generic]:
        """The type of its values; Malformed for what is no tensor of a plain type."""
        if self.kind not in DTYPES:
            raise Malformed(f"the model takes {self.name!r:.80} as {self.kind}, which none can be")
        return DTYPES[self.kind]

    def shaped(self, array: Array) -> Array:
        """Return one value for each row as the column of one that the model takes."""
        if array.ndim + 1 == len(self.shape):
            return array[..., np.newaxis]
        return array


def without_answers(example: object, declared: Declared) -> tuple[object, object | None]:
    """Take apart an example that holds the answers beside the inputs."""
    if isinstance(example, dict) and ANSWERS in example and ANSWERS not in declared.names:
        rest = {key: value for key, value in example.items() if key != ANSWERS}
        return rest, example[ANSWERS]
    return example, None


def feed(example: object, declared: Declared, entries: Sequence[Entry]) -> dict[str, Array]:
    """Return a tensor for each input of a model.

    Raises:
        Malformed: when the example does not hold them.
    """
    given = unwrapped(example, declared)
    if isinstance(given, dict) and _are_named(given, entries):
        return {entry.name: _tensor(given[entry.name], entry) for entry in entries}
    if len(entries) == 1 and isinstance(given, list) and not _are_records(given):
        return {entries[0].name: _tensor(given, entries[0])}
    if declared.tensors:
        wanted = ", ".join(repr(entry.name)[:80] for entry in entries[:10])
        raise Malformed(f"it does not hold the tensors the model takes: {wanted}")
    table = read_table(given, declared)
    if len(entries) == 1:
        return {entries[0].name: _matrix(table, declared, entries[0])}
    return {entry.name: _tensor(_column(table, entry.name), entry) for entry in entries}


def rows_of(tensors: Mapping[str, Array]) -> int:
    """Return how many rows an example has: the first size that all its tensors share."""
    sizes = {tensor.shape[0] for tensor in tensors.values() if tensor.ndim}
    return sizes.pop() if len(sizes) == 1 else 1


def _are_named(given: Mapping[str, object], entries: Sequence[Entry]) -> bool:
    """Say whether it holds values by the names of inputs; a split table only looks like that."""
    is_split = {"columns", "data"} <= given.keys() <= SPLIT
    return not is_split and {entry.name for entry in entries} <= given.keys()


def _are_records(given: Sequence[object]) -> bool:
    return bool(given) and all(isinstance(row, dict) for row in given)


def _tensor(values: object, entry: Entry) -> Array:
    return entry.shaped(array_of(values, entry.dtype))


def _matrix(table: Table, declared: Declared, entry: Entry) -> Array:
    """Return the columns side by side, in the order they are declared."""
    names = [name for name in declared.names if name in table.columns] or [*table.columns]
    columns = [array_of(_column(table, name), entry.dtype) for name in names]
    if not columns:
        raise Malformed("it has no columns")
    if len(columns) == 1 and len(entry.shape) == columns[0].ndim:
        return columns[0]
    if len({column.shape for column in columns}) > 1:
        raise Malformed("its columns hold values of different sizes")
    return np.stack(columns, axis=1)


def _column(table: Table, name: str) -> list[object]:
    if name not in table.columns:
        raise Malformed(f"the model takes {name!r:.80}, and it has no such column")
    return [None if value is ABSENT else value for value in table.columns[name]]
