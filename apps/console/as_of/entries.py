"""Differences as pages show them: each leads to its entry, if the reader may see that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.urls import reverse

from apps.console.queries import record
from apps.core.actors import Actor

RAN_OUT = "No entry: its last day was over."


class Different(Protocol):
    """Something that was another at a second moment."""

    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...
    @property
    def event(self) -> UUID | None: ...
    @property
    def at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Row:
    """One difference in words."""

    title: str
    href: str
    name: str
    before: str
    after: str
    at: datetime | None
    entry: str
    """The address of the entry; empty when there is none, or the reader may not see it."""

    @property
    def why_no_entry(self) -> str:
        return RAN_OUT if self.at is None else ""


def seen(actor: Actor, uids: Iterable[UUID | None]) -> frozenset[UUID]:
    """Return which of some events an actor may see, in one query."""
    wanted = {one for one in uids if one is not None}
    if not wanted:
        return frozenset()
    found = record.events_visible_to(actor).filter(uid__in=wanted)
    return frozenset(found.order_by().values_list("uid", flat=True))


def row(one: Different, title: str, name: str, visible: frozenset[UUID], href: str = "") -> Row:
    """Return a difference as a row."""
    is_seen = one.event is not None and one.event in visible
    entry = reverse("audit:entry", args=[one.event]) if is_seen else ""
    return Row(title, href, name, one.before, one.after, one.at, entry)
