"""Which fields a document has to fill at a tier, and how far it is filled: pure answers.

Conditions are held against facts of the model and ``document``, the values of the document itself.
Every name a condition may use is there with a default, so only a condition that is wrong fails, and
what it guards is asked for: a gap is never passed over on a guess.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from apps.catalog.inventory.reading import EntityId
from apps.catalog.inventory.reading import FieldType as InventoryType
from apps.catalog.inventory.reading import shipped as inventory
from apps.core.expressions import (
    Expression,
    ExpressionError,
    Kind,
    Variables,
    compile_expression,
)
from apps.validation.documents.reading import (
    LISTS,
    TIERS,
    FieldType,
    Need,
    Section,
    Template,
    TemplateField,
)

Facts = Mapping[str, object]
Holds = Callable[[str], bool]

STRICTEST_TIER = 1
"""What a model is held to while nobody has assessed its tier."""
QUESTIONNAIRES = ("eu-ai-act-classification",)
"""Whose outcomes the conditions of templates name."""


@dataclass(frozen=True)
class Filled:
    """How far a document is filled: the fields it has to have, and those that are empty."""

    required: int
    missing: tuple[TemplateField, ...]

    @property
    def done(self) -> int:
        """How many required fields are filled."""
        return self.required - len(self.missing)

    @property
    def completeness(self) -> float:
        """Percent of the required fields that are filled; 100 when there are none."""
        return 100 * self.done / self.required if self.required else 100.0

    @property
    def percent(self) -> int:
        """The same, rounded down."""
        return 100 * self.done // self.required if self.required else 100


def tier_in_force(assessed: int) -> int:
    """Return the tier a document is held to: the assessed one, or the strictest without one."""
    return assessed if assessed in TIERS else STRICTEST_TIER


def facts_of(
    answers: Mapping[str, object],
    *,
    tier: int,
    assessments: Mapping[str, Mapping[str, object]] | None = None,
) -> Facts:
    """Return what conditions read about a model; a trait nobody recorded counts as absent.

    ``answers`` is what the inventory knows of the model.
    """
    known = assessments or {}
    return {
        "model": {"tier": tier, **{name: answers.get(name) is True for name in _traits()}},
        "assessments": {
            name: {"outcome": "", "flags": [], **known.get(name, {})} for name in QUESTIONNAIRES
        },
    }


def applies(template: Template, facts: Facts) -> bool:
    """Say whether a document is asked for at all."""
    return holder(template, facts, {})(template.applies_when)


def holder(template: Template, facts: Facts, values: Mapping[str, object]) -> Holds:
    """Return what says whether a condition is true of a document and its model."""
    document = {key: values.get(key) or _nothing(field) for key, field in template.fields.items()}
    told = {**facts, "document": document}
    known: dict[str, bool] = {"": True}

    def holds(expression: str) -> bool:
        if expression not in known:
            try:
                known[expression] = _compiled(template.shape, expression).evaluate(told)
            except ExpressionError:
                known[expression] = True
        return known[expression]

    return holds


def need_of(section: Section, field: TemplateField, *, tier: int, holds: Holds) -> Need:
    """Say whether a field is asked for at a tier. Signatures are given, never filled in."""
    need = (field.tiers or section.tiers)[tier - 1]
    if need is not Need.REQUIRED:
        return need
    if field.type is FieldType.SIGNATURES:
        return Need.OPTIONAL
    is_asked = holds(section.required_when) and holds(field.required_when)
    return Need.REQUIRED if is_asked else Need.OPTIONAL


def filled(
    template: Template,
    *,
    tier: int,
    facts: Facts,
    values: Mapping[str, object],
    answered: Callable[[str], bool],
) -> Filled:
    """Return how far a document is filled; ``answered`` says whether a field has its answer.

    An answer may be that there is nothing, or that the field does not apply.
    """
    holds = holder(template, facts, values)
    required = [
        field
        for section in template.sections
        for field in section.fields
        if need_of(section, field, tier=tier, holds=holds) is Need.REQUIRED
    ]
    return Filled(len(required), tuple(one for one in required if not answered(one.key)))


def _nothing(field: TemplateField) -> object:
    return [] if field.type in LISTS else ""


@cache
def _traits() -> tuple[str, ...]:
    model = inventory().entity(EntityId.MODEL)
    named = [field.key for field in model.fields if field.type is InventoryType.BOOLEAN]
    return tuple(dict.fromkeys([*named, "is_third_party"]))


@lru_cache(maxsize=512)
def _compiled(shape: tuple[tuple[str, bool], ...], expression: str) -> Expression:
    return compile_expression(expression, variables=_variables(shape))


@lru_cache(maxsize=64)
def _variables(shape: tuple[tuple[str, bool], ...]) -> Variables:
    kinds = {f"model.{name}": Kind.BOOL for name in _traits()} | {"model.tier": Kind.INT}
    for name in QUESTIONNAIRES:
        kinds[f"assessments.{name}.outcome"] = Kind.STRING
        kinds[f"assessments.{name}.flags"] = Kind.LIST
    for key, is_list in shape:
        kinds[f"document.{key}"] = Kind.LIST if is_list else Kind.STRING
    return Variables.of(kinds)
