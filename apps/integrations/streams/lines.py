"""What a line of a stream says: an entry under plain names, and its place in the log.

Texts people wrote, and names, are not in it: who watches security keeps its own copies, and what is
erased here on request would go on there. The entry's commitment to its reason is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.audit.models import AuditEvent, Leaf

FORMAT = "signet-event/1"
ALARMING = frozenset({"log.halt", "event.forged", "event.unqueued"})
"""Actions of the log itself that tell of somebody's hand."""

ERROR, WARNING, INFO, CRITICAL = 3, 4, 6, 2
_SEVERITIES = {
    AuditEvent.Outcome.FAILED: ERROR,
    AuditEvent.Outcome.REFUSED: WARNING,
}
_SIGN = ("meaning", "statement", "method", "at")
_LONG = ("rows", "detail")


@dataclass(frozen=True)
class StreamLine:
    """One entry on its way out."""

    seq: int
    time: datetime
    action: str
    outcome: str
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, leaf: Leaf) -> "StreamLine":
        """Return the line of an entry of the log, from its stored bytes."""
        entry = json.loads(bytes(leaf.event.entry))
        return cls(
            seq=leaf.seq,
            time=datetime.fromisoformat(entry["time"]),
            action=entry["action"],
            outcome=entry["outcome"],
            facts=_facts(leaf, entry),
        )

    @property
    def text(self) -> str:
        """The line in ASCII, without its end: whatever carries it changes nothing."""
        return json.dumps(self.facts, separators=(",", ":"))

    @property
    def severity(self) -> int:
        """How urgent it is, as syslog counts."""
        if self.action in ALARMING:
            return CRITICAL
        return _SEVERITIES.get(AuditEvent.Outcome(self.outcome), INFO)

    def shortened(self) -> str:
        """Return the line without what can be long, for what takes no long ones; it says so."""
        kept = {name: value for name, value in self.facts.items() if name not in _LONG}
        return json.dumps(kept | {"left_out": list(_LONG)}, separators=(",", ":"))


def _facts(leaf: Leaf, entry: Mapping[str, Any]) -> dict[str, Any]:
    actor, subject, chain = entry["actor"], entry["subject"], entry["chain"] or {}
    sign = entry["sign"]
    return {
        "format": FORMAT,
        "seq": leaf.seq,
        "leaf_hash": bytes(leaf.hash).hex(),
        "id": entry["id"],
        "time": entry["time"],
        "action": entry["action"],
        "outcome": entry["outcome"],
        "actor_id": actor["id"],
        "actor_kind": actor["kind"],
        "door": actor["door"],
        "signed_in_by": actor["auth"],
        "session": actor["session"],
        "object_type": subject["type"],
        "object_id": subject["id"],
        "chain": chain.get("root"),
        "chain_place": chain.get("rev"),
        "rows": entry["rows"],
        "reason_commitment": entry["reason"],
        "detail": entry["detail"],
        "part_of": entry["parent"],
        "request": entry["request"],
        "signature": sign and {name: sign.get(name) for name in _SIGN},
    }
