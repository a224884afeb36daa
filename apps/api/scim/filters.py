"""Turns the filters that directories send into conditions on rows, and refuses every other."""

from collections.abc import Callable, Mapping

from django.db.models import Q
from scim2_models import InvalidFilterException
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator
from scim2_models.path.expressions import ValuePath

Condition = Callable[[str], Q]
MOST_FILTER = 1000


def rows_by(node: FilterNode, known: Mapping[str, Condition]) -> Q:
    """Return the condition on rows that a filter means.

    Raises:
        InvalidFilterException: when it asks for more than equality of what is known.
    """
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        found = Q()
        for term in node.terms:
            found &= rows_by(term, known)
        return found
    if isinstance(node, ValuePath):
        return _of_value(node, known)
    if isinstance(node, Comparison) and node.op == CompareOperator.eq:
        return _equal(str(node.attr_path), node.value, known)
    raise _unknown(known)


def _of_value(node: ValuePath, known: Mapping[str, Condition]) -> Q:
    """Read ``emails[type eq "work" and value eq "x"]``: Signet keeps one, for work."""
    terms = (
        node.val_filter.terms if isinstance(node.val_filter, LogicalExpr) else (node.val_filter,)
    )
    asked = {
        str(term.attr_path).lower(): term.value
        for term in terms
        if isinstance(term, Comparison) and term.op == CompareOperator.eq
    }
    if len(asked) != len(terms) or "value" not in asked or not set(asked) <= {"value", "type"}:
        raise _unknown(known)
    return _equal(f"{node.attr_path}.value", asked["value"], known)


def _equal(name: str, value: object, known: Mapping[str, Condition]) -> Q:
    condition = known.get(name.rpartition(":")[2].lower())
    if condition is None or not isinstance(value, str) or "\0" in value:
        raise _unknown(known)
    return condition(value)


def _unknown(known: Mapping[str, Condition]) -> InvalidFilterException:
    names = ", ".join(sorted(known))
    return InvalidFilterException(detail=f"Filter by “eq” on these, joined by “and”: {names}.")
