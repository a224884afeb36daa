"""What of judgment falls due within a year, by month, and what is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.core import links
from apps.risk.due import KINDS, MOST
from apps.risk.spans import Entry, Span

WHOSE, ALL = "whose", "all"
SOON = 14
AHEAD = timedelta(days=365)


@dataclass(frozen=True)
class Month:
    """The entries of one month, or those that are over already."""

    title: str
    entries: Sequence[Entry]


def on_page(request: ActorRequest) -> dict[str, object]:
    """Return what falls due on the models of the reader, or on all the reader may see."""
    today = now().date()
    is_mine = links.asked(request, WHOSE) != ALL
    span = Span(request.actor, is_mine, today, today + AHEAD, today)
    found = [list(read(span)[: MOST + 1]) for read, _ in KINDS]
    entries = [
        _marked(entry, today)
        for rows, (_, tell) in zip(found, KINDS, strict=True)
        for entry in tell(rows[:MOST])
    ]
    return {
        "months": _by_month(sorted(entries, key=lambda one: (one.day, one.title)), today),
        "is_cut": any(len(rows) > MOST for rows in found),
        "most": MOST,
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
