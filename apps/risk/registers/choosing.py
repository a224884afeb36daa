"""Which rows a register has: the same tests in a query, and on what is known of one row."""

from collections.abc import Mapping

from django.db.models import Q

from apps.catalog.inventory.facts import FLAGS
from apps.catalog.inventory.reading import EntityId, FieldType
from apps.catalog.inventory.values import is_empty
from apps.risk.registers.reading import Framework, Register, Test

Known = Mapping[str, object]
"""What is known of one row, by the paths of its fields."""


def condition(register: Register) -> Q:
    """Return the condition that a model, or a use, is a row of a register."""
    chosen = Q()
    for line in register.where:
        one = Q()
        for test in line:
            one |= _asked(test, "model__" if register.is_of_uses else "")
        chosen &= one
    return chosen


def is_row(register: Register, known: Known) -> bool:
    """Say the same of what is known of one row, at whatever moment."""
    return all(any(holds(test, known) for test in line) for line in register.where)


def framework(frameworks: tuple[Framework, ...], known: Known) -> str:
    """Return what governs a method: the first that fits."""
    return next((one.says for one in frameworks if holds(one.test, known)), "")


def holds(test: Test, known: Known) -> bool:
    """Say whether a field has one of the values, or none where that is enough."""
    value = known.get(test.field.path)
    if is_empty(value):
        return test.or_missing
    values = value if isinstance(value, list) else [value]
    return any(one in test.has for one in values)


def _asked(test: Test, to_model: str) -> Q:
    is_of_use = test.field.entity in {EntityId.USE_CASE, EntityId.GENERATIVE}
    values = "values" if is_of_use else f"{to_model}sheet__values"
    key, is_flag = f"{values}__{test.field.key}", test.field.key in FLAGS and not is_of_use
    if test.field.type is FieldType.MULTI_ENUM:
        asked = Q()
        for value in test.has:
            asked |= Q(**{f"{key}__icontains": f'"{value}"'})
    elif test.field.type is FieldType.BOOLEAN:
        asked = Q()
        for value in test.has:
            asked |= Q(**{key: value})
    else:
        asked = Q(**{f"{key}__in": list(test.has)})
    if is_flag and True in test.has:
        asked |= Q(**{f"{to_model}flags__icontains": f'"{test.field.key}"'})
    if test.or_missing:
        asked |= Q(**{f"{key}__isnull": True})
        if not is_of_use:
            asked |= Q(**{f"{to_model}sheet__isnull": True})
    return asked
