"""Holds governed rows and their history to what the record says they are."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from apps.audit.checking.redactions import Redactions
from apps.audit.governed import GovernedRow
from apps.audit.timeline import governed_rows
from apps.audit.verifier.notes import Finding

_CHUNK = 1000


class Rows:
    """Remembers the last state every event gave a row, and compares it with the tables."""

    def __init__(self) -> None:
        self._last: dict[str, str | None] = {}
        self._told: Counter[str] = Counter()
        self._redactions = Redactions()

    def read(self, pk: int, entry: dict[str, Any]) -> None:
        """Take note of the rows an event wrote."""
        if entry["outcome"] != "done":
            return
        self._redactions.read(entry)
        for row in entry["rows"]:
            self._last[row["row"]] = row["after"]
            self._told[row["row"].partition(":")[0]] += 1

    def conclude(self) -> Iterator[Finding]:
        """Tell of rows and states that are not as the record says, are missing, or too many."""
        erased = self._redactions.states()
        for word, kind in governed_rows().items():
            yield from self._rows_of(kind)
            yield from self._states_of(word, kind, erased)
        for ref, after in self._last.items():
            if after is not None:
                yield Finding("row.missing", ref, "the record knows it, and its table does not")

    def _rows_of(self, kind: type[GovernedRow]) -> Iterator[Finding]:
        record = kind.RECORD
        rows = kind._base_manager.order_by("pk").values_list("pk", *record.fields)
        for pk, *values in rows.iterator(chunk_size=_CHUNK):
            ref = record.ref(pk)
            if ref not in self._last:
                yield Finding("row.state", ref, "no event wrote it")
            elif self._last.pop(ref) != _digest(kind, pk, values):
                yield Finding("row.state", ref, "it is not as the last event left it")

    def _states_of(
        self, word: str, kind: type[GovernedRow], erased: Mapping[tuple[str, str], str]
    ) -> Iterator[Finding]:
        """Hold the last state each event left of a row to what the event says.

        Where words of a state were erased since, it is held to what the entry of that says.
        """
        history = kind.history.order_by("history_id")  # type: ignore[attr-defined]
        key = kind._meta.pk.attname
        columns = (key, "history_type", "event_id", "event__entry", *kind.RECORD.fields)
        states: dict[tuple[Any, Any], bool] = {}
        for pk, how, event, entry, *values in history.values_list(*columns).iterator(
            chunk_size=_CHUNK
        ):
            said = _said(entry, kind.RECORD.ref(pk))
            is_removal = how == "-"
            told = said.get("before" if is_removal else "after")
            told = erased.get((kind.RECORD.ref(pk), str(event)), told)
            is_only_one = (pk, event) not in states
            is_same = told == _digest(kind, pk, values)
            states[pk, event] = is_same or (is_removal and not is_only_one)
        for (pk, event), is_same in states.items():
            if not is_same:
                ref = kind.RECORD.ref(pk)
                yield Finding("history.state", ref, f"its state of event {event} is another one")
        if len(states) != self._told[word]:
            words = f"the record tells of {self._told[word]} states, and {len(states)} are kept"
            yield Finding("history.state", word, words)


def _digest(kind: type[GovernedRow], pk: int, values: list[Any]) -> str:
    return kind.RECORD.state_digest(pk, dict(zip(kind.RECORD.fields, values, strict=True)))


def _said(entry: Any, ref: str) -> dict[str, Any]:
    """Return what an event says of a row; nothing when it does not name it."""
    try:
        rows = json.loads(bytes(entry))["rows"]
    except (ValueError, KeyError):
        return {}
    return next((row for row in rows if row["row"] == ref), {})
