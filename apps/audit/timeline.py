"""Reads the record: entries as people see them, and what each changed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Self
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from apps.audit.entries import leaf_hash
from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent, AuditText


@dataclass(frozen=True)
class TimelineEntry:
    """One entry of the record, parsed from its stored bytes, with its reason when not erased."""

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
        reasons = [text.text for text in event.texts.all() if text.kind == AuditText.Kind.REASON]
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
            reason=reasons[0] if reasons else "",
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


@dataclass(frozen=True)
class RowDifference:
    """What one event did to one governed row."""

    row: str
    kind: str
    is_new: bool
    is_gone: bool
    fields: tuple[FieldChange, ...] = field(default=())


def events(visible: Q) -> QuerySet[AuditEvent]:
    """Return the events a condition lets through, texts included, to be ordered and cut."""
    return AuditEvent.objects.filter(visible).prefetch_related("texts")


def about_roots(roots: Iterable[str] | QuerySet[Any, Any]) -> Q:
    """Return the condition that an event belongs to the chain of one of some roots."""
    return Q(chain_root__in=roots)


def about_subject(row: GovernedRow) -> Q:
    """Return the condition that an event, a refusal included, is about one row."""
    return Q(subject_type=row.record_word, subject_id=row.record_id)


def by_actor(actor_id: str) -> Q:
    """Return the condition that an actor did, or tried, something."""
    return Q(actor_id=actor_id)


def differences(event: AuditEvent) -> list[RowDifference]:
    """Return what an event changed, field by field, from the history it left."""
    rows = json.loads(bytes(event.entry))["rows"]
    return [_difference(row, event) for row in rows]


def _difference(row: Mapping[str, Any], event: AuditEvent) -> RowDifference:
    word, _, record_id = row["row"].partition(":")
    rows = governed_rows()[word]
    pk = int(record_id.rpartition("_")[2])
    history = rows.history.filter(**{rows._meta.pk.attname: pk})  # type: ignore[attr-defined]
    after = history.filter(event=event.uid).order_by("history_id").last()
    before = history.filter(history_id__lt=after.history_id).exclude(event=event.uid)
    return RowDifference(
        row=row["row"],
        kind=str(rows._meta.verbose_name),
        is_new=row["before"] is None,
        is_gone=row["after"] is None,
        fields=_field_changes(rows, before.order_by("history_id").last(), after),
    )


def _field_changes(
    rows: type[GovernedRow], before: Model | None, after: Model
) -> tuple[FieldChange, ...]:
    names = {name.removesuffix("_id"): name for name in rows.RECORD.fields}
    return tuple(
        FieldChange(label.replace("_", " "), then, now)
        for label, name in names.items()
        if (then := getattr(before, name, None)) != (now := getattr(after, name))
    )


@cache
def governed_rows() -> Mapping[str, type[GovernedRow]]:
    """Return every governed class by the word the record knows it by."""
    return {rows.RECORD.word: rows for rows in apps.get_models() if issubclass(rows, GovernedRow)}
