"""Reads the fields file once: entities, their groups, and each field with its rules."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

from apps.core import strict_yaml

CONTENT = Path(__file__).parent / "content"
TIERS = (1, 2, 3, 4)
SYSTEM, PIPELINE, ASSESSMENT, MONITORING = "system", "pipeline", "assessment", "monitoring"
SOURCES = {
    SYSTEM: "Signet itself",
    PIPELINE: "the training or build pipeline",
    ASSESSMENT: "an approved assessment",
    MONITORING: "monitoring",
}
"""Who supplies a field besides the holders of roles, in words."""


class EntityId(StrEnum):
    """What the registry keeps one record for each of."""

    MODEL = "model"
    VERSION = "version"
    USE_CASE = "use_case"
    THIRD_PARTY = "third_party"
    GENERATIVE = "generative"


class FieldType(StrEnum):
    IDENTIFIER = "identifier"
    STRING = "string"
    TEXT = "text"
    URI = "uri"
    DIGEST = "digest"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    DURATION = "duration"
    ENUM = "enum"
    MULTI_ENUM = "multi_enum"
    LIST = "list"
    TABLE = "table"
    METRIC_TABLE = "metric_table"
    REFERENCE = "reference"
    MULTI_REFERENCE = "multi_reference"
    PERSON = "person"
    MULTI_PERSON = "multi_person"
    PERSON_OR_SUPPLIER = "person_or_supplier"
    HISTORY = "history"
    COMPUTED = "computed"


DERIVED = frozenset({FieldType.HISTORY, FieldType.COMPUTED})
TABLES = frozenset({FieldType.TABLE, FieldType.METRIC_TABLE})


class Need(StrEnum):
    """Whether a field is asked for at a tier."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    OMIT = "omit"


@dataclass(frozen=True)
class InventoryField:
    """One thing the registry records, who supplies it, and at which tiers it must be there."""

    entity: EntityId
    key: str
    label: str
    help: str
    type: FieldType
    choices: tuple[str, ...]
    supplied_by: tuple[str, ...]
    tiers: tuple[Need, ...]
    regimes: tuple[str, ...]
    required_when: str = ""

    @property
    def path(self) -> str:
        """How questionnaires, documents and policies refer to the field."""
        home = EntityId.USE_CASE if self.entity is EntityId.GENERATIVE else self.entity
        return f"{home}.{self.key}"

    @property
    def is_derived(self) -> bool:
        """Whether the registry works the value out, so that nobody ever writes it."""
        return self.type in DERIVED or self.supplied_by == (SYSTEM,)

    def need(self, tier: int) -> Need:
        """Say whether the field is asked for at a tier, its condition left aside."""
        return self.tiers[tier - 1]

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of a table, which its help lists."""
        if self.type not in TABLES or "," not in self.help:
            return ()
        parts = re.split(r", (?:and )?| and ", self.help.rstrip("."))
        return tuple(part[0].upper() + part[1:] for part in parts)


@dataclass(frozen=True)
class Group:
    """Fields that are shown and filled together."""

    id: str
    title: str
    fields: tuple[InventoryField, ...]


@dataclass(frozen=True)
class Entity:
    """One kind of record with its groups; ``applies_when`` says on which models it is kept."""

    id: EntityId
    title: str
    description: str
    groups: tuple[Group, ...]
    applies_when: str = ""

    @property
    def fields(self) -> Iterator[InventoryField]:
        """Every field, in the order of the file."""
        return (field for group in self.groups for field in group.fields)


@dataclass(frozen=True)
class Inventory:
    """All fields of one version of the file, with those an organization added."""

    version: str
    regimes: Mapping[str, str]
    entities: tuple[Entity, ...]

    def entity(self, entity_id: str) -> Entity:
        """Return one entity."""
        return self._by_id[EntityId(entity_id)]

    def fields_of(self, entity_ids: Iterable[str]) -> dict[str, InventoryField]:
        """Return the fields of some entities by key."""
        return {field.key: field for one in entity_ids for field in self.entity(one).fields}

    @cached_property
    def _by_id(self) -> Mapping[EntityId, Entity]:
        return {entity.id: entity for entity in self.entities}


@cache
def shipped() -> Inventory:
    """Return the fields this release ships, read once."""
    text = (CONTENT / "fields.yaml").read_text(encoding="utf-8")
    document = cast(dict[str, Any], strict_yaml.load(text))
    return Inventory(
        version=document["version"],
        regimes={regime["id"]: regime["title"] for regime in document["regimes"]},
        entities=tuple(map(_entity, document["entities"])),
    )


def _entity(told: Mapping[str, Any]) -> Entity:
    entity_id = EntityId(told["id"])
    return Entity(
        id=entity_id,
        title=told["title"],
        description=told["description"],
        groups=tuple(
            Group(
                group["id"],
                group["title"],
                tuple(_field(entity_id, field) for field in group["fields"]),
            )
            for group in told["groups"]
        ),
        applies_when=told.get("applies_when", ""),
    )


def _field(entity_id: EntityId, told: Mapping[str, Any]) -> InventoryField:
    return InventoryField(
        entity=entity_id,
        key=told["key"],
        label=told["label"],
        help=told["help"],
        type=FieldType(told["type"]),
        choices=tuple(told.get("choices", ())),
        supplied_by=tuple(told["supplied_by"]),
        tiers=tuple(Need(told["tiers"][str(tier)]) for tier in TIERS),
        regimes=tuple(told["regimes"]),
        required_when=told.get("required_when", ""),
    )
