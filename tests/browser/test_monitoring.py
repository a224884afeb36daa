"""Monitoring in a real browser: watched, looked at and answered for; at home on a phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.catalog.models import RegisteredModel
from apps.validation import operations
from apps.validation.operations.measurements import Measured
from tests import scenarios
from tests.browser.test_journey import signed_in
from tests.factories import actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def model() -> RegisteredModel:
    """A model with a series of a few weeks and a breach that goes on."""
    model = scenarios.registered_version(scenarios.registered_model("tumor-triage")).model
    series = scenarios.breach(model).series
    first = series.points.latest("measured_at").measured_at
    values = [0.83, 0.9, 0.91, 0.93, 0.92, 0.9, 0.89, 0.9, 0.91, 0.88, 0.87, 0.86, 0.84]
    operations.post_points(
        series,
        [Measured(first + timedelta(days=day), value) for day, value in enumerate(values, 1)],
        by=actor(scenarios.operator()),
    )
    return model


def test_a_metric_is_watched_and_its_breach_answered_for(
    page: Page,
    model: RegisteredModel,
    accessible: Callable[[Page], None],
    picture: Callable[[Page, str], None],
) -> None:
    signed_in(page, scenarios.operator().username)
    page.goto(model.get_absolute_url())
    page.get_by_role("link", name="Monitoring").click()
    expect(page.get_by_role("heading", name="auc, EU")).to_be_visible()
    accessible(page)
    picture(page, "monitoring")

    page.get_by_role("link", name="Answer").first.click()
    expect(page.get_by_role("heading", name="Answer for it")).to_be_visible()
    accessible(page)
    picture(page, "monitoring-breach")
    page.get_by_label("Reason").fill("A camera was dirty")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("You answered for this breach.")).to_be_visible()

    page.get_by_role("link", name="Watch a metric").click()
    expect(page.get_by_role("heading", name="Watch a metric")).to_be_visible()
    accessible(page)
    picture(page, "monitoring-start")
    page.get_by_label("Metric").fill("psi of income")
    page.get_by_label("Which way is better").select_option("lower")
    page.get_by_label("Amber above").fill("0.1")
    page.get_by_role("button", name="Watch").click()
    expect(page.get_by_role("heading", name="psi of income")).to_be_visible()


def test_monitoring_fits_a_phone_in_the_dark(
    person_page: Callable[..., Page],
    model: RegisteredModel,
    picture: Callable[[Page, str], None],
) -> None:
    phone = person_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    signed_in(phone, scenarios.operator().username)
    for name in ("", "new/"):
        phone.goto(f"/models/{model.name}/monitoring/{name}")
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, name
        picture(phone, f"monitoring-phone{name.rstrip('/')}")
