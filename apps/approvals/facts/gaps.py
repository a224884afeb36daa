"""Which required inventory fields are empty, at the tier a model is gated at."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from apps.approvals import vocabulary
from apps.catalog.facts import Records
from apps.catalog.inventory import facts as catalog
from apps.catalog.inventory import rules
from apps.catalog.inventory.facts import Answers
from apps.catalog.inventory.reading import (
    EntityId,
    FieldType,
    Inventory,
    InventoryField,
    Need,
    shipped,
)
from apps.catalog.models import ModelVersion
from apps.core.expressions import (
    Expression,
    ExpressionError,
    Kind,
    Variables,
    compile_expression,
)

Facts = Mapping[str, object]
NOTHING: Answers = {}


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
    _known: dict[str, bool] = field(default_factory=dict, compare=False)

    def holds(self, expression: str) -> bool:
        """Say whether a condition is true; what is unknown or fails does not hold yet."""
        if not expression:
            return True
        if expression not in self._known:
            self._known[expression] = _holds(expression, self.facts)
        return self._known[expression]

    def missing(
        self, record: str, asked: Sequence[InventoryField], answers: Mapping[str, object]
    ) -> list[Missing]:
        """Return the fields missing in one record, or in one that is not there yet."""
        found = rules.missing(asked, answers, tier=self.tier, holds=self.holds)
        return [Missing(one, record) for one in found]


@dataclass(frozen=True)
class Asked:
    """The fields of one inventory that are required at some tier, picked once for many models."""

    inventory: Inventory
    _required: dict[tuple[EntityId, int], tuple[InventoryField, ...]] = field(default_factory=dict)

    def of(self, entity_id: EntityId, held: Conditions) -> Sequence[InventoryField]:
        """Return the fields a record must have filled, provided it is kept on the model at hand."""
        if not held.holds(self.inventory.entity(entity_id).applies_when):
            return ()
        place = (entity_id, held.tier)
        if place not in self._required:
            self._required[place] = tuple(
                one
                for one in self.inventory.entity(entity_id).fields
                if not one.is_derived and one.need(held.tier) is Need.REQUIRED
            )
        return self._required[place]


def conditions_at(tier: int, answers: Mapping[str, object], known: Facts) -> Conditions:
    """Return what a model's fields are held against at a tier.

    ``answers`` is what is known of the model, ``known`` what policies read about its version.
    """
    return Conditions(tier, with_traits(answers, known))


def with_traits(answers: Mapping[str, object], known: Facts) -> Facts:
    """Return facts in which the model has every true-or-false field; an empty one is false."""
    model = known.get("model")
    told = {name: answers.get(name) is True for name in yes_or_no()}
    return {**known, "model": {**(model if isinstance(model, Mapping) else {}), **told}}


def missing_in(
    version: ModelVersion, records: Records, asked: Asked, held: Conditions
) -> list[Missing]:
    """Return what is missing about a version, its model, its uses and its suppliers."""
    model = version.model
    found = held.missing(model.record_ref, asked.of(EntityId.MODEL, held), records.answers(version))
    own = records.version_answers(version)
    found += held.missing(version.record_ref, asked.of(EntityId.VERSION, held), own)
    uses = [(use.record_ref, catalog.of_use_case(use)) for use in records.uses(version)]
    parties = [
        (party.record_ref, catalog.of_third_party(party))
        for party in records.third_parties(version)
    ]
    return found + missing_beside(asked, held, uses, parties)


def missing_beside(
    asked: Asked,
    held: Conditions,
    uses: Sequence[tuple[str, Answers]],
    parties: Sequence[tuple[str, Answers]],
) -> list[Missing]:
    """Return what is missing in the uses and supplier records of a model, or in the first one."""
    of_use = [*asked.of(EntityId.USE_CASE, held), *asked.of(EntityId.GENERATIVE, held)]
    of_party = asked.of(EntityId.THIRD_PARTY, held)
    found: list[Missing] = []
    for wanted, records in ((of_use, uses), (of_party, parties)):
        for ref, told in records or [("", NOTHING)]:
            found += held.missing(ref, wanted, told)
    return found


def paths(found: Iterable[Missing]) -> list[str]:
    """Return missing fields as policies read them, each once."""
    return list(dict.fromkeys(gap.path for gap in found))


@cache
def yes_or_no() -> tuple[str, ...]:
    """Return every true-or-false field of a model."""
    model = shipped().entity(EntityId.MODEL)
    named = [one.key for one in model.fields if one.type is FieldType.BOOLEAN]
    return (*named, "is_third_party")


def _holds(expression: str, facts: Facts) -> bool:
    try:
        compiled = _compiled(expression)
    except ExpressionError:
        return False
    read = tuple((path, _at(path, facts)) for path, _ in compiled.reads)
    return _evaluated(expression, read)


@lru_cache(maxsize=10_000)
def _evaluated(expression: str, read: tuple[tuple[str, Hashable], ...]) -> bool:
    """Evaluate a condition once for all models on which it reads the same."""
    told: dict[str, object] = {}
    for path, value in read:
        *roots, name = path.split(".")
        place = told
        for root in roots:
            place = place.setdefault(root, {})  # type: ignore[assignment]
        if value is not None:
            place[name] = list(value) if isinstance(value, tuple) else value
    try:
        return _compiled(expression).evaluate(told)
    except ExpressionError:
        return False


def _at(path: str, facts: Facts) -> Hashable:
    """Return what an expression would read, in a form that can be remembered; nothing is None."""
    value: object = facts
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    return value if isinstance(value, bool | int | float | str) else None


@lru_cache(maxsize=512)
def _compiled(expression: str) -> Expression:
    return compile_expression(expression, variables=_variables())


@cache
def _variables() -> Variables:
    known = vocabulary.built_in().variables(settings={}).by_path
    return Variables.of({**known, **{f"model.{name}": Kind.BOOL for name in yes_or_no()}})
