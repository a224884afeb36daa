"""What protects the record now, and what does not yet, in words for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from apps.audit import guards
from apps.audit.comparing import last_comparison
from apps.audit.log.keys import VerifierKey
from apps.audit.log.notes import Note
from apps.audit.models import (
    AuditEvent,
    Log,
    PendingEvent,
    SignedCheckpoint,
)
from apps.audit.sealing import alarms, keyring, outages, pressure, reading
from apps.audit.sealing.anchors import LOCAL, Anchor, WebhookAnchor, WitnessAnchor

LATE = timedelta(seconds=10)
TOO_LATE = timedelta(seconds=60)
TOO_MANY = 50_000
ANCHOR_LATE = timedelta(minutes=15)
ROWS_LATE = timedelta(hours=36)
_SQLITE_FULL = 2
_HOLDS: Mapping[type[Anchor], str] = {
    WitnessAnchor: "It saw and signed",
    WebhookAnchor: "It was sent, and is never read back:",
}
GOOD, WARN, BAD = "good", "warn", "bad"


@dataclass(frozen=True)
class Protection:
    """One thing that protects the record: whether it does, and what to do when it does not."""

    title: str
    tone: str
    text: str
    at: datetime | None = None


def protections(anchors: Sequence[Anchor], *, now: datetime) -> list[Protection]:
    """Return all that protects the record, or should."""
    log = Log.objects.filter(pk=Log.ONLY).first()
    newest = reading.newest_checkpoint()
    return [
        _sealing(log, now),
        *_decisions(now),
        _signature(log, newest),
        *_rotation(log, newest, now),
        *(_anchor(anchor, newest, now) for anchor in anchors),
        *_no_place_outside(anchors),
        _guards(),
        _durability(),
        _rows(now),
        *_alarms(now),
    ]


def _sealing(log: Log | None, now: datetime) -> Protection:
    title = "Events are sealed"
    if log is None:
        words = "Nothing is sealed yet: no sealer has run. Start one: manage.py seal."
        return Protection(title, BAD, words)
    if log.is_halted:
        words = (
            f"{log.trouble} Events are still written, and none is sealed or signed. Find out why; "
            "then two people open the log again: manage.py audit reopen."
        )
        return Protection("The log is halted", BAD, words)
    waiting = PendingEvent.objects.count()
    age = _age_of_oldest(now) if waiting else timedelta(0)
    if age > TOO_LATE or waiting > TOO_MANY:
        words = f"{waiting:,} events wait, the oldest for {age}. Is a sealer running?"
        return Protection(title, BAD, words)
    if age > LATE:
        return Protection(title, WARN, f"{waiting:,} events wait longer than they should.")
    words = f"{log.size:,} entries of {log.origin} are sealed: none can be changed unseen."
    return Protection(title, GOOD, words, log.beat_at)


def _decisions(now: datetime) -> Iterator[Protection]:
    if why := pressure.why_stalled(now):
        yield Protection("Decisions are refused", BAD, why)


def _age_of_oldest(now: datetime) -> timedelta:
    oldest = PendingEvent.objects.order_by("event_id").values("event_id")[:1]
    written = AuditEvent.objects.filter(pk__in=oldest).values_list("written_at", flat=True).first()
    seconds = 0.0 if written is None else (now - written).total_seconds()
    return timedelta(seconds=int(seconds))


def _signature(log: Log | None, newest: SignedCheckpoint | None) -> Protection:
    title = "The log is signed"
    if newest is None:
        words = "No checkpoint is signed yet. The sealer signs, with a key that only it reads."
        return Protection(title, BAD, words)
    missing = (log.size if log else 0) - newest.size
    if missing > 0:
        return Protection(title, WARN, f"{missing:,} sealed entries are not signed yet.")
    words = f"The newest checkpoint covers all {newest.size:,} entries."
    return Protection(title, GOOD, words, newest.signed_at)


def _rotation(
    log: Log | None, newest: SignedCheckpoint | None, now: datetime
) -> Iterator[Protection]:
    """Say how far the last replacement of the key is, until it is through."""
    rotations = keyring.rotations()
    if log is None or newest is None or not rotations:
        return
    last = rotations[-1]
    key = VerifierKey(log.origin, last.key.public)
    day = f"{last.until:%-d %B %Y}"
    signs = any(one.key_id == key.key_id for one in Note.read(newest.note).signatures)
    if not signs:
        words = (
            f"The record names the key {key.key_id.hex()}, and it does not sign yet. Add its file "
            "to SIGNET_LOG_KEY_FILES, behind the old one, and start the sealers again. "
            f"From {day} the old one signs no more."
        )
        yield Protection("The new key does not sign", WARN if now < last.until else BAD, words)
    elif now < last.until:
        words = f"The old one and the new one both sign until {day}. Publish the new one by then."
        yield Protection("The key is being replaced", GOOD, words)


def _anchor(anchor: Anchor, newest: SignedCheckpoint | None, now: datetime) -> Protection:
    title = "Kept beside the data" if anchor.name == LOCAL else f"Kept in {anchor.name}"
    last = outages.newest_kept(anchor.name)
    if last is None:
        words = _with_outage("It holds no checkpoint yet.", anchor)
        return Protection(title, BAD, words)
    is_behind = newest is not None and last.size < newest.size
    if is_behind and now - last.accepted_at > ANCHOR_LATE:
        words = f"It took none since the one of {last.size:,} entries. Can the sealer reach it?"
        tone = BAD if anchor.is_required else WARN
        return Protection(title, tone, _with_outage(words, anchor), last.accepted_at)
    words = f"{_HOLDS.get(type(anchor), 'It holds')} the checkpoint of {last.size:,} entries."
    if not anchor.is_outside:
        words += " Against accidents only: who can change the data here can change it too."
    return Protection(
        title, GOOD, _with_outage(words, anchor) if is_behind else words, last.accepted_at
    )


def _with_outage(words: str, anchor: Anchor) -> str:
    """Add what the sealer says of a place that it cannot reach."""
    outage = outages.outage_of(anchor.name)
    return words if outage is None else f"{words} The sealer says: {outage.why}"


def _no_place_outside(anchors: Sequence[Anchor]) -> Iterator[Protection]:
    if not any(anchor.is_outside for anchor in anchors):
        words = (
            "No place that the database's administrator cannot reach keeps checkpoints, so the "
            "record could be put back to an earlier day unseen. Name one in SIGNET_ANCHORS."
        )
        yield Protection("Nothing is kept elsewhere", BAD, words)


def _guards() -> Protection:
    title = "The tables only grow"
    if gone := guards.missing(connection):
        words = f"These triggers are gone: {', '.join(gone)}. Find out who dropped them."
        return Protection(title, BAD, words)
    words = "Triggers refuse every change and removal. Whoever owns the tables can drop them."
    return Protection(title, GOOD, words)


def _durability() -> Protection:
    title = "What was answered is on disk"
    if not is_durable():
        words = (
            "The database answers before a change is on disk, so a power cut takes back what was "
            "promised. Set synchronous (SQLite) to FULL, or fsync and synchronous_commit to on."
        )
        return Protection(title, BAD, words)
    return Protection(title, GOOD, "The database writes each change to disk before it answers.")


def is_durable() -> bool:
    """Say whether a commit of this connection is on disk when it returns."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous")
            return int(cursor.fetchone()[0]) >= _SQLITE_FULL
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        fsync, commit = cursor.fetchone()
    return fsync == "on" and commit in {"on", "remote_apply"}


def _rows(now: datetime) -> Protection:
    title = "Rows agree with the record"
    last = last_comparison()
    if last is None:
        return Protection(title, WARN, "They were not compared yet. A worker does it every night.")
    at, findings = last
    if findings:
        words = (
            f"{findings:,} do not: somebody wrote past Signet. manage.py audit verify --rows tells."
        )
        return Protection(title, BAD, words, at)
    if now - at > ROWS_LATE:
        return Protection(title, WARN, "They were not compared last night. Does beat run?", at)
    return Protection(title, GOOD, "Every governed row and its history is as events left it.", at)


def _alarms(now: datetime) -> Iterator[Protection]:
    for alarm in alarms.alarms(now=now):
        yield Protection(alarm.title, BAD, alarm.text, alarm.at)
