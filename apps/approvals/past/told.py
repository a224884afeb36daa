"""What is told of each kind of row when two moments are compared, and how values read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from apps.approvals.models import Authorization
from apps.approvals.past.named import Applied, Names, policies_of
from apps.audit.past import Moved
from apps.catalog.inventory import fields, shown
from apps.catalog.inventory.reading import InventoryField
from apps.catalog.models import (
    Alias,
    ModelDuty,
    ModelSheet,
    ModelTag,
    ModelVersion,
    RegisteredModel,
    ThirdParty,
    UseCase,
)
from apps.core import moments
from apps.risk.models import Finding, TierOverride

Facts = Mapping[str, object]


@dataclass(frozen=True)
class Person:
    """A person by id, to be named later."""

    pk: int


@dataclass(frozen=True)
class TeamOf:
    """A team by id, to be named later."""

    pk: int


@dataclass(frozen=True)
class Version:
    """A version by id, to be told by its number later."""

    pk: int


@dataclass(frozen=True)
class PolicyOf:
    """A policy by its digest, to be named later."""

    digest: str


@dataclass(frozen=True)
class Recorded:
    """A value of the inventory, read by the field it was recorded in."""

    key: str
    value: Any = field(hash=False)


def of_model(row: RegisteredModel) -> Facts:
    return {
        "Name": row.name,
        "Title": row.title,
        "Owner": Person(row.owner_id),
        "Team": TeamOf(row.team_id) if row.team_id else None,
        "Kind": row.get_kind_display(),
        "Method": row.method,
        "Domain": row.domain,
        "Description": row.description,
        "Intended use": row.intended_use,
        "Out of scope": row.out_of_scope_uses,
        "Limitations": row.limitations,
        "What it does": [row.Flag(one).label for one in row.flags if one in row.Flag],
        "Several versions in production": row.runs_several,
        "Deleted": row.deleted_at,
    }


def of_sheet(row: ModelSheet) -> Facts:
    return {key: Recorded(key, value) for key, value in sorted(row.values.items())}


def of_version(row: ModelVersion) -> Facts:
    return {
        "Stage": row.get_stage_display(),
        "Content": row.get_readiness_display(),
        "Change": row.get_change_class_display(),
        "Description": row.description,
        "First in production": row.authorized_at,
        "Deleted": row.deleted_at,
    }


def of_alias(row: Alias) -> Facts:
    return {"Points at": Version(row.version_id)}


def of_tag(row: ModelTag) -> Facts:
    return {"Value": row.value or "set"}


def of_duty(row: ModelDuty) -> Facts:
    if row.until is not None:
        return {}
    holder = Person(row.user_id) if row.user_id else TeamOf(row.team_id or 0)
    return {row.get_role_display(): holder}


def of_use(row: UseCase | ThirdParty) -> Facts:
    values = {str(key): str(value) for key, value in sorted(row.values.items())}
    return {"Title": row.title, "Ended": row.ended_at, **values}


def of_authorization(row: Authorization) -> Facts:
    return {
        "State": row.get_state_display(),
        "Valid until": row.valid_until or "Without end",
        "Granted": row.granted_at,
        "Tier": row.tier,
        "Policy": PolicyOf(row.policy_digest),
        "Why": row.why,
    }


def of_finding(row: Finding) -> Facts:
    return {
        "State": row.get_state_display(),
        "Severity": row.get_severity_display(),
        "Owner": Person(row.owner_id),
        "Due": row.due,
    }


def of_override(row: TierOverride) -> Facts:
    return {"State": row.get_state_display(), "Tier": row.tier, "Last day": row.ends_on}


OF_ROWS: tuple[tuple[type[Any], Callable[[Any], Facts]], ...] = (
    (RegisteredModel, of_model),
    (ModelSheet, of_sheet),
    (ModelVersion, of_version),
    (Alias, of_alias),
    (ModelTag, of_tag),
    (ModelDuty, of_duty),
    (UseCase, of_use),
    (ThirdParty, of_use),
    (TierOverride, of_override),
    (Finding, of_finding),
)
"""What belongs to a model by its id and is compared, each with what is told of it."""


@dataclass(frozen=True)
class Words:
    """Puts what was told into words, once it is known whom and what it names."""

    names: Names
    numbers: Mapping[int, int]
    policies: Mapping[str, Applied]
    known: Mapping[str, InventoryField]
    people: shown.People

    @classmethod
    def of(cls, moved: Iterable[Moved[Any]], numbers: Mapping[int, int]) -> "Words":
        """Read the names of all that some differences mention."""
        changes = [change for one in moved for change in one.changes]
        values = [value for change in changes for value in (change.before, change.after)]
        recorded = [(one.key, one.value) for one in values if isinstance(one, Recorded)]
        known = fields.in_force().fields_of(["model"]) if recorded else {}
        digests = {one.digest for one in values if isinstance(one, PolicyOf)}
        return cls(
            Names.of(
                [one.pk for one in values if isinstance(one, Person)],
                [one.pk for one in values if isinstance(one, TeamOf)],
            ),
            numbers,
            policies_of(digests) if digests else {},
            known,
            shown.people((known, {key: value}) for key, value in recorded) if recorded else {},
        )

    def name(self, name: str, value: object) -> str:
        """Return what a fact is called: one of the inventory by the label of its field."""
        if isinstance(value, Recorded) and name in self.known:
            return self.known[name].label
        return name

    def value(self, value: object) -> str:
        """Return a value in words; nothing for none."""
        named = _NAMED.get(type(value))
        return named(self, value) if named is not None else plain(value)

    def version(self, pk: int) -> str:
        """Return a version by its number."""
        return f"Version {self.numbers[pk]}" if pk in self.numbers else "a deleted version"

    def recorded(self, key: str, value: object) -> str:
        """Return a value of the inventory as a cell of a sheet holds it."""
        if key not in self.known:
            return plain(value)
        return shown.as_line(shown.in_words(self.known[key], value, self.people))


def plain(value: object) -> str:
    """Write a value that names nobody."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return moments.in_words(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


_NAMED: Mapping[type, Callable[[Words, Any], str]] = {
    Recorded: lambda words, one: words.recorded(one.key, one.value),
    Person: lambda words, one: words.names.person(one.pk),
    TeamOf: lambda words, one: words.names.team(one.pk),
    Version: lambda words, one: words.version(one.pk),
    PolicyOf: lambda words, one: words.policies[one.digest].title,
}
