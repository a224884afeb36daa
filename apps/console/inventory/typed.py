"""Values as people type them into a form, and back: lists by line, rows by line and cell."""

import re
from collections.abc import Callable, Mapping, Sequence

from apps.accounts.models import User
from apps.catalog.inventory.reading import FieldType, InventoryField
from apps.catalog.inventory.shown import People
from apps.catalog.inventory.values import length_in_words
from apps.console.queries import people
from apps.core.inputs import InputRefused

_CELLS = re.compile(r"\t|(?<!\\)\|")


def lines(text: str) -> list[str]:
    """Return the lines that hold something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def rows(text: str) -> list[list[str]]:
    r"""Return rows with cells between ``|`` or tabs; ``\|`` stands for the sign itself."""
    return [
        [cell.strip().replace(r"\|", "|") for cell in _CELLS.split(line.strip())]
        for line in lines(text)
    ]


def as_rows(value: Sequence[Sequence[str]]) -> str:
    """Return a table as it is typed."""
    return "\n".join(" | ".join(cell.replace("|", r"\|") for cell in row) for row in value)


def as_text(field: InventoryField, value: object, known: People) -> object:
    """Return a value as the form of a field begins with it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return _account(str(value.get("person") or value.get("supplier") or ""), known)
    if isinstance(value, list):
        return _many_as_text(field, value, known)
    if field.type is FieldType.DURATION:
        return length_in_words(str(value))
    return _account(str(value), known) if field.type is FieldType.PERSON else value


def _many_as_text(field: InventoryField, value: list[object], known: People) -> object:
    if field.type is FieldType.MULTI_ENUM:
        return value
    if any(isinstance(part, list) for part in value):
        return as_rows([part for part in value if isinstance(part, list)])
    return "\n".join(_account(str(part), known) for part in value)


def _account(who: str, known: People) -> str:
    return known[who].username if who in known else who


def readers(known: People) -> Mapping[FieldType, Callable[[str], object]]:
    """Return what reads the text of each type that is not kept as it is typed.

    ``known`` are the people named already, who are found even when their account is closed.
    """

    def person(text: str) -> str:
        return _person(text, known)

    return {
        FieldType.BOOLEAN: lambda text: {"yes": True, "no": False}.get(text, ""),
        FieldType.INTEGER: _integer,
        FieldType.LIST: lines,
        FieldType.MULTI_REFERENCE: lines,
        FieldType.TABLE: rows,
        FieldType.METRIC_TABLE: rows,
        FieldType.PERSON: person,
        FieldType.MULTI_PERSON: lambda text: [person(line) for line in lines(text)],
        FieldType.PERSON_OR_SUPPLIER: lambda text: _person_or_supplier(text, known),
    }


def _integer(text: str) -> object:
    if not text:
        return ""
    if not re.fullmatch(r"-?\d{1,16}", text, re.ASCII):
        raise InputRefused("Enter a whole number.")
    return int(text)


def _person(text: str, known: People) -> str:
    if not text:
        return ""
    found = _accounts(text, known)
    if not found:
        raise InputRefused(f"Nobody bears the name {text!a:.60}.")
    if len(found) > 1:
        raise InputRefused(f"Several people bear the name {text!a:.60}. Give the sign-in name.")
    return found[0].record_id


def _person_or_supplier(text: str, known: People) -> dict[str, str]:
    """Return the one person a text names, or else a supplier of that name."""
    if not text:
        return {}
    found = _accounts(text, known)
    return {"person": found[0].record_id} if len(found) == 1 else {"supplier": text}


def _accounts(text: str, known: People) -> list[User]:
    already = [user for user in known.values() if user.username == text]
    return already or [one for one in people.named(text) if isinstance(one, User)]
