"""Turns comparisons into conditions on columns that are named here, never by what was sent.

The same filter finds the same rows on SQLite and PostgreSQL: LIKE tells case, and in its pattern
only ``%`` and ``_`` mean something.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Lookup, Model, OuterRef, Q

from apps.api.mlflow.filters import Comparison, Kind, Value
from apps.catalog import prompts
from apps.catalog.models import ModelTag, RegisteredModel, VersionTag
from apps.catalog.models.starts import LENGTH, Start

FEW = 1000
"""Up to how many rows with a tag are listed by id."""

Sql = tuple[str, tuple[str | int, ...]]

_NOTHING = Q(pk__in=())
_GLOB = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


class Like(Lookup):
    """A text fits a pattern in which ``%`` is any text and ``_`` any character; case counts."""

    lookup_name = "mlflow_like"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        return self._written("LIKE %s ESCAPE ''", self.rhs, compiler, connection)

    def as_sqlite(self, compiler: Any, connection: Any) -> Sql:
        """Write it as GLOB: there LIKE does not tell case, and cannot use an index."""
        return self._written("GLOB %s", self.rhs.translate(_GLOB), compiler, connection)

    def _written(self, written: str, pattern: str, compiler: Any, connection: Any) -> Sql:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} {written}", (*parameters, pattern)


class ILike(Like):
    """A text fits a pattern, whatever the case: of all letters, or of A to Z on SQLite."""

    lookup_name = "mlflow_ilike"

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        return self._written("ILIKE %s ESCAPE ''", self.rhs, compiler, connection)

    def as_sqlite(self, compiler: Any, connection: Any) -> Sql:
        return self._written("LIKE %s", self.rhs, compiler, connection)


_LOOKUPS = {"=": "exact", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "IN": "in"}
_OPPOSITES = {"!=": "=", "NOT IN": "IN"}


def compared(column: str, operator: str, value: Value) -> Q:
    """Return the condition that a column compares with a value; the column is never sent."""
    if operator in _OPPOSITES:
        return ~compared(column, _OPPOSITES[operator], value)
    if operator == "LIKE":
        return Q(Like(F(column), value))
    if operator == "ILIKE":
        return Q(ILike(F(column), value))
    return Q(**{f"{column}__{_LOOKUPS[operator]}": value})


def has_pair(pairs: type[Model], owner: str, comparison: Comparison) -> Q:
    """Return the condition that a row has a key among its pairs, and its value compares.

    A row without the key is never found, not even by ``!=``.
    """
    there = pairs._default_manager.filter(**{owner: OuterRef("pk")}, key=comparison.key)
    if comparison.operator == "IS NULL":
        return ~Q(Exists(there))
    if comparison.operator == "IS NOT NULL":
        return Q(Exists(there))
    return Q(Exists(there.filter(compared("value", comparison.operator, comparison.value))))


@dataclass(frozen=True)
class Searched:
    """What the comparisons of one search look at: columns, tags, and the kind of the model."""

    columns: Mapping[str, str]
    tags: type[Model]
    owner: str
    kind: str
    sparse: frozenset[str] = frozenset()
    """The columns that have an index of what is not empty."""

    def conditions(self, comparisons: Iterable[Comparison]) -> Q:
        """Return the condition that a row meets every comparison; prompts only if asked for."""
        about_prompts: list[Comparison] = []
        about_tags: list[Comparison] = []
        met = Q()
        for each in comparisons:
            if each.kind is Kind.ATTRIBUTE:
                met &= self._column(each)
            elif each.key == prompts.IS_PROMPT:
                about_prompts.append(each)
            else:
                about_tags.append(each)
                met &= has_pair(self.tags, self.owner, each)
        return self._of_kind(about_prompts) & met & self._few_tagged(about_tags)

    def _column(self, asked: Comparison) -> Q:
        column = self.columns[asked.key]
        met = compared(column, asked.operator, asked.value)
        values = asked.value if isinstance(asked.value, tuple) else (asked.value,)
        if column in self.sparse and asked.operator in {"=", "IN"} and "" not in values:
            met &= ~Q(**{column: ""})  # said, so that the database may use the index
        return met

    def _few_tagged(self, comparisons: Iterable[Comparison]) -> Q:
        """Return the ids of the rows among which those with a tag are, provided it is rare.

        Following an order to the few rows that have a tag would read the whole table. Where a tag
        is common, the order leads to it soon.
        """
        for each in comparisons:
            if each.operator == "=":
                tagged = self.tags._default_manager.annotate(start=Start("value")).filter(
                    key=each.key, start=str(each.value)[:LENGTH]
                )
                ids = list(tagged.values_list(self.owner, flat=True)[: FEW + 1])
                if len(ids) <= FEW:
                    return Q(pk__in=ids)
        return Q()

    def _of_kind(self, comparisons: list[Comparison]) -> Q:
        """Return the condition on the kind: prompts alone if that is asked, else no prompt.

        Clients ask for it as a tag. As for MLflow, the first comparison decides, and what has no
        such tag is no prompt.
        """
        is_prompt = Q(**{self.kind: RegisteredModel.Kind.PROMPT})
        if not comparisons or not _asks_for_prompts(comparisons[0]):
            return ~is_prompt
        return is_prompt if all(map(_holds_for_prompts, comparisons)) else _NOTHING


def _asks_for_prompts(comparison: Comparison) -> bool:
    asked = (comparison.operator, str(comparison.value).lower())
    return asked in {("=", "true"), ("!=", "false")}


def _holds_for_prompts(comparison: Comparison) -> bool:
    """Say whether the tag of a prompt, which is always ``true``, is or is not what was asked."""
    is_true = comparison.value == "true"
    return is_true if comparison.operator == "=" else comparison.operator != "!=" or not is_true


MODELS = Searched(columns={"name": "name"}, tags=ModelTag, owner="model", kind="kind")
VERSIONS = Searched(
    columns={
        "name": "model__name",
        "version_number": "number",
        "run_id": "run_uid",
        "source_path": "source",
    },
    tags=VersionTag,
    owner="version",
    kind="model__kind",
    sparse=frozenset({"run_uid"}),
)
