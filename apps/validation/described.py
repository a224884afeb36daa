"""The parameters of a check as people read and type them, made from the class that holds them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import msgspec
from msgspec import inspect

from apps.core.inputs import InputRefused, read_json
from apps.validation.checks.contract import Check
from apps.validation.parameters import as_record

NO_ENTRY = "[]"
"""How a list without entries is typed, since an empty field means the default."""


class Typed(Enum):
    """How a parameter is typed into a form."""

    TEXT = auto()
    WHOLE = auto()
    FRACTION = auto()
    YES_NO = auto()
    CHOICE = auto()
    LINES = auto()
    JSON = auto()


@dataclass(frozen=True)
class Described:
    """One parameter: what it means, how it is typed, and what holds unless somebody sets it."""

    name: str
    description: str
    typed: Typed
    default: object
    choices: Sequence[str] = ()

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def hint(self) -> str:
        """What is typed, and what holds when nothing is."""
        return " ".join(
            filter(None, [self.description, _HOW.get(self.typed, ""), f"Default: {self.shown}."])
        )

    @property
    def shown(self) -> str:
        return in_words(self.default)

    def as_text(self, value: object) -> str:
        """Return a plain value as it stands in a form."""
        if self.typed is Typed.YES_NO:
            return "yes" if value else "no"
        if self.typed is Typed.LINES and isinstance(value, Sequence):
            return "\n".join(map(str, value)) or NO_ENTRY
        if self.typed is Typed.JSON:
            return json.dumps(value, indent=2, ensure_ascii=False)
        return str(value)

    def as_value(self, text: str) -> object:
        """Return what was typed as a plain value; whether the check takes it is its own word.

        Raises:
            InputRefused: when it cannot be read at all.
        """
        if self.typed is Typed.YES_NO:
            return text == "yes"
        if self.typed is Typed.LINES:
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            return [] if lines == [NO_ENTRY] else lines
        if self.typed is Typed.JSON:
            return read_json(text)
        if self.typed is Typed.WHOLE:
            return _whole(text)
        return text


_HOW = {
    Typed.LINES: f"One on each line; {NO_ENTRY} for none.",
    Typed.JSON: "As JSON.",
    Typed.FRACTION: "A number such as 0.05.",
}


def parameters_of(check: Check) -> list[Described]:
    """Return every parameter a check takes, in the order its class names them."""
    defaults = as_record(check.parameters())
    kind = inspect.type_info(check.parameters)
    assert isinstance(kind, inspect.StructType)
    return [_described(field, defaults[field.encode_name]) for field in kind.fields]


def in_words(value: object) -> str:
    """Return a plain value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or (not value and isinstance(value, list | Mapping | str)):
        return "none"
    if isinstance(value, list) and not any(isinstance(inner, list | dict) for inner in value):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _described(field: inspect.Field, default: object) -> Described:
    kind: Any = field.type
    description = ""
    while isinstance(kind, inspect.Metadata):
        description = (kind.extra_json_schema or {}).get("description", "") or description
        kind = kind.type
    typed, choices = _typed(kind)
    return Described(field.encode_name, description, typed, default, choices)


def _typed(kind: inspect.Type) -> tuple[Typed, Sequence[str]]:
    if isinstance(kind, inspect.EnumType):
        return Typed.CHOICE, [str(member.value) for member in kind.cls]
    if isinstance(kind, inspect.LiteralType):
        return Typed.CHOICE, [str(value) for value in kind.values]
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        item: inspect.Type = kind.item_type
        while isinstance(item, inspect.Metadata):
            item = item.type
        return (Typed.LINES if isinstance(item, inspect.StrType) else Typed.JSON), ()
    return _PLAIN.get(type(kind), Typed.JSON), ()


_PLAIN: dict[type, Typed] = {
    inspect.BoolType: Typed.YES_NO,
    inspect.IntType: Typed.WHOLE,
    inspect.DecimalType: Typed.FRACTION,
    inspect.StrType: Typed.TEXT,
}


def _whole(text: str) -> int:
    try:
        return msgspec.convert(text, int, strict=False)
    except msgspec.ValidationError:
        raise InputRefused("This is no whole number.") from None
