"""Which inventory fields are missing: their conditions, held against what a policy would read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from apps.approvals import policies, vocabulary
from apps.approvals.context import Evidence, Facts
from apps.approvals.judgment import effective_tier
from apps.catalog.inventory import facts as catalog
from apps.catalog.inventory import fields, rules
from apps.catalog.inventory.facts import Answers, Measured
from apps.catalog.inventory.reading import (
    EntityId,
    FieldType,
    Inventory,
    InventoryField,
    shipped,
)
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.expressions import ExpressionError, Kind, Variables, compile_expression


@dataclass(frozen=True)
class Missing:
    """A required field that is empty, and the record it is empty in.

    ``record`` is empty where the whole record is missing, such as the first use of a model.
    """

    field: InventoryField
    record: str

    @property
    def path(self) -> str:
        """How policies name the field: ``model.owner``."""
        return self.field.path


@dataclass(frozen=True)
class Conditions:
    """The tier a model is gated at and the facts its fields' conditions are held against."""

    tier: int
    facts: Facts

    def holds(self, expression: str) -> bool:
        """Say whether a condition is true; what is unknown or fails does not hold yet."""
        if not expression:
            return True
        try:
            return compile_expression(expression, variables=_variables()).evaluate(self.facts)
        except ExpressionError:
            return False

    def missing(
        self, record: str, asked: Sequence[InventoryField], answers: Mapping[str, object]
    ) -> list[Missing]:
        """Return the fields missing in one record, or in one that is not there yet."""
        found = rules.missing(asked, answers, tier=self.tier, holds=self.holds)
        return [Missing(field, record) for field in found]


def conditions(answers: Mapping[str, object], known: Facts | None) -> Conditions:
    """Return what a model's fields are held against.

    ``answers`` is what is known of the model, ``known`` what policies read about its version.
    """
    base = known or {}
    model = base.get("model")
    about = {**(model if isinstance(model, Mapping) else {}), **_characteristics(answers)}
    told: Facts = {**base, "model": about}
    return Conditions(effective_tier(policies.built_in(), told), told)


def missing_fields(
    model: RegisteredModel, version: ModelVersion | None, *, at: datetime
) -> list[Missing]:
    """Return what is missing about a model, one version of it, its uses and its suppliers."""
    inventory = fields.in_force()
    parties = catalog.live_third_parties(model)
    answers = catalog.of_model(model, parties)
    known = Evidence.about([version]).of(version, at=at) if version is not None else None
    held = conditions(answers, known)
    found = held.missing(model.record_ref, _fields(inventory, EntityId.MODEL, held), answers)
    if version is not None:
        told = catalog.of_version(version, Measured.of([version]))
        found += held.missing(version.record_ref, _fields(inventory, EntityId.VERSION, held), told)
    uses = [(use.record_ref, catalog.of_use_case(use)) for use in catalog.live_use_cases(model)]
    of_use = _fields(inventory, EntityId.USE_CASE, held)
    of_use += _fields(inventory, EntityId.GENERATIVE, held)
    suppliers = [(party.record_ref, catalog.of_third_party(party)) for party in parties]
    of_party = _fields(inventory, EntityId.THIRD_PARTY, held)
    for asked, records in ((of_use, uses), (of_party, suppliers)):
        for ref, told in records or [("", {})]:
            found += held.missing(ref, asked, told)
    return found


def _fields(inventory: Inventory, entity_id: EntityId, held: Conditions) -> list[InventoryField]:
    """Return the fields of an entity, provided it is kept on the model at hand."""
    entity = inventory.entity(entity_id)
    return list(entity.fields) if held.holds(entity.applies_when) else []


def _characteristics(answers: Mapping[str, object]) -> Answers:
    """Return every true-or-false field of a model; an empty one counts as false in conditions."""
    return {name: answers.get(name) is True for name in _yes_or_no()}


@cache
def _yes_or_no() -> tuple[str, ...]:
    model = shipped().entity(EntityId.MODEL)
    named = [field.key for field in model.fields if field.type is FieldType.BOOLEAN]
    return (*named, "is_third_party")


@cache
def _variables() -> Variables:
    known = vocabulary.built_in().variables(settings={}).by_path
    return Variables.of({**known, **{f"model.{name}": Kind.BOOL for name in _yes_or_no()}})
