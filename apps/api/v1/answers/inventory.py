"""The fields of the inventory, and what is recorded about one model, version, use or supplier."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.approvals.inventory import Conditions, conditions_of
from apps.catalog import queries
from apps.catalog.inventory import facts, fields
from apps.catalog.inventory.fields import own_group
from apps.catalog.inventory.reading import Entity, Inventory, InventoryField
from apps.catalog.inventory.sheets import Subject, entities_of
from apps.catalog.models import ModelVersion, RegisteredModel, ThirdParty, UseCase


class Field(Answer):
    """One thing the inventory records; ``needs`` says of tiers 1 to 4 whether it must be there."""

    key: str
    path: str
    label: str
    help: str
    type: str
    choices: list[str]
    supplied_by: list[str]
    needs: list[str]
    required_when: str
    is_derived: bool
    is_own: bool

    @classmethod
    def of(cls, field: InventoryField, *, is_own: bool) -> "Field":
        return cls(
            key=field.key,
            path=field.path,
            label=field.label,
            help=field.help,
            type=field.type.value,
            choices=list(field.choices),
            supplied_by=list(field.supplied_by),
            needs=[need.value for need in field.tiers],
            required_when=field.required_when,
            is_derived=field.is_derived,
            is_own=is_own,
        )


class EntityAnswer(Answer):
    """One kind of record with its fields."""

    entity: str
    title: str
    description: str
    fields: list[Field]

    @classmethod
    def of(cls, entity: Entity) -> "EntityAnswer":
        own = own_group(entity.id)
        return cls(
            entity=entity.id.value,
            title=entity.title,
            description=entity.description,
            fields=[
                Field.of(field, is_own=group.id == own)
                for group in entity.groups
                for field in group.fields
            ],
        )


class Fields(Answer):
    """Every field of the inventory, those the organization added among them."""

    version: str
    entities: list[EntityAnswer]

    @classmethod
    def of(cls, inventory: Inventory) -> "Fields":
        return cls(
            version=inventory.version,
            entities=[EntityAnswer.of(entity) for entity in inventory.entities],
        )


class Known(Answer):
    """What is known of one record by the key of each field, and which fields are missing."""

    entities: list[str]
    fields_version: str
    tier: int
    values: dict[str, Any]
    missing: list[str]


class Values(Known):
    """What is recorded about a model or a version."""

    @classmethod
    def of(cls, subject: Subject, *, at: datetime) -> "Values":
        """Return what is known of a record; what must be there is judged as of a moment."""
        return cls(**_known(subject, at=at))


class RecordLine(Answer):
    """A use or a supplier relationship of a model, in a list."""

    id: str
    title: str
    added_at: datetime
    ended_at: datetime | None
    url: str
    page: str

    @classmethod
    def of(cls, record: UseCase | ThirdParty) -> "RecordLine":
        return cls(**_line(record))


class Records(Answer):
    """The uses or supplier relationships of a model, ended ones too."""

    records: list[RecordLine]

    @classmethod
    def of(cls, records: Iterable[UseCase | ThirdParty]) -> "Records":
        return cls(records=[RecordLine.of(record) for record in records])


class Record(RecordLine, Known):
    """A use or a supplier relationship with what is recorded about it."""

    @classmethod
    def whole(cls, record: UseCase | ThirdParty, *, at: datetime) -> "Record":
        return cls(**_line(record), **_known(record, at=at))


def _line(record: UseCase | ThirdParty) -> dict[str, Any]:
    is_use = isinstance(record, UseCase)
    key = record.key if isinstance(record, UseCase) else str(record.pk)
    view = "v1:use_case" if is_use else "v1:third_party"
    return {
        "id": key,
        "title": record.title,
        "added_at": record.added_at,
        "ended_at": record.ended_at,
        "url": reverse(view, args=[record.model.name, key]),
        "page": record.get_absolute_url(),
    }


def _known(subject: Subject, *, at: datetime) -> dict[str, Any]:
    inventory = fields.in_force()
    model = subject if isinstance(subject, RegisteredModel) else subject.model
    of_model = facts.of_model(model, facts.live_third_parties(model))
    values = of_model if subject is model else facts.of_subject(subject)
    held = _conditions(subject, model, of_model, at=at)
    kept = [inventory.entity(one) for one in entities_of(subject)]
    asked = [field for one in kept if held.holds(one.applies_when) for field in one.fields]
    return {
        "entities": [entity.id.value for entity in kept],
        "fields_version": inventory.version,
        "tier": held.tier,
        "values": dict(values),
        "missing": [missing.field.key for missing in held.missing("", asked, values)],
    }


def _conditions(
    subject: Subject, model: RegisteredModel, of_model: facts.Answers, *, at: datetime
) -> Conditions:
    """Return what conditions of fields are held against: a version, else the newest one."""
    version = (
        subject
        if isinstance(subject, ModelVersion)
        else queries.latest_versions([model]).get(model.pk)
    )
    if version is not None:
        version.model = model
    return conditions_of(version, of_model, at=at)
