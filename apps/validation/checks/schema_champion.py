"""Schema against the champion: which declared columns its callers would find changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec

from apps.validation.checks.contract import Parameters, Problem, Severity
from apps.validation.checks.recorded import Champion
from apps.validation.checks.schema_declared import Column, Declared, Malformed, Tensor, read_side

SIDES = ("inputs", "outputs")
WIDER: Mapping[str, frozenset[str]] = {
    "integer": frozenset({"long", "double"}),
    "float": frozenset({"double"}),
}
"""Which types an input may become, and still take exactly what it took before."""

KEEP_COLUMNS = (
    "Keep the columns as callers know them; or agree the change with those who call the model, and "
    "let a validator set breaking_fails to false for it."
)
TELL = "Nothing breaks; tell those who call the model."


class SchemaParameters(Parameters, frozen=True):
    """How changes against the version in production are judged."""

    breaking_fails: Annotated[
        bool,
        msgspec.Meta(
            description="Whether a change that breaks callers of the version in production fails"
        ),
    ] = True


@dataclass(frozen=True, slots=True)
class Change:
    """One thing declared otherwise than by the version in production."""

    code: str
    place: str
    text: str
    is_breaking: bool

    def as_problem(self, *, breaking_fails: bool) -> Problem:
        """Return it as a problem: breaking ones are grave unless that was switched off."""
        if not self.is_breaking:
            return Problem(self.code, Severity.INFO, self.place, self.text, TELL)
        severity = Severity.HIGH if breaking_fails else Severity.MEDIUM
        return Problem(self.code, severity, self.place, self.text, KEEP_COLUMNS)


def changes(signature: Mapping[str, object] | None, champion: Champion) -> list[Change]:
    """Return how a declared signature differs from that of the version in production."""
    declared, before = signature or {}, champion.signature or {}
    found: list[Change] = []
    for side in SIDES:
        # That no inputs are declared at all is told without a champion.
        if before.get(side) and (declared.get(side) or side == "outputs"):
            found.extend(_side_changes(declared.get(side), before[side], side, champion.number))
    return found


def unreadable_sides(champion: Champion) -> list[str]:
    """Return the sides that the version in production declares in a way that cannot be read."""
    before = champion.signature or {}
    return [side for side in SIDES if before.get(side) and _read_or_none(before[side]) is None]


def _side_changes(now: object, before: object, side: str, number: int) -> Iterator[Change]:
    theirs = _read_or_none(before)
    ours = _read_or_none(now) if now else Declared()
    if theirs is None or ours is None:
        return
    if ours.names and _form(ours) != _form(theirs):
        text = f"Version {number} declares {_form(theirs)} as {side}, this one {_form(ours)}."
        yield Change("changed_form", f"signature {side}", text, is_breaking=True)
        return
    old, new = _by_name(theirs), _by_name(ours)
    for name in sorted(old.keys() - new.keys()):
        yield _removed(name, side, number)
    for name in sorted(new.keys() - old.keys()):
        yield _added(new[name], side, number)
    for name in sorted(new.keys() & old.keys()):
        yield from _changed(old[name], new[name], side, number)


def _removed(name: str, side: str, number: int) -> Change:
    text = f"Version {number} in production declares it among its {side}; this version does not."
    return Change(f"removed_{_one(side)}", _place(name, side), text, is_breaking=True)


def _added(field: Column | Tensor, side: str, number: int) -> Change:
    place = _place(field.name, side)
    if side == "inputs" and _is_required(field):
        text = f"A new required input: callers of version {number} in production do not send it."
        return Change("new_required_input", place, text, is_breaking=True)
    text = f"New among the {side}; version {number} in production does not declare it."
    return Change(f"added_{_one(side)}", place, text, is_breaking=False)


def _changed(
    old: Column | Tensor, new: Column | Tensor, side: str, number: int
) -> Iterator[Change]:
    place = _place(new.name, side)
    if _type(old) != _type(new):
        is_wider = side == "inputs" and _is_wider(old, new)
        code = f"widened_{_one(side)}" if is_wider else f"retyped_{_one(side)}"
        text = f"Version {number} in production declares {_type(old)}, this version {_type(new)}."
        yield Change(code, place, text, is_breaking=not is_wider)
    if _is_required(old) != _is_required(new):
        yield _certainty(_is_required(new), place, side, number)


def _certainty(is_required: bool, place: str, side: str, number: int) -> Change:
    """Return that a column must be there now, or need not be any more."""
    callers = f"callers of version {number} in production"
    if side == "inputs":
        text = "It may be left out now."
        if is_required:
            text = f"It is required now; {callers} may leave it out."
        code = "newly_required_input" if is_required else "no_longer_required_input"
        return Change(code, place, text, is_breaking=is_required)
    text = "It is always there now."
    if not is_required:
        text = f"It may be missing now; {callers} always get it."
    code = "newly_certain_output" if is_required else "no_longer_certain_output"
    return Change(code, place, text, is_breaking=not is_required)


def _read_or_none(side: object) -> Declared | None:
    try:
        return read_side(side)
    except Malformed:
        return None


def _form(declared: Declared) -> str:
    kind = "tensors" if declared.tensors else "columns"
    return f"{kind} with names" if declared.is_named else f"{kind} by position"


def _by_name(declared: Declared) -> dict[str, Column | Tensor]:
    fields: tuple[Column | Tensor, ...] = (*declared.columns, *declared.tensors)
    return {field.name: field for field in fields}


def _is_required(field: Column | Tensor) -> bool:
    return field.is_required if isinstance(field, Column) else True


def _type(field: Column | Tensor) -> str:
    if isinstance(field, Column):
        return field.type
    return f"{field.dtype} of shape {list(field.shape)}"


def _is_wider(old: Column | Tensor, new: Column | Tensor) -> bool:
    if isinstance(old, Column) and isinstance(new, Column):
        return new.type in WIDER.get(old.type, frozenset())
    if not isinstance(old, Tensor) or not isinstance(new, Tensor) or old.dtype != new.dtype:
        return False
    sizes = zip(old.shape, new.shape, strict=False)
    return len(old.shape) == len(new.shape) and all(to in (-1, size) for size, to in sizes)


def _one(side: str) -> str:
    return side.removesuffix("s")


def _place(name: str, side: str) -> str:
    return f"{_one(side)} {name!r:.120}"
