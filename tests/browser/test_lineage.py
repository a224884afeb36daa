"""A lineage in a real browser: reachable by keyboard, readable by everybody, at home on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.catalog.models import Asset, Relation
from apps.catalog.operations import AssetFacts
from tests import scenarios
from tests.browser.test_journey import signed_in
from tests.catalog.lineage import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def loans() -> Asset:
    """Return a dataset that trained a version, which a dashboard uses."""
    facts = AssetFacts(owner=scenarios.owner(), sensitivity="confidential")
    asset = world.asset("loans", version="2026-q3", facts=facts)
    version = scenarios.registered_version(scenarios.registered_model("credit-default"))
    world.edge(asset, version, Relation.TRAINED_ON)
    world.edge(version, world.asset("board", Asset.Kind.DASHBOARD), Relation.USES)
    return asset


def test_a_lineage_is_walked_by_keyboard_and_holds_to_wcag(
    page: Page,
    loans: Asset,
    accessible: Callable[[Page], None],
    picture: Callable[[Page, str], None],
) -> None:
    signed_in(page, scenarios.developer().username)
    page.emulate_media(reduced_motion="reduce")  # colors that are still changing are no finding
    page.goto(loans.get_absolute_url())
    accessible(page)
    picture(page, "asset")

    pane = page.get_by_role("region", name="Lineage of loans 2026-q3")
    pane.focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.locator("a.card:focus")).to_have_attribute(
        "aria-label", "credit-default, Version 1, development"
    )
    page.keyboard.press("Enter")

    page.wait_for_url("**/models/credit-default/versions/1/")
    page.get_by_role("navigation", name="Version 1").get_by_role("link", name="Lineage").click()
    expect(page.get_by_role("region", name="Lineage of credit-default v1")).to_be_visible()
    accessible(page)


def test_a_lineage_scrolls_in_its_own_pane_on_a_phone(
    person_page: Callable[..., Page], loans: Asset, accessible: Callable[[Page], None]
) -> None:
    phone = person_page(viewport={"width": 390, "height": 844})
    signed_in(phone, scenarios.auditor().username)
    phone.emulate_media(reduced_motion="reduce")
    phone.goto(loans.get_absolute_url())

    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert phone.evaluate(wider) is False
    accessible(phone)
