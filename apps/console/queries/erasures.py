"""Erasures of personal words that wait for a second person to decide on them."""

from django.urls import reverse

from apps.approvals.operations.redaction import APPROVE_REDACTION
from apps.console.queries import telling, undecided
from apps.console.queries.names import Names
from apps.console.queries.waiting import MOST, Item
from apps.core.actors import Actor

DECIDE = APPROVE_REDACTION.permission


def waiting_on(actor: Actor) -> list[Item]:
    """Return the erasures a person may decide on, the oldest first, in a fixed number of queries.

    The words themselves are not shown: they stand on the page where they are decided on.
    """
    if actor.user_id is None or not actor.is_person or not actor.may(DECIDE):
        return []
    rows = undecided.erasures(actor).select_related("event__erased__redaction")
    found = list(rows.prefetch_related("event__texts").order_by("pk")[:MOST])
    people = Names.of([], *(f"user:{one.asked_by}" for one in found))
    lines = telling.lines(one.event for one in found)
    return [
        Item(
            f"Erase words of “{line.title}”",
            reverse("audit:redaction", args=[one.pk]),
            f"{where(one.place)} · {one.get_basis_display()} · "
            f"asked by {people.of_actor(one.asked_by)}",
            one.asked_at,
            icon="eraser",
            tone="info",
            action="Decide",
        )
        for one, line in zip(found, lines, strict=True)
    ]


def where(place: str) -> str:
    """Return where words stand as people say it: ``comment:cmt_5.text`` is its text."""
    ref, _, column = place.rpartition(".")
    said = f"{column.replace('_', ' ')} of {ref.partition(':')[2]}" if ref else place
    return said[:1].upper() + said[1:]
