"""Checks the texts that entries commit to."""

import hashlib
from collections.abc import Iterator
from typing import Any

from apps.audit.checking.redactions import Redactions
from apps.audit.models import AuditText
from apps.audit.verifier.notes import Finding


class Texts:
    """Remembers what every entry commits to, and compares it with the texts that are there."""

    def __init__(self) -> None:
        self._promised: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._redactions = Redactions()

    def read(self, pk: int, entry: dict[str, Any]) -> None:
        """Take note of the reason an entry commits to, or of one that was redacted."""
        if entry["reason"] is not None:
            self._promised[pk] = str(entry["reason"])
            self._numbers[entry["id"]] = pk
        self._redactions.read(entry)

    def conclude(self) -> Iterator[Finding]:
        """Tell of texts that are not what was committed to, or are gone without an event."""
        erased, uids = self._redactions.texts(), {pk: uid for uid, pk in self._numbers.items()}
        texts = AuditText.objects.filter(kind=AuditText.Kind.REASON)
        for pk, salt, text in texts.values_list("event_id", "salt", "text").iterator():
            promised = self._promised.pop(pk, None)
            found = "sha256:" + hashlib.sha256(bytes(salt) + text.encode()).hexdigest()
            if promised != found:
                yield Finding("text.altered", f"event {pk}", "its reason is not the one given")
            elif uids[pk] in erased:
                yield Finding("text.altered", f"event {pk}", "it was erased, and is there again")
        for uid, pk in self._numbers.items():
            if pk in self._promised and uid not in erased:
                yield Finding("text.missing", f"event {pk}", "its reason is gone")
