"""An organization adds inventory fields of its own and makes optional ones required.

It removes no shipped field, weakens none, and never changes who supplies one.
"""

import re
from collections.abc import Sequence

from apps.accounts.roles import CHOICES
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.catalog.inventory.reading import (
    PIPELINE,
    TIERS,
    EntityId,
    FieldType,
    InventoryField,
    Need,
    shipped,
)
from apps.catalog.inventory.values import WRITABLE
from apps.catalog.models import OwnField
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused, require_text

_MANAGE = "catalog.manage_fields"
_REFUSAL = "Only a risk officer of the whole organization adds fields and makes fields required."

ADD_OWN_FIELD = Action(
    "own_field.add",
    permission=_MANAGE,
    needs_reason=True,
    refusal=_REFUSAL,
    rules_everywhere=True,
)
REQUIRE_FIELD = Action(
    "own_field.require",
    permission=_MANAGE,
    needs_reason=True,
    refusal=_REFUSAL,
    rules_everywhere=True,
)
END_OWN_FIELD = Action(
    "own_field.end",
    permission=_MANAGE,
    needs_reason=True,
    refusal=_REFUSAL,
    rules_everywhere=True,
)

MOST_OWN_FIELDS = 200
MOST_CHOICES = 50
OWN = "own_"
_KEY = re.compile(r"own_[a-z][a-z0-9_]{0,55}")
_CHOICE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_CHOOSING = frozenset({FieldType.ENUM, FieldType.MULTI_ENUM})
_HOMES = (
    {EntityId.MODEL},
    {EntityId.VERSION},
    {EntityId.USE_CASE, EntityId.GENERATIVE},
    {EntityId.THIRD_PARTY},
)
"""Entities whose values are kept in one place, so that a key is used once there."""


def add_own_field(
    *,
    by: Actor,
    reason: str,
    entity: str,
    key: str,
    label: str,
    type: str,  # noqa: A002 - what it is called in the fields file
    supplied_by: Sequence[str],
    tiers: Sequence[str],
    help: str = "",  # noqa: A002
    choices: Sequence[str] = (),
) -> OwnField:
    """Add a field of the organization's own to every record of an entity."""
    with change(ADD_OWN_FIELD, REGISTRY, by=by, reason=reason) as record:
        field = OwnField(
            entity=_entity(entity),
            key=key,
            label=label.strip(),
            help=help.strip(),
            type=_type(type),
            choices=_choices(type, choices),
            tiers=_tiers(tiers),
            supplied_by=_suppliers(supplied_by),
            added_at=record.time,
        )
        require_text(field.label, "The label", 120)
        require_text(field.help, "The help", 500)
        if not field.label:
            raise InputRefused("Give the field a label.")
        _require_free_key(field.entity, key)
        field.save()
        record.about(field)
        record.note(key=f"{field.entity}.{key}")
    return field


def require_field(
    *, by: Actor, reason: str, entity: str, key: str, tiers: Sequence[int]
) -> OwnField:
    """Make an optional shipped field required at some tiers, on top of where it is already."""
    with change(REQUIRE_FIELD, REGISTRY, by=by, reason=reason) as record:
        field = _shipped(_entity(entity), key)
        asked = set(tiers)
        if not asked or asked - set(TIERS):
            raise InputRefused("Say at which tiers it is required: some of 1 to 4.")
        if OwnField.objects.filter(
            entity=entity, key=key, strengthens=True, ended_at=None
        ).exists():
            raise RuleBroken(f"{field.label} was made stricter already. End that first.")
        row = OwnField(
            entity=entity,
            key=key,
            label=field.label,
            help=field.help[:500],
            type=field.type,
            tiers=[
                Need.REQUIRED.value if tier in asked else field.need(tier).value for tier in TIERS
            ],
            strengthens=True,
            added_at=record.time,
        )
        if list(field.tiers) == row.tiers:
            raise RuleBroken(f"{field.label} is required at these tiers already.")
        row.save()
        record.about(row)
        record.note(key=f"{entity}.{key}")
    return row


def end_own_field(field: OwnField, *, by: Actor, reason: str) -> OwnField:
    """Take back an own field, or what made a shipped one required; recorded values stay."""
    with change(END_OWN_FIELD, field, by=by, reason=reason) as record:
        if field.ended_at is not None:
            raise RuleBroken("It has ended already.")
        field.ended_at = record.time
        field.save()
        record.note(key=f"{field.entity}.{field.key}")
    return field


def _entity(entity: str) -> str:
    if entity not in set(EntityId):
        raise InputRefused(f"An entity is one of {', '.join(EntityId)}.")
    return entity


def _type(kind: str) -> str:
    if kind not in {known.value for known in WRITABLE}:
        raise InputRefused(f"A type is one of {', '.join(sorted(WRITABLE))}.")
    return kind


def _choices(kind: str, choices: Sequence[str]) -> list[str]:
    if kind not in _CHOOSING:
        if choices:
            raise InputRefused("Only a field of type enum or multi_enum has choices.")
        return []
    distinct = list(dict.fromkeys(choices))
    if not 2 <= len(distinct) <= MOST_CHOICES:
        raise InputRefused(f"Give 2 to {MOST_CHOICES} choices.")
    if not all(_CHOICE.fullmatch(choice) for choice in distinct):
        raise InputRefused("A choice holds small letters, digits, _ and -.")
    return distinct


def _tiers(tiers: Sequence[str]) -> list[str]:
    if len(tiers) != len(TIERS) or set(tiers) - set(Need):
        raise InputRefused(f"Say for each of tiers 1 to 4: {', '.join(Need)}.")
    return list(tiers)


def _suppliers(supplied_by: Sequence[str]) -> list[str]:
    known = [role for role, _ in CHOICES if role != "auditor"] + [PIPELINE]
    if not supplied_by or set(supplied_by) - set(known):
        raise InputRefused(f"Say who supplies it: some of {', '.join(known)}.")
    return [one for one in known if one in supplied_by]


def _require_free_key(entity: str, key: str) -> None:
    if not _KEY.fullmatch(key):
        raise InputRefused("The key of an own field is own_ and small letters, digits and _.")
    home = next(home for home in _HOMES if entity in home)
    if OwnField.objects.filter(entity__in=home, key=key, strengthens=False).exists():
        raise RuleBroken(f"The key {key} was used before. Keys are never used again.")
    if OwnField.objects.filter(ended_at=None).count() >= MOST_OWN_FIELDS:
        raise RuleBroken(f"An organization has at most {MOST_OWN_FIELDS} fields of its own.")


def _shipped(entity: str, key: str) -> InventoryField:
    field = shipped().fields_of([entity]).get(key)
    if field is None:
        raise InputRefused(f"There is no shipped field {entity}.{key!a:.80}.")
    if field.is_derived:
        raise RuleBroken(f"{field.label} is worked out by Signet, so nobody can be asked for it.")
    return field
