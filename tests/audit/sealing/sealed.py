"""Events, sealers and anchors for the tests of this folder."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps.audit import writing
from apps.audit.log.keys import SigningKey
from apps.audit.models import AuditEvent, Leaf, Log
from apps.audit.sealing import batches
from apps.audit.sealing.anchors import Anchor, FolderAnchor
from apps.audit.sealing.sealer import Sealer
from apps.audit.sealing.states import LogSubject
from apps.core.actors import SYSTEM
from apps.core.clock import database_now
from apps.core.identifiers import uuid7

SEED = b"\x07" * 32
ORIGIN = "registry.test/audit/1"
THING = LogSubject("thing", record_word="test")


def keys(origin: str) -> Sequence[SigningKey]:
    return [SigningKey(origin, SEED)]


def vkey(origin: str = ORIGIN) -> str:
    return SigningKey(origin, SEED).verifier.text


def happened(
    times: int = 1,
    *,
    chain: str | None = None,
    action: str = "test.happen",
    subject: LogSubject = THING,
) -> list[AuditEvent]:
    """Write events as the application writes them."""
    return [
        writing.insert(
            writing.Draft(
                uid=uuid7(),
                time=database_now(),
                action=action,
                outcome=AuditEvent.Outcome.DONE,
                actor=SYSTEM,
                subject=subject,
                rows=(),
                reason=None,
                detail={"n": number},
                parent=None,
                sign=None,
            ),
            chain=chain,
        )
        for number in range(times)
    ]


def sealer(*anchors: Anchor) -> Sealer:
    return Sealer(keys, anchors)


def seal_all(*anchors: Anchor) -> Log:
    """Let a sealer do all there is to do."""
    one = sealer(*anchors)
    while one.step():
        pass
    return Log.objects.get()


def seal_events() -> None:
    """Make every event an entry of the log, which is all that followers of the record wait for."""
    while batches.seal():
        pass


def folder(place: Path, *, is_required: bool = True) -> FolderAnchor:
    return FolderAnchor("vault", place, is_required=is_required)


def leaves() -> list[bytes]:
    return [bytes(leaf.hash) for leaf in Leaf.objects.order_by("seq")]


def entry(event: AuditEvent) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(event.entry))
    return found


def told(action: str) -> list[dict[str, Any]]:
    """Return the entries of the log's own events of one kind."""
    return [entry(event) for event in AuditEvent.objects.filter(action=action).order_by("pk")]
