"""Entries of the record as files: a sheet for people, lines of JSON for programs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from apps.audit.models import AuditEvent
from apps.audit.timeline import TimelineEntry
from apps.console import words
from apps.console.queries.names import Names
from apps.console.queries.telling import Line
from apps.core.paging import Order
from apps.core.patience import patience
from apps.core.sheets import Cell

MOST = 50_000
"""How many entries one file holds: who needs others narrows the time, or exports the log."""
CUT = f"Only the newest {MOST:,} entries are in this file. Ask for less time to get the others."
HEADER = (
    "Entry",
    "Time (UTC)",
    "Who",
    "Known as",
    "Through",
    "What",
    "Action",
    "Outcome",
    "About",
    "Object",
    "Chain",
    "Reason",
    "Id",
    "Leaf hash",
)
_BATCH = 500

Told = tuple[TimelineEntry, Line, Names]


def batches(events: QuerySet[AuditEvent], order: Order) -> Iterator[list[AuditEvent]]:
    """Return the newest events, some at a time; the first were read when this returns.

    Raises:
        TookTooLong: when the database is at it for seconds; also later.
    """
    first, mark = _batch(events, order, "")
    return chain([first], _others(events, order, len(first), mark))


def _others(
    events: QuerySet[AuditEvent], order: Order, taken: int, mark: str
) -> Iterator[list[AuditEvent]]:
    while mark and taken <= MOST:
        found, mark = _batch(events, order, mark)
        taken += len(found)
        yield found


def _batch(events: QuerySet[AuditEvent], order: Order, mark: str) -> tuple[list[AuditEvent], str]:
    with patience():
        page = order.page(events, size=_BATCH, mark=mark)
    return page.rows, page.older


def sheet(found: Iterable[list[AuditEvent]]) -> Iterator[Sequence[Cell]]:
    """Yield a row for each entry, and one that says so when there are more."""
    for number, told in enumerate(_told(found)):
        if number == MOST:
            yield [CUT]
            return
        yield _row(*told)


def json_lines(found: Iterable[list[AuditEvent]]) -> Iterator[str]:
    """Yield a line of JSON for each entry, and one that says so when there are more."""
    for number, told in enumerate(_told(found)):
        if number == MOST:
            yield f"{json.dumps({'cut': CUT})}\n"
            return
        yield f"{json.dumps(_object(*told), ensure_ascii=False)}\n"


def _told(found: Iterable[list[AuditEvent]]) -> Iterator[Told]:
    for events in found:
        entries = [TimelineEntry.of(event) for event in events]
        names = Names.of(entries)
        for entry in entries:
            yield entry, Line.of(entry, names), names


def _row(entry: TimelineEntry, line: Line, names: Names) -> Sequence[Cell]:
    return [
        entry.number,
        f"{entry.time:%Y-%m-%d %H:%M:%S.%f}",
        line.who,
        entry.actor["id"],
        words.DOORS.get(entry.actor["door"], entry.actor["door"]),
        line.title,
        entry.action,
        words.OUTCOMES[AuditEvent.Outcome(entry.outcome)],
        _label(entry, names),
        f"{entry.subject['type']}:{entry.subject['id']}",
        f"{entry.chain['root']} {entry.chain['rev']}" if entry.chain else "",
        entry.reason,
        str(entry.uid),
        entry.leaf,
    ]


def _object(entry: TimelineEntry, line: Line, names: Names) -> dict[str, Any]:
    return {
        "number": entry.number,
        "what": line.title,
        "who": line.who,
        "about": _label(entry, names),
        "reason": entry.reason,
        "leaf_hash": entry.leaf,
        "entry": json.loads(entry.text),
    }


def _label(entry: TimelineEntry, names: Names) -> str:
    return names.of_ref(f"{entry.subject['type']}:{entry.subject['id']}").label
