"""What was done to something, from the record."""

from collections.abc import Iterable
from datetime import datetime

from apps.api.v1.answers.base import Answer
from apps.risk.story import Told


class Happened(Answer):
    """One thing that was done: which action, by whom, and why."""

    at: datetime
    action: str
    who: str
    reason: str


class Timeline(Answer):
    """Some of what was done, the oldest first; ``next`` leads on, or is nothing."""

    timeline: list[Happened]
    next: str | None

    @classmethod
    def of(cls, told: Iterable[Told], following: str) -> "Timeline":
        happened = [
            Happened(at=one.at, action=one.action, who=one.who, reason=one.reason) for one in told
        ]
        return cls(timeline=happened, next=following or None)
