"""A sheet saves itself in the browser: as one types, offline, beside somebody else, on leaving."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Dialog, Locator, Page, Route, expect

from apps.risk.answering import Sheet
from apps.risk.models import Assessment
from apps.risk.operations import assessments
from tests import scenarios
from tests.approvals.walk import entries
from tests.browser.test_interrupted import leave_alone
from tests.browser.test_journey import signed_in
from tests.factories import actor
from tests.risk.assessed import answered, say, started

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]

SAVED = re.compile(r"Saved at \d\d:\d\d\.")
SAVED_AND_ASKED = re.compile(r"Saved at \d\d:\d\d\. One more question is asked\.")
KEPT_HERE = "What you typed is kept on this page."
TYPED = "It matters to every customer of one region."


@pytest.fixture
def page(person_page: OpenPage) -> Page:
    """The browser of the owner of a model."""
    scenarios.developer()
    scenarios.owner()
    return signed_in(person_page(), "olivia")


@pytest.fixture
def draft() -> Assessment:
    """A tiering with every answer, which its owner goes over."""
    return answered()


def open_section(page: Page, assessment: Assessment, section: str) -> None:
    page.goto(f"{assessment.get_absolute_url()}sections/{section}/")
    expect(status(page)).to_have_text("Answers are saved as you go.")


def status(page: Page) -> Locator:
    return page.locator("[data-saved]")


def rationale(page: Page) -> Locator:
    return page.locator("textarea[name=a-rationale]")


def kept(assessment: Assessment, key: str) -> object:
    return Sheet.of(assessment).answers.get(key)


def has_focus(control: Locator) -> bool:
    found: bool = control.evaluate("one => one === document.activeElement")
    return found


@contextmanager
def offline(page: Page) -> Iterator[None]:
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)


def test_what_is_typed_is_saved_in_one_event_and_the_time_is_shown(
    page: Page, draft: Assessment, met: Check, picture: Picture
) -> None:
    open_section(page, draft, "floors")
    before = len(entries("assessment.answer"))

    rationale(page).fill("")
    rationale(page).press_sequentially(TYPED, delay=5)

    expect(status(page)).to_have_text(SAVED)
    assert kept(draft, "rationale") == TYPED
    assert len(entries("assessment.answer")) == before + 1
    assert has_focus(rationale(page))
    expect(page.locator("form.sheet header .aside")).to_contain_text("saved")
    picture(page, "autosaved")
    met(page)


def test_a_question_that_follows_appears_and_the_focus_stays(page: Page) -> None:
    assessment = started()
    open_section(page, assessment, "determination")
    chosen = page.locator("input[name=a-method_type][value=arithmetic]")
    expect(page.locator("#question-rules_material")).to_have_count(0)

    chosen.focus()
    page.keyboard.press("Space")

    expect(page.locator("#question-rules_material")).to_be_visible()
    expect(status(page)).to_contain_text("One more question is asked.")
    assert has_focus(chosen)
    following = page.locator("#question-rules_material input[value=yes]")
    following.check()
    expect(page.get_by_text(re.compile("2 of 4 required")).first).to_be_visible()
    assert kept(assessment, "rules_material") is True
    page.locator("input[name=a-method_type][value=generative]").check()
    expect(page.locator("#question-rules_material")).to_have_count(0)


def test_offline_it_says_so_and_saves_once_there_is_a_connection(
    page: Page, draft: Assessment
) -> None:
    open_section(page, draft, "floors")

    with offline(page):
        rationale(page).fill(TYPED)
        expect(status(page)).to_have_text(f"Not saved: you are offline. {KEPT_HERE}")
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(rationale(page)).to_have_value(TYPED)
        assert kept(draft, "rationale") != TYPED

    expect(status(page)).to_have_text(SAVED)
    assert kept(draft, "rationale") == TYPED


def test_a_save_whose_answer_was_lost_is_not_taken_for_somebody_elses(
    page: Page, draft: Assessment
) -> None:
    open_section(page, draft, "floors")
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/sections/floors/", lose)
    rationale(page).fill("Half of it")
    expect(status(page)).to_have_text(f"Not saved: Signet cannot be reached. {KEPT_HERE}")
    rationale(page).fill(TYPED)

    expect(status(page)).to_have_text(SAVED)
    assert lost
    assert kept(draft, "rationale") == TYPED


def test_both_texts_are_shown_and_kept_when_somebody_else_answered(
    page: Page, draft: Assessment, accessible: Check, picture: Picture
) -> None:
    open_section(page, draft, "floors")
    say(draft, scenarios.developer(), rationale="Theirs")

    rationale(page).fill(TYPED)

    both = page.get_by_role("group", name="Two answers to this question")
    expect(both).to_contain_text("Dev Developer saved")
    expect(both).to_contain_text("Theirs")
    expect(both).to_contain_text(TYPED)
    expect(page.get_by_text("Both texts are shown")).to_be_visible()
    expect(status(page)).to_contain_text("Not saved")
    assert has_focus(rationale(page))
    expect(rationale(page)).to_have_value(TYPED)
    assert kept(draft, "rationale") == "Theirs"
    accessible(page)

    page.locator("#question-override_direction input[value=stricter]").check()
    expect(page.locator("#question-override_reason")).to_be_visible()
    expect(both).to_contain_text(TYPED)
    expect(status(page)).to_contain_text("Not saved: one answer, which is marked.")
    assert kept(draft, "rationale") == "Theirs"
    picture(page, "autosave-conflict")

    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).last.click()
    assert kept(draft, "rationale") == TYPED


def test_what_somebody_else_answers_comes_in_where_one_is_not_at_it(
    page: Page, draft: Assessment
) -> None:
    open_section(page, draft, "floors")
    say(draft, scenarios.developer(), override_direction="stricter", override_reason="Theirs")

    rationale(page).fill(TYPED)

    expect(page.locator("textarea[name=a-override_reason]")).to_have_value("Theirs")
    expect(page.locator("#question-override_direction input[value=stricter]")).to_be_checked()
    expect(status(page)).to_have_text(SAVED_AND_ASKED)
    assert kept(draft, "rationale") == TYPED
    assert kept(draft, "override_reason") == "Theirs"


def test_what_is_over_meanwhile_is_said_and_what_was_typed_stays(
    page: Page, draft: Assessment
) -> None:
    open_section(page, draft, "floors")
    assessments.drop_assessment(draft, by=actor(scenarios.owner()), reason="Not needed")

    rationale(page).fill(TYPED)

    expect(status(page)).to_have_text(
        f"Not saved: it is not answered now, or not by you. {KEPT_HERE}"
    )
    expect(rationale(page)).to_have_value(TYPED)


def test_a_button_waits_for_the_save_under_way(page: Page, draft: Assessment) -> None:
    open_section(page, draft, "floors")

    def slowly(route: Route) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/sections/floors/", slowly)
    rationale(page).fill("Half of it")
    rationale(page).evaluate("one => one.dispatchEvent(new Event('change', {bubbles: true}))")
    with page.expect_request(lambda sent: sent.method == "POST"):
        pass
    rationale(page).fill(TYPED)
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).last.click()

    expect(page.locator(".messages")).to_contain_text("Saved")
    expect(page.get_by_text("while you did")).to_have_count(0)
    assert kept(draft, "rationale") == TYPED


def test_leaving_with_something_unsaved_warns(page: Page, draft: Assessment) -> None:
    open_section(page, draft, "floors")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with offline(page):
        rationale(page).press_sequentially("More")
        expect(status(page)).to_contain_text("you are offline")
        page.get_by_role("link", name="All answers and submitting").click(no_wait_after=True)
        expect(rationale(page)).to_be_visible()
    expect(status(page)).to_have_text(SAVED)
    assert asked == ["beforeunload"]

    page.get_by_role("link", name="All answers and submitting").click()
    expect(page.get_by_role("heading", name="How far it is")).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_session_that_is_over_leads_through_sign_in_with_what_was_typed(
    page: Page, draft: Assessment
) -> None:
    open_section(page, draft, "floors")
    leave_alone()

    rationale(page).fill(TYPED)

    expect(status(page)).to_contain_text("Not saved: you are signed out.")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert kept(draft, "rationale") != TYPED


def test_without_a_script_the_button_saves(person_page: OpenPage, draft: Assessment) -> None:
    page = signed_in(person_page(java_script_enabled=False), "olivia")
    page.goto(f"{draft.get_absolute_url()}sections/floors/")

    expect(status(page)).to_be_hidden()
    rationale(page).fill(TYPED)
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator(".messages")).to_contain_text("Saved")
    assert kept(draft, "rationale") == TYPED
