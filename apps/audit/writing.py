"""Turns a draft into the stored event: entry, chain link, tag, projections, text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from apps.audit.entries import (
    NO_PREVIOUS,
    VERSION,
    Commitment,
    RowChange,
    encode,
    leaf_hash,
    origin_tag,
)
from apps.audit.governed import Subject
from apps.audit.models import AuditEvent, AuditText
from apps.core import spans
from apps.core.actors import Actor
from apps.core.digests import utc_text
from apps.core.prepared import Prepared, Slot


@dataclass(frozen=True)
class Draft:
    """Everything an event says, before it has its place in a chain."""

    uid: UUID
    time: datetime
    action: str
    outcome: AuditEvent.Outcome
    actor: Actor
    subject: Subject
    rows: Sequence[RowChange]
    reason: Commitment | None
    detail: Mapping[str, object]
    parent: UUID | None
    sign: Mapping[str, object] | None

    def entry(self, link: "Link | None") -> dict[str, object]:
        """Return the entry as plain values, in the form AUDIT_DESIGN section 4 fixes."""
        return {
            "v": VERSION,
            "id": str(self.uid),
            "time": utc_text(self.time),
            "action": self.action,
            "outcome": self.outcome.value,
            "actor": _actor(self.actor),
            "subject": {"type": self.subject.record_word, "id": self.subject.record_id},
            "chain": link.as_entry() if link else None,
            "rows": [row.as_entry() for row in self.rows],
            "reason": self.reason.digest if self.reason else None,
            "detail": dict(self.detail),
            "parent": str(self.parent) if self.parent else None,
            "request": str(self.actor.request_id) if self.actor.request_id else None,
            "sign": self.sign,
        }


@dataclass(frozen=True)
class Link:
    """An entry's place in the chain of its root."""

    root: str
    rev: int
    prev: str

    def as_entry(self) -> dict[str, object]:
        return {"root": self.root, "rev": self.rev, "prev": self.prev}


def insert(draft: Draft, *, chain: str | None) -> AuditEvent:
    """Store an event; with a chain, as the next entry of that root, whose lock the caller holds."""
    link = _next_link(chain) if chain else None
    entry = encode(draft.entry(link))
    key_number, key = newest_tag_key()
    event = AuditEvent(
        uid=draft.uid,
        entry=entry,
        tag=origin_tag(entry, key=key),
        tag_key=key_number,
        action=draft.action,
        outcome=draft.outcome,
        actor_id=draft.actor.id,
        subject_type=draft.subject.record_word,
        subject_id=draft.subject.record_id,
        chain_root=link.root if link else None,
        chain_rev=link.rev if link else None,
        parent_uid=draft.parent,
    )
    event.save(force_insert=True)
    spans.event(draft.uid)
    if draft.reason:
        AuditText.objects.create(
            event=event,
            kind=AuditText.Kind.REASON,
            salt=draft.reason.salt,
            text=draft.reason.text,
        )
    return event


def newest_tag_key() -> tuple[int, bytes]:
    """Return the number and bytes of the origin-tag key in use."""
    number = max(settings.AUDIT_TAG_KEYS)
    return number, settings.AUDIT_TAG_KEYS[number]


_LAST_OF_CHAIN: Prepared[AuditEvent] = Prepared(
    lambda: (
        AuditEvent.objects.filter(chain_root=Slot())
        .order_by("-chain_rev")
        .values_list("chain_rev", "entry")[:1]
    )
)


def _next_link(root: str) -> Link:
    for rev, entry in _LAST_OF_CHAIN.tuples(root):
        return Link(root, rev + 1, leaf_hash(bytes(entry)).hex())
    return Link(root, 1, NO_PREVIOUS)


def _actor(actor: Actor) -> dict[str, object]:
    return {
        "id": actor.id,
        "kind": actor.kind.value,
        "door": actor.door.value,
        "auth": actor.auth.value,
        "session": actor.session,
    }
