"""Every list of decisions is found from every other, under one place of the main navigation."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import scenarios
from tests.approvals.exceptions import enforce_emergency, roll_back_at_once
from tests.approvals.walk import overwrite
from tests.console.conftest import Reads

pytestmark = pytest.mark.django_db

PLACES = {
    "Promotions": "/promotions/",
    "Waivers": "/waivers/",
    "Emergencies": "/emergencies/",
    "Policies": "/policies/",
    "Calendar": "/calendar/",
    "Delegations": "/account/delegations/",
}


def links_of(source: str, label: str) -> list[tuple[str, str, bool]]:
    """Return the links of a navigation: title, address, and whether the reader is there."""
    part = source.partition(f'aria-label="{label}"')[2].partition("</nav>")[0]
    found = re.findall(r'<a href="([^"]*)"([^>]*)>([^<]*)', part)
    return [(title, href, "aria-current" in more) for href, more, title in found]


def test_each_list_leads_to_all_and_says_which_it_is(opens: Reads) -> None:
    for reader in (scenarios.validator(), scenarios.stranger()):
        for title, path in PLACES.items():
            page = opens(reader, path)

            assert page.status == 200
            assert links_of(page.source, "Decisions") == [
                (name, href, name == title) for name, href in PLACES.items()
            ], title
            assert ("Decisions", "/promotions/", True) in links_of(page.source, "Main"), title


def test_elsewhere_the_main_navigation_stays_short_and_decisions_are_one_place_of_it(
    opens: Reads,
) -> None:
    page = opens(scenarios.validator(), "/models/")

    assert [title for title, _, _ in links_of(page.source, "Main")] == [
        "Inbox",
        "Models",
        "Assets",
        "Decisions",
        "Deployments",
        "Risk",
        "Checks",
        "Audit",
    ]
    assert ("Decisions", "/promotions/", False) in links_of(page.source, "Main")
    assert links_of(page.source, "Decisions") == []


def test_emergencies_are_listed_for_those_who_see_their_model(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There was no emergency" in opens(scenarios.validator(), "/emergencies/").words
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once()
    version = emergency.authorization.version

    shown = opens(scenarios.validator(), "/emergencies/")
    assert shown.has_link(emergency.get_absolute_url())
    assert f"{version} Waits for confirmation Otis Operator" in shown.words
    assert "Not yet" in shown.words
    assert str(version) not in opens(scenarios.stranger(), "/emergencies/").words


def test_the_list_of_emergencies_asks_as_often_for_many_as_for_one(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    enforce_emergency(monkeypatch)
    counts = []
    for _ in range(2):
        emergency = roll_back_at_once()
        overwrite(emergency, state="ratified")  # so that the number in the navigation stays away
        opens(scenarios.auditor(), "/emergencies/")
        with CaptureQueriesContext(connection) as asked:
            opens(scenarios.auditor(), "/emergencies/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
