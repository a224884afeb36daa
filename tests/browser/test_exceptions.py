"""What departs from a gate, in the browser: a waiver, and going back at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.approvals.models import Emergency, PromotionRequest, Waiver
from apps.catalog.lifecycle import Stage
from tests import factories, scenarios
from tests.approvals.exceptions import enforce_emergency, in_days, two_in_turn
from tests.browser.deciding import row, signed
from tests.browser.test_journey import promote, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]


def test_a_waiver_is_asked_for_signed_and_counted_on_the_gate(
    person_page: OpenPage, met: Check, picture: Picture
) -> None:
    scenarios.risk_officer(), scenarios.operator()
    version = scenarios.registered_version(signature=None, input_example=None)
    request = scenarios.requested(version=version)
    dev = signed_in(person_page(), "dev")
    dev.goto(request.get_absolute_url())
    schema = row(dev, "Gate", "Schema matches the input example")
    expect(schema).to_contain_text("Not met")
    met(dev)
    schema.get_by_role("link", name="Ask for a waiver").click()

    expect(dev.get_by_role("heading", level=1)).to_have_text("Ask for a waiver")
    expect(dev.get_by_label("Condition")).to_have_value("schema_matches_example")
    dev.get_by_role("button", name="Ask for the waiver").click()
    expect(dev.get_by_text("Say what is done instead.")).to_be_visible()
    met(dev)
    dev.get_by_label("Reason").fill("Its input is free text, which no schema tells apart.")
    dev.get_by_label("What is done instead").fill("Two people read every answer.")
    dev.get_by_label("How use is limited").fill("Ten customers of the pilot.")
    dev.get_by_label("What risk remains").fill("An answer that two people misread.")
    dev.get_by_label("Its last day").fill(in_days(30).isoformat())
    dev.get_by_role("button", name="Ask for the waiver").click()
    expect(dev.get_by_text("The waiver was asked for.")).to_be_visible()
    met(dev)
    waiver = Waiver.objects.get()

    rita = signed_in(person_page(), "rita")
    rita.get_by_role("link", name="Waiver of").first.click()
    form = rita.locator("form", has=rita.get_by_role("heading", name="Your signature"))
    expect(form).to_be_visible()
    met(rita)
    picture(rita, "waiver-to-sign")
    form.get_by_label("approve", exact=True).check()
    form.get_by_label("Reason").fill("The controls are enough for a month.")
    form.get_by_label("Password").fill(factories.PASSWORD)
    form.get_by_role("button", name="Sign", exact=True).click()
    expect(rita.get_by_text("Signed as model risk officer.")).to_be_visible()
    expect(rita.get_by_role("heading", level=1)).to_contain_text("Granted")
    met(rita)

    dev.goto(request.get_absolute_url())
    expect(schema).to_contain_text("Waived")
    expect(schema).to_contain_text(str(waiver))
    met(dev)
    picture(dev, "waiver-counted")
    signed(signed_in(person_page(), "olivia"), request, "I answer for it in the pilot.")
    promote(signed_in(person_page(), "otis"), request, "For the pilot")
    assert PromotionRequest.objects.get(pk=request.pk).state == PromotionRequest.State.PROMOTED


def test_one_operator_goes_back_at_once_and_another_person_confirms_it(
    person_page: OpenPage,
    met: Check,
    picture: Picture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce_emergency(monkeypatch)
    model = two_in_turn()
    otis = signed_in(person_page(), "otis")
    otis.goto(f"/models/{model.name}/")
    otis.get_by_role("link", name="Roll back").first.click()
    expect(otis.get_by_role("heading", level=1)).to_contain_text("Roll back")
    met(otis)
    otis.get_by_role("link", name="Go back at once").click()
    expect(otis.get_by_role("heading", level=1)).to_have_text("Go back at once")
    form = otis.locator("form", has=otis.get_by_role("button", name="Go back at once"))
    form.get_by_role("button", name="Go back at once").click()
    expect(form.get_by_text("Give a reason.")).to_be_visible()
    expect(form.get_by_text("Type the name of the model to confirm.")).to_be_visible()
    met(otis)
    picture(otis, "emergency-at-once")
    form.get_by_label("Reason").fill("It refuses everybody since noon.")
    form.get_by_label("Name of the model").fill(model.name)
    form.get_by_label("Password").fill(factories.PASSWORD)
    form.get_by_role("button", name="Go back at once").click()
    expect(otis.get_by_text("It must be confirmed.")).to_be_visible()
    expect(otis.get_by_role("heading", name="Your confirmation")).to_have_count(0)
    met(otis)
    emergency = Emergency.objects.get()
    assert model.versions.get(number=1).stage == Stage.PRODUCTION

    for username, role in (("olivia", "model owner"), ("rita", "model risk officer")):
        page = signed_in(person_page(), username)
        met(page)
        waits = page.get_by_role("listitem").filter(has_text=f"Confirm as {role}")
        waits.get_by_role("link").first.click()
        form = page.locator("form", has=page.get_by_role("heading", name="Your confirmation"))
        expect(form).to_be_visible()
        met(page)
        picture(page, f"emergency-{username}")
        form.get_by_label("Reason").fill("I saw the refusals too.")
        form.get_by_label("Password").fill(factories.PASSWORD)
        form.get_by_role("button", name="Confirm", exact=True).click()
        expect(page.get_by_text(f"Confirmed as {role}.")).to_be_visible()
        expect(row(page, "Confirmations", "I saw the refusals too.").first).to_be_visible()
        met(page)

    emergency.refresh_from_db()
    assert emergency.state == Emergency.State.RATIFIED
    vera = signed_in(person_page(), "vera")
    vera.goto(emergency.get_absolute_url())
    vera.get_by_role("link", name="Review").click()
    expect(vera.get_by_role("heading", level=1)).to_contain_text("Review")
    met(vera)
    vera.get_by_label("What you found").fill("A unit changed upstream. Going back was right.")
    vera.get_by_role("button", name="Close the review").click()
    expect(vera.get_by_text("The review is recorded.")).to_be_visible()
    met(vera)
