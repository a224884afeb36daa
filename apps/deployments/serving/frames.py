"""What clients of ``mlflow models serve`` send, read into rows and columns.

MLflow's scoring protocol 2.0: ``dataframe_split``, ``dataframe_records``, ``instances`` or
``inputs`` (https://mlflow.org/docs/latest/genai/serving/).
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 10_000
FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


class FrameRefused(Exception):
    """The body is not one of the forms; the message says what is wrong, for whoever sent it."""


@dataclass(frozen=True)
class Frame:
    """Rows of numbers; ``columns`` are their names, or empty where none were given."""

    columns: tuple[str, ...]
    rows: list[list[float]]

    def in_order_of(self, names: Sequence[str]) -> list[list[float]]:
        """Return the rows with their columns as a model names them.

        Raises:
            FrameRefused: when a column is missing, or rows are not as long as the model's.
        """
        if not names:
            return self.rows
        if not self.columns:
            if any(len(row) != len(names) for row in self.rows):
                raise FrameRefused(f"Each row holds {len(names)} values: {', '.join(names)}.")
            return self.rows
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise FrameRefused(f"Columns are missing: {', '.join(missing)}.")
        places = [self.columns.index(name) for name in names]
        return [[row[place] for place in places] for row in self.rows]


def read(body: bytes) -> Frame:
    """Return the frame a request holds.

    Raises:
        FrameRefused: when it holds none, too much, or something other than numbers.
    """
    try:
        sent = json.loads(body)
    except ValueError:
        raise FrameRefused("The body is not JSON.") from None
    given = [form for form in FORMS if isinstance(sent, dict) and form in sent]
    if len(given) != 1:
        raise FrameRefused(f"Send one of these: {', '.join(FORMS)}.")
    columns, rows = _READ[given[0]](sent[given[0]])
    if not rows or len(rows) > MOST_ROWS:
        raise FrameRefused(f"Send 1 to {MOST_ROWS:,} rows.")
    return Frame(columns, [_numbers(row, len(columns)) for row in rows])


def _split(value: object) -> tuple[tuple[str, ...], Sequence[object]]:
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise FrameRefused("dataframe_split holds columns and data.")
    columns = value.get("columns", [])
    if not isinstance(columns, list):
        raise FrameRefused("The columns are a list of names.")
    return tuple(str(name) for name in columns), value["data"]


def _records(value: object) -> tuple[tuple[str, ...], Sequence[object]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise FrameRefused("It is a list of records, each with its columns.")
    columns = tuple(str(name) for name in value[0]) if value else ()
    if any(set(map(str, one)) != set(columns) for one in value):
        raise FrameRefused("Each record has the same columns.")
    return columns, [[one[name] for name in columns] for one in value]


def _instances(value: object) -> tuple[tuple[str, ...], Sequence[object]]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _records(value)
    if not isinstance(value, list):
        raise FrameRefused("It is a list of rows.")
    return (), value


def _inputs(value: object) -> tuple[tuple[str, ...], Sequence[object]]:
    if not isinstance(value, dict):
        return _instances(value)
    lists = list(value.values())
    if not lists or not all(isinstance(one, list) for one in lists):
        raise FrameRefused("inputs holds a list of values for each column.")
    if len({len(one) for one in lists}) != 1:
        raise FrameRefused("Each column holds as many values.")
    return tuple(map(str, value)), [list(row) for row in zip(*lists, strict=True)]


_READ: Mapping[str, Any] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _instances,
    "inputs": _inputs,
}


def _numbers(row: object, columns: int) -> list[float]:
    if not isinstance(row, list) or (columns and len(row) != columns):
        raise FrameRefused("Each row is a list with a value for each column.")
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in row):
        raise FrameRefused("The values are numbers.")
    return [float(one) for one in row]
