"""The keys the log is signed with: each new one is named by an entry sealed under an older one."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from apps.audit.log.keys import SigningKey, VerifierKey
from apps.audit.models import AuditEvent
from apps.audit.sealing.states import LogAction
from apps.core.digests import utc_text

OVERLAP = timedelta(days=30)
"""How long a key that was replaced goes on signing beside the new one."""


@dataclass(frozen=True)
class Rotation:
    """That the record names a new key, in place of others."""

    key: VerifierKey
    replaced: tuple[VerifierKey, ...]
    until: datetime
    """From when on those no longer sign."""
    event_id: int = 0

    @property
    def detail(self) -> dict[str, object]:
        """What the entry says of it."""
        return {
            "key": self.key.text,
            "replaces": [key.text for key in self.replaced],
            "until": utc_text(self.until),
        }

    @classmethod
    def of(cls, event: AuditEvent) -> Self:
        """Read the entry that names it."""
        detail = json.loads(bytes(event.entry))["detail"]
        return cls(
            VerifierKey.read(detail["key"]),
            tuple(VerifierKey.read(text) for text in detail["replaces"]),
            datetime.fromisoformat(detail["until"]),
            event.pk,
        )

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """All keys it names."""
        return (self.key, *self.replaced)


def rotations(*, is_sealed: bool = True) -> list[Rotation]:
    """Return every rotation on record, in order; those not sealed yet are asked for."""
    named = AuditEvent.objects.filter(
        action=LogAction.KEY.value, outcome=AuditEvent.Outcome.DONE
    ).order_by("pk")
    if is_sealed:  # what is not may be forged
        named = named.filter(leaf__isnull=False)
    return [Rotation.of(event) for event in named]


def still_signing(keys: Iterable[SigningKey], *, now: datetime) -> list[SigningKey]:
    """Keep the keys whose time is not over."""
    over = {key.public for each in rotations() if each.until <= now for key in each.replaced}
    return [key for key in keys if key.verifier.public not in over]


def verifiers(origin: str, keys: Sequence[SigningKey]) -> list[VerifierKey]:
    """Return the keys that a checkpoint of a log may be signed by: those given, and those named.

    A key is the same under each name the log has had.
    """
    named = [key for each in rotations() for key in each.keys]
    public = dict.fromkeys(key.public for key in [*(key.verifier for key in keys), *named])
    return [VerifierKey(origin, each) for each in public]
