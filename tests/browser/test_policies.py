"""The life of a policy in the browser: drafted, compared, tried, signed by two roles, in force."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.approvals import in_force
from apps.approvals.dry_runs import runner
from apps.approvals.models import DryRun, PolicyVersion
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from tests import factories, scenarios
from tests.approvals.policy_texts import Document, text_of, use
from tests.approvals.policy_walk import chair, published, writer
from tests.browser.test_journey import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]


def looser_and_stricter(document: Document) -> None:
    """Only warn of missing metrics before production, and ask two factors of every signer."""
    use(document, "metrics_recorded")["tiers"] = dict.fromkeys("1234", "warn")
    document["signature"]["factors_required"] = 2


def begin_draft(page: Page) -> PolicyVersion:
    page.goto("/policies/")
    expect(page.get_by_text("Until then the starter policy")).to_be_visible()
    page.get_by_role("link", name="Write a new version").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Write a new version")
    page.get_by_label("Reason").fill("Two factors, from the new year on")
    page.get_by_role("button", name="Begin the draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit the draft")
    return PolicyVersion.objects.latest("pk")


def sign(page: Page, policy: PolicyVersion, role: str) -> None:
    page.goto(policy.get_absolute_url())
    form = page.locator("form", has=page.get_by_role("heading", name="Your signature"))
    form.get_by_label("Reason").fill("Read line by line")
    form.get_by_label("Password").fill(factories.PASSWORD)
    form.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text(f"Signed as {role}.")).to_be_visible()


def write(page: Page, met: Check, picture: Picture) -> None:
    """Write a text that cannot be used, then one that can."""
    page.get_by_label("Policy").fill("schema_version: 1\nkind: poem\n")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_label("Policy")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Policy")).to_have_value("schema_version: 1\nkind: poem\n")
    met(page)
    picture(page, "policy-refused")
    page.get_by_label("Policy").fill(text_of(looser_and_stricter, number="1.1.0"))
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft was saved.")).to_be_visible()
    met(page)
    picture(page, "policy-draft")


def compare(page: Page, met: Check, picture: Picture) -> None:
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What it changes")
    expect(page.get_by_role("heading", name="Looser")).to_be_visible()
    expect(page.get_by_role("heading", name="Stricter")).to_be_visible()
    met(page)
    picture(page, "policy-comparison")


def try_out(page: Page, draft: PolicyVersion, met: Check, picture: Picture) -> None:
    """Ask for a dry run, do what a worker does, and read what it found without reloading."""
    page.goto(draft.get_absolute_url())
    page.get_by_role("link", name="Open the dry run").click()
    expect(page.get_by_text("No dry run yet")).to_be_visible()
    met(page)
    page.get_by_role("button", name="Start a dry run").click()
    expect(page.get_by_text("The dry run was asked for.")).to_be_visible()
    runner.carry_out(DryRun.objects.latest("pk").pk)
    expect(page.get_by_role("heading", name="In short")).to_be_visible()
    expect(page.get_by_text("1 sign-off", exact=True)).to_be_visible()
    met(page)
    picture(page, "policy-dry-run")


def say_why(page: Page, draft: PolicyVersion, heading: str, button: str, reason: str) -> None:
    """Give the reason one of the forms beside a policy asks for, and send it."""
    page.goto(draft.get_absolute_url())
    form = page.locator("form", has=page.get_by_role("heading", name=heading))
    form.get_by_label("Reason").fill(reason)
    form.get_by_role("button", name=button).click()


def test_a_policy_from_its_draft_until_it_is_in_force(
    person_page: OpenPage, met: Check, picture: Picture
) -> None:
    writer(), scenarios.risk_officer(), chair()
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.sign(request, scenarios.validator(), "validator")
    wanda = signed_in(person_page(), "wanda")
    draft = begin_draft(wanda)
    met(wanda)
    write(wanda, met, picture)
    compare(wanda, met, picture)
    try_out(wanda, draft, met, picture)

    say_why(wanda, draft, "Propose", "Ask for signatures", "Ready to be read")
    expect(wanda.get_by_text("The policy waits for its signatures.")).to_be_visible()
    expect(wanda.get_by_role("button", name="Put in force")).to_be_disabled()
    expect(wanda.get_by_role("heading", name="Your signature")).to_have_count(0)
    met(wanda)
    picture(wanda, "policy-proposed")

    rita = signed_in(person_page(), "rita")
    met(rita)
    rita.goto(draft.get_absolute_url())
    expect(rita.get_by_role("heading", name="To look at before signing")).to_be_visible()
    met(rita)
    picture(rita, "policy-to-sign")
    sign(rita, draft, "model risk officer")
    met(rita)
    sign(signed_in(person_page(), "gina"), draft, "ai and model governance committee")

    say_why(wanda, draft, "Publish", "Put in force", "Signed by both")
    expect(wanda.get_by_text("is in force. Every gate asks it from now on.")).to_be_visible()
    expect(wanda.get_by_role("link", name="Edit the text")).to_have_count(0)
    met(wanda)
    picture(wanda, "policy-published")
    assert in_force.policy().version == "1.1.0"


def test_what_is_published_is_seen_by_everybody_and_asks_its_signers_again(
    person_page: OpenPage, met: Check
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.sign(request, scenarios.validator(), "validator")
    published(looser_and_stricter, number="1.1.0")

    vera = signed_in(person_page(), "vera")
    waits = vera.get_by_role("listitem").filter(has_text="Sign again")
    expect(waits).to_contain_text("Your sign-off is void")
    met(vera)
    vera.goto("/policies/")
    expect(vera.get_by_role("row", name="Starter policy 1.1.0")).to_contain_text("In force")
    met(vera)
    vera.get_by_role("link", name="Which applied when").click()
    expect(vera.get_by_role("heading", level=1)).to_have_text("Which policy applied when")
    vera.get_by_label("Day").fill(database_now().date().isoformat())
    vera.get_by_role("button", name="Show").click()
    expect(vera.get_by_role("link", name="Starter policy 1.1.0")).to_be_visible()
    met(vera)
