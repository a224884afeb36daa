"""Reads the record: entries as people see them, and what each changed."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Self
from uuid import UUID

from django.apps import apps
from django.db.models import (
    BinaryField,
    BooleanField,
    F,
    ForeignKey,
    Func,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.lookups import IContains

from apps.audit.entries import leaf_hash
from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent, AuditText

MISSING = "[Missing: nothing on record says that this reason was erased.]"
"""What stands where a reason is gone against the rules; who compares the record finds it, too."""


@dataclass(frozen=True)
class TimelineEntry:
    """One entry of the record, parsed from its stored bytes, with its reason or what erased it."""

    number: int
    uid: UUID
    time: datetime
    action: str
    outcome: str
    actor: Mapping[str, Any]
    subject: Mapping[str, str]
    chain: Mapping[str, Any] | None
    rows: Sequence[Mapping[str, Any]]
    detail: Mapping[str, Any]
    parent: str | None
    sign: Mapping[str, Any] | None
    reason: str
    text: str
    leaf: str

    @classmethod
    def of(cls, event: AuditEvent) -> Self:
        """Read an event whose texts are prefetched."""
        raw = bytes(event.entry)
        entry = json.loads(raw)
        return cls(
            number=event.pk,
            uid=event.uid,
            time=datetime.fromisoformat(entry["time"]),
            action=entry["action"],
            outcome=entry["outcome"],
            actor=entry["actor"],
            subject=entry["subject"],
            chain=entry["chain"],
            rows=entry["rows"],
            detail=entry["detail"],
            parent=entry["parent"],
            sign=entry["sign"],
            reason=_reason_of(event) if entry["reason"] else "",
            text=json.dumps(entry, indent=2, ensure_ascii=False, sort_keys=True),
            leaf=leaf_hash(raw).hex(),
        )

    @property
    def sentence(self) -> str:
        """The action in words: ``version.promote`` reads "Promote version"."""
        subject, _, verb = self.action.partition(".")
        return f"{verb} {subject}".replace("_", " ").capitalize()


@dataclass(frozen=True)
class Words:
    """An action in words, each followed by what it was done to, and the mark beside it."""

    done: str
    tried: str
    icon: str = "circle"
    tone: str = "idle"


UNDONE = {
    AuditEvent.Outcome.REFUSED: "Refused",
    AuditEvent.Outcome.FAILED: "Failed",
    AuditEvent.Outcome.INTENT: "Announced",
}
_UNDONE_ICONS = {AuditEvent.Outcome.REFUSED: "ban", AuditEvent.Outcome.FAILED: "octagon-alert"}


def as_it_ended(entry: TimelineEntry, known: Words) -> Words:
    """Return the words of an entry's action: those of an attempt when it was not done."""
    outcome = AuditEvent.Outcome(entry.outcome)
    if outcome not in UNDONE:
        return known
    done = f"{UNDONE[outcome]}: {known.tried}"
    return replace(known, done=done, icon=_UNDONE_ICONS.get(outcome, known.icon), tone="bad")


@dataclass(frozen=True)
class FieldChange:
    """A field of a row, before and after one event."""

    name: str
    before: object
    after: object
    points_to: str = ""
    """How the record names the rows its numbers are of (``user:usr_``); plain values have none."""


@dataclass(frozen=True)
class RowDifference:
    """What one event did to one governed row."""

    row: str
    kind: str
    is_new: bool
    is_gone: bool
    fields: tuple[FieldChange, ...] = field(default=())
    is_kept: bool = True
    """Whether its history holds the state the event left; it always should."""


def events(visible: Q) -> QuerySet[AuditEvent]:
    """Return the events a condition lets through, texts included, to be ordered and cut."""
    found = AuditEvent.objects.filter(visible).select_related("erased__redaction")
    return found.prefetch_related("texts")


def _reason_of(event: AuditEvent) -> str:
    """Return the reason of an event that has one, or what stands in its place."""
    for text in event.texts.all():
        if text.kind == AuditText.Kind.REASON:
            return text.text
    return event.erased.redaction.mark if hasattr(event, "erased") else MISSING


def about_roots(roots: Iterable[str] | QuerySet[Any, Any]) -> Q:
    """Return the condition that an event belongs to the chain of one of some roots."""
    return Q(chain_root__in=roots)


def about_subject(row: GovernedRow) -> Q:
    """Return the condition that an event, a refusal included, is about one row."""
    return Q(subject_type=row.record_word, subject_id=row.record_id)


def by_actor(actor_id: str) -> Q:
    """Return the condition that an actor did, or tried, something."""
    return Q(actor_id=actor_id)


class _Begins(Func):
    """Whether the beginning of an entry holds some bytes, before any text a person could choose."""

    output_field = BooleanField()
    template = "POSITION(%(expressions)s) > 0"
    arg_joiner = " IN "

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        turned = self.copy()
        turned.set_source_expressions(self.get_source_expressions()[::-1])
        written = "INSTR(%(expressions)s) > 0"
        return turned.as_sql(compiler, connection, template=written, arg_joiner=", ", **extra)


_HEAD = 128
"""Bytes in which every entry names its door, and none has come to its details yet."""


def through_door(door: str) -> Q:
    """Return the condition that somebody came through a door."""
    head = Func(F("entry"), Value(1), Value(_HEAD), function="SUBSTR", output_field=BinaryField())
    named = Value(f'"door":"{door}"'.encode(), output_field=BinaryField())
    return Q(_Begins(named, head))


def giving_reasons(words: Iterable[str]) -> Q:
    """Return the condition that a reason holds every one of some words, in any letters.

    It is asked of one event after the other, so that what else is asked for narrows it first.
    """
    reasons = AuditText.objects.filter(event=OuterRef("pk"), kind=AuditText.Kind.REASON)
    reason = Subquery(reasons.values("text")[:1])
    condition = Q()
    for word in words:
        condition &= Q(IContains(reason, word))
    return condition


def of_row(rows: type[GovernedRow], pk: int) -> Q:
    """Return the condition that an event is about one row, or wrote it."""
    history = rows.history.filter(**{rows._meta.pk.attname: pk})  # type: ignore[attr-defined]
    wrote = list(history.order_by().values_list("event_id", flat=True).distinct())
    kind = rows.RECORD
    return Q(uid__in=wrote) | Q(subject_type=kind.word, subject_id=kind.id_of(pk))


def differences(event: AuditEvent) -> list[RowDifference]:
    """Return what an event changed, field by field, from the history it left.

    It takes three queries for each kind of row, however many rows there are.
    """
    changes = json.loads(bytes(event.entry))["rows"]
    pks: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        word, pk = _word_and_pk(change["row"])
        pks[word].add(pk)
    left = {word: _states_around(word, found, event) for word, found in pks.items()}
    return [_difference(change, left) for change in changes]


_States = Mapping[int, tuple[Model | None, Model | None]]
"""The states before and after an event, by the number of the row; None where none is kept."""


def _word_and_pk(ref: str) -> tuple[str, int]:
    word, _, record_id = ref.partition(":")
    return word, int(record_id.rpartition("_")[2])


def _states_around(word: str, pks: Collection[int], event: AuditEvent) -> _States:
    rows = governed_rows().get(word)
    if rows is None:
        return {}
    key = rows._meta.pk.attname
    history = rows.history.filter(**{f"{key}__in": pks})  # type: ignore[attr-defined]
    written = history.filter(event=event.uid).order_by("history_id")
    after = {getattr(state, key): state for state in written}
    earlier = Q(pk__in=[])
    for pk, state in after.items():
        earlier |= Q(**{key: pk}, history_id__lt=state.history_id)
    last = history.filter(earlier).exclude(event=event.uid).order_by().values(key)
    numbers = last.annotate(newest=Max("history_id")).values_list("newest", flat=True)
    before = {getattr(state, key): state for state in history.filter(history_id__in=list(numbers))}
    return {pk: (before.get(pk), after.get(pk)) for pk in pks}


def _difference(change: Mapping[str, Any], left: Mapping[str, _States]) -> RowDifference:
    word, pk = _word_and_pk(change["row"])
    rows = governed_rows().get(word)
    before, after = left[word].get(pk, (None, None))
    return RowDifference(
        row=change["row"],
        kind=str(rows._meta.verbose_name) if rows else word.replace("_", " "),
        is_new=change["before"] is None,
        is_gone=change["after"] is None,
        fields=_field_changes(rows, *_told(change, before, after)) if rows and after else (),
        is_kept=bool(rows and after),
    )


def _told(
    change: Mapping[str, Any], before: Model | None, after: Model
) -> tuple[Model | None, Model | None]:
    """Return what to compare: of a row that was removed, its last state is what was before."""
    return (after, None) if change["after"] is None else (before, after)


def _field_changes(
    rows: type[GovernedRow], before: Model | None, after: Model | None
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(label.replace("_", " "), then, now, _pointing(rows, name))
        for name in rows.RECORD.fields
        for label in [name.removesuffix("_id")]
        if (then := getattr(before, name, None)) != (now := getattr(after, name, None))
    )


def _pointing(rows: type[GovernedRow], name: str) -> str:
    """Return how the record names the governed rows that a field points to."""
    field = next((one for one in rows._meta.concrete_fields if one.attname == name), None)
    target = field.related_model if isinstance(field, ForeignKey) else None
    if not (isinstance(target, type) and issubclass(target, GovernedRow)):
        return ""
    return target.RECORD.ref(0).removesuffix("0")


@cache
def governed_rows() -> Mapping[str, type[GovernedRow]]:
    """Return every governed class by the word the record knows it by."""
    return {rows.RECORD.word: rows for rows in apps.get_models() if issubclass(rows, GovernedRow)}
