"""What an entry changed, field by field, in values people can read."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.audit.timeline import FieldChange, RowDifference
from apps.console.queries.names import Names


@dataclass(frozen=True)
class ShownField:
    """A field before and after, as text; None where it was not set."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ShownChange:
    """What happened to one row, in words."""

    label: str
    kind: str
    state: str
    rows: Sequence[ShownField]
    is_kept: bool = True
    """Whether its history holds what the entry says it left."""

    @property
    def heading(self) -> str:
        """The label to begin with; a name is written as it is."""
        return f"The {self.label[4:]}" if self.label.startswith("the ") else self.label


def mentions(changed: Iterable[RowDifference]) -> list[str]:
    """Return everything the changes name: the rows, and the rows their fields point to."""
    return [ref for difference in changed for ref in (difference.row, *_pointers(difference))]


def _pointers(difference: RowDifference) -> list[str]:
    return [
        f"{field.points_to}{value}"
        for field in difference.fields
        if field.points_to
        for value in (field.before, field.after)
        if isinstance(value, int)
    ]


def in_words(changed: Iterable[RowDifference], names: Names) -> list[ShownChange]:
    """Return the changes with every value as text and every reference by its name."""
    return [
        ShownChange(
            label=names.of_ref(difference.row).label,
            kind=difference.kind,
            state=_state(difference),
            rows=[row for field in difference.fields for row in _rows(field, names)],
            is_kept=difference.is_kept,
        )
        for difference in changed
    ]


def _state(difference: RowDifference) -> str:
    if difference.is_new:
        return "created"
    return "removed" if difference.is_gone else "changed"


def _rows(field: FieldChange, names: Names) -> Iterator[ShownField]:
    """Yield a field as one row, or a map of values as one row for each that differs."""
    maps = [part for part in (field.before, field.after) if isinstance(part, dict)]
    if not maps or field.name != "values":
        yield _field(field, names)
        return
    before, after = (part if isinstance(part, dict) else {} for part in (field.before, field.after))
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield ShownField(
                key.replace("_", " "),
                _shown("", before.get(key), names),
                _shown("", after.get(key), names),
            )


def _field(field: FieldChange, names: Names) -> ShownField:
    return ShownField(
        field.name,
        _shown(field.points_to, field.before, names),
        _shown(field.points_to, field.after, names),
    )


def _shown(points_to: str, value: object, names: Names) -> str | None:
    if value is None or value in ("", [], {}):
        return None
    if points_to and isinstance(value, int):
        return names.of_ref(f"{points_to}{value}").label
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, list) and all(isinstance(part, str | int) for part in value):
        return ", ".join(str(part) for part in value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
