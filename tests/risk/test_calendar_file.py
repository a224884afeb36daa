"""The calendar file holds to RFC 5545, and to what its reader may see."""

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.core.icalendar import MOST_OCTETS, DayEvent, calendar_file, escaped, folded
from tests import scenarios
from tests.approvals.exceptions import in_days
from tests.factories import actor, signed_in
from tests.risk.reviewed import planned, running, schedule_by_default

AT = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
DAY = date(2026, 12, 31)
FILE = "/calendar.ics"


def unfolded(file: bytes) -> list[str]:
    return file.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


# -- the file itself


def test_an_event_lasts_one_whole_day_and_ends_on_the_next() -> None:
    lines = unfolded(calendar_file("Signet", [DayEvent("a", DAY, "Due")], host="h", at=AT))

    assert lines[:4] == ["BEGIN:VCALENDAR", "VERSION:2.0", lines[2], "CALSCALE:GREGORIAN"]
    assert "DTSTART;VALUE=DATE:20261231" in lines
    assert "DTEND;VALUE=DATE:20270101" in lines
    assert "DTSTAMP:20260301T123005Z" in lines
    assert lines[-1] == "END:VCALENDAR"


def test_the_id_of_an_event_stays_while_what_it_says_changes() -> None:
    files = [
        calendar_file("S", [DayEvent(key, DAY, title)], host="h.example", at=AT)
        for key, title in (("a", "One"), ("a", "Two"), ("b", "Two"))
    ]

    first, same, other = (re.findall(r"UID:(\S+)", file.decode())[0] for file in files)

    assert first == same != other
    assert re.fullmatch(r"[0-9a-f]{32}@h\.example", first)


def test_what_means_something_in_the_file_is_escaped() -> None:
    assert escaped("a;b,c\\d\r\ne\rf\ng\x00\x1b") == "a\\;b\\,c\\\\d\\ne\\nf\\ng"


def test_nobody_writes_a_line_of_their_own_into_the_file() -> None:
    event = DayEvent("a", DAY, "Due\r\nEND:VEVENT\r\nATTACH:http://evil", "x\nUID:1")

    lines = unfolded(calendar_file("S", [event], host="h", at=AT))

    assert lines.count("END:VEVENT") == 1
    assert not any(line.startswith("ATTACH") for line in lines)


@given(st.text(max_size=400))
def test_no_line_is_longer_than_75_octets_and_folding_loses_nothing(text: str) -> None:
    line = f"SUMMARY:{escaped(text)}"

    pieces = folded(line).split(b"\r\n")

    assert pieces[-1] == b""
    assert all(len(piece) <= MOST_OCTETS for piece in pieces)
    assert all(piece.startswith(b" ") for piece in pieces[1:-1])
    for piece in pieces:
        piece.decode()  # no letter is cut in two
    assert pieces[0] + b"".join(p[1:] for p in pieces[1:-1]) == line.encode("utf-8", "replace")


# -- what is in it


@pytest.mark.django_db
def test_the_file_holds_what_falls_due_for_its_reader_and_leads_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = scenarios.registered_model()
    running()
    planned(model, in_days(9), by=actor(scenarios.validator()))
    schedule_by_default(monkeypatch)

    answer = signed_in(client, scenarios.owner()).get(FILE)
    text = "\n".join(unfolded(answer.content))

    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert f"SUMMARY:{model.name}: owner attestation is due" in text
    assert f"SUMMARY:{model.name}: a campaign asks for your word" in text
    assert f"SUMMARY:{model.name}: periodic review is planned" in text
    assert f"URL:http://testserver/models/{model.name}/attest/" in text
    assert len(re.findall("UID:", text)) == len(set(re.findall(r"UID:\S+", text)))


@pytest.mark.django_db
def test_the_file_holds_nothing_its_reader_may_not_see(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = scenarios.registered_model()
    schedule_by_default(monkeypatch)

    mine = signed_in(client, scenarios.auditor()).get(FILE).content.decode()
    seen = client.get(f"{FILE}?whose=all").content.decode()
    unseen = signed_in(client, scenarios.stranger()).get(f"{FILE}?whose=all").content.decode()

    assert [model.name in text for text in (mine, seen, unseen)] == [False, True, False]


@pytest.mark.django_db
def test_the_file_reads_the_same_ids_every_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenarios.registered_model()
    schedule_by_default(monkeypatch)
    reader = signed_in(client, scenarios.owner())

    first, second = (re.findall(r"UID:\S+", reader.get(FILE).content.decode()) for _ in range(2))

    assert first == second != []


@pytest.mark.django_db
def test_the_calendar_page_leads_to_the_file(client: Client) -> None:
    html = signed_in(client, scenarios.owner()).get("/calendar/").content.decode()
    every = client.get("/calendar/?whose=all").content.decode()

    assert f'href="{FILE}"' in html
    assert f'href="{FILE}?whose=all"' in every
