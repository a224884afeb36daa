"""Checks in a real browser: started, followed without a reload, canceled, read and set."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.catalog.models import ModelVersion
from apps.validation import leases, operations, runner, tasks
from tests import scenarios
from tests.browser.test_journey import signed_in
from tests.factories import actor, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def version() -> ModelVersion:
    """A version that was checked, whose pickle calls a shell."""
    operations.expect_external_check(
        "load-test",
        by=actor(person("casey", everywhere=("risk_officer",))),
        title="Load test",
        sentence="Holds a thousand requests a second.",
        hours_until_due=24,
        reason="Agreed with operations",
    )
    files = {**scenarios.MODEL_FILES, "model.pkl": b"cposix\nsystem\n(S'true'\ntR."}
    model = scenarios.registered_model("tumor-triage")
    return scenarios.check(scenarios.registered_version(model, files))


def test_checks_are_followed_without_a_reload_and_one_is_canceled(
    page: Page,
    version: ModelVersion,
    accessible: Callable[[Page], None],
    picture: Callable[[Page, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page.set_default_timeout(30_000)
    signed_in(page, scenarios.validator().username)
    page.goto(f"{version.get_absolute_url()}checks/")
    expect(page.get_by_role("heading", name="Failed", exact=True)).to_be_visible()
    page.get_by_text("checks passed").click()
    expect(page.get_by_role("link", name="Artifact integrity")).to_be_visible()
    accessible(page)
    picture(page, "checks")

    monkeypatch.setattr(tasks, "ring", lambda waiting: None)  # nobody is at work
    again = operations.start_checks(
        version, by=actor(scenarios.developer()), names=["artifact-integrity", "schema"]
    )
    page.reload()
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()
    leases.renew(again[0].pk, runner.claim(again[0], worker="w1"), step="weights.bin")
    expect(page.get_by_text("weights.bin")).to_be_visible()
    accessible(page)
    picture(page, "checks-under-way")

    page.get_by_role("button", name="Cancel Schema").click()
    expect(page.get_by_text("1 check is canceled.")).to_be_visible()


def test_a_run_the_reference_and_the_settings_read_well(
    page: Page,
    version: ModelVersion,
    accessible: Callable[[Page], None],
    picture: Callable[[Page, str], None],
) -> None:
    page.set_default_timeout(30_000)
    signed_in(page, scenarios.validator().username)
    page.goto(version.check_runs.get(check_name="unsafe-code").get_absolute_url())
    expect(page.get_by_role("heading", name="How it was carried out")).to_be_visible()
    accessible(page)
    picture(page, "check-run")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Checks").click()
    expect(page.get_by_role("heading", name="External checks")).to_be_visible()
    accessible(page)
    picture(page, "checks-reference")

    page.goto("/models/tumor-triage/checks/settings/metric-thresholds/")
    page.get_by_label("Thresholds").fill("{")
    page.get_by_label("Reason").fill("Agreed")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_text("This is not JSON").first).to_be_visible()
    accessible(page)
    picture(page, "check-settings")

    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    for name, address in (
        ("checks", f"{version.get_absolute_url()}checks/"),
        ("checks-reference", "/checks/"),
    ):
        page.goto(address)
        expect(
            page.get_by_role("heading", name="External checks").or_(
                page.get_by_role("heading", name="Failed", exact=True)
            )
        ).to_be_visible()
        picture(page, f"{name}-phone-dark")
