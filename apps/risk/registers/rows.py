"""The rows of a register: every cell in words, and what is missing in it counted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from apps.catalog import queries as catalog
from apps.catalog.inventory.reading import InventoryField
from apps.catalog.inventory.shown import People, as_line, in_words, people
from apps.catalog.inventory.values import is_empty
from apps.catalog.models import RegisteredModel, UseCase
from apps.core.actors import Actor
from apps.core.paging import Order, Page
from apps.core.sheets import Cell
from apps.risk.registers import choosing
from apps.risk.registers.reading import Column, Register
from apps.risk.registers.world import PerUse, Subject, World

NOT_RECORDED = "not recorded"
MODELS_A_PIECE = 200
"""How many models are read at a time; each piece takes the same number of queries."""
_ORDER = Order(("id",), least_first=True)


@dataclass(frozen=True)
class CellShown:
    """What stands in one cell, and how much of it is missing."""

    column: Column
    text: str
    gaps: int


@dataclass(frozen=True)
class RowShown:
    """One row of a register, and the model it opens."""

    model: RegisteredModel
    use: UseCase | None
    cells: Sequence[CellShown]

    @property
    def gaps(self) -> int:
        return sum(cell.gaps for cell in self.cells)

    @property
    def title(self) -> str:
        return f"{self.model.name}: {self.use.title}" if self.use else self.model.name

    @property
    def url(self) -> str:
        return (self.use or self.model).get_absolute_url()


@dataclass(frozen=True)
class Shown:
    """One page of a register."""

    page: Page[Any]
    rows: Sequence[RowShown]

    @property
    def gaps(self) -> int:
        return sum(row.gaps for row in self.rows)


@dataclass(frozen=True)
class ColumnGaps:
    """How much of a column is missing over all rows."""

    column: Column
    rows: int
    """In how many rows something of it is missing."""
    values: int


@dataclass(frozen=True)
class Gaps:
    """What is missing over all rows of a register."""

    register: Register
    rows: int
    columns: Sequence[ColumnGaps]

    @property
    def values(self) -> int:
        return sum(one.values for one in self.columns)

    @property
    def asked(self) -> int:
        """How many values there are when nothing is missing."""
        return self.rows * self.register.asked


def chosen(register: Register, actor: Actor) -> QuerySet[RegisteredModel] | QuerySet[UseCase]:
    """Return the models, or uses, of a register that an actor may see, as they are now."""
    models = catalog.models_visible_to(actor)
    if not register.is_of_uses:
        return models.filter(choosing.condition(register))
    uses: QuerySet[UseCase] = UseCase.objects.filter(model__in=models.values("pk"), ended_at=None)
    return uses.filter(choosing.condition(register))


def page(register: Register, actor: Actor, *, size: int, mark: str = "") -> Shown:
    """Return one page of a register.

    Raises:
        BadMark: when the mark belongs to another register or person.
    """
    found: Page[Any] = _ORDER.page(
        _keys(register, actor), size=size, mark=mark, bound_to=f"{actor.id} {register.id}"
    )
    wanted = {one.pk for one in found.rows}
    models = {one.model_id if register.is_of_uses else one.pk for one in found.rows}
    subjects = World.of(sorted(models)).subjects(of_uses=register.is_of_uses)
    kept = [one for one in subjects if (one.use or one.model).pk in wanted]
    return Shown(found, _rows(register, sorted(kept, key=lambda one: (one.use or one.model).pk)))


def _keys(register: Register, actor: Actor) -> QuerySet[Any]:
    found: QuerySet[Any] = chosen(register, actor)
    return found.only("id", "model_id") if register.is_of_uses else found.only("id")


def header(register: Register) -> list[str]:
    """Return the headings of the file: each with what it follows."""
    named = ["Model", "Use"] if register.is_of_uses else ["Model"]
    columns = (f"{column.heading} ({column.cite})" for column in register.columns)
    return [*named, "Not recorded", *columns]


def lines(register: Register, actor: Actor, at: datetime | None = None) -> Iterator[list[Cell]]:
    """Yield the lines of the file, as things are or as they were at a moment."""
    for row in all_rows(register, actor, at):
        name: list[Cell] = [row.model.name, row.use.title] if row.use else [row.model.name]
        yield [*name, row.gaps, *(cell.text for cell in row.cells)]


def all_rows(register: Register, actor: Actor, at: datetime | None = None) -> Iterator[RowShown]:
    """Yield every row of a register, some models at a time.

    One query finds the models; then each piece of them takes a fixed number.
    """
    models = catalog.models_visible_to(actor).order_by("pk").values_list("pk", flat=True)
    found = models.iterator(chunk_size=MODELS_A_PIECE)
    while piece := list(islice(found, MODELS_A_PIECE)):
        subjects = World.of(piece, at).subjects(of_uses=register.is_of_uses)
        kept = [one for one in subjects if choosing.is_row(register, one.known)]
        yield from _rows(register, kept)


def gaps(register: Register, actor: Actor) -> Gaps:
    """Count what is missing over all rows, as they are now: by the cells that the rows show."""
    number, rows, values = 0, [0] * len(register.columns), [0] * len(register.columns)
    for row in all_rows(register, actor):
        number += 1
        for at, cell in enumerate(row.cells):
            rows[at] += cell.gaps > 0
            values[at] += cell.gaps
    found = zip(register.columns, rows, values, strict=True)
    return Gaps(register, number, [ColumnGaps(*one) for one in found])


def _rows(register: Register, subjects: Sequence[Subject]) -> list[RowShown]:
    known = _people(register, subjects)
    return [
        RowShown(
            one.model, one.use, [_cell(register, each, one, known) for each in register.columns]
        )
        for one in subjects
    ]


def _people(register: Register, subjects: Iterable[Subject]) -> People:
    asked = {field.path: field for column in register.columns for field in column.fields}
    return people((asked, _flat(one.known)) for one in subjects)


def _flat(known: choosing.Known) -> choosing.Known:
    """Leave the values of several uses aside: none of them names a person by itself."""
    return {path: value for path, value in known.items() if not isinstance(value, PerUse)}


def _cell(register: Register, column: Column, subject: Subject, known: People) -> CellShown:
    if column.is_framework:
        says = choosing.framework(register.frameworks, subject.known)
        return CellShown(column, says or NOT_RECORDED, int(not says))
    texts = [_text(field, subject.known.get(field.path), known) for field in column.fields]
    gaps = sum(not text for text in texts)
    if not any(texts):
        return CellShown(column, NOT_RECORDED, column.asked)
    if len(texts) == 1:
        return CellShown(column, texts[0], gaps)
    pairs = zip(column.fields, texts, strict=True)
    parts = (f"{field.label}: {text or NOT_RECORDED}" for field, text in pairs)
    return CellShown(column, "; ".join(parts), gaps)


def _text(field: InventoryField, value: object, known: People) -> str:
    if isinstance(value, PerUse):
        return "; ".join(f"{title}: {_text(field, one, known)}" for title, one in value)
    return "" if is_empty(value) else as_line(in_words(field, value, known))
