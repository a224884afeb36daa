"""What falls due, as a calendar shows it: on a day, of one's own or of all one may see."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from apps.catalog import queries as catalog
from apps.core.actors import Actor

OLDEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Entry:
    """One thing that falls due on a day."""

    day: date
    title: str
    text: str
    href: str
    icon: str
    status: str = ""
    tone: str = ""
    key: str = ""
    """What stays the same of it whenever it is read, so that a calendar knows it again."""


@dataclass(frozen=True)
class Span:
    """The days that are shown, for whom."""

    reader: Actor
    is_mine: bool
    first: date
    last: date
    today: date

    @property
    def since(self) -> date:
        """From which day things are shown: while today is, all that should be over already."""
        return OLDEST if self.first <= self.today <= self.last else self.first

    @property
    def from_now(self) -> date:
        return max(self.first, self.today)

    def visible(self) -> QuerySet[Any]:
        """Return the models the reader may see, by their ids; rights are asked once for all."""
        return self._visible

    @cached_property
    def _visible(self) -> QuerySet[Any]:
        return catalog.models_visible_to(self.reader).values("pk")

    def whose(self, *fields: str) -> Q:
        """Return the condition that something is the reader's: one of some fields names them."""
        if not self.is_mine:
            return Q()
        own = Q(pk__in=())
        for name in fields:
            own |= Q(**{name: self.reader.user_id})
        return own
