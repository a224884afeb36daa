"""Which fields are missing, and who may write one: pure answers from fields, values and roles."""

from collections.abc import Callable, Collection, Iterable, Mapping

from apps.accounts.roles import role_named
from apps.catalog.inventory.reading import PIPELINE, SOURCES, InventoryField, Need
from apps.catalog.inventory.values import is_empty

Holds = Callable[[str], bool]
"""Says whether a condition is true of the model at hand; what cannot be known does not hold."""

BUILDERS = frozenset({"model_developer", "model_owner"})
"""Whose programs are the pipeline that trains and builds a model."""


def is_required(field: InventoryField, *, tier: int, holds: Holds) -> bool:
    """Say whether a field has to be filled at a tier; what Signet works out never has to."""
    if field.is_derived or field.need(tier) is not Need.REQUIRED:
        return False
    return not field.required_when or holds(field.required_when)


def missing(
    fields: Iterable[InventoryField], values: Mapping[str, object], *, tier: int, holds: Holds
) -> list[InventoryField]:
    """Return the required fields that are empty; ``false`` and ``0`` are answers."""
    return [
        field
        for field in fields
        if is_empty(values.get(field.key)) and is_required(field, tier=tier, holds=holds)
    ]


def may_write(field: InventoryField, roles: Collection[str], *, by_token: bool) -> bool:
    """Say whether holders of these roles write a field; the pipeline comes with a token.

    What an assessment, monitoring or Signet itself supplies is never written by hand.
    """
    if field.is_derived:
        return False
    if not set(field.supplied_by).isdisjoint(roles):
        return True
    return by_token and PIPELINE in field.supplied_by and not BUILDERS.isdisjoint(roles)


def suppliers(field: InventoryField) -> str:
    """Return who supplies a field, in words."""
    named = [SOURCES.get(one) or role_named(one).title for one in field.supplied_by]
    return " or ".join(named)
