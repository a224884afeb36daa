"""The bell in the frame of every page."""

from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse

from apps.core.actors import ANONYMOUS, Actor
from apps.integrations.notices.queries import MOST_COUNTED, unread_count


class Bell:
    """How many notices a person has not read; counted when a page draws it, and once only."""

    def __init__(self, actor: Actor) -> None:
        self.url = reverse("notices:list")
        self._actor = actor

    @cached_property
    def count(self) -> int:
        """The number of unread notices, as far as it is shown."""
        return unread_count(self._actor)

    @property
    def label(self) -> str:
        """The number beside the bell."""
        return f"{MOST_COUNTED - 1}+" if self.count >= MOST_COUNTED else str(self.count)

    @property
    def words(self) -> str:
        """What the bell says to those who hear it."""
        if not self.count:
            return "Notices, none unread"
        return f"Notices, {self.label} unread"


def bell(request: HttpRequest) -> dict[str, object]:
    """Return the bell of a signed-in person; nothing for strangers."""
    actor = getattr(request, "actor", ANONYMOUS)
    return {"bell": Bell(actor)} if actor.is_person else {}
