"""The calendar: what falls due, month by month, each kind read in one bounded query."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.approvals.pages import due, scheduled
from apps.core import links
from apps.core.actors import Actor
from apps.core.icalendar import DayEvent, calendar_file
from apps.risk.agenda import Agenda
from apps.risk.schedules import What
from apps.risk.spans import OLDEST, Entry, Span

MONTHS = 3
"""How many months are shown at a time."""
MOST_OF_A_KIND = 200
KINDS = (*due.KINDS, *scheduled.KINDS)
AFTER_AUTHORIZATION = frozenset({What.PERIODIC, What.REVALIDATION})
"""What ``scheduled`` tells the first time of, counted from the authorization."""
SOON = 14
AHEAD = timedelta(days=365)
"""How far ahead a calendar file looks."""
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
FROM, WHOSE, ALL = "from", "whose", "all"
FIRST_YEAR, LAST_YEAR = OLDEST.year, 2200


@dataclass(frozen=True)
class Month:
    """The entries of one month, or those that are over already."""

    title: str
    entries: Sequence[Entry]


def on_page(request: ActorRequest) -> dict[str, object]:
    """Return what the calendar shows: the months the address asks for, mine or all visible."""
    today = now().date()
    first = _month_asked(links.asked(request, FROM), today)
    is_mine = links.asked(request, WHOSE) != ALL
    span = Span(request.actor, is_mine, first, _end(first), today)
    entries, is_cut = _read(span)
    return {
        "months": _by_month([_marked(entry, today) for entry in entries], span),
        "is_cut": is_cut,
        "file_url": reverse("approvals:calendar_file") + ("" if is_mine else f"?{WHOSE}={ALL}"),
        "most": MOST_OF_A_KIND,
        "is_mine": is_mine,
        "tabs": [
            {"label": "Mine", "url": links.with_query(request, whose=""), "current": is_mine},
            {
                "label": "All I may see",
                "url": links.with_query(request, whose=ALL),
                "current": not is_mine,
            },
        ],
        "span": f"{_named(first)} to {_named(span.last)}",
        "earlier": _url(request, _shifted(first, -MONTHS)),
        "later": _url(request, _shifted(first, MONTHS)),
    }


def as_file(reader: Actor, host: str, root: str, *, is_mine: bool) -> bytes:
    """Return what falls due within a year, and what is over already, as a calendar file.

    ``root`` is the address of this installation, which the entries lead back to.
    """
    at = now()
    today = at.date()
    span = Span(reader, is_mine, today.replace(day=1), today + AHEAD, today)
    events = [
        DayEvent(
            f"{entry.key}|{entry.icon}",
            entry.day,
            entry.title,
            entry.text,
            f"{root}{entry.href}",
        )
        for entry in _read(span)[0]
    ]
    return calendar_file("Signet", events, host=host, at=at)


def _read(span: Span) -> tuple[list[Entry], bool]:
    """Return what falls due in a span, in order, and whether some of it was left out."""
    found = [list(read(span)[: MOST_OF_A_KIND + 1]) for read, _ in KINDS]
    entries, is_cut = Agenda(span, AFTER_AUTHORIZATION).first_of_each(MOST_OF_A_KIND)
    for rows, (_, tell) in zip(found, KINDS, strict=True):
        entries += tell(rows[:MOST_OF_A_KIND])
    is_cut = is_cut or any(len(rows) > MOST_OF_A_KIND for rows in found)
    return sorted(entries, key=lambda one: (one.day, one.title)), is_cut


def _by_month(entries: Sequence[Entry], span: Span) -> list[Month]:
    over = [one for one in entries if one.day < span.today]
    rest = entries[len(over) :]
    titles = dict.fromkeys(_named(one.day) for one in rest)
    months = [Month(title, [one for one in rest if _named(one.day) == title]) for title in titles]
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


def _month_asked(text: str, today: date) -> date:
    """Return the first day of the month an address names, or of this one when it names none."""
    found = _MONTH.fullmatch(text)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return today.replace(day=1)
    return date(int(found[1]), int(found[2]), 1)


def _shifted(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _end(first: date) -> date:
    last = _shifted(first, MONTHS - 1)
    return last.replace(day=calendar.monthrange(last.year, last.month)[1])


def _named(day: date) -> str:
    return f"{day:%B %Y}"


def _url(request: ActorRequest, first: date) -> str:
    """Return the address of the months that begin with one; nothing beyond what is shown."""
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        return ""
    return links.with_query(request, **{FROM: f"{first:%Y-%m}"})
