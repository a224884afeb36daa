"""Which events may move how a version stands: it is ready, a check, a request or a sign-off.

What the status is then is not asked here, but when it is sent.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.approvals.models import PromotionRequest, SignOff, SignOffWithdrawal
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion
from apps.integrations.happenings import (
    ASKED,
    CONCLUDED,
    READY,
    SIGNED,
    Happening,
    row_id_of,
    rows_of,
    word_of,
)
from apps.validation.models import CheckRun

Row = tuple[UUID, str, int]
"""A row an event names: by the event, the kind of row and its id."""


@dataclass(frozen=True)
class _Kind:
    """A kind of row that may move a version: what it means, and how it leads to the version."""

    happening: str
    rows: Any
    version: str
    moves: Mapping[str, Any] = field(default_factory=dict)
    """Which states it was left in count."""

    def found(self, events: Collection[UUID]) -> Iterable[tuple[UUID, int, int]]:
        """Yield the rows that some events left so: the event, their id and that of the version."""
        states = self.rows.history.filter(event__in=events, **self.moves)
        yield from states.values_list("event", "id", self.version)


_KINDS: Mapping[str, _Kind] = {
    kind.rows.RECORD.word: kind
    for kind in (
        _Kind(
            READY, ModelVersion, "id", {"readiness": Readiness.READY, "ready_at": F("history_date")}
        ),
        _Kind(CONCLUDED, CheckRun, "version", {"state__in": CheckRun.FINAL}),
        _Kind(ASKED, PromotionRequest, "version"),
        _Kind(SIGNED, SignOff, "request__version"),
        _Kind(SIGNED, SignOffWithdrawal, "sign_off__request__version"),
    )
}


def standings_moved(
    changes: Iterable[tuple[AuditEvent, int]],
) -> Iterator[tuple[AuditEvent, int, Happening]]:
    """Yield once for each event and version that the version may stand otherwise since then."""
    named = [(event, model_id, rows_of(event)) for event, model_id in changes]
    about = _versions_about([(event, rows) for event, _, rows in named])
    for event, model_id, rows in named:
        told: set[int] = set()
        for place, row in enumerate(rows):
            word, row_id = word_of(row), row_id_of(row)
            version_id = about.get((event.uid, word, row_id))
            if version_id is not None and version_id not in told:
                told.add(version_id)
                yield event, model_id, Happening(_KINDS[word].happening, place, row_id, version_id)


def _versions_about(
    named: Collection[tuple[AuditEvent, Collection[Mapping[str, Any]]]],
) -> Mapping[Row, int]:
    """Return the version of every row that may move one, with one query for each kind of row."""
    about: dict[Row, int] = {}
    for word, kind in _KINDS.items():
        events = [event.uid for event, rows in named if word in set(map(word_of, rows))]
        if events:
            about |= {(uid, word, row_id): version for uid, row_id, version in kind.found(events)}
    return about
