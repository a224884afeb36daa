"""What a page of the inventory shows about one record: groups of fields, and what is missing."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from apps.approvals.inventory import Conditions
from apps.catalog.inventory import rules
from apps.catalog.inventory.reading import (
    SOURCES,
    Entity,
    Group,
    InventoryField,
    Need,
    shipped,
)
from apps.catalog.inventory.sheets import Subject
from apps.catalog.inventory.shown import People, Shown, in_words
from apps.catalog.inventory.values import is_empty
from apps.console.queries import field_history

ASKED_WHEN = {
    "model.affects_individuals": "the model's output affects people",
    "model.is_generative": "the model is generative",
    "model.is_agentic": "the model is agentic",
    "model.is_adaptive": "the model adapts in operation",
    "model.is_third_party": "any part of it comes from a third party",
    "model.eu_in_scope": "it is in scope in the European Union",
    "model.uses_gpai": "it is built on a general-purpose model",
    "model.processes_personal_data": "it processes personal data",
    "model.consequential_decisions": "it decides about people in ways that matter",
    "uses.transparency_required": "people must be told about it",
    "model.is_generative || model.is_agentic": "the model is generative or agentic",
}
"""Conditions of the fields file, in words; any other is shown as it is written."""


@dataclass(frozen=True)
class Asker:
    """Who looks: the roles held on the model, and so which fields are theirs to write."""

    roles: Collection[str]
    fixed: Collection[str] = ()

    def may_write(self, asked: InventoryField) -> bool:
        """Say whether a field is theirs to write in a browser."""
        return asked.key not in self.fixed and rules.may_write(asked, self.roles, by_token=False)


@dataclass(frozen=True)
class FieldShown:
    """One field with its value in words, and what stands beside it."""

    field: InventoryField
    value: Shown
    status: str = ""
    tone: str = ""
    by: str = ""
    cites: str = ""
    condition: str = ""
    is_theirs: bool = False
    past: str = ""
    """The address of what it said before; empty when it cannot have said anything else."""

    @property
    def is_missing(self) -> bool:
        return self.tone == "warn"

    @property
    def waits_for(self) -> str:
        """Who is to supply a value that is not there yet."""
        return self.by if self.value.is_empty else ""

    @property
    def supplier(self) -> str:
        """Who supplies it, to begin a line with; the reader is told so first."""
        return "You" if self.is_theirs else f"{self.by[:1].upper()}{self.by[1:]}"


@dataclass(frozen=True)
class GroupShown:
    """Fields shown and edited together; ``edit`` is empty when none is theirs to write."""

    group: Group
    fields: Sequence[FieldShown]
    edit: str = ""

    @property
    def missing(self) -> list[FieldShown]:
        return [shown for shown in self.fields if shown.is_missing]

    @property
    def told(self) -> list[FieldShown]:
        """What is missing, then what is recorded."""
        return self.missing + [shown for shown in self.fields if not shown.value.is_empty]

    @property
    def rest(self) -> list[FieldShown]:
        """What has no value, and needs none so far."""
        return [shown for shown in self.fields if shown.value.is_empty and not shown.is_missing]

    @property
    def rest_words(self) -> str:
        """How many fields have no value and need none so far."""
        fields = "1 field" if len(self.rest) == 1 else f"{len(self.rest)} fields"
        return f"{fields} without a value"

    @property
    def status(self) -> str:
        return f"{len(self.missing)} missing" if self.missing else ""

    @property
    def fill(self) -> str:
        """The address of the form, when something missing is theirs to write."""
        return self.edit if any(shown.is_theirs for shown in self.missing) else ""

    @property
    def asked_of(self) -> list[tuple[str, str]]:
        """Who is to supply what is missing, the reader first, each with the labels in one line."""
        asked: dict[str, list[str]] = defaultdict(list)
        for shown in sorted(self.missing, key=lambda shown: not shown.is_theirs):
            asked[shown.supplier].append(shown.field.label)
        return [(who, ", ".join(labels)) for who, labels in asked.items()]


@dataclass(frozen=True)
class Board:
    """Everything recorded about one record, as it stands at a tier."""

    tier: int
    groups: Sequence[GroupShown]

    @property
    def missing(self) -> int:
        return sum(len(group.missing) for group in self.groups)

    @property
    def gaps(self) -> list[GroupShown]:
        """The groups in which something is missing, those the reader can fill first."""
        gaps = [group for group in self.groups if group.missing]
        return sorted(gaps, key=lambda group: not group.fill)

    @property
    def aside(self) -> str:
        theirs = sum(shown.is_theirs for group in self.gaps for shown in group.missing)
        yours = f" · {theirs} for you to supply" if theirs else ""
        return f"at tier {self.tier}{yours}"

    @property
    def status(self) -> str:
        return "1 field" if self.missing == 1 else f"{self.missing} fields"


class Leads(Protocol):
    """Where the pages beside a record's are."""

    def edit(self, group: str) -> str:
        """Return the address of a group's form."""
        ...

    def past(self, key: str) -> str:
        """Return the address of what a field said before."""
        ...


@dataclass(frozen=True)
class Look:
    """How a record is looked at: by whom, against which conditions, and where its forms are.

    Of a record that ``is_over`` nothing is missing.
    """

    held: Conditions
    known: People
    asker: Asker
    leads: Leads
    subject: Subject
    is_over: bool = False

    def at(self, entities: Sequence[Entity], answers: Mapping[str, object]) -> Board:
        """Return what is shown of a record of some entities."""
        groups = [
            self._group(group, answers)
            for entity in entities
            if self.held.holds(entity.applies_when)
            for group in entity.groups
        ]
        return Board(self.held.tier, [group for group in groups if group.fields])

    def _group(self, group: Group, answers: Mapping[str, object]) -> GroupShown:
        fields = [
            self._field(asked, answers.get(asked.key))
            for asked in group.fields
            if asked.need(self.held.tier) is not Need.OMIT or not is_empty(answers.get(asked.key))
        ]
        is_theirs = any(shown.is_theirs for shown in fields)
        return GroupShown(group, fields, self.leads.edit(group.id) if is_theirs else "")

    def _field(self, asked: InventoryField, value: object) -> FieldShown:
        status, tone = self._status(asked, value)
        return FieldShown(
            field=asked,
            value=in_words(asked, value, self.known),
            status=status,
            tone=tone,
            by=rules.suppliers(asked),
            cites=" · ".join(map(regime_in_short, asked.regimes)),
            condition=_condition(asked, self.held),
            is_theirs=self.asker.may_write(asked),
            past=self.leads.past(asked.key) if self._has_past(asked) else "",
        )

    def _has_past(self, asked: InventoryField) -> bool:
        return field_history.has_past(self.subject, asked, self.asker.fixed)

    def _status(self, asked: InventoryField, value: object) -> tuple[str, str]:
        if not is_empty(value):
            return "", ""
        is_gap = rules.is_required(asked, tier=self.held.tier, holds=self.held.holds)
        if is_gap and not self.is_over:
            return "Missing", "warn"
        if asked.is_derived or set(asked.supplied_by) <= set(SOURCES):
            return "Not yet", "idle"
        return "Not recorded", ""


def count_missing(
    entities: Sequence[Entity], answers: Mapping[str, object], held: Conditions
) -> int:
    """Return how many fields are missing in one record, or in one that is not there yet."""
    return sum(
        len(held.missing("", list(entity.fields), answers))
        for entity in entities
        if held.holds(entity.applies_when)
    )


def asked_when(condition: str) -> str:
    """Return a condition in words."""
    return ASKED_WHEN.get(condition, condition)


@cache
def regime_in_short(regime: str) -> str:
    """Return a regime's title up to its first comma or bracket."""
    return shipped().regimes[regime].split(" (")[0].split(",")[0]


def _condition(asked: InventoryField, held: Conditions) -> str:
    if asked.is_derived:
        return ""
    if asked.need(held.tier) is not Need.REQUIRED:
        return "Optional"
    if not asked.required_when:
        return f"Required at tier {held.tier}"
    return f"Required when {asked_when(asked.required_when)}"
