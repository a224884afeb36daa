"""Recorded values as people read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import User
from apps.catalog.inventory.reading import FieldType, InventoryField
from apps.catalog.inventory.values import is_empty, length_in_words, people_in

_INITIALS = frozenset({"ai", "api", "eu", "gpai", "hkma", "mas", "osfi", "pra", "rbi", "uk", "us"})
_LINKED = ("https://", "http://")
_START = len(User.RECORD.prefix) + 1

People = Mapping[str, User]
"""People by id, as the record names them: ``usr_7``."""


@dataclass(frozen=True)
class Shown:
    """A value in words: lines of text, a list, a table or a link; nothing when there is none."""

    text: str = ""
    items: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    href: str = ""
    at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.items or self.rows or self.at)


NOTHING = Shown()


def people(pairs: Iterable[tuple[Mapping[str, InventoryField], Mapping[str, object]]]) -> People:
    """Return everybody some values name, in one query."""
    named = {who for fields, values in pairs for who in people_in(fields, values)}
    found = User.objects.filter(pk__in=[int(who[_START:]) for who in named])
    return {user.record_id: user for user in found}


def in_words(field: InventoryField, value: object, known: People) -> Shown:
    """Return a value as a page shows it, by what it is rather than by what it should be."""
    if is_empty(value):
        return NOTHING
    if isinstance(value, bool):
        return Shown("Yes" if value else "No")
    if isinstance(value, list):
        return _many(field, value, known)
    if isinstance(value, dict):
        return Shown(_name(str(value.get("person") or value.get("supplier") or ""), known))
    return _one(field, str(value), known)


def choice_in_words(choice: str) -> str:
    """Return a choice as words: ``machine_learning`` reads "Machine learning", ``gpai`` "GPAI"."""
    words = " ".join(one.upper() if one in _INITIALS else one for one in choice.split("_"))
    return words[:1].upper() + words[1:]


def as_line(shown: Shown) -> str:
    """Return a value on one line, for a cell of a sheet."""
    if shown.at is not None:
        return shown.at.isoformat(timespec="seconds")
    if shown.rows:
        return "; ".join(" | ".join(row) for row in shown.rows)
    return shown.text or "; ".join(shown.items)


def _one(field: InventoryField, text: str, known: People) -> Shown:
    if field.type is FieldType.ENUM:
        return Shown(choice_in_words(text))
    if field.type is FieldType.DURATION:
        return Shown(length_in_words(text))
    if field.type is FieldType.DATETIME:
        return Shown(at=datetime.fromisoformat(text))
    if field.type is FieldType.PERSON:
        return Shown(_name(text, known))
    return Shown(text, href=text if text.startswith(_LINKED) else "")


def _many(field: InventoryField, values: Sequence[object], known: People) -> Shown:
    if any(isinstance(value, list) for value in values):
        rows = [[str(cell) for cell in row] for row in values if isinstance(row, list)]
        return Shown(columns=_headings(field, rows), rows=rows)
    texts = [str(value) for value in values]
    if field.type is FieldType.MULTI_ENUM:
        return Shown(items=[choice_in_words(text) for text in texts])
    if field.type is FieldType.MULTI_PERSON:
        return Shown(items=[_name(text, known) for text in texts])
    return Shown(items=texts)


def _headings(field: InventoryField, rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the columns of a table, provided the rows are not wider than they say."""
    wide = max(len(row) for row in rows)
    return field.columns if wide <= len(field.columns) else ()


def _name(who: str, known: People) -> str:
    return str(known[who]) if who in known else who
