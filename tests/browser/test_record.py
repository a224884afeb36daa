"""The record in the browser: every page of it, of the past, of packs and of exams held to WCAG."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.approvals.operations import lift_hold, place_hold, redaction
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.approvals.exceptions import counsel, records_manager
from tests.approvals.packs.packed import ordered
from tests.audit.sealing.sealed import seal_events
from tests.browser.test_journey import signed_in
from tests.console.as_of.moment import latest
from tests.examining import opened
from tests.factories import PASSWORD, actor
from tests.risk.found import raised

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]


def hold(page: Page, paths: list[str], met: Check) -> None:
    for path in paths:
        opened_page = page.goto(path)
        assert opened_page is not None
        assert opened_page.ok, path
        met(page)


def test_every_page_of_the_record_and_of_the_past_is_for_everybody(
    person_page: OpenPage, met: Check
) -> None:
    request = scenarios.promoted(to=Stage.PRODUCTION, model=scenarios.registered_model("credit"))
    raised(request.version.model)
    at = latest()
    seal_events()
    pack = ordered(request.version.model)  # a worker makes it at once, here
    entry = AuditEvent.objects.filter(action="version.promote", outcome="done").latest("pk")
    page = signed_in(person_page(), scenarios.auditor().username)
    hold(
        page,
        [
            "/audit/",
            f"/audit/{entry.uid}/",
            "/audit/protection/",
            "/audit/packs/",
            "/models/credit/evidence-pack/",
            pack.get_absolute_url(),
            "/models/credit/fields/intended_use/",
            "/as-of/",
            f"/as-of/?at={at}",
            f"/as-of/?at={at}&and={at}",
            f"/models/credit/as-of/?at={at}",
            f"/models/credit/versions/1/as-of/?at={at}",
            f"{request.get_absolute_url()}as-of/?at={at}",
            "/exams/",
            "/exam/requests/",
        ],
        met,
    )


def test_every_page_of_an_exam_is_for_everybody(person_page: OpenPage, met: Check) -> None:
    version = scenarios.registered_version(scenarios.registered_model("credit"))
    room = opened(version.model)
    host = signed_in(person_page(), scenarios.risk_officer().username)
    hold(host, ["/exams/", "/exams/new/", f"/exams/{room.pk}/"], met)

    guest = person_page()
    guest.goto("/")
    guest.get_by_label("Sign-in name").fill(room.examiner.username)
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Sign in").click()
    expect(guest.get_by_role("heading", level=1)).to_contain_text(room.title)
    hold(guest, ["/exam/", "/models/credit/", "/models/credit/versions/1/"], met)


def test_every_page_of_an_erasure_is_for_everybody(person_page: OpenPage, met: Check) -> None:
    placed = place_hold(scenarios.registered_model("credit"), by=actor(counsel()), reason="Ill")
    lift_hold(placed, by=actor(counsel()), reason="Closed")
    entry = AuditEvent.objects.get(action="model.place_legal_hold")
    by = actor(records_manager())
    asked = redaction.ask_redaction(entry, "reason", basis="request", by=by, reason="She asked")
    officer = scenarios.account("petra", "Petra Privacy", "privacy_officer")
    page = signed_in(person_page(), officer.username)
    ask, decide = f"/audit/{entry.uid}/erase/", f"/audit/redactions/{asked.pk}/"
    hold(page, [f"/audit/{entry.uid}/", ask, "/audit/redactions/", decide], met)
