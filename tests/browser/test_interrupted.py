"""Forms sent twice, late, by whom they are not for, or after the session was over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from apps.accounts import sessions
from apps.approvals import operations
from apps.approvals.models import Comment, PromotionRequest, SignOff
from apps.catalog.lifecycle import Stage
from tests import factories, scenarios
from tests.approvals.walk import WHY
from tests.browser.deciding import (
    WITH_CONDITIONS,
    condition,
    filled_in,
    row,
    send,
    sign_off_form,
    signed,
)
from tests.browser.test_journey import signed_in
from tests.browser.test_passkeys import add_passkey, with_authenticator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]

TYPED = 'Reproduced on the holdout set.\n\nTwice, <b>with</b> & without "rounding".'


@pytest.fixture
def request_() -> PromotionRequest:
    """A request to production that waits for the validator and the risk officer."""
    scenarios.validator(), scenarios.risk_officer()
    return scenarios.requested(Stage.PRODUCTION, scenarios.registered_model("credit-risk"))


def given(request: PromotionRequest) -> int:
    return SignOff.objects.filter(request=request).count()


def leave_alone() -> None:
    """Let every session have been idle for too long."""
    for row_ in Session.objects.all():
        held = row_.get_decoded()
        held[sessions.SEEN] -= settings.SESSION_IDLE.total_seconds() + 60
        store = SessionStore(row_.session_key)
        store.update(held)
        store.save()


def sign_in_again(page: Page, username: str) -> None:
    expect(page.get_by_text("What you typed was not sent, and it is kept.")).to_be_visible()
    page.get_by_label("Sign-in name").fill(username)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send what you typed")


# -- by whom it is not for


def test_who_asked_for_a_promotion_reads_why_they_cannot_sign_it(
    person_page: OpenPage, met: Check
) -> None:
    dora = factories.person("dora", everywhere=("model_developer", "validator"))
    version = scenarios.checked(Stage.PRODUCTION)
    request = operations.request_promotion(
        version, by=factories.actor(dora), target=Stage.PRODUCTION, reason=WHY
    )

    page = signed_in(person_page(), "dora")
    page.goto(request.get_absolute_url())

    expect(page.get_by_text("requested this promotion")).to_be_visible()
    expect(sign_off_form(page)).to_have_count(0)
    met(page)


def test_a_request_taken_back_while_the_form_was_open_says_so_and_keeps_what_was_typed(
    request_: PromotionRequest, person_page: OpenPage, met: Check
) -> None:
    vera = signed_in(person_page(), "vera")
    form = filled_in(vera, request_, TYPED)
    dev = factories.actor(scenarios.developer())
    operations.withdraw_request(request_, by=dev, reason="Not yet")

    send(form)

    expect(vera.get_by_role("alert")).to_be_visible()
    expect(form.get_by_label("Reason")).to_have_value(TYPED)
    expect(form.get_by_role("button", name="Sign", exact=True)).to_be_disabled()
    met(vera)
    assert given(request_) == 0


# -- twice


def test_a_double_click_signs_once(
    request_: PromotionRequest, person_page: OpenPage, met: Check, picture: Picture
) -> None:
    vera = signed_in(person_page(), "vera")
    form = filled_in(vera, request_, TYPED)

    form.get_by_role("button", name="Sign", exact=True).dblclick()

    expect(row(vera, "Sign-offs", "Vera Validator")).to_have_count(1)
    assert given(request_) == 1
    picture(vera, "decision-double-click")
    met(vera)


def test_going_back_after_signing_shows_that_it_is_done(
    request_: PromotionRequest, person_page: OpenPage, met: Check
) -> None:
    vera = signed_in(person_page(), "vera")
    signed(vera, request_, TYPED)

    vera.go_back()

    expect(row(vera, "Sign-offs", "Vera Validator")).to_have_count(1)
    expect(sign_off_form(vera)).to_have_count(0)
    met(vera)


def test_signing_again_in_a_tab_that_was_open_before_is_refused_in_words(
    request_: PromotionRequest, person_page: OpenPage, met: Check, picture: Picture
) -> None:
    vera = signed_in(person_page(), "vera")
    tab = vera.context.new_page()
    form = filled_in(tab, request_, TYPED)
    signed(vera, request_, "Reproduced on the holdout set.")

    send(form)

    expect(form.get_by_role("alert")).to_contain_text("is given already")
    expect(form.get_by_label("Reason")).to_have_value(TYPED)
    expect(row(tab, "Sign-offs", "Vera Validator")).to_have_count(1)
    assert given(request_) == 1
    picture(tab, "decision-second-tab")
    met(tab)


# -- after the session was over


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without"])
def test_a_session_that_ends_in_the_middle_of_the_form_loses_nothing(
    request_: PromotionRequest,
    person_page: OpenPage,
    met: Check,
    picture: Picture,
    scripted: bool,
) -> None:
    vera = signed_in(person_page(java_script_enabled=scripted), "vera")
    form = filled_in(vera, request_, TYPED)
    leave_alone()

    send(form)
    expect(vera.get_by_text("signed out after 30 minutes without activity")).to_be_visible()
    if scripted:
        met(vera)
        picture(vera, "session-over")
    sign_in_again(vera, "vera")
    if scripted:
        met(vera)
        picture(vera, "session-send")
    assert given(request_) == 0
    vera.get_by_role("button", name="Send it now").click()

    expect(form.get_by_text("Enter your password to sign.")).to_be_visible()
    expect(form.get_by_label("approve", exact=True)).to_be_checked()
    expect(form.get_by_label("Reason")).to_have_value(TYPED)
    if scripted:
        met(vera)
    form.get_by_label("Password").fill(factories.PASSWORD)
    send(form)
    expect(vera.get_by_text("Signed as independent validator.")).to_be_visible()
    assert SignOff.objects.get(request=request_).reason.replace("\r\n", "\n") == TYPED


def test_conditions_typed_before_the_session_ended_are_there_as_well(
    request_: PromotionRequest, person_page: OpenPage
) -> None:
    rita = signed_in(person_page(), "rita")
    form = filled_in(rita, request_, "For now.", i=WITH_CONDITIONS)
    condition(form, 2).fill("Watch the youngest.")
    leave_alone()

    form.get_by_role("button", name="Room for more conditions").click()
    sign_in_again(rita, "rita")
    rita.get_by_role("button", name="Send it now").click()

    expect(condition(form, 2)).to_have_value("Watch the youngest.")
    expect(condition(form, 6)).to_be_visible()
    expect(form.get_by_label(WITH_CONDITIONS)).to_be_checked()


def test_signing_in_anew_in_another_tab_loses_nothing_either(
    request_: PromotionRequest, person_page: OpenPage, met: Check
) -> None:
    vera = signed_in(person_page(), "vera")
    vera.goto(request_.get_absolute_url())
    say = vera.locator("form", has=vera.get_by_role("button", name="Comment"))
    say.get_by_label("Comment").fill(TYPED)
    leave_alone()
    signed_in(vera.context.new_page(), "vera")

    say.get_by_role("button", name="Comment").click()
    expect(vera.get_by_role("heading", level=1)).to_have_text("Send what you typed")
    met(vera)
    vera.get_by_role("button", name="Send it now").click()

    expect(vera.get_by_text("Reproduced on the holdout set.")).to_be_visible()
    assert Comment.objects.get().text.replace("\r\n", "\n") == TYPED


def test_a_passkey_asked_for_too_late_loses_nothing_either(
    request_: PromotionRequest, person_page: OpenPage
) -> None:
    vera = signed_in(person_page(), "vera")
    with_authenticator(vera)
    add_passkey(vera, "work laptop")
    expect(vera.get_by_role("heading", name="Recovery codes")).to_be_visible()
    vera.goto(request_.get_absolute_url())
    form = sign_off_form(vera)
    form.get_by_label("approve", exact=True).check()
    form.get_by_label("Reason").fill(TYPED)
    leave_alone()

    form.get_by_role("button", name="Sign with a passkey").click()
    sign_in_again(vera, "vera")
    vera.get_by_role("button", name="Send it now").click()
    expect(form.get_by_label("Reason")).to_have_value(TYPED)
    form.get_by_role("button", name="Sign with a passkey").click()

    expect(vera.get_by_text("Signed as independent validator.")).to_be_visible()
    assert SignOff.objects.get(request=request_).method == "passkey"


# -- by keyboard, and without scripts


def focus(page: Page, name: str) -> None:
    """Press Tab until what bears a name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              const at = document.activeElement;
              const words = [...(at.labels ?? [])].map((label) => label.textContent);
              return [at.textContent, ...words].map((text) => text.trim()).join("|");
            }"""
        )
        if name in found.split("|"):
            return
    raise AssertionError(f"Tab never comes to “{name}”")


def test_the_sign_off_form_works_by_keyboard_alone(
    request_: PromotionRequest, person_page: OpenPage
) -> None:
    vera = signed_in(person_page(), "vera")
    vera.goto(request_.get_absolute_url())
    form = sign_off_form(vera)
    focus(vera, "Sign")
    vera.keyboard.press("Enter")
    expect(form.get_by_text("Say what you decide.")).to_be_visible()
    expect(form.get_by_label("approve", exact=True)).to_be_focused()
    vera.keyboard.press("Space")
    focus(vera, "Sign")
    vera.keyboard.press("Enter")
    expect(form.get_by_text("Say what you decide.")).to_have_count(0)
    expect(form.get_by_text("Give a reason.")).to_be_visible()
    expect(form.get_by_label("Reason")).to_be_focused()
    expect(form.get_by_label("approve", exact=True)).to_be_checked()

    vera.keyboard.type("Reproduced on the holdout set.")
    focus(vera, "Password")
    vera.keyboard.type(factories.PASSWORD)
    vera.keyboard.press("Enter")
    expect(vera.get_by_text("Signed as independent validator.")).to_be_visible()
    assert given(request_) == 1


def test_conditions_are_written_without_scripts(
    request_: PromotionRequest, person_page: OpenPage, picture: Picture
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
    rita = signed_in(person_page(**phone), "rita")
    form = filled_in(rita, request_, "For now.", i=WITH_CONDITIONS)
    form.get_by_role("button", name="Room for more conditions").click()
    expect(condition(form, 6)).to_be_visible()
    due = (scenarios.database_now() + timedelta(days=10)).date().isoformat()
    condition(form, 6).fill("Watch the youngest.")
    form.get_by_label("Who does condition 6").fill("Dev Developer")
    form.get_by_label("Condition 6 is due").fill(due)
    form.get_by_label("Password").fill(factories.PASSWORD)
    send(form)

    expect(rita.get_by_text("Signed with conditions as model risk officer.")).to_be_visible()
    width = rita.locator("html").bounding_box()
    assert width is not None
    assert width["width"] <= 390
    picture(rita, "decision-phone-without-scripts")
    assert SignOff.objects.get(request=request_).conditions.count() == 1


def test_what_one_person_typed_is_not_sent_by_the_next(
    request_: PromotionRequest, person_page: OpenPage, met: Check
) -> None:
    page = signed_in(person_page(), "vera")
    form = filled_in(page, request_, TYPED)
    leave_alone()
    send(form)
    expect(page.get_by_text("What you typed was not sent, and it is kept.")).to_be_visible()

    page.get_by_label("Sign-in name").fill("rita")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_text("belongs to somebody else")).to_be_visible()
    expect(form.get_by_label("Reason")).to_be_empty()
    met(page)
