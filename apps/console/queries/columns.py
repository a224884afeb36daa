"""The columns the list of models can show, on the page and in the file that is taken away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.queries.standing import Standing
from apps.core.sheets import Cell


@dataclass(frozen=True)
class Row:
    """A model with its champion, its latest version and how that stands."""

    model: RegisteredModel
    champion: ModelVersion | None
    latest: ModelVersion | None
    checks: Standing | None


@dataclass(frozen=True)
class Column:
    """One column: its heading, and what each of its parts is called and holds in a file."""

    key: str
    label: str
    parts: Sequence[tuple[str, Callable[[Row], Cell]]]
    is_number: bool = False


def _alone(key: str, label: str, cell: Callable[[Row], Cell], *, is_number: bool = False) -> Column:
    return Column(key, label, ((label, cell),), is_number)


_ALL = (
    _alone(
        "champion",
        "Champion",
        lambda row: row.champion.number if row.champion else None,
        is_number=True,
    ),
    Column(
        "latest",
        "Latest",
        (
            ("Latest", lambda row: row.latest.number if row.latest else None),
            ("Latest stage", lambda row: row.latest.get_stage_display() if row.latest else None),
        ),
    ),
    _alone("checks", "Its checks", lambda row: row.checks.label if row.checks else None),
    _alone("owner", "Owner", lambda row: str(row.model.owner)),
    _alone("team", "Team", lambda row: row.model.team.name if row.model.team else None),
    _alone("kind", "Kind", lambda row: row.model.get_kind_display()),
    _alone("domain", "Domain", lambda row: row.model.domain),
    _alone("framework", "Framework", lambda row: row.latest.framework if row.latest else None),
    _alone("registered", "Registered", lambda row: row.model.created_at),
    _alone("updated", "Updated", lambda row: row.model.touched_at),
)
COLUMNS: Mapping[str, Column] = {column.key: column for column in _ALL}
USUAL = ("champion", "latest", "checks", "owner", "updated")
"""The columns shown when the address names none."""


def header(keys: Sequence[str]) -> list[str]:
    """Return the headings of a file with some columns."""
    return ["Model", "Title", *(label for key in keys for label, _ in COLUMNS[key].parts)]


def cells(row: Row, keys: Sequence[str]) -> list[Cell]:
    """Return the cells of one row of a file with some columns."""
    parts = (cell(row) for key in keys for _, cell in COLUMNS[key].parts)
    return [row.model.name, row.model.title, *parts]
