"""The fields in force: those of the shipped file, with what the organization added to them."""

from collections.abc import Iterable
from dataclasses import replace

from apps.catalog.inventory.reading import (
    Entity,
    Group,
    Inventory,
    InventoryField,
    Need,
    shipped,
)
from apps.catalog.models import OwnField

OWN_GROUP = "own"


def in_force() -> Inventory:
    """Return the fields in force now, in one query."""
    return extended(shipped(), OwnField.objects.filter(ended_at=None).order_by("pk"))


def extended(base: Inventory, own: Iterable[OwnField]) -> Inventory:
    """Return fields with an organization's own added and some made required."""
    added: dict[str, list[InventoryField]] = {}
    stricter: dict[tuple[str, str], tuple[Need, ...]] = {}
    for row in own:
        if row.strengthens:
            stricter[row.entity, row.key] = tuple(map(Need, row.tiers))
        else:
            added.setdefault(row.entity, []).append(row.as_field())
    if not added and not stricter:
        return base
    entities = tuple(
        _extended(entity, added.get(entity.id, []), stricter) for entity in base.entities
    )
    return replace(base, entities=entities)


def _extended(
    entity: Entity,
    added: list[InventoryField],
    stricter: dict[tuple[str, str], tuple[Need, ...]],
) -> Entity:
    groups = [
        replace(group, fields=tuple(_stricter(field, stricter) for field in group.fields))
        for group in entity.groups
    ]
    if added:
        groups.append(Group(own_group(entity.id), "Fields of your organization", tuple(added)))
    return replace(entity, groups=tuple(groups))


def own_group(entity: str) -> str:
    """Return the id of the group that holds an organization's own fields of an entity."""
    return f"{OWN_GROUP}-{entity.replace('_', '-')}"


def _stricter(
    field: InventoryField, stricter: dict[tuple[str, str], tuple[Need, ...]]
) -> InventoryField:
    """Return a field that is required wherever the file or the organization says so."""
    asked = stricter.get((field.entity, field.key))
    if asked is None:
        return field
    pairs = zip(field.tiers, asked, strict=True)
    return replace(
        field, tiers=tuple(Need.REQUIRED if Need.REQUIRED in pair else pair[0] for pair in pairs)
    )
