"""The catalog in a real browser: found, compared, opened to the last file, filled in and traced."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.catalog import operations
from apps.catalog.models import Asset, RegisteredModel, Relation
from apps.catalog.operations import AssetFacts
from apps.catalog.training import MetricFacts, RunFacts
from tests import scenarios
from tests.browser.test_journey import signed_in
from tests.catalog.lineage import world
from tests.factories import actor

pytestmark = pytest.mark.django_db(transaction=True)

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]

HOLDOUT = f"loans/holdout@sha256:{'6129778c' * 8}"
CARD = "# Credit default\n\n## Intended use\n\nSays how likely a loan is repaid.\n"
MODEL = "/models/credit-default/"
VERSION = f"{MODEL}versions/2/"


def run(auc: float) -> RunFacts:
    """Return a run with an interval, a slice and a training curve, on data with a long name."""
    curve = tuple(
        MetricFacts("loss", 1 / step, HOLDOUT, step=step, higher_is_better=False)
        for step in range(1, 9)
    )
    wide = MetricFacts("auc", auc, HOLDOUT, "", auc - 0.02, auc + 0.02, higher_is_better=True)
    part = MetricFacts("auc", auc - 0.05, HOLDOUT, "age below 30", higher_is_better=True)
    return RunFacts("nightly", parameters={"depth": str(auc)}, metrics=(wide, part, *curve))


@pytest.fixture
def model() -> RegisteredModel:
    """Return a model of two versions, made from a dataset that a dashboard feels too."""
    found = scenarios.registered_model("credit-default", title="Credit default", domain="Lending")
    scenarios.registered_model("fraud-watch", title="Fraud watch", domain="Payments")
    files = {
        "MLmodel": b"flavors: {}\n",
        "README.md": CARD.encode(),
        "model/config.json": b'{"depth": 3}',
        "model/deep/weights.bin": b"\x00\x01\x02",
    }
    first = scenarios.registered_version(found, files, run=run(0.81))
    second = scenarios.registered_version(
        found, files | {"MLmodel": b"flavors: {a: 1}\n"}, run=run(0.84), base_version=first
    )
    facts = AssetFacts(owner=scenarios.owner(), sensitivity="confidential")
    loans = world.asset("loans", version="2026-q3", facts=facts)
    world.edge(loans, second, Relation.TRAINED_ON)
    world.edge(second, world.asset("Loan book", Asset.Kind.DASHBOARD), Relation.USES)
    return found


def test_a_version_is_found_compared_and_opened_to_its_last_file(
    model: RegisteredModel, person_page: OpenPage, accessible: Check
) -> None:
    page = signed_in(person_page(), scenarios.owner().username)
    page.keyboard.press("/")
    page.keyboard.type("watch fraud")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Fraud watch").first).to_be_visible()
    page.goto("/models/")
    page.get_by_role("navigation", name="Filter models").get_by_role("link", name="Lending").click()
    page.wait_for_url("**/models/?*Lending*")
    expect(page.get_by_role("link", name="fraud-watch")).to_have_count(0)
    accessible(page)
    page.get_by_role("link", name="credit-default").click()

    page.get_by_label("Compare version 1").check()
    page.get_by_label("Compare version 2").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("row", name="auc loans/holdout").first).to_contain_text("better")
    accessible(page)

    page.get_by_role("link", name="Version 2").first.click()
    tabs = page.get_by_role("navigation", name="Version 2")
    tabs.get_by_role("link", name="Files").click()
    expect(page.get_by_role("link", name="Show config.json")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Show config.json").click()
    expect(page.get_by_text('"depth"')).to_be_visible()
    accessible(page)
    tabs.get_by_role("link", name="Card").click()
    expect(page.get_by_role("heading", name="Intended use")).to_be_visible()
    accessible(page)
    tabs.get_by_role("link", name="Metrics").click()
    expect(page.get_by_role("heading", name="Over versions")).to_be_visible()
    page.get_by_text("Values").first.click()
    accessible(page)


def test_what_somebody_else_recorded_meanwhile_is_not_overwritten(
    model: RegisteredModel, person_page: OpenPage, accessible: Check
) -> None:
    page = signed_in(person_page(), scenarios.owner().username)
    page.goto(f"{MODEL}inventory/")
    accessible(page)
    page.goto(f"{MODEL}inventory/purpose/edit/")
    page.get_by_label("Out-of-scope and prohibited uses").fill("Loans to companies.")
    operations.record_values(
        model, {"out_of_scope_uses": "Mortgages."}, by=actor(scenarios.owner())
    )
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Somebody else recorded this meanwhile").first).to_be_visible()
    expect(page.get_by_label("Out-of-scope and prohibited uses")).to_have_value(
        "Loans to companies."
    )
    accessible(page)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**{MODEL}inventory/**")
    expect(page.get_by_text("Loans to companies.")).to_be_visible()


def test_a_use_and_a_supplier_are_added_and_shown(
    model: RegisteredModel, person_page: OpenPage, accessible: Check
) -> None:
    page = signed_in(person_page(), scenarios.owner().username)
    for kind, title in (("uses", "Loans to households"), ("third-parties", "Score bureau")):
        page.goto(f"{MODEL}{kind}/new/")
        accessible(page)
        page.get_by_label("Title").fill(title)
        page.locator("main form button").last.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        accessible(page)


def test_a_change_of_data_is_followed_to_whom_it_reaches_and_taken_away(
    model: RegisteredModel, person_page: OpenPage, accessible: Check
) -> None:
    page = signed_in(person_page(), scenarios.developer().username)
    page.goto(f"{VERSION}lineage/")
    accessible(page)
    page.get_by_role("region", name="Lineage of credit-default v2").focus()
    page.keyboard.press("Tab")
    for _ in range(6):
        if (page.locator("a.card:focus").get_attribute("aria-label") or "").startswith("loans"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("loans 2026-q3")
    radius = page.locator("section", has=page.get_by_role("heading", name="Blast radius"))
    expect(radius).to_contain_text("Loan book")
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Affected", exact=True).click()
    assert "credit-default,2" in download.value.path().read_text()
    page.goto("/assets/")
    accessible(page)
    page.goto("/assets/new/")
    accessible(page)


PAGES = (
    "/models/",
    MODEL,
    f"{MODEL}inventory/",
    f"{MODEL}inventory/purpose/edit/",
    f"{MODEL}compare/?version=1&version=2",
    VERSION,
    f"{VERSION}files/",
    f"{VERSION}preview/model/config.json",
    f"{VERSION}card/",
    f"{VERSION}metrics/",
    f"{VERSION}inventory/",
    f"{VERSION}lineage/",
    "/assets/",
)


def test_no_page_is_wider_than_a_phone(model: RegisteredModel, person_page: OpenPage) -> None:
    phone = signed_in(
        person_page(viewport={"width": 390, "height": 844}), scenarios.owner().username
    )
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

    for path in PAGES:
        phone.goto(path)
        assert phone.evaluate(wider) is False, path


def test_every_tab_of_a_version_is_in_sight_on_a_phone(
    model: RegisteredModel, person_page: OpenPage
) -> None:
    phone = signed_in(
        person_page(viewport={"width": 390, "height": 844}), scenarios.owner().username
    )
    phone.goto(f"{VERSION}history/")

    for tab in phone.get_by_role("navigation", name="Version 2").get_by_role("link").all():
        box = tab.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390


def test_every_page_reads_and_the_inventory_saves_without_javascript(
    model: RegisteredModel, person_page: OpenPage
) -> None:
    page = signed_in(person_page(java_script_enabled=False), scenarios.owner().username)
    for path in PAGES:
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, path
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    page.goto(f"{MODEL}inventory/purpose/edit/")
    page.get_by_label("Out-of-scope and prohibited uses").fill("Loans to companies.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Loans to companies.")).to_be_visible()
