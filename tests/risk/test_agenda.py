"""What falls due comes page by page, everything once, and is counted as it is listed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.core.clock import database_now
from apps.risk.agenda import Agenda, Place
from apps.risk.models import ReportDuty
from apps.risk.operations import incidents
from apps.risk.pages import due as pages
from apps.risk.spans import Entry, Span
from tests import scenarios
from tests.approvals.exceptions import in_days
from tests.console.conftest import Reads
from tests.factories import actor, signed_in
from tests.risk import found, owing
from tests.risk.reviewed import planned, running, schedule_by_default

pytestmark = pytest.mark.django_db

PAGE = "/risk/due/"
ALL = f"{PAGE}?whose=all"
CALENDAR, FILE = "/calendar/", "/calendar.ics"


def agenda(reader: User, *, is_mine: bool = False) -> Agenda:
    today = database_now().date()
    return Agenda(Span(actor(reader), is_mine, today, today + timedelta(days=365), today))


def everything(reader: User, size: int) -> list[Entry]:
    """Read page after page to the end."""
    entries: list[Entry] = []
    after: Place | None = None
    while True:
        shown, after = agenda(reader).page(size, after=after)
        entries += shown
        if after is None:
            return entries


def much_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something of most kinds fall due, some of it on one day."""
    model, other = scenarios.registered_model(), scenarios.registered_model()
    for number in (2, 2, 5, 400):
        planned(scenarios.registered_model(), in_days(number))
    found.raised(model)
    found.raised(other)
    running()
    owing.tiered()
    schedule_by_default(monkeypatch)


def reported(**other: Any) -> ReportDuty:
    """Return the first report that an authority waits for, of an incident."""
    incident = found.incident(traits=("high_risk_serious",), **other)
    duty = incident.duties.order_by("due_at", "pk").first()
    assert duty is not None
    return duty


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_page_after_page_holds_everything_once_in_order_of_its_day(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    much_is_due(monkeypatch)

    entries = everything(scenarios.auditor(), size)

    days = [one.day for one in entries]
    keys = [(one.key, one.icon) for one in entries]
    assert days == sorted(days)
    assert len(keys) == len(set(keys)) >= 8
    assert keys == [(one.key, one.icon) for one in everything(scenarios.auditor(), 1000)]


def test_as_much_is_counted_as_there_is_on_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    much_is_due(monkeypatch)
    today = database_now().date()

    entries = everything(scenarios.auditor(), 4)

    tally = agenda(scenarios.auditor()).tally
    assert tally.all == len(entries)
    assert tally.overdue == sum(one.day < today for one in entries)
    assert agenda(scenarios.stranger()).tally.all == 0


def test_the_page_says_how_much_there_is_and_leads_on_and_back(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    much_is_due(monkeypatch)

    first = opens(scenarios.auditor(), ALL)
    older = first.response.context["older"]
    second = opens(scenarios.auditor(), older)

    assert f"{agenda(scenarios.auditor()).tally.all} due within a year" in first.words
    assert first.response.context["first"] == ""
    assert second.has_link(ALL)
    assert not {one.key + one.icon for one in shown(first)} & {
        one.key + one.icon for one in shown(second)
    }


def shown(page: Any) -> list[Entry]:
    return [one for month in page.response.context["months"] for one in month.entries]


@pytest.mark.parametrize("mark", ["nonsense", "2026-13-45.1.1", "2026-01-01.1", "٢"])
def test_an_address_that_names_no_place_shows_the_first_page(
    opens: Reads, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    much_is_due(monkeypatch)

    asked = opens(scenarios.auditor(), f"{ALL}&page={mark}")

    assert [one.key for one in shown(asked)] == [
        one.key for one in shown(opens(scenarios.auditor(), ALL))
    ]


# -- reports of incidents --------------------------------------------------------------------------


def test_the_report_of_an_incident_stands_among_what_is_due_and_in_the_calendar(
    opens: Reads, client: Client
) -> None:
    duty = reported()
    name = duty.incident.model.name
    owner = duty.incident.owner

    for path in (PAGE, f"{CALENDAR}?from={duty.due_at:%Y-%m}"):
        page = opens(owner, path)
        assert f"{name}: report of an incident is due" in page.words
        assert duty.name in page.words
        assert page.has_link(duty.incident.get_absolute_url())
    assert name in opens(scenarios.auditor(), ALL).words
    assert name not in opens(scenarios.stranger(), ALL).words
    text = signed_in(client, owner).get(FILE).content.decode().replace("\r\n ", "")
    assert f"SUMMARY:{name}: report of an incident is due" in text


def test_a_report_that_was_made_or_set_aside_is_owed_no_more(opens: Reads) -> None:
    made, aside = reported(), reported()
    by = actor(scenarios.risk_officer())
    incidents.make_report(made, by=by, reported_at=database_now(), reference="A-1")
    incidents.set_report_aside(aside, by=by, reason="It does not apply, as counsel says")

    words = opens(scenarios.auditor(), ALL).words

    assert made.incident.model.name not in words
    assert aside.incident.model.name not in words


def test_a_report_that_is_late_is_said_to_be_overdue(opens: Reads) -> None:
    duty = reported(discovered_at=database_now() - timedelta(days=300))

    assert f"Overdue {duty.incident.model.name}: report of an incident is due" in (
        opens(scenarios.auditor(), ALL).words
    )


@pytest.mark.parametrize("path", [ALL, f"{CALENDAR}?whose=all", f"{FILE}?whose=all"])
def test_twenty_reports_take_as_many_queries_as_two(client: Client, path: str) -> None:
    reader = signed_in(client, scenarios.auditor())

    def queries() -> int:
        reader.get(path)
        with CaptureQueriesContext(connection) as asked:
            reader.get(path)
        return len(asked)

    for _ in range(2):
        reported()
    few = queries()
    for _ in range(18):
        reported()

    assert queries() == few
