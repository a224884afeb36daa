"""Turns comparisons of models and versions into conditions in SQL.

Names of columns stand here, never in what was sent; values are bound.

What few rows have is found out first, and leads to them: following an order to the few rows that
have a rare tag, name or source would read the whole table, where a common one is met soon.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from apps.api.mlflow.conditions import fitting
from apps.api.mlflow.filters import Comparison, Kind
from apps.api.mlflow.statements import filled
from apps.catalog import prompts
from apps.catalog.models import ModelTag, ModelVersion, RegisteredModel, VersionTag
from apps.catalog.models.starts import LENGTH
from apps.core.patience import patience

FEW = 1000
"""Up to how many rows are sorted, sooner than that an order is followed to them."""

_WRITTEN = {"!=": "<>"} | {each: each for each in ("=", "<", "<=", ">", ">=", "IN", "NOT IN")}
_PATTERNS = frozenset({"LIKE", "ILIKE"})
_MODELS = "SELECT m.id FROM $table m WHERE m.deleted_at IS NULL AND $compared LIMIT %s"
_VERSIONS = "SELECT v.id FROM $table v WHERE $compared LIMIT %s"
_BEGINNING = "SELECT t.$owner FROM $tags t WHERE t.key = %s AND SUBSTR(t.value, 1, $length) = %s"
_HOW_MANY = "SELECT COUNT(*) FROM ($beginning LIMIT %s) AS found"
_AMONG = "$row.id IN ($beginning)"
_TAGGED = """
EXISTS (SELECT 1 FROM $tags t WHERE t.$owner = $row.id AND t.key = %s AND $compared)
"""


@dataclass(frozen=True)
class Part:
    """A condition in SQL on the model ``m`` and the version ``v``, and its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()

    @property
    def is_about_version(self) -> bool:
        """Whether it looks at the version, and not at its model alone."""
        return _VERSION.search(self.text) is not None


_VERSION = re.compile(r"\bv\.")
_NOTHING = Part("1 = 0")


def compared(column: str, comparison: Comparison) -> Part:
    """Return the condition that a column compares with a value; the column is never sent."""
    operator, value = comparison.operator, comparison.value
    if operator in _PATTERNS:
        written, pattern = fitting(operator, str(value), connection.vendor)
        return Part(f"{column} {written}", (pattern,))
    values = value if isinstance(value, tuple) else (value,)
    return Part(f"{column} {_WRITTEN[operator]} ({_places(values)})", tuple(values))


@dataclass(frozen=True)
class Lead:
    """An index that leads to models, or versions, provided they are few."""

    statement: str
    table: str
    ids: str
    operators: frozenset[str]
    most: int

    def conditions(self, column: str, asked: Comparison) -> list[Part]:
        """Return the condition that a column compares, and where it is rare what that leads to."""
        met = compared(column, asked)
        statement = filled(self.statement, table=self.table, compared=met.text)
        ids = [pk for (pk,) in _asked(statement, *met.parameters, self.most + 1)]
        if len(ids) > self.most:
            return [compared(f"({column} || '')", asked)]  # so that no index leads to all of them
        return [met, Part(f"{self.ids} IN ({_places(ids)})", tuple(ids)) if ids else _NOTHING]


@dataclass(frozen=True)
class Searched:
    """What the comparisons of one search look at: columns, tags, and what leads to few rows."""

    columns: Mapping[str, str]
    row: str
    tags: str
    owner: str
    leads: Mapping[str, Lead]
    sparse: frozenset[str] = frozenset()
    """The columns that have an index of what is not empty."""

    def conditions(self, comparisons: Iterable[Comparison]) -> list[Part]:
        """Return the conditions that a row meets every comparison; prompts only if asked for.

        Raises:
            TookTooLong: when the database is at it for seconds.
        """
        about_prompts: list[Comparison] = []
        about_tags: list[Comparison] = []
        met: list[Part] = []
        for each in comparisons:
            if each.kind is Kind.ATTRIBUTE:
                met += self._column(each)
            elif each.key == prompts.IS_PROMPT:
                about_prompts.append(each)
            else:
                about_tags.append(each)
        return [_of_kind(about_prompts), *met, *self._tagged(about_tags)]

    def _column(self, asked: Comparison) -> list[Part]:
        column, lead = self.columns[asked.key], self.leads.get(asked.key)
        if lead is not None and asked.operator in lead.operators:
            return lead.conditions(column, asked)
        met = [compared(column, asked)]
        values = asked.value if isinstance(asked.value, tuple) else (asked.value,)
        if column in self.sparse and asked.operator in {"=", "IN"} and "" not in values:
            met.append(Part(f"NOT ({column} = '')"))  # as the index says it, which is then used
        return met

    def _tagged(self, comparisons: Iterable[Comparison]) -> Iterator[Part]:
        """Yield the conditions on tags: the first rare one leads to its rows.

        A row without the tag is never found, not even by ``!=``.
        """
        is_led = False
        for each in comparisons:
            leads = not is_led and each.operator == "=" and self._is_rare(each)
            is_led = is_led or leads
            if leads:
                yield Part(self._filled(_AMONG), _beginning(each))
            if not leads or len(str(each.value)) >= LENGTH:
                met = compared("t.value", each)
                yield Part(self._filled(_TAGGED, compared=met.text), (each.key, *met.parameters))

    def _is_rare(self, asked: Comparison) -> bool:
        """Say whether few rows have a tag, as far as an index knows its value."""
        [(count,)] = _asked(self._filled(_HOW_MANY), *_beginning(asked), FEW + 1)
        return int(count) <= FEW

    def _filled(self, statement: str, **parts: str) -> str:
        names = {"tags": self.tags, "owner": self.owner, "row": self.row, "length": str(LENGTH)}
        return filled(filled(statement, beginning=_BEGINNING, **parts), **names)


def _beginning(asked: Comparison) -> tuple[str, str]:
    return asked.key, str(asked.value)[:LENGTH]


def _asked(statement: str, *parameters: Any) -> list[Sequence[Any]]:
    with patience(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Sequence[Any]] = cursor.fetchall()
    return found


def _places(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _of_kind(comparisons: list[Comparison]) -> Part:
    """Return the condition on the kind: prompts alone if that is asked, else no prompt.

    Clients ask for it as a tag. As for MLflow, the first comparison decides, and what has no
    such tag is no prompt.
    """
    kind = (RegisteredModel.Kind.PROMPT.value,)
    if not comparisons or not _asks_for_prompts(comparisons[0]):
        return Part("m.kind <> %s", kind)
    return Part("m.kind = %s", kind) if all(map(_holds_for_prompts, comparisons)) else _NOTHING


def _asks_for_prompts(comparison: Comparison) -> bool:
    asked = (comparison.operator, str(comparison.value).lower())
    return asked in {("=", "true"), ("!=", "false")}


def _holds_for_prompts(comparison: Comparison) -> bool:
    """Say whether the tag of a prompt, which is always ``true``, is or is not what was asked."""
    is_true = comparison.value == "true"
    return is_true if comparison.operator == "=" else comparison.operator != "!=" or not is_true


_NAMES = Lead(_MODELS, RegisteredModel._meta.db_table, "m.id", _PATTERNS, FEW)
_SOURCES = Lead(_VERSIONS, ModelVersion._meta.db_table, "v.id", _PATTERNS | {"="}, FEW)

MODELS = Searched(
    columns={"name": "m.name"},
    row="m",
    tags=ModelTag._meta.db_table,
    owner="model_id",
    leads={"name": _NAMES},
)
VERSIONS = Searched(
    columns={
        "name": "m.name",
        "version_number": "v.number",
        "run_id": "v.run_uid",
        "source_path": "v.source",
    },
    row="v",
    tags=VersionTag._meta.db_table,
    owner="version_id",
    leads={"name": replace(_NAMES, most=FEW // 10), "source_path": _SOURCES},
    sparse=frozenset({"v.run_uid"}),
)
