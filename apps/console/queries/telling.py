"""Entries of the record in words: what was done to what, by whom, with what result."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from apps.approvals import words as decisions
from apps.audit.models import AuditEvent
from apps.audit.timeline import TimelineEntry, Words, as_it_ended
from apps.catalog.models import ModelVersion
from apps.console import words
from apps.console.queries.named import Named
from apps.console.queries.names import Names
from apps.validation import checks

CONCLUSIONS = {
    "passed": Words("Check passed:", "conclude the check", "check", "good"),
    "failed": Words("Check failed:", "conclude the check", "x", "bad"),
    "errored": Words("Check could not finish:", "conclude the check", "triangle-alert", "warn"),
}
SAVES = frozenset({"assessment.answer", "assessment.keep", "document.save_section"})
"""What a page does by itself while somebody types."""
_VERSION = re.compile(rf"{ModelVersion.RECORD.prefix}_\d+")


@dataclass(frozen=True)
class Line:
    """One entry of the record as a list shows it."""

    entry: TimelineEntry
    title: str
    who: str
    icon: str
    tone: str
    details: tuple[str, ...]
    saves: tuple["Line", ...] = ()
    """The lines that stand folded behind this one, itself included, the newest first."""

    @property
    def first_saved(self) -> datetime:
        """When the oldest of the folded lines happened."""
        return self.saves[-1].entry.time

    @classmethod
    def of(cls, entry: TimelineEntry, names: Names) -> "Line":
        subject = names.of_ref(f"{entry.subject['type']}:{entry.subject['id']}")
        said = _words(entry)
        return cls(
            entry=entry,
            title=_title(entry, said, subject),
            who=names.of_actor(entry.actor["id"]),
            icon=said.icon,
            tone=said.tone,
            details=tuple(_details(entry, names)),
        )


def lines(events: Iterable[AuditEvent]) -> list[Line]:
    """Return events in words, with all names read at once."""
    entries = [TimelineEntry.of(event) for event in events]
    refs = [ref for entry in entries for ref in mentioned(entry)]
    names = Names.of(entries, *refs)
    return [Line.of(entry, names) for entry in entries]


def folded(found: Iterable[Line]) -> list[Line]:
    """Return lines with those that one person saved in a row folded into one."""
    told: list[Line] = []
    for _, group in groupby(found, key=_saving):
        saves = tuple(group)
        is_row = len(saves) > 1 and saves[0].entry.action in SAVES
        told += [replace(saves[0], saves=saves)] if is_row else saves
    return told


def _saving(line: Line) -> tuple[object, ...]:
    """Return what lines that are folded together have in common; other lines share it with none."""
    entry = line.entry
    is_save = entry.action in SAVES and entry.outcome == AuditEvent.Outcome.DONE
    if not is_save or entry.reason:
        return (entry.uid,)
    return (entry.action, entry.actor["id"], entry.subject["type"], entry.subject["id"])


def mentioned(entry: TimelineEntry) -> Iterator[str]:
    """Yield the references in the details of an entry."""
    for key in ("origin", "target"):
        value = entry.detail.get(key)
        if isinstance(value, str) and _VERSION.fullmatch(value):
            yield f"{ModelVersion.RECORD.word}:{value}"


def _words(entry: TimelineEntry) -> Words:
    """Return the words and marks of an entry: its action's, unless its outcome tells more."""
    if entry.action in decisions.ACTIONS:
        return decisions.of_decision(entry)
    said = as_it_ended(entry, words.of_action(entry.action))
    if entry.action == "check_run.conclude":
        return CONCLUSIONS.get(str(entry.detail.get("outcome")), said)
    return said


def _title(entry: TimelineEntry, said: Words, subject: Named) -> str:
    return said.done if _is_plain(entry) else f"{said.done} {subject.label}"


def _is_plain(entry: TimelineEntry) -> bool:
    """Say whether the subject adds nothing: one's own session, or the registry as a whole."""
    return entry.action.startswith("session.") or entry.subject["type"] == "registry"


def _details(entry: TimelineEntry, names: Names) -> Iterator[str]:
    detail = entry.detail
    origin, target = detail.get("origin"), detail.get("target")
    if isinstance(alias := detail.get("alias"), str):
        yield f"@{alias} → {_place(target, names)}" if isinstance(target, str) else f"@{alias}"
    elif isinstance(origin, str) and isinstance(target, str):
        yield f"{_place(origin, names)} → {_place(target, names)}"
    for name in ("path", "key", "error"):
        if isinstance(value := detail.get(name), str):
            yield value.replace("_", " ") if name == "error" else value
    if isinstance(named := detail.get("checks"), list):
        yield ", ".join(_check(str(name)) for name in named)


def _place(value: str, names: Names) -> str:
    """Return a stage as it is, and a version by its name."""
    if not _VERSION.fullmatch(value):
        return value
    return names.of_ref(f"{ModelVersion.RECORD.word}:{value}").label


def _check(name: str) -> str:
    known = checks.named_or_none(name)
    return known.title if known else name
