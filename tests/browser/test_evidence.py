"""Evidence in a real browser: given by one person, verified by another; its files run nowhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion
from apps.validation import operations
from tests import scenarios
from tests.browser.test_active_files import ACTIVE, OUT
from tests.browser.test_journey import signed_in
from tests.factories import actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def version() -> ModelVersion:
    """A version with some evidence about it, its model and a use."""
    version = scenarios.registered_version(scenarios.registered_model("tumor-triage"))
    use = catalog.add_use_case(version.model, by=actor(scenarios.owner()), title="Second reading")
    dev, vera = actor(scenarios.developer()), actor(scenarios.validator())
    given = [
        operations.add_evidence(about, kind, by=dev, title=title, link="https://docs.example/x")
        for about, kind, title in (
            (version, "performance_test_report", "Performance on the holdout of October"),
            (version, "performance_test_report", "Performance on the holdout of September"),
            (version.model, "monitoring_plan", "Monitoring plan 2026"),
            (use, "human_oversight_plan", "Who reads again, and when"),
        )
    ]
    operations.verify_evidence(given[0], by=vera)
    operations.verify_evidence(given[2], by=vera)
    operations.decline_evidence(given[1], by=vera, reason="The holdout leaked into training")
    last = given[0].submitted_at.date()
    operations.add_evidence(
        version,
        "license_review",
        by=dev,
        title="License opinion",
        link="https://docs.example/license",
        valid_until=last,
    )
    return version


def test_evidence_is_given_by_one_person_and_verified_by_another(
    page: Page,
    person_page: Callable[..., Page],
    version: ModelVersion,
    accessible: Callable[[Page], None],
    picture: Callable[[Page, str], None],
) -> None:
    report: FilePayload = {
        "name": "red team.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.7",
    }
    signed_in(page, scenarios.developer().username)
    page.goto(version.get_absolute_url())
    page.get_by_role("navigation", name="Version 1").get_by_role("link", name="Evidence").click()
    expect(page.get_by_role("heading", name="Stops counting soon")).to_be_visible()
    accessible(page)
    picture(page, "evidence")

    page.get_by_role("link", name="Add evidence").click()
    page.get_by_label("What it is").select_option(label="Red-team report")
    page.get_by_label("Title").fill("Red team of November")
    page.get_by_role("button", name="Add evidence").click()
    expect(page.get_by_text("Give a file or a link")).to_be_visible()
    accessible(page)
    picture(page, "evidence-add")
    page.get_by_label("File").set_input_files(report)
    page.get_by_role("button", name="Add evidence").click()
    expect(page.get_by_role("heading", name="Red team of November")).to_be_visible()
    expect(page.get_by_role("button", name="Verify")).to_be_disabled()
    accessible(page)

    verifier = person_page()
    signed_in(verifier, scenarios.validator().username)
    verifier.goto(page.url)
    accessible(verifier)
    picture(verifier, "evidence-item")
    verifier.get_by_label("I looked at it").check()
    verifier.get_by_role("button", name="Verify").click()
    expect(verifier.get_by_text("You stand by it now.")).to_be_visible()


def test_evidence_fits_a_phone_in_the_dark(
    person_page: Callable[..., Page],
    version: ModelVersion,
    picture: Callable[[Page, str], None],
) -> None:
    phone = person_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    signed_in(phone, scenarios.validator().username)
    for name in ("", "new/"):
        phone.goto(f"/models/tumor-triage/versions/1/evidence/{name}")
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        width = phone.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, name
        picture(phone, f"evidence-phone{name.rstrip('/')}")


def test_no_active_file_given_as_evidence_runs(
    version: ModelVersion, person_page: Callable[..., Page]
) -> None:
    page = person_page(accept_downloads=True)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(f"A dialog opened: {dialog.message}"))
    signed_in(page, scenarios.developer().username)
    before = page.title()

    for name, text in ACTIVE.items():
        item = operations.add_evidence(
            version,
            "red_team_report",
            by=actor(scenarios.developer()),
            title=name,
            file=operations.SentFile(name, [text.encode()]),
        )
        with page.expect_download() as download:
            page.evaluate("at => { location.href = at }", f"{item.get_absolute_url()}file/")
        assert download.value.path().read_text() == text
        assert page.title() == before

    assert [address for address in asked_for if address.startswith(OUT)] == []
