"""Knows what was erased by right: asked for by one person, approved by another, and then done.

Nothing else excuses a text that is gone, or a state that differs from what its event says.
"""

from typing import Any

ASK, APPROVE, REDACT = "redaction.ask", "redaction.approve", "event.redact"


class Redactions:
    """Takes note of the entries about redactions, and tells at the end what they cover."""

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, Any]] = {}
        self._approved: dict[str, dict[str, Any]] = {}
        self._made: list[dict[str, Any]] = []

    def read(self, entry: dict[str, Any]) -> None:
        """Take note of one entry, when it is about a redaction."""
        if entry["outcome"] != "done":
            return
        if entry["action"] == ASK:
            self._asked[entry["id"]] = entry
        elif entry["action"] == APPROVE:
            self._approved[entry["id"]] = entry
        elif entry["action"] == REDACT:
            self._made.append(entry)

    def texts(self) -> set[str]:
        """Return the ids of the entries whose reasons were erased."""
        return {str(uid) for entry in self._rightful() for uid in _list(entry, "texts")}

    def states(self) -> dict[tuple[str, str], str]:
        """Return the digest that each state has since, by row and id of its event."""
        told: dict[tuple[str, str], str] = {}
        for entry in self._rightful():
            for state in _list(entry, "states"):
                if isinstance(state, list) and len(state) == 3:
                    ref, event, digest = map(str, state)
                    told[ref, event] = digest
        return told

    def _rightful(self) -> list[dict[str, Any]]:
        return [entry for entry in self._made if self._is_rightful(entry)]

    def _is_rightful(self, entry: dict[str, Any]) -> bool:
        """Say whether two people stand behind it, and mean the same event."""
        detail = entry["detail"]
        asked = self._asked.get(str(detail.get("asked")))
        approved = self._approved.get(str(detail.get("approved")))
        if asked is None or approved is None or entry["actor"].get("kind") != "worker":
            return False
        people = [asked["actor"], approved["actor"]]
        are_two = people[0].get("id") != people[1].get("id")
        are_people = all(actor.get("kind") == "user" for actor in people)
        is_same = asked["subject"] == approved["subject"] == entry["subject"]
        return are_two and are_people and is_same and approved["detail"].get("asked") == asked["id"]


def _list(entry: dict[str, Any], name: str) -> list[Any]:
    found = entry["detail"].get(name)
    return found if isinstance(found, list) else []
