"""Finds every copy of a text of the record, and erases them with the proof of its entry intact.

The entry commits to its reason with a salted digest, so that the reason alone can go. Rows that
repeat it are covered by state digests: each is written once more, and each earlier state of it is
digested anew, which the entry ``event.redact`` says one by one. So whoever compares rows with the
record knows exactly what may differ from what older entries say, and nothing else may.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, TextField

from apps.audit import past, privileges
from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent, AuditText, ErasedText, Redaction
from apps.audit.timeline import governed_rows
from apps.core.actors import BY_WORKER, Actor
from apps.core.errors import RuleBroken

REDACT = Action("event.redact", permission=BY_WORKER)
MOST_ROWS = 60
_AT_ONCE = 30
"""How many states one entry tells of: its details hold 8 KiB."""
_MARK = re.compile(r"\[Erased on .+ Entry ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.\]")
_SIGNED = frozenset({"statement", "dossier"})
"""Columns that hold what somebody signed, to the byte."""
_MACHINES = frozenset({"passkey", "policy", "questionnaire", "model_tag", "version_tag"})
"""Kinds of rows whose long texts are no person's words, or what programs read."""
_INDEXED = frozenset({"model", "version"})
"""Kinds whose present words are also looked for: they are changed where they stand, not erased."""


@dataclass(frozen=True)
class EventSubject:
    """An event as what a change is about, under the root whose history it belongs to."""

    event: AuditEvent

    @property
    def record_word(self) -> str:
        return "event"

    @property
    def record_id(self) -> str:
        return str(self.event.uid)

    @property
    def root(self) -> GovernedRow | None:
        """The root of its chain; of an event outside every chain, that of what it was about."""
        if self.event.chain_root is not None:
            return _row(self.event.chain_root)
        found = _row(f"{self.event.subject_type}:{self.event.subject_id}")
        return found.root if found else None


@dataclass(frozen=True)
class Copy:
    """A column of a row in which the words stand, now or in its history."""

    kind: type[GovernedRow]
    pk: int
    column: str

    @property
    def place(self) -> str:
        return f"{self.kind.RECORD.ref(self.pk)}.{self.column}"

    def states(self, text: str) -> Any:
        """Return the states of the row in which they stand, in order."""
        key = self.kind._meta.pk.attname
        history = self.kind.history  # type: ignore[attr-defined]
        return history.filter(**{key: self.pk, self.column: text}).order_by("history_id")

    def said_at(self, at: datetime) -> str:
        """Return what it said at a moment, or nothing when the row was not there yet."""
        row = past.as_it_was(self.kind, self.pk, at)
        return "" if row is None else str(getattr(row, self.column))


@dataclass(frozen=True)
class Found:
    """Where some words stand: in reasons of entries, and in rows."""

    text: str
    reasons: Sequence[AuditEvent]
    copies: Sequence[Copy]


def places(event: AuditEvent) -> Iterator[tuple[str, str]]:
    """Yield what can be asked to be erased of an event: each place, with the words there."""
    reason = _reason(event)
    if reason is not None:
        yield Redaction.REASON, reason
    for copy in _texts_of(event):
        text = getattr(_state(copy, event), copy.column)
        if text and text != reason and not _is_mark(text):
            yield copy.place, text


def found(event: AuditEvent, place: str) -> Found:
    """Return where the words of a place of an event stand.

    Raises:
        RuleBroken: when there are none, or they are more than one entry can tell of.
    """
    text = dict(places(event)).get(place)
    if text is None:
        raise RuleBroken("There are no such words in this entry any more.")
    reasons = _family(event, text) if place == Redaction.REASON else []
    copies = dict.fromkeys(
        copy
        for one in (reasons or [event])
        for copy in _texts_of(one)
        if getattr(_state(copy, one), copy.column) == text
    )
    if place != Redaction.REASON:
        copies = dict.fromkeys(copy for copy in copies if copy.place == place)
    if len({(copy.kind, copy.pk) for copy in copies}) > MOST_ROWS or len(reasons) > MOST_ROWS:
        raise RuleBroken("These words stand in more rows than one entry can tell of.")
    return Found(text, reasons, list(copies))


def still_said(found: Found) -> list[str]:
    """Return the places where a page offers the words for change: they are changed there first."""
    kept = [copy for copy in found.copies if copy.kind.RECORD.word in _INDEXED]
    rows = [(copy, copy.kind._base_manager.filter(pk=copy.pk).first()) for copy in kept]
    return [copy.place for copy, row in rows if row and getattr(row, copy.column) == found.text]


def erase(redaction: Redaction, where: Found, record: Record, *, by: Actor) -> None:
    """Erase the words wherever they stand, inside the change that says so."""
    redaction.state = Redaction.State.ERASED
    redaction.erased_in, redaction.erased_at = record.uid, record.time
    redaction.save()
    for event in where.reasons:
        ErasedText.objects.create(event=event, redaction=redaction)
        AuditText.objects.filter(event=event, kind=AuditText.Kind.REASON).delete()
    mark, told = redaction.mark, []
    columns: dict[tuple[type[GovernedRow], int], list[str]] = defaultdict(list)
    for copy in where.copies:
        columns[copy.kind, copy.pk].append(copy.column)
    for (kind, pk), names in columns.items():
        copies = [Copy(kind, pk, name) for name in names]
        told += _erase_row(copies, where.text, mark, record)
    common = {"asked": str(redaction.asked_in), "approved": str(redaction.decided_in)}
    record.note(
        **common,
        basis=redaction.basis,
        place=redaction.place,
        texts=[str(event.uid) for event in where.reasons],
        states=told[:_AT_ONCE],
    )
    for first in range(_AT_ONCE, len(told), _AT_ONCE):
        with change(REDACT, record.subject, by=by) as more:
            more.note(**common, texts=[], states=told[first : first + _AT_ONCE])


def overtaken(redaction: Redaction, where: Found) -> list[Redaction]:
    """Return other redactions that were approved, of which nothing is left to erase now."""
    approved = Redaction.objects.filter(state=Redaction.State.APPROVED).exclude(pk=redaction.pk)
    touched = Q(event__in=where.reasons) | Q(place__in=[copy.place for copy in where.copies])
    others = approved.filter(touched).select_related("event").order_by("pk")
    return [one for one in others if one.place not in dict(places(one.event))]


def may_erase() -> bool:
    """Say whether this process may: where roles are split, the one of redaction alone does."""
    return privileges.holds("DELETE", AuditText._meta.db_table)


def _erase_row(copies: Sequence[Copy], text: str, mark: str, record: Record) -> list[list[str]]:
    """Erase the words in one row and its history; return its states as they are digested now."""
    kind, pk, written = copies[0].kind, copies[0].pk, []
    for copy in copies:
        states = copy.states(text)
        written += [uid for uid in states.values_list("event_id", flat=True) if uid not in written]
        states.update(**{copy.column: mark})
    row = kind._base_manager.filter(pk=pk).first()
    if row is not None:
        record.lock(row.root)
        row.renew()
        stands = [copy.column for copy in copies if getattr(row, copy.column) == text]
        for column in stands:
            setattr(row, column, mark)
        if stands:
            row.save()
    if not {copy.column for copy in copies} & set(kind.RECORD.fields):
        return []  # no digest covers them
    return [[kind.RECORD.ref(pk), str(uid), _digest(kind, pk, uid)] for uid in written]


def _digest(kind: type[GovernedRow], pk: int, event: object) -> str:
    key = kind._meta.pk.attname
    history = kind.history.filter(**{key: pk, "event": event})  # type: ignore[attr-defined]
    [values] = history.order_by("-history_id").values(*kind.RECORD.fields)[:1]
    return kind.RECORD.state_digest(pk, values)


def _is_mark(text: str) -> bool:
    """Say whether it stands where words were erased, and was not written to look like that."""
    found = _MARK.fullmatch(text)
    done = Redaction.objects.filter(erased_in=found[1]) if found else []
    return any(one.mark == text for one in done)


def _texts_of(event: AuditEvent) -> Iterator[Copy]:
    """Yield every column for long texts of the rows an event wrote."""
    for told in json.loads(bytes(event.entry))["rows"]:
        word, _, record_id = told["row"].partition(":")
        kind = governed_rows().get(word)
        if kind is None or word in _MACHINES:
            continue
        for field in kind._meta.concrete_fields:
            if isinstance(field, TextField) and field.attname not in _SIGNED:
                copy = Copy(kind, int(record_id.rpartition("_")[2]), field.attname)
                if _state(copy, event) is not None:
                    yield copy


def _state(copy: Copy, event: AuditEvent) -> Any:
    key = copy.kind._meta.pk.attname
    history = copy.kind.history  # type: ignore[attr-defined]
    left = history.filter(**{key: copy.pk, "event": event.uid})
    return left.order_by("-history_id").first()


def _family(event: AuditEvent, text: str) -> list[AuditEvent]:
    """Return the events that took a reason from one another, as parts of one change do."""
    top = event
    while top.parent_uid is not None:
        outer = AuditEvent.objects.filter(uid=top.parent_uid).first()
        if outer is None or _reason(outer) != text:
            break
        top = outer
    family = [top]
    for one in family:
        parts = AuditEvent.objects.filter(parent_uid=one.uid).order_by("pk")
        family += [part for part in parts if _reason(part) == text]
    return family


def _reason(event: AuditEvent) -> str | None:
    texts = AuditText.objects.filter(event=event, kind=AuditText.Kind.REASON)
    return texts.values_list("text", flat=True).first()


def _row(ref: str) -> GovernedRow | None:
    word, _, record_id = ref.partition(":")
    kind, number = governed_rows().get(word), record_id.rpartition("_")[2]
    if kind is None or not number.isdecimal():
        return None
    found: GovernedRow | None = kind._base_manager.filter(pk=int(number)).first()
    return found
