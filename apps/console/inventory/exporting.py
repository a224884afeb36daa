"""The inventory as sheets: one line for each record a person may see, one column for each field."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from apps.approvals.facts.context import Evidence
from apps.approvals.inventory import Conditions, conditions
from apps.catalog import queries as catalog
from apps.catalog.inventory import facts, fields
from apps.catalog.inventory.facts import Answers, Measured
from apps.catalog.inventory.reading import EntityId, InventoryField
from apps.catalog.inventory.sheets import Subject
from apps.catalog.inventory.shown import as_line, in_words, people
from apps.catalog.models import ModelVersion, RegisteredModel, ThirdParty, UseCase
from apps.core.actors import Actor
from apps.core.sheets import Cell

ENTITIES = {
    "model": "Models",
    "version": "Versions",
    "use_case": "Uses",
    "third_party": "Suppliers",
}
"""What has a sheet of its own, and how it is called."""
RECORDS_A_PIECE = 200
_IDS = {
    "model": (EntityId.MODEL,),
    "version": (EntityId.VERSION,),
    "use_case": (EntityId.USE_CASE, EntityId.GENERATIVE),
    "third_party": (EntityId.THIRD_PARTY,),
}

Row = list[Cell]


def sheet(actor: Actor, entity: str, *, at: datetime) -> tuple[list[str], Iterator[Row]]:
    """Return the heading and the lines of a sheet; lines are read piece by piece."""
    inventory = fields.in_force()
    asked = [field for one in _IDS[entity] for field in inventory.entity(one).fields]
    applies = {one: inventory.entity(one).applies_when for one in _IDS[entity]}
    header = ["Model", "Record", "Tier", "Missing", *(field.path for field in asked)]
    return header, _rows(_subjects(actor, entity), asked, applies, at=at)


def _subjects(actor: Actor, entity: str) -> QuerySet[Any]:
    if entity == "model":
        models = catalog.models_visible_to(actor).select_related("owner", "sheet")
        return models.prefetch_related("tags", "third_parties").order_by("pk")
    if entity == "version":
        rows: QuerySet[Any] = catalog.versions_visible_to(actor).select_related(
            "sheet", "base_version__model"
        )
    else:
        records = UseCase if entity == "use_case" else ThirdParty
        rows = records.objects.filter(model__in=catalog.models_visible_to(actor), ended_at=None)
    rows = rows.select_related("model__owner", "model__sheet")
    return rows.prefetch_related("model__tags", "model__third_parties").order_by("pk")


def _rows(
    subjects: QuerySet[Any],
    asked: Sequence[InventoryField],
    applies: Mapping[EntityId, str],
    *,
    at: datetime,
) -> Iterator[Row]:
    found = subjects.iterator(chunk_size=RECORDS_A_PIECE)
    while piece := list(islice(found, RECORDS_A_PIECE)):
        yield from _piece(piece, asked, applies, at=at)


def _piece(
    subjects: Sequence[Subject],
    asked: Sequence[InventoryField],
    applies: Mapping[EntityId, str],
    *,
    at: datetime,
) -> Iterator[Row]:
    known = _conditions(subjects, at=at)
    answers = _answers(subjects)
    by_key = {field.key: field for field in asked}
    named = people((by_key, told) for told in answers)
    for subject, told, held in zip(subjects, answers, known, strict=True):
        kept = [field for field in asked if held.holds(applies[field.entity])]
        missing = held.missing("", kept, told)
        yield [
            _model_of(subject).name,
            subject.record_id,
            held.tier,
            ", ".join(gap.field.key for gap in missing),
            *(as_line(in_words(field, told.get(field.key), named)) for field in asked),
        ]


def _conditions(subjects: Sequence[Subject], *, at: datetime) -> list[Conditions]:
    """Return what each record's fields are held against: a version's own, else the newest one."""
    models = {model.pk: model for model in map(_model_of, subjects)}
    own = [subject for subject in subjects if isinstance(subject, ModelVersion)]
    newest = {} if own else catalog.latest_versions(list(models.values()))
    for version in newest.values():
        version.model = models[version.model_id]
    evidence = Evidence.about(own or list(newest.values()))
    held: list[Conditions] = []
    for subject in subjects:
        model = _model_of(subject)
        against = subject if isinstance(subject, ModelVersion) else newest.get(model.pk)
        if against is not None:
            held.append(evidence.conditions(against, at=at))
        else:
            told = facts.of_model(model, facts.live_third_parties(model))
            held.append(conditions(told, policy=evidence.policy))
    return held


def _answers(subjects: Sequence[Subject]) -> list[Answers]:
    measured = Measured.of([one for one in subjects if isinstance(one, ModelVersion)])
    return [
        facts.of_version(subject, measured)
        if isinstance(subject, ModelVersion)
        else facts.of_subject(subject)
        for subject in subjects
    ]


def _model_of(subject: Subject) -> RegisteredModel:
    return subject if isinstance(subject, RegisteredModel) else subject.model
