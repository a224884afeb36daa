"""Reads the registers file strictly: each register, which rows it has, and its columns."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator

from apps.catalog.inventory import reading as inventory
from apps.catalog.inventory.reading import EntityId, FieldType, InventoryField
from apps.core import shapes, strict_yaml
from apps.core.errors import DomainError

CONTENT = Path(__file__).resolve().parents[1] / "content"
MODEL, USE = "model", "use_case"
HOMES = {MODEL: (MODEL,), USE: (MODEL, USE)}
"""What may be asked when rows are chosen, by what a row is: only what one row says for sure."""
_CHOSEN_BY = frozenset({FieldType.ENUM, FieldType.MULTI_ENUM, FieldType.BOOLEAN})


class RegistersRefused(DomainError):
    """The text is no set of registers; the message says everything that is wrong."""

    code = "registers_refused"


@dataclass(frozen=True)
class Test:
    """A field that has one of some values, or, where that is enough, none at all."""

    field: InventoryField
    has: tuple[str | bool, ...]
    or_missing: bool = False


@dataclass(frozen=True)
class Framework:
    """What governs a method of which a test holds."""

    test: Test
    says: str


@dataclass(frozen=True)
class Column:
    """One column: what the text it follows calls it, and the fields that fill it."""

    heading: str
    cite: str
    fields: tuple[InventoryField, ...] = ()
    is_framework: bool = False
    note: str = ""

    @property
    def asked(self) -> int:
        """How many values it holds: one that Signet keeps no field for is one that is missing."""
        return max(len(self.fields), 1)


@dataclass(frozen=True)
class Register:
    """One register: a row for each model, or each use, that every line of ``where`` holds of."""

    id: str
    title: str
    summary: str
    cites: tuple[str, ...]
    row: str
    where: tuple[tuple[Test, ...], ...]
    frameworks: tuple[Framework, ...]
    columns: tuple[Column, ...]

    @property
    def is_of_uses(self) -> bool:
        return self.row == USE

    @property
    def noun(self) -> str:
        """What one row is."""
        return "use" if self.is_of_uses else "model"

    @property
    def asked(self) -> int:
        """How many values one row holds when nothing is missing."""
        return sum(column.asked for column in self.columns)


@dataclass(frozen=True)
class Registers:
    """All registers of one version of the file."""

    version: str
    law_as_of: str
    disclaimer: str
    registers: tuple[Register, ...]

    def named(self, register_id: str) -> Register | None:
        """Return one register, or nothing when there is none of that id."""
        return next((one for one in self.registers if one.id == register_id), None)


@cache
def shipped() -> Registers:
    """Return the registers this release ships, read once."""
    return parse((CONTENT / "registers.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Registers:
    """Return the registers a text describes.

    Raises:
        RegistersRefused: when anything in it is wrong; the message says all that is.
    """
    document = strict_yaml.load(text)
    wrong = [problem.words for problem in shapes.problems(_validator(), document)]
    if not wrong:
        wrong = list(_problems(cast(Mapping[str, Any], document)))
    if wrong:
        raise RegistersRefused(" ".join(wrong))
    told = cast(Mapping[str, Any], document)
    return Registers(
        told["version"],
        told["law_as_of"],
        told["disclaimer"].strip(),
        tuple(map(_register, told["registers"])),
    )


@cache
def fields() -> Mapping[str, InventoryField]:
    """Return the shipped fields by the path that leads to each."""
    known: dict[str, InventoryField] = {}
    for entity in inventory.shipped().entities:
        for field in entity.fields:
            known.setdefault(field.path, field)
    return known


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads((CONTENT / "registers.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


# -- what is wrong with a text of the right shape --------------------------------------------------


def _problems(told: Mapping[str, Any]) -> Iterator[str]:
    for name, times in Counter(one["id"] for one in told["registers"]).items():
        if times > 1:
            yield f"The register {name} stands there twice."
    for register in told["registers"]:
        for problem in _of_register(register):
            yield f"{register['id']}: {problem}"


def _of_register(register: Mapping[str, Any]) -> Iterator[str]:
    headings = Counter(column["heading"] for column in register["columns"])
    yield from (f"two columns are headed {one!r}." for one, times in headings.items() if times > 1)
    for column in register["columns"]:
        yield from _of_column(register, column)
    lines = [test for line in register["where"] for test in line["any"]]
    for test in [*lines, *register.get("frameworks", ())]:
        yield from _of_test(register, test)


def _of_column(register: Mapping[str, Any], column: Mapping[str, Any]) -> Iterator[str]:
    heading = column["heading"]
    if ("from" in column) == ("framework" in column):
        yield f"{heading!r} takes either fields or the framework."
    if column.get("framework") and not register.get("frameworks"):
        yield f"{heading!r} names the framework, and none is listed."
    if column.get("from") == [] and not column.get("note"):
        yield f"{heading!r} is filled from nothing: a note says why."
    for path in column.get("from", ()):
        if path not in fields():
            yield f"{heading!r}: there is no field {path}.{shapes.nearest(path, fields())}"
        elif fields()[path].entity is EntityId.THIRD_PARTY:
            yield f"{heading!r}: {path} is of a supplier, and a row is a {register['row']}."


def _of_test(register: Mapping[str, Any], test: Mapping[str, Any]) -> Iterator[str]:
    path = test["field"]
    field = fields().get(path)
    if field is None:
        yield f"rows are chosen by {path}, which is no field.{shapes.nearest(path, fields())}"
        return
    if path.partition(".")[0] not in HOMES[register["row"]]:
        yield f"rows are chosen by {path}, of which a {register['row']} may have several."
    if field.type not in _CHOSEN_BY:
        yield f"rows are chosen by {path}, which is no choice and no yes or no."
        return
    known: tuple[object, ...] = field.choices or (True, False)
    for value in test["has"]:
        if value not in known:
            yield f"{path} never is {shapes.found(value)}."


# -- reading ---------------------------------------------------------------------------------------


def _register(told: Mapping[str, Any]) -> Register:
    return Register(
        id=told["id"],
        title=told["title"],
        summary=told["summary"].strip(),
        cites=tuple(told["cites"]),
        row=told["row"],
        where=tuple(tuple(map(_test, line["any"])) for line in told["where"]),
        frameworks=tuple(Framework(_test(one), one["says"]) for one in told.get("frameworks", ())),
        columns=tuple(map(_column, told["columns"])),
    )


def _test(told: Mapping[str, Any]) -> Test:
    return Test(fields()[told["field"]], tuple(told["has"]), told.get("or_missing", False))


def _column(told: Mapping[str, Any]) -> Column:
    return Column(
        heading=told["heading"],
        cite=told["cite"],
        fields=tuple(fields()[path] for path in told.get("from", ())),
        is_framework=told.get("framework", False),
        note=told.get("note", ""),
    )
