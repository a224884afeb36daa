"""What people may write in a field, by its type. Values are text and lists of text, never floats.

A digest covers every value, so numbers are kept as they are written, as text.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias

from apps.core.digests import digest_of
from apps.core.inputs import InputRefused, require_text
from apps.validation.documents.reading import FieldType, TemplateField

Value: TypeAlias = "str | list[str] | list[list[str]]"
Given: TypeAlias = "dict[str, Value]"
"""What was written: ``{"value": …}``, ``{"not_applicable": why}``, or ``{}`` when nothing was."""

NOT_APPLICABLE = "not_applicable"
MOST_LINE = 500
MOST_CELL = 2000
MOST_TEXT = 20_000
MOST_ITEMS = 200

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?", re.ASCII)
_MARK = "/"


def checked(field: TemplateField, value: object) -> Given:
    """Return what was written in the form it is kept in, provided the field may hold it.

    Raises:
        InputRefused: when it may not; the message says what the field takes.
    """
    if not field.is_written:
        raise InputRefused(f"{field.label} is filled in from the registry and not written here.")
    if isinstance(value, Mapping):
        return _not_applicable(field, value)
    if value is None or value == "":
        return {}
    kept = _CHECKS[field.type](field, value)
    return {"value": kept} if kept else {}


def digest_of_given(given: Mapping[str, object]) -> str:
    """Return the digest of what was written in a field, whoever wrote it; nothing has one too."""
    told = {key: given[key] for key in ("value", NOT_APPLICABLE) if given.get(key)}
    return digest_of(told)


def _not_applicable(field: TemplateField, value: Mapping[object, object]) -> Given:
    if set(value) != {NOT_APPLICABLE}:
        raise InputRefused(
            f"{field.label} takes its value, or only {NOT_APPLICABLE} with a reason."
        )
    if not field.not_applicable_allowed:
        raise InputRefused(f"{field.label} has to be answered: it always applies.")
    reason = _text(field, value[NOT_APPLICABLE], most=MOST_CELL)
    if not reason:
        raise InputRefused(f"Say why {field.label} does not apply.")
    return {NOT_APPLICABLE: reason}


# -- one check for each type -----------------------------------------------------------------------


def _text(field: TemplateField, value: object, *, most: int, lines: bool = False) -> str:
    if not isinstance(value, str):
        raise InputRefused(f"{field.label} is text.")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    require_text(text, field.label, most, lines=lines)
    return text


def _line(field: TemplateField, value: object) -> str:
    return _text(field, value, most=MOST_LINE)


def _long(field: TemplateField, value: object) -> str:
    return _text(field, value, most=MOST_TEXT, lines=True)


def _items(field: TemplateField, value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise InputRefused(f"{field.label} is a list of texts.")
    if len(value) > MOST_ITEMS:
        raise InputRefused(f"{field.label} holds at most {MOST_ITEMS} entries.")
    return [item for item in (_text(field, one, most=MOST_CELL) for one in value) if item]


def _rows(field: TemplateField, value: object) -> list[list[str]]:
    if not isinstance(value, list | tuple):
        raise InputRefused(f"{field.label} is a list of rows, each a list of texts.")
    if len(value) > MOST_ITEMS:
        raise InputRefused(f"{field.label} holds at most {MOST_ITEMS} rows.")
    return [row for row in (_cells(field, one) for one in value) if any(row)]


def _cells(field: TemplateField, row: object) -> list[str]:
    wide = len(field.columns)
    if not isinstance(row, list | tuple) or len(row) > wide:
        raise InputRefused(f"A row of {field.label} has at most {wide} cells, each a text.")
    cells = [_text(field, cell, most=MOST_CELL) for cell in row]
    return [*cells, *[""] * (wide - len(cells))]


def _choice(field: TemplateField, value: object) -> str:
    if value not in field.choices:
        raise InputRefused(f"{field.label} is one of {', '.join(field.choices)}.")
    return str(value)


def _number(field: TemplateField, value: object) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text.strip()):
        raise InputRefused(f"{field.label} is a number, given as text such as 12.5.")
    return text.strip()


def _day(field: TemplateField, value: object) -> str:
    try:
        return date.fromisoformat(_line(field, value)).isoformat()
    except ValueError:
        raise InputRefused(f"{field.label} is a day such as 2026-11-23.") from None


def _days(field: TemplateField, value: object) -> str:
    """Return two days as ISO 8601 writes an interval."""
    parts = [part.strip() for part in _line(field, value).split(_MARK)]
    if len(parts) != 2:
        raise InputRefused(f"{field.label} is two days such as 2026-11-02/2026-11-20.")
    first, last = (_day(field, part) for part in parts)
    if last < first:
        raise InputRefused(f"{field.label} ends before it begins.")
    return f"{first}{_MARK}{last}"


_CHECKS: Mapping[FieldType, Callable[[TemplateField, object], Value]] = {
    FieldType.TEXT: _line,
    FieldType.RICH_TEXT: _long,
    FieldType.LIST: _items,
    FieldType.TABLE: _rows,
    FieldType.METRIC_TABLE: _rows,
    FieldType.CHOICE: _choice,
    FieldType.NUMBER: _number,
    FieldType.DATE: _day,
    FieldType.DATE_RANGE: _days,
    FieldType.REFERENCE: _line,
    FieldType.EVIDENCE: _items,
}
