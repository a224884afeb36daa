"""Decisions in the browser: signed, void and signed again, on conditions, declined, delegated."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.approvals.models import PromotionRequest, SignOff, SignOffCondition
from apps.catalog.lifecycle import Stage
from tests import factories, scenarios
from tests.approvals import walk
from tests.approvals.exceptions import committee, in_days, today
from tests.browser.deciding import (
    WITH_CONDITIONS,
    condition,
    filled_in,
    row,
    send,
    sign_off_form,
    signed,
)
from tests.browser.test_journey import promote, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]


@pytest.fixture
def request_() -> PromotionRequest:
    """A request to production that waits for the validator and the risk officer."""
    scenarios.validator(), scenarios.risk_officer()
    model = scenarios.registered_model("credit-risk", title="Credit risk")
    return scenarios.requested(Stage.PRODUCTION, model)


def test_a_first_sign_off_asks_for_a_reason_and_the_password(
    request_: PromotionRequest, person_page: OpenPage, met: Check, picture: Picture
) -> None:
    vera = signed_in(person_page(), "vera")
    met(vera)
    vera.get_by_role("link", name="Promote credit-risk").first.click()
    form = sign_off_form(vera)
    expect(form.get_by_role("radio", checked=True)).to_have_count(0)
    expect(form.get_by_label("Reason")).to_be_empty()
    met(vera)

    send(form)
    expect(form.get_by_text("Say what you decide.")).to_be_visible()
    expect(form.get_by_text("Give a reason.")).to_be_visible()
    expect(form.get_by_text("Enter your password to sign.")).to_be_visible()
    met(vera)

    form.get_by_label("approve", exact=True).check()
    form.get_by_label("Reason").fill("Reproduced on the holdout set.")
    form.get_by_label("Password").fill("not my password")
    send(form)
    expect(form.get_by_text("That is not your password. Nothing was signed.")).to_be_visible()
    expect(form.get_by_label("Reason")).to_have_value("Reproduced on the holdout set.")
    assert not SignOff.objects.filter(request=request_).exists()

    form.get_by_label("Password").fill(factories.PASSWORD)
    send(form)
    expect(vera.get_by_text("Signed as independent validator.")).to_be_visible()
    given = row(vera, "Sign-offs", "Vera Validator")
    expect(given).to_contain_text("Reproduced on the holdout set.")
    expect(given).to_contain_text("UTC. Meaning: review.")
    met(vera)
    picture(vera, "decision-signed")


def test_a_sign_off_void_by_changed_evidence_is_found_again_and_given_again(
    request_: PromotionRequest, person_page: OpenPage, met: Check, picture: Picture
) -> None:
    vera = signed_in(person_page(), "vera")
    signed(vera, request_, "Reproduced on the holdout set.")
    vera.goto("/")
    expect(vera.get_by_text("Nothing to decide")).to_be_visible()
    walk.run_again(request_.version, "unsafe-code")

    vera.reload()
    waits = vera.get_by_role("listitem").filter(has_text="Sign again")
    expect(waits).to_contain_text("Your sign-off is void")
    expect(waits).to_contain_text("was run again")
    met(vera)
    picture(vera, "decision-inbox-void")
    waits.get_by_role("link").first.click()

    since = vera.locator(
        "section", has=vera.get_by_role("heading", name="What changed since you signed")
    )
    expect(since.get_by_role("listitem")).to_have_count(1)
    expect(since).to_contain_text("was run again")
    expect(row(vera, "Sign-offs", "Reproduced on the holdout set.")).to_contain_text("Void")
    met(vera)
    picture(vera, "decision-void")
    signed(vera, request_, "The new scan is clean as well.")

    expect(since).to_have_count(0)
    expect(row(vera, "Sign-offs", "Vera Validator")).to_have_count(2)
    assert [one.reason for one in SignOff.objects.filter(request=request_).order_by("pk")] == [
        "Reproduced on the holdout set.",
        "The new scan is clean as well.",
    ]
    assert len(walk.why_void(request_)) == 1


def test_an_approval_on_conditions_is_met_by_the_one_it_names(
    request_: PromotionRequest, person_page: OpenPage, met: Check, picture: Picture
) -> None:
    rita = signed_in(person_page(), "rita")
    form = filled_in(rita, request_, "Good enough to begin with.", i=WITH_CONDITIONS)
    condition(form, 1).fill("Watch the youngest age band.")
    met(rita)
    send(form)
    expect(form.get_by_text("Name who does it.")).to_be_visible()
    expect(form.get_by_text("Say by when.")).to_be_visible()
    met(rita)
    form.get_by_label("Who does condition 1").fill("dev")
    form.get_by_label("Condition 1 is due").fill(in_days(10).isoformat())
    form.get_by_label("Password").fill(factories.PASSWORD)
    send(form)
    expect(rita.get_by_text("Signed with conditions as model risk officer.")).to_be_visible()
    expect(row(rita, "Sign-offs", "Rita Risk")).to_contain_text("With conditions")
    met(rita)

    dev = signed_in(person_page(), "dev")
    waits = dev.get_by_role("listitem").filter(has_text="Watch the youngest age band.")
    waits.get_by_role("link", name="Condition on").first.click()
    asked = row(dev, "Conditions of sign-offs", "Watch the youngest age band.")
    expect(asked).to_contain_text("Open")
    asked.get_by_role("link", name="Say it is met").click()
    expect(dev.get_by_role("heading", level=1)).to_have_text("Say that it is met")
    met(dev)
    dev.get_by_label("How it is met").fill("An alert watches the band.")
    dev.get_by_role("button", name="It is met").click()
    expect(dev.get_by_text("The condition is met.")).to_be_visible()
    expect(asked).to_contain_text("Met")
    met(dev)
    picture(dev, "decision-condition-met")
    assert SignOffCondition.objects.get().met_at is not None


def test_dissent_is_kept_answered_and_shown_to_whoever_comes_later(
    request_: PromotionRequest, person_page: OpenPage, met: Check, picture: Picture
) -> None:
    vera = signed_in(person_page(), "vera")
    send(filled_in(vera, request_, "Nobody measured the youngest.", i="decline"))
    expect(vera.get_by_text("Declined as independent validator.")).to_be_visible()
    expect(vera.get_by_role("heading", level=1)).to_contain_text("Declined")
    met(vera)

    dev = signed_in(person_page(), "dev")
    dev.goto(request_.get_absolute_url())
    dissent = row(dev, "Dissent", "Vera Validator")
    expect(dissent).to_contain_text("Nobody measured the youngest.")
    dissent.get_by_role("button", name="Answer").click()
    expect(dissent.get_by_text("Write an answer.")).to_be_visible()
    met(dev)
    dissent.get_by_label("Your answer").fill("They are measured in the next version.")
    dissent.get_by_role("button", name="Answer").click()
    expect(dev.get_by_text("Your answer is on record.")).to_be_visible()

    vera.reload()
    kept = row(vera, "Dissent", "Vera Validator")
    expect(kept).to_contain_text("Nobody measured the youngest.")
    expect(kept).to_contain_text("Dev Developer answered")
    expect(kept).to_contain_text("They are measured in the next version.")
    expect(sign_off_form(vera)).to_have_count(0)
    met(vera)
    picture(vera, "decision-dissent")


def test_who_is_away_delegates_and_the_stand_in_signs_for_them(
    request_: PromotionRequest, person_page: OpenPage, met: Check, picture: Picture
) -> None:
    committee()
    rita = signed_in(person_page(), "rita")
    rita.get_by_role("link", name="Delegations").click()
    expect(rita.get_by_role("heading", level=1)).to_have_text("Delegations")
    met(rita)
    rita.get_by_role("link", name="Delegate").first.click()
    expect(rita.get_by_role("heading", level=1)).to_have_text("Delegate")
    rita.get_by_role("button", name="Delegate").click()
    expect(rita.get_by_text("Name the person.")).to_be_visible()
    met(rita)
    rita.get_by_label("Who signs for you").fill("conny")
    rita.get_by_label("Role").select_option("risk_officer")
    rita.get_by_label("First day").fill(today().isoformat())
    rita.get_by_label("Last day").fill(in_days(7).isoformat())
    rita.get_by_label("Reason").fill("On leave")
    rita.get_by_role("button", name="Delegate").click()
    expect(rita.get_by_text("Conny Committee signs for you in that time.")).to_be_visible()
    met(rita)
    picture(rita, "decision-delegated")

    conny = signed_in(person_page(), "conny")
    waits = conny.get_by_role("listitem").filter(has_text="for Rita Risk")
    expect(waits).to_contain_text("Sign as Model risk officer for Rita Risk")
    met(conny)
    waits.get_by_role("link").first.click()
    expect(sign_off_form(conny)).to_contain_text("for Rita Risk")
    met(conny)
    signed(conny, request_, "As Rita and I discussed.")
    expect(row(conny, "Sign-offs", "Conny Committee")).to_contain_text("for Rita Risk")
    met(conny)

    rita.goto("/")
    expect(rita.get_by_role("heading", name="In your absence")).to_be_visible()
    met(rita)
    given = SignOff.objects.get(request=request_)
    assert given.signer_name == "Conny Committee"
    assert str(given.on_behalf_of) == "Rita Risk"


def test_the_gate_opens_with_the_last_sign_off_and_an_operator_carries_it_out(
    request_: PromotionRequest, person_page: OpenPage, met: Check
) -> None:
    signed(signed_in(person_page(), "vera"), request_, "Reproduced on the holdout set.")
    signed(signed_in(person_page(), "rita"), request_, "Within the appetite.")
    otis = signed_in(person_page(), "otis")
    met(otis)
    promote(otis, request_, "In the change window")
    met(otis)
    assert PromotionRequest.objects.get(pk=request_.pk).state == PromotionRequest.State.PROMOTED
