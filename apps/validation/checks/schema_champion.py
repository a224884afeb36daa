"""Schema against the champion: which declared columns callers would find changed.

A check of its own, so that a change in production leaves results about the version alone fresh.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from apps.validation.checks.contract import (
    Check,
    ExaminedVersion,
    Json,
    Outcome,
    Parameters,
    Problem,
    Progress,
    Severity,
    Source,
    counted,
    silent,
)
from apps.validation.checks.recorded import Champion
from apps.validation.checks.schema_declared import (
    DECLARE,
    MOST_PROBLEMS,
    Column,
    Declared,
    Malformed,
    Tensor,
    read_side,
)

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
ASK_CALLERS = (
    "Ask those who call the model which columns they rely on; then let a validator set "
    "breaking_fails to false for it."
)


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

    @property
    def line(self) -> str:
        return f"{self.place}: {self.code.replace('_', ' ')}"

    def as_problem(self, breaking: Severity) -> Problem:
        """Return it as a problem, of a given severity when it breaks callers."""
        if not self.is_breaking:
            return Problem(self.code, Severity.INFO, self.place, self.text, TELL)
        return Problem(self.code, breaking, self.place, self.text, KEEP_COLUMNS)


DEFAULTS = SchemaParameters()


def examine(
    version: ExaminedVersion,
    progress: Progress = silent,
    parameters: SchemaParameters = DEFAULTS,
) -> Outcome:
    """Compare the declared columns with those of the version in production."""
    progress("signature of the champion")
    champion = version.champion
    if champion is None:
        return Outcome.does_not_apply("No other version is in production to compare with.")
    theirs, ours = champion.signature or {}, version.signature or {}
    if not any(theirs.get(side) for side in SIDES):
        return Outcome.does_not_apply(f"Nothing is declared by {_told(champion)} to compare with.")
    differences = list(_changes(ours, theirs, champion.number))
    breaking = Severity.HIGH if parameters.breaking_fails else Severity.MEDIUM
    unread = [
        *_unreadable(theirs, f"version {champion.number}", ASK_CALLERS, breaking),
        *_unreadable(ours, "this version", DECLARE, Severity.HIGH),
    ]
    if theirs.get("inputs") and not ours.get("inputs"):
        unread.append(_undeclared())
    breaking_first = sorted(differences, key=lambda change: not change.is_breaking)
    found = [change.as_problem(breaking) for change in breaking_first]
    facts: dict[str, Json] = {
        "applies": True,
        "champion": champion.number,
        "changes": [one.line for one in differences[:MOST_PROBLEMS]],
    }
    summary = _summary(differences, _told(champion), is_whole=not unread)
    return Outcome(summary, tuple([*unread, *found][:MOST_PROBLEMS]), facts)


def _changes(
    ours: Mapping[str, object], theirs: Mapping[str, object], number: int
) -> Iterator[Change]:
    for side in SIDES:
        # That no inputs are declared at all is a problem of its own.
        if theirs.get(side) and (ours.get(side) or side == "outputs"):
            yield from _side_changes(ours.get(side), theirs[side], side, number)


def _unreadable(
    signature: Mapping[str, object], who: str, remedy: str, severity: Severity
) -> Iterator[Problem]:
    for side in SIDES:
        if signature.get(side) and _read_or_none(signature[side]) is None:
            text = f"The {side} {who} declares cannot be read, nor compared with."
            yield Problem("unreadable_signature", severity, f"signature {side}", text, remedy)


def _undeclared() -> Problem:
    text = "No input columns are declared, so nothing says whether callers find what they know."
    return Problem("no_signature", Severity.HIGH, "signature", text, DECLARE)


def _told(champion: Champion) -> str:
    return f"version {champion.number} in production"


def _summary(differences: Sequence[Change], against: str, *, is_whole: bool) -> str:
    breaking = sum(change.is_breaking for change in differences)
    if breaking:
        return f"{counted(breaking, 'change')} against {against} can break its callers."
    if not is_whole:
        return f"Not every column can be held against {against}."
    if differences:
        return f"{counted(len(differences), 'change')} against {against}, none that breaks callers."
    return f"The columns are those of {against}."


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


CHECK = Check(
    name="schema-champion",
    title="Schema against the champion",
    sentence=(
        "Compares the declared columns with those of the version in production, and tells which "
        "changes break its callers."
    ),
    examine=examine,
    version="1",
    parameters=SchemaParameters,
    sources=frozenset({Source.CHAMPION}),
    at_registration=True,
)
