"""The base of every governed row: it changes only inside a change, and leaves history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property
from string import Template
from typing import Any, ClassVar, NoReturn, Protocol, Self, TypeVar
from uuid import UUID

from django.db import models
from simple_history.models import HistoricalRecords

from apps.audit.models import AuditEvent
from apps.audit.ongoing import ongoing_change
from apps.core.digests import digest_of, utc_text
from apps.core.kept import keeping_cursor
from apps.core.prepared import Prepared, Slot
from apps.core.written import OftenWritten, as_stored, quoted


class UngovernedWrite(RuntimeError):
    """A governed row was about to be written past ``change()``: always a bug, never a refusal."""


@dataclass(frozen=True)
class RecordKind:
    """How rows of a class appear in the record.

    ``word`` is the type (``version``), ``prefix`` starts ids (``ver_12``), ``fields`` are covered
    by the state digest; changing the list raises ``v`` and needs a ``migrated`` event.
    """

    word: str
    prefix: str
    v: int
    fields: tuple[str, ...]

    def id_of(self, pk: int) -> str:
        """Return the id of a row: ``ver_12``."""
        return f"{self.prefix}_{pk}"

    def ref(self, pk: int) -> str:
        """Return how the record names a row: ``version:ver_12``."""
        return f"{self.word}:{self.id_of(pk)}"

    def state_digest(self, pk: int, values: Mapping[str, object]) -> str:
        """Return the digest of a row's governed fields, its type, id and field-list number."""
        return digest_of(self.as_digested(pk, values))

    def as_digested(self, pk: int, values: Mapping[str, object]) -> dict[str, object]:
        """Return what the state digest of a row is taken of."""
        state: dict[str, object] = {name: _plain(values[name]) for name in self.fields}
        return state | {"type": self.word, "id": self.id_of(pk), "v": self.v}


class Subject(Protocol):
    """What an operation is about: a governed row, or the registry as a whole."""

    @property
    def record_word(self) -> str: ...
    @property
    def record_id(self) -> str: ...
    @property
    def root(self) -> "GovernedRow | None": ...


class Registry:
    """The whole registry: what models, people and teams are created under."""

    record_word = "registry"
    record_id = "registry"
    root = None


REGISTRY = Registry()

_TOLD = ("event", "history_date", "history_type")
_COPY = Template("INSERT INTO $state ($into) SELECT $places, $copied FROM $row WHERE $key = %s")


class EventHistory(HistoricalRecords):
    """Row history that points to its event instead of repeating who and why."""

    def __init__(self, **options: Any) -> None:
        super().__init__(bases=[HistoryRow], **options)

    def _get_history_user_fields(self) -> dict[str, Any]:
        return {}

    def get_extra_fields(self, model: Any, fields: Any) -> dict[str, Any]:
        extra: dict[str, Any] = super().get_extra_fields(model, fields)
        del extra["history_change_reason"], extra["revert_url"], extra["get_default_history_user"]
        return extra

    def create_history_model(self, model: Any, inherited: bool) -> Any:
        self._states = super().create_history_model(model, inherited)
        return self._states

    def create_historical_record(self, instance: Any, history_type: str, using: Any = None) -> None:
        """Copy the row as the database holds it now, with the event that left it so."""
        ongoing = ongoing_change()
        if ongoing is None:
            raise UngovernedWrite(f"{instance!r} was written outside a change")
        told = (ongoing.uid, ongoing.time, history_type)
        with keeping_cursor() as cursor:
            cursor.execute(self._copying, [*as_stored(self._told, told), instance.pk])

    def pre_delete(self, instance: Any, **kwargs: Any) -> None:
        self.create_historical_record(instance, "-")  # while there still is a row to copy

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        """Leave it at what ``pre_delete`` kept."""

    @cached_property
    def _told(self) -> list[Any]:
        """The columns of a state that its row does not have."""
        return [self._states._meta.get_field(name) for name in _TOLD]

    @cached_property
    def _copying(self) -> str:
        row, state = self.cls._meta, self._states._meta
        copied = self.fields_included(self.cls)
        into = [*self._told, *(state.get_field(field.name) for field in copied)]
        places = ", ".join(["%s"] * len(self._told))
        return _COPY.substitute(
            state=quoted(state.db_table),
            into=quoted(*(field.column for field in into)),
            places=places,
            copied=quoted(*(field.column for field in copied)),
            row=quoted(row.db_table),
            key=quoted(row.pk.column),
        )


class HistoryRow(models.Model):
    """The state a governed row had after one event."""

    event = models.ForeignKey(
        AuditEvent, to_field="uid", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


class GovernedQuerySet(models.QuerySet[Any]):
    """Reads as usual; refuses every write that would leave no history."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise UngovernedWrite(f"{self.model.__name__} rows are written one by one, inside a change")

    update = delete = bulk_create = bulk_update = _refuse
    aupdate = adelete = abulk_create = abulk_update = _refuse


class GovernedRow(OftenWritten):
    """A row an auditor would ask about: saved only inside ``change()``, deleted never.

    Each class declares its ``RECORD`` and ``history = EventHistory()``; one whose rows may go
    (an alias, a tag) says so with ``REMOVABLE``.
    """

    RECORD: ClassVar[RecordKind]
    REMOVABLE: ClassVar[bool] = False
    RULES_EVERYWHERE: ClassVar[bool] = False
    """Whether rights on every model follow from rows under this root, as with people and teams."""

    objects = models.Manager.from_queryset(GovernedQuerySet)()

    class Meta:
        abstract = True

    @property
    def record_word(self) -> str:
        return self.RECORD.word

    @property
    def record_id(self) -> str:
        return self.RECORD.id_of(self.pk)

    @property
    def record_ref(self) -> str:
        """How the record names this row: ``version:ver_12``."""
        return self.RECORD.ref(self.pk)

    @property
    def root(self) -> "GovernedRow":
        """The row whose lock and timeline this one belongs to."""
        return self

    def state_digest(self) -> str:
        """Return the digest of the row as it stands in memory."""
        return digest_of(self.as_digested())

    def as_digested(self) -> dict[str, object]:
        """Return what the state digest is taken of, as the row stands in memory."""
        values = {name: getattr(self, name) for name in self.RECORD.fields}
        return self.RECORD.as_digested(self.pk, values)

    def save(self, *args: Any, **kwargs: Any) -> None:
        ongoing = ongoing_change()
        if ongoing is None:
            raise UngovernedWrite(f"{self!r} was written outside a change")
        before = None if self._state.adding else self._stored_digest()
        super().save(*args, **kwargs)
        ongoing.wrote(self, before=before, after=self.state_digest())

    def _write(self, *names: str) -> None:
        if not set(names).isdisjoint(self.RECORD.fields):
            raise UngovernedWrite(f"{', '.join(names)} of {self!r} are written with history")
        super()._write(*names)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        ongoing = ongoing_change()
        if ongoing is None or not self.REMOVABLE:
            raise UngovernedWrite(f"{type(self).__name__} rows are kept for good")
        before, reference = self._stored_digest(), type(self).objects.get(pk=self.pk)
        gone = super().delete(*args, **kwargs)
        ongoing.wrote(reference, before=before, after=None)
        return gone

    def renew(self, locked: "GovernedRow | None" = None) -> None:
        """Take the row's present state from the database, whole.

        ``locked`` is its root if that was just read, which is not read again.
        """
        is_root = locked is not None and locked.record_ref == self.record_ref
        fresh = locked if is_root else _prepared(type(self), _Reading.FRESH).row(self.pk)
        if fresh is None:
            raise type(self).DoesNotExist(f"{self.record_ref} is not there")
        self.__dict__.pop("_prefetched_objects_cache", None)
        self._state.fields_cache.clear()
        self.__dict__.update(fresh.__dict__, _state=self._state)
        if locked is not None and not is_root:
            self._point_to(locked)

    def _point_to(self, other: "GovernedRow") -> None:
        """Let what refers to another row lead to it as it is in memory."""
        for field in self._meta.concrete_fields:
            if field.related_model is type(other) and getattr(self, field.attname) == other.pk:
                setattr(self, field.name, other)

    def require_there(self) -> None:
        """Refuse to be changed: here never; a row that can be deleted says so once it is."""

    @classmethod
    def locked(cls, pk: int) -> Self:
        """Return the row as it is now, locked until the transaction ends."""
        row: Self | None = _prepared(cls, _Reading.LOCKED).row(pk)
        if row is None:
            raise cls.DoesNotExist(f"{cls.RECORD.ref(pk)} is not there")
        return row

    def _stored_digest(self) -> str:
        """Return the digest of what the database holds, not of what this process last saw."""
        [values] = _prepared(type(self), _Reading.STATE).tuples(self.pk)
        stored = dict(zip(self.RECORD.fields, values, strict=True))
        return self.RECORD.state_digest(self.pk, stored)


Governed = TypeVar("Governed", bound=GovernedRow)


class _Reading(Enum):
    """How a row is read again and again: as it is, locked, or its governed fields alone."""

    FRESH = "fresh"
    LOCKED = "locked"
    STATE = "state"


@cache
def _prepared(kind: type[Governed], reading: _Reading) -> Prepared[Governed]:
    """Return the query that reads one row of a class by its id."""
    rows = kind._base_manager.filter(pk=Slot())
    if reading is _Reading.LOCKED:
        # Rows that name it may be added meanwhile: their foreign keys need its key to stay only.
        return Prepared(lambda: rows.select_for_update(no_key=True))
    if reading is _Reading.STATE:
        return Prepared(lambda: rows.values_list(*kind.RECORD.fields))
    return Prepared(lambda: rows)


def _plain(value: object) -> object:
    """Return a field's value in the types the canonical form knows: exact ones as text."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date | UUID | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return [[str(key), _plain(inner)] for key, inner in sorted(value.items())]
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return repr(value)
    return value
