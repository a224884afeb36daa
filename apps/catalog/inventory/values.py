"""What a field may hold, by its type. Values are text, true or false, whole numbers, and lists.

Numbers with decimals are kept as text: a digest covers every value, and no float may enter one.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TypeAlias

from apps.catalog.inventory.reading import FieldType, InventoryField
from apps.core.digests import MOST_INTEGER, digest_of, utc_text
from apps.core.inputs import InputRefused, require_text

Value: TypeAlias = "str | bool | int | list[str] | list[list[str]] | dict[str, str]"
Values: TypeAlias = Mapping[str, Value]

MOST_LINE = 500
MOST_TEXT = 5000
MOST_ADDRESS = 2000
MOST_ITEMS = 200
MOST_CELLS = 16

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")
_ADDRESS = re.compile(r"(?!javascript:|data:|vbscript:)[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?", re.ASCII)
_PERSON = re.compile(r"usr_[1-9]\d{0,17}", re.ASCII)
_LENGTHS = {"hour": "PT{}H", "day": "P{}D", "week": "P{}W", "month": "P{}M", "year": "P{}Y"}
_LENGTH_TYPED = re.compile(r"([1-9]\d{0,4}) ?(hour|day|week|month|year)s?", re.ASCII)
_LENGTH = re.compile(r"PT([1-9]\d{0,4})H|P([1-9]\d{0,4})([DWMY])", re.ASCII)
_UNITS = {"D": "day", "W": "week", "M": "month", "Y": "year"}


def checked(field: InventoryField, value: object) -> Value:
    """Return a value in the form it is kept in, provided the field may hold it; nothing is "".

    Raises:
        InputRefused: when it may not; the message says what the field takes.
    """
    if field.is_derived:
        raise InputRefused(f"{field.label} is worked out by Signet and written by nobody.")
    if value is None or value == "":
        return ""
    return _CHECKS[field.type](field, value)


def is_empty(value: object) -> bool:
    """Say whether a value is a gap; ``false`` and ``0`` are answers."""
    return value is None or value in ("", [], {})


def digest_of_value(value: object) -> str:
    """Return the digest of a value as it is kept; nothing has one too."""
    return digest_of({"value": None if is_empty(value) else value})


def people_in(fields: Mapping[str, InventoryField], values: Mapping[str, object]) -> set[str]:
    """Return the ids of everybody some values name."""
    return {
        who
        for key, value in values.items()
        if key in fields
        for who in _named(fields[key].type, value)
    }


def _named(kind: FieldType, value: object) -> Iterator[str]:
    if kind is FieldType.PERSON and isinstance(value, str):
        yield value
    elif kind is FieldType.MULTI_PERSON and isinstance(value, list):
        yield from value
    elif kind is FieldType.PERSON_OR_SUPPLIER and isinstance(value, dict) and "person" in value:
        yield value["person"]


def length_in_words(value: str) -> str:
    """Return a length of time as people say it: ``P30D`` reads "30 days"."""
    found = _LENGTH.fullmatch(value)
    if found is None:
        return value
    count, unit = (found[1], "hour") if found[1] else (found[2], _UNITS[found[3]])
    return f"{count} {unit}" if count == "1" else f"{count} {unit}s"


# -- one check for each type -----------------------------------------------------------------------


def _text(field: InventoryField, value: object, *, most: int, lines: bool = False) -> str:
    if not isinstance(value, str):
        raise InputRefused(f"{field.label} is text.")
    text = value.replace("\r\n", "\n").strip()
    require_text(text, field.label, most, lines=lines)
    return text


def _line(field: InventoryField, value: object) -> str:
    return _text(field, value, most=MOST_LINE)


def _long(field: InventoryField, value: object) -> str:
    return _text(field, value, most=MOST_TEXT, lines=True)


def _matching(pattern: re.Pattern[str], takes: str, most: int) -> Callable[..., str]:
    def check(field: InventoryField, value: object) -> str:
        text = _text(field, value, most=most)
        if text and not pattern.fullmatch(text):
            raise InputRefused(f"{field.label} takes {takes}.")
        return text

    return check


def _boolean(field: InventoryField, value: object) -> bool:
    if not isinstance(value, bool):
        raise InputRefused(f"{field.label} is true or false.")
    return value


def _integer(field: InventoryField, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_INTEGER:
        raise InputRefused(f"{field.label} is a whole number.")
    return value


def _decimal(field: InventoryField, value: object) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or (text and not _DECIMAL.fullmatch(text)):
        raise InputRefused(f"{field.label} is a number, given as text such as 12.5.")
    return text


def _day(field: InventoryField, value: object) -> str:
    text = _line(field, value)
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise InputRefused(f"{field.label} is a day such as 2026-11-23.") from None


def _moment(field: InventoryField, value: object) -> str:
    text = _line(field, value)
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise InputRefused(
            f"{field.label} is a moment in UTC such as 2026-11-23T09:30:00Z."
        ) from None


def _length(field: InventoryField, value: object) -> str:
    text = _line(field, value)
    if not text or _LENGTH.fullmatch(text):
        return text
    typed = _LENGTH_TYPED.fullmatch(text.lower())
    if typed is None:
        raise InputRefused(f"{field.label} is a length of time such as 30 days or 48 hours.")
    return _LENGTHS[typed[2]].format(typed[1])


def _one_of(field: InventoryField, value: object) -> str:
    if value not in field.choices:
        raise InputRefused(f"{field.label} is one of {', '.join(field.choices)}.")
    return str(value)


def _some_of(field: InventoryField, value: object) -> list[str]:
    chosen = _items(field, value)
    if set(chosen) - set(field.choices):
        raise InputRefused(f"{field.label} takes some of {', '.join(field.choices)}.")
    return [choice for choice in field.choices if choice in chosen]


def _items(field: InventoryField, value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise InputRefused(f"{field.label} is a list of texts.")
    if len(value) > MOST_ITEMS:
        raise InputRefused(f"{field.label} holds at most {MOST_ITEMS} entries.")
    items = (_line(field, item) for item in value)
    return list(dict.fromkeys(item for item in items if item))


def _rows(field: InventoryField, value: object) -> list[list[str]]:
    if not isinstance(value, list | tuple):
        raise InputRefused(f"{field.label} is a list of rows, each a list of texts.")
    if len(value) > MOST_ITEMS:
        raise InputRefused(f"{field.label} holds at most {MOST_ITEMS} rows.")
    rows = [_cells(field, row) for row in value]
    return [row for row in rows if any(row)]


def _cells(field: InventoryField, row: object) -> list[str]:
    if not isinstance(row, list | tuple) or len(row) > MOST_CELLS:
        raise InputRefused(f"A row of {field.label} is a list of at most {MOST_CELLS} texts.")
    return [_line(field, cell) for cell in row]


def _metrics(field: InventoryField, value: object) -> list[list[str]]:
    """Return measured rows; the cell under "Value" is a number."""
    rows = _rows(field, value)
    place = field.columns.index("Value") if "Value" in field.columns else 1
    for row in rows:
        if len(row) <= place or not _DECIMAL.fullmatch(row[place]):
            raise InputRefused(f"In {field.label} column {place + 1} of each row is a number.")
    return rows


def _person(field: InventoryField, value: object) -> str:
    text = _line(field, value)
    if text and not _PERSON.fullmatch(text):
        raise InputRefused(f"{field.label} names a person by id, such as usr_7.")
    return text


def _people(field: InventoryField, value: object) -> list[str]:
    return [_person(field, who) for who in _items(field, value)]


def _person_or_supplier(field: InventoryField, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > 1 or set(value) - {"person", "supplier"}:
        raise InputRefused(f"{field.label} is either a person or a supplier.")
    if "person" in value:
        who = _person(field, value["person"])
        return {"person": who} if who else {}
    name = _line(field, value.get("supplier", ""))
    return {"supplier": name} if name else {}


_CHECKS: Mapping[FieldType, Callable[[InventoryField, object], Value]] = {
    FieldType.IDENTIFIER: _matching(_IDENTIFIER, "letters, digits and . _ : / - only", 100),
    FieldType.STRING: _line,
    FieldType.TEXT: _long,
    FieldType.URI: _matching(
        _ADDRESS, "an address with its scheme, such as https://… or batch:nightly", MOST_ADDRESS
    ),
    FieldType.DIGEST: _matching(_DIGEST, "sha256: and 64 small hexadecimal digits", 71),
    FieldType.BOOLEAN: _boolean,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.DATE: _day,
    FieldType.DATETIME: _moment,
    FieldType.DURATION: _length,
    FieldType.ENUM: _one_of,
    FieldType.MULTI_ENUM: _some_of,
    FieldType.LIST: _items,
    FieldType.TABLE: _rows,
    FieldType.METRIC_TABLE: _metrics,
    FieldType.REFERENCE: _line,
    FieldType.MULTI_REFERENCE: _items,
    FieldType.PERSON: _person,
    FieldType.MULTI_PERSON: _people,
    FieldType.PERSON_OR_SUPPLIER: _person_or_supplier,
}
WRITABLE: Collection[FieldType] = frozenset(_CHECKS)
"""The types an organization can give a field of its own."""
