"""The calendar: what falls due, month by month, of one's own or of all one may see."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.approvals.models import Authorization, SignOffCondition
from apps.approvals.operations import Asked
from apps.approvals.pages import calendar, due
from apps.catalog.lifecycle import Stage
from apps.validation import operations as validation
from tests import scenarios
from tests.approvals.deciding import signed_with_conditions
from tests.approvals.exceptions import (
    asked,
    enforce_emergency,
    granted,
    in_days,
    roll_back_at_once,
    today,
)
from tests.approvals.walk import end_duty, overwrite
from tests.console.conftest import Reads
from tests.factories import actor, signed_in

pytestmark = pytest.mark.django_db

PAGE = "/calendar/"
ALL = f"{PAGE}?whose=all"


def month_of(day: date) -> str:
    return f"{ALL}&from={day:%Y-%m}"


def lead_to(page: Any, thing: Any) -> bool:
    return bool(page.has_link(thing.get_absolute_url()))


def test_an_empty_calendar_says_what_would_stand_there(opens: Reads) -> None:
    mine, every = opens(scenarios.auditor(), PAGE), opens(scenarios.auditor(), ALL)

    assert "Nothing of yours falls due" in mine.words
    assert "Nothing falls due" in every.words
    assert every.has_link(PAGE)


def test_an_authorization_stands_in_the_month_it_ends_for_its_owner_and_all_who_see_it(
    opens: Reads,
) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    ends = Authorization.objects.get().valid_until
    assert ends is not None

    owners = opens(scenarios.owner(), f"{PAGE}?from={ends:%Y-%m}")
    others = opens(scenarios.auditor(), month_of(ends))

    for page in (owners, others):
        assert f"{ends:%B %Y} {version}: authorization ends" in page.words
        assert "Ask for its renewal before. Owner Olivia Owner." in page.words
        assert lead_to(page, version)
    assert not lead_to(opens(scenarios.auditor(), f"{PAGE}?from={ends:%Y-%m}"), version)
    assert not lead_to(opens(scenarios.stranger(), month_of(ends)), version)
    assert not lead_to(opens(scenarios.owner(), PAGE), version)
    long_ago, ended = _noon(in_days(-9)), _noon(in_days(-3))
    overwrite(Authorization.objects.get(), granted_at=long_ago, valid_until=ended)
    late = opens(scenarios.owner(), PAGE)
    assert f"Overdue {version}: authorization ends Overdue" in late.words


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def test_waivers_sign_offs_conditions_and_evidence_stand_on_their_days(opens: Reads) -> None:
    waiver = granted(ends_on=in_days(12))
    request = scenarios.requested(Stage.PRODUCTION)
    wanted = Asked("Watch the age band", scenarios.developer(), in_days(1))
    signed = signed_with_conditions(request, scenarios.validator(), "validator", wanted)
    item = validation.add_evidence(
        request.version,
        "red_team_report",
        by=actor(scenarios.developer()),
        title="Report",
        file=validation.SentFile("report.pdf", [b"Report"]),
        valid_until=today(),
    )

    page = opens(scenarios.auditor(), ALL)

    assert f"{waiver.version}: waiver ends In 12 days" in page.words
    assert "Asked for by Dev Developer." in page.words
    assert f"{request.version}: condition of a sign-off is due Tomorrow Watch the age band" in (
        page.words
    )
    assert f"{request.root.name}: evidence lapses Today" in page.words
    assert all(lead_to(page, thing) for thing in (waiver, request, item))
    lapses = opens(scenarios.validator(), f"{PAGE}?from={signed.expires_at:%Y-%m}")
    assert f"Promote {request.version} to production: sign-off lapses" in lapses.words
    assert "waiver ends" not in lapses.words
    mine = opens(scenarios.developer(), PAGE)
    assert "condition of a sign-off is due" in mine.words
    assert "evidence lapses" in mine.words
    overwrite(SignOffCondition.objects.get(), due=in_days(-1))
    assert "Overdue" in opens(scenarios.developer(), PAGE).words


def test_a_sign_off_that_is_void_lapses_no_more(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = scenarios.sign(request, scenarios.validator(), "validator")
    path, lapses = month_of(signed.expires_at), f"{request.version} to production: sign-off lapses"
    before = opens(scenarios.auditor(), path).words

    end_duty(scenarios.validator(), "validator")

    assert lapses in before
    assert lapses not in opens(scenarios.auditor(), path).words


def test_an_emergency_stands_on_the_day_by_which_it_is_confirmed(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once()

    page = opens(scenarios.auditor(), ALL)

    assert "emergency to confirm" in page.words
    assert lead_to(page, emergency)
    assert lead_to(opens(scenarios.operator(), PAGE), emergency)


def test_months_are_turned_and_an_address_that_names_none_shows_this_one(opens: Reads) -> None:
    this, reader = today().replace(day=1), scenarios.auditor()
    named = f"{this:%B %Y} to"
    for wrong in ("", "nonsense", "2026-13", "1899-01", "9999-12", "2026-1", "%00", "2026-01-01"):
        assert named in opens(reader, f"{PAGE}?from={wrong}").words, wrong
    page = opens(reader, f"{ALL}&from=2026-11")
    assert "November 2026 to January 2027" in page.words
    assert page.has_link("/calendar/?whose=all&from=2027-02")
    assert page.has_link("/calendar/?whose=all&from=2026-08")
    assert 'rel="prev"' not in opens(reader, f"{PAGE}?from=2000-01").source


def test_a_kind_of_which_there_is_too_much_is_cut_and_says_so(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "MOST_OF_A_KIND", 1)
    first = granted(ends_on=in_days(3))
    second = granted(first.version, "schema_matches_example", ends_on=in_days(4))

    page = opens(scenarios.auditor(), ALL)

    assert "More falls due than is shown here" in page.words
    assert lead_to(page, first)
    assert not lead_to(page, second)


def test_what_waits_for_signatures_does_not_fall_due(opens: Reads) -> None:
    waiver = asked(ends_on=in_days(3))

    assert not lead_to(opens(scenarios.auditor(), ALL), waiver)


def queries_of(reader: User) -> int:
    client = signed_in(Client(), reader)
    client.get(ALL)
    with CaptureQueriesContext(connection) as asked_for:
        assert client.get(ALL).status_code == 200
    return len(asked_for)


def test_the_calendar_asks_as_often_for_twenty_things_as_for_two() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    waiver = granted(ends_on=in_days(5))
    wanted = [Asked(f"Number {n}", scenarios.owner(), in_days(n % 9)) for n in range(20)]
    signed_with_conditions(request, scenarios.validator(), "validator", *wanted)
    for one in SignOffCondition.objects.order_by("pk")[2:]:
        overwrite(one, missed_at=_noon(today()))
    few = queries_of(scenarios.auditor())

    for one in SignOffCondition.objects.order_by("pk"):
        overwrite(one, missed_at=None)
    granted(waiver.version, "schema_matches_example", ends_on=in_days(6))

    assert queries_of(scenarios.auditor()) == few <= 45
    assert len(due.KINDS) == 6
