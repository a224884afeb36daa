"""Turns comparisons into conditions on columns that are named here, never by what was sent.

The same filter finds the same rows on SQLite and PostgreSQL: LIKE tells case, and in its pattern
only ``%`` and ``_`` mean something.
"""

from typing import Any

from django.db.models import Exists, F, Lookup, Model, OuterRef, Q

from apps.api.mlflow.filters import Comparison, Value

Sql = tuple[str, tuple[str | int, ...]]

_GLOB = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


def fitting(operator: str, pattern: str, vendor: str) -> tuple[str, str]:
    """Return how a database writes LIKE or ILIKE, and the pattern as it takes it.

    SQLite has GLOB: there LIKE does not tell case, and cannot use an index.
    """
    if vendor != "sqlite":
        return f"{operator} %s ESCAPE ''", pattern
    return ("GLOB %s", pattern.translate(_GLOB)) if operator == "LIKE" else ("LIKE %s", pattern)


class Like(Lookup):
    """A text fits a pattern in which ``%`` is any text and ``_`` any character; case counts."""

    lookup_name = "mlflow_like"
    prepare_rhs = False
    operator = "LIKE"

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        left, parameters = self.process_lhs(compiler, connection)
        written, pattern = fitting(self.operator, self.rhs, connection.vendor)
        return f"{left} {written}", (*parameters, pattern)


class ILike(Like):
    """A text fits a pattern, whatever the case: of all letters, or of A to Z on SQLite."""

    lookup_name = "mlflow_ilike"
    operator = "ILIKE"


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
