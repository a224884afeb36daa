"""All that one field of a record said: each value, from when, by whom and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from apps.accounts.models import Team, User
from apps.audit.models import AuditEvent
from apps.audit.timeline import TimelineEntry
from apps.catalog.inventory import facts, fields, sheets
from apps.catalog.inventory.reading import InventoryField
from apps.catalog.inventory.sheets import Subject
from apps.catalog.inventory.shown import NOTHING, Shown, in_words
from apps.catalog.inventory.shown import people as people_named
from apps.catalog.inventory.values import is_empty
from apps.catalog.models import (
    ModelSheet,
    ModelVersion,
    RegisteredModel,
    ThirdParty,
    UseCase,
    VersionSheet,
)
from apps.console.queries import record
from apps.console.queries.names import Names
from apps.core.actors import Actor

MOST_SHOWN = 200

Reading = Callable[[Any, Mapping[str, Any]], object]
"""Says what a field was, from its record's row and from the values on its sheet."""


@dataclass(frozen=True)
class Step:
    """One value of a field, how long it held, and the entry that set it if the reader sees it."""

    value: object
    since: datetime
    event: UUID
    until: datetime | None = None
    shown: Shown = NOTHING
    entry: TimelineEntry | None = None
    who: str = ""


@dataclass(frozen=True)
class Past:
    """A field with what it said, the newest first."""

    label: str
    steps: Sequence[Step]
    more: int
    """How many older values are left out."""


@dataclass(frozen=True)
class _Column:
    """A field that is a column of its record's row."""

    label: str
    read: Callable[[Any], object]


_OF_MODEL: Mapping[str, _Column] = {
    "title": _Column("Title", lambda row: row.title),
    "owner": _Column("Owner", lambda row: _Ref(User, row.owner_id)),
    "team": _Column("Team", lambda row: row.team_id and _Ref(Team, row.team_id)),
    "kind": _Column("Kind", lambda row: row.get_kind_display()),
    "method": _Column("Method", lambda row: row.method),
    "domain": _Column("Domain", lambda row: row.domain),
    "flags": _Column("What it does", lambda row: _flags(row.flags)),
    "description": _Column("Description", lambda row: row.description),
    "intended_use": _Column("Intended use", lambda row: row.intended_use),
    "out_of_scope_uses": _Column("Out of scope", lambda row: row.out_of_scope_uses),
}
_OF_VERSION: Mapping[str, _Column] = {
    "stage": _Column("Stage", lambda row: row.get_stage_display()),
    "change_class": _Column("Change", lambda row: row.get_change_class_display()),
    "summary_of_change": _Column("Description", lambda row: row.description),
    "authorized_at": _Column("Authorized", lambda row: row.authorized_at),
    "digest": _Column("Digest", lambda row: row.content_digest),
}
_COLUMNS: Mapping[type, Mapping[str, _Column]] = {
    RegisteredModel: _OF_MODEL,
    ModelVersion: _OF_VERSION,
    UseCase: {"title": _Column("Title", lambda row: row.title)},
    ThirdParty: {"title": _Column("Title", lambda row: row.title)},
}


_COLUMN_KEYS = frozenset(key for columns in _COLUMNS.values() for key in columns)


@dataclass(frozen=True)
class _Ref:
    """A person or team, whose name is read with all others."""

    rows: type[User] | type[Team]
    pk: int


def has_past(subject: Subject, field: InventoryField, fixed: Iterable[str]) -> bool:
    """Say whether a field of a record can have said something else before."""
    if field.key in _COLUMNS[type(subject)]:
        return True
    return not field.is_derived and field.key not in fixed


def past_of(subject: Subject, key: str, actor: Actor) -> Past | None:
    """Return the past of a field of a record, or None when there is no such field.

    It takes as many queries however much it said.
    """
    field, column = _inventory_field(subject, key), _COLUMNS[type(subject)].get(key)
    if field is None and column is None:
        return None
    steps = list(_steps(_states(subject), _reading(key, column)))[::-1]
    shown = _with_words(_with_entries(steps[:MOST_SHOWN], actor), field)
    label = field.label if field else column.label if column else key
    return Past(label, shown, more=max(len(steps) - MOST_SHOWN, 0))


def _inventory_field(subject: Subject, key: str) -> InventoryField | None:
    inventory = fields.in_force()
    asked = (
        field
        for entity in sheets.entities_of(subject)
        for field in inventory.entity(entity).fields
        if field.key == key
    )
    return next(asked, None)


def _reading(key: str, column: _Column | None) -> Reading:
    if column is not None:
        return lambda row, _: column.read(row) if row is not None else None
    if key in facts.FLAGS:
        return lambda row, values: (row is not None and key in row.flags) or values.get(key)
    if key == "limitations":
        return lambda row, values: values.get(key) or getattr(row, key, "")
    return lambda _, values: values.get(key)


# -- the states a record was in --------------------------------------------------------------------


@dataclass(frozen=True)
class _State:
    """What one event left of a record's row, or of its sheet."""

    at: datetime
    event: UUID
    row: Any = None
    values: Mapping[str, Any] | None = None


def _states(subject: Subject) -> list[_State]:
    own = type(subject).history.filter(id=subject.pk).order_by("history_id")
    if isinstance(subject, UseCase | ThirdParty):
        return [_State(one.history_date, one.event_id, one, one.values) for one in own]
    if isinstance(subject, RegisteredModel):
        kept = ModelSheet.history.filter(model_id=subject.pk)
    else:
        kept = VersionSheet.history.filter(version_id=subject.pk)
    rows = [_State(one.history_date, one.event_id, row=one) for one in own]
    sheet = kept.order_by("history_id").values_list("history_date", "event_id", "values")
    values = [_State(at, event, values=said) for at, event, said in sheet]
    return sorted([*rows, *values], key=lambda state: (state.at, str(state.event)))


def _steps(states: Iterable[_State], read: Reading) -> Iterator[Step]:
    """Yield each value that differs from the one before, the oldest first."""
    row: Any = None
    values: Mapping[str, Any] = {}
    last: Step | None = None
    for (at, event), left in groupby(states, key=lambda state: (state.at, state.event)):
        for state in left:
            row = state.row if state.row is not None else row
            values = state.values if state.values is not None else values
        value = read(row, values)
        if is_empty(value) if last is None else _same(value, last.value):
            continue
        if last is not None:
            yield replace(last, until=at)
        last = Step(value, at, event)
    if last is not None:
        yield last


def _same(one: object, other: object) -> bool:
    return one == other or (is_empty(one) and is_empty(other))


# -- what people read of it ------------------------------------------------------------------------


def _with_entries(steps: Sequence[Step], actor: Actor) -> list[Step]:
    wanted = [step.event for step in steps]
    events: Iterable[AuditEvent] = record.events_visible_to(actor).filter(uid__in=wanted)
    entries = {event.uid: TimelineEntry.of(event) for event in events}
    names = Names.of([], *(f"user:{entry.actor['id']}" for entry in entries.values()))
    return [
        replace(step, entry=entry, who=names.of_actor(entry.actor["id"]) if entry else "")
        for step in steps
        for entry in [entries.get(step.event)]
    ]


def _with_words(steps: Sequence[Step], field: InventoryField | None) -> list[Step]:
    if field is not None and field.key not in _COLUMN_KEYS:
        known = people_named([({field.key: field}, {field.key: step.value}) for step in steps])
        return [replace(step, shown=in_words(field, step.value, known)) for step in steps]
    names = _names([step.value for step in steps if isinstance(step.value, _Ref)])
    return [replace(step, shown=_plain(step.value, names)) for step in steps]


def _names(refs: Sequence[_Ref]) -> Mapping[_Ref, str]:
    named: dict[_Ref, str] = {}
    for rows in {ref.rows for ref in refs}:
        found = rows.objects.filter(pk__in={ref.pk for ref in refs})
        named |= {_Ref(rows, one.pk): str(one) for one in found}
    return named


def _plain(value: object, names: Mapping[_Ref, str]) -> Shown:
    if isinstance(value, _Ref):
        return Shown(names.get(value, str(value.pk)))
    if isinstance(value, datetime):
        return Shown(at=value)
    if isinstance(value, list):
        return Shown(items=[str(one) for one in value])
    return NOTHING if is_empty(value) else Shown(str(value))


def _flags(flags: Iterable[str]) -> list[str]:
    labels = dict(RegisteredModel.Flag.choices)
    return [str(labels.get(flag, flag)) for flag in flags]
