"""An input example, in any of the forms MLflow writes, read into columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.validation.checks.schema_declared import Declared, Malformed

ABSENT = object()
"""Stands where a record does not name the column at all."""

WRAPPERS = frozenset({"dataframe_split", "dataframe_records", "inputs", "instances"})


@dataclass(frozen=True, slots=True)
class Table:
    """The example's columns by name, all of the same length."""

    columns: dict[str, list[object]]
    rows: int


def unwrapped(example: object, declared: Declared) -> object:
    """Take the example out of the envelope in which a scoring server receives it."""
    if isinstance(example, dict) and len(example) == 1:
        key, inner = next(iter(example.items()))
        if key in WRAPPERS and key not in declared.names:
            return inner
    return example


def read_table(example: object, declared: Declared) -> Table:
    """Read an example into columns.

    Raises:
        Malformed: when it is not a table, or its rows do not fit together.
    """
    if isinstance(example, dict):
        if _is_split(example):
            return _from_rows(_names(example["columns"]), example["data"])
        return _from_columns(example)
    if not isinstance(example, list):
        raise Malformed("it is neither a table, a list of records nor columns with values")
    if all(isinstance(row, dict) for row in example):
        return _from_records(example)
    if declared.is_named:
        raise Malformed("its columns have no names, while the declared ones do")
    rows = [row if isinstance(row, list) else [row] for row in example]
    return _from_rows([str(position) for position in range(len(rows[0]))], rows)


def _is_split(example: Mapping[str, object]) -> bool:
    return {"columns", "data"} <= example.keys() <= {"columns", "data", "index"}


def _names(columns: object) -> list[str]:
    if not isinstance(columns, list):
        raise Malformed("its columns are not a list of names")
    names = [str(name) for name in columns]
    if len(set(names)) != len(names):
        raise Malformed("it names a column twice")
    return names


def _from_rows(names: Sequence[str], rows: object) -> Table:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Malformed("its data is not a list of rows")
    if any(len(row) != len(names) for row in rows):
        raise Malformed("its rows differ in length, or do not fit its columns")
    columns = {name: [row[position] for row in rows] for position, name in enumerate(names)}
    return Table(columns, len(rows))


def _from_records(records: Sequence[Mapping[str, object]]) -> Table:
    names = dict.fromkeys(str(name) for record in records for name in record)
    columns = {name: [record.get(name, ABSENT) for record in records] for name in names}
    return Table(columns, len(records))


def _from_columns(example: Mapping[object, object]) -> Table:
    columns = {str(name): values for name, values in example.items()}
    lists = {name: values for name, values in columns.items() if isinstance(values, list)}
    if not lists:
        return Table({name: [value] for name, value in columns.items()}, 1 if columns else 0)
    if len(lists) != len(columns):
        raise Malformed("some of its columns hold a list of values and some a single one")
    lengths = {len(values) for values in lists.values()}
    if len(lengths) > 1:
        raise Malformed("its columns differ in length")
    return Table(lists, lengths.pop())
