"""What of judgment falls due within a year, by month, and what is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.core import links
from apps.core.actors import Actor
from apps.core.formats import grouped
from apps.risk.agenda import Agenda, Place, Tally
from apps.risk.spans import Entry, Span

WHOSE, ALL = "whose", "all"
PAGE_SIZE = 100
MOST = 200
"""How many of a kind programs are told of, and that there are more."""
SOON = 14
AHEAD = timedelta(days=365)


@dataclass(frozen=True)
class Month:
    """The entries of one month, or those that are over already."""

    title: str
    entries: Sequence[Entry]


def coming(reader: Actor, *, is_mine: bool, today: date) -> tuple[list[Entry], bool]:
    """Return what falls due within a year or is overdue, and whether there is more of a kind."""
    return _agenda(reader, is_mine=is_mine, today=today).first_of_each(MOST)


def on_page(request: ActorRequest) -> dict[str, object]:
    """Return what falls due on the models of the reader, or on all the reader may see."""
    today = now().date()
    is_mine = links.asked(request, WHOSE) != ALL
    after = Place.named(links.asked(request, links.MARK))
    agenda = _agenda(request.actor, is_mine=is_mine, today=today)
    entries, more = agenda.page(PAGE_SIZE, after=after)
    return {
        "months": _by_month([_marked(entry, today) for entry in entries], today),
        "summary": _summary(agenda.tally),
        "first": links.with_query(request) if after else "",
        "older": links.to_page(request, str(more) if more else ""),
        "is_mine": is_mine,
        "tabs": [
            {"label": "Mine", "url": links.with_query(request, whose=""), "current": is_mine},
            {
                "label": "All I may see",
                "url": links.with_query(request, whose=ALL),
                "current": not is_mine,
            },
        ],
    }


def _agenda(reader: Actor, *, is_mine: bool, today: date) -> Agenda:
    return Agenda(Span(reader, is_mine, today, today + AHEAD, today))


def _summary(tally: Tally) -> str:
    overdue = f", {grouped(tally.overdue)} of them overdue" if tally.overdue else ""
    return f"{grouped(tally.all)} due within a year{overdue}"


def _by_month(entries: Sequence[Entry], today: date) -> list[Month]:
    over = [one for one in entries if one.day < today]
    rest = entries[len(over) :]
    titles = dict.fromkeys(f"{one.day:%B %Y}" for one in rest)
    months = [
        Month(title, [one for one in rest if f"{one.day:%B %Y}" == title]) for title in titles
    ]
    return [Month("Overdue", over), *months] if over else months


def _marked(entry: Entry, today: date) -> Entry:
    """Return an entry with how near its day is."""
    days = (entry.day - today).days
    if days < 0:
        return replace(entry, status="Overdue", tone="bad")
    if days > SOON:
        return entry
    near = {0: "Today", 1: "Tomorrow"}.get(days, f"In {days} days")
    return replace(entry, status=near, tone="warn")
