"""Judgment in the browser: the EU classification by keyboard alone, and every page held to WCAG."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.risk.answering import Sheet
from apps.risk.models import Assessment
from tests import scenarios
from tests.browser.test_journey import signed_in
from tests.risk import assessed, found, owing, reviewed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]

EXAMPLE = "eu-credit-scoring-bank"
MOST_STOPS = 300
FOCUSED = """() => {
  const at = document.activeElement;
  return {
    tag: at.tagName, type: at.type || '', name: at.name || '', value: at.value || '',
    checked: Boolean(at.checked), words: (at.innerText || '').trim(),
  };
}"""


def tab(page: Page) -> Mapping[str, Any]:
    """Go on to what the keyboard reaches next, and say what it is."""
    page.keyboard.press("Tab")
    told: Mapping[str, Any] = page.evaluate(FOCUSED)
    return told


def reach(page: Page, tag: str, words: str) -> None:
    """Go on until a link or a button of these words has the focus."""
    for _ in range(MOST_STOPS):
        at = tab(page)
        if at["tag"] == tag and at["words"].startswith(words):
            return
    pytest.fail(f"The keyboard never reaches {words!r} on {page.url}.")


def choose(page: Page, wanted: str) -> None:
    """Go through the options of a question until the wanted one is chosen."""
    for _ in range(30):
        at = page.evaluate(FOCUSED)
        if at["value"] == wanted:
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"No option {wanted!r} on {page.url}.")


def fill_in(page: Page, answers: Mapping[str, Any]) -> None:
    """Answer what is asked on a page from top to bottom; stop at the button that saves."""
    for _ in range(MOST_STOPS):
        at = tab(page)
        if at["tag"] == "BUTTON" and at["words"] == "Save":
            return
        if at["name"].startswith("ok-") and not at["checked"]:  # filled in from the inventory
            page.keyboard.press("Space")
        key = at["name"].removeprefix("a-")
        if not at["name"].startswith("a-") or key not in answers:
            continue
        wanted = answers[key]
        if at["type"] == "radio":
            choose(page, {True: "yes", False: "no"}.get(wanted, str(wanted)))
        elif at["type"] == "checkbox":
            if (at["value"] in wanted) is not at["checked"]:
                page.keyboard.press("Space")
        elif not at["value"]:
            page.keyboard.type(str(wanted))
    pytest.fail(f"The keyboard never reaches the button that saves on {page.url}.")


def answered_in_full(page: Page) -> bool:
    """Say whether a section asks for nothing more."""
    told = page.locator("form.sheet header .aside").inner_text()
    counted = re.search(r"(\d+) of (\d+) required", told)
    return counted is None or counted[1] == counted[2]


def answer_section(page: Page, answers: Mapping[str, Any]) -> None:
    """Answer a section; what is asked next follows from what was saved."""
    for _ in range(6):
        fill_in(page, answers)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator(".messages").get_by_role("status")).to_contain_text("Saved")
        if answered_in_full(page):
            return
    pytest.fail(f"There is always one more question on {page.url}.")


def test_the_eu_classification_is_answered_by_keyboard_alone(
    person_page: OpenPage, met: Check
) -> None:
    use = assessed.described_use()
    draft = assessed.started(use, assessed.EU)
    answers = assessed.as_sent(assessed.example(EXAMPLE), use.model)["answers"]
    page = signed_in(person_page(), "olivia")

    page.goto(draft.get_absolute_url())
    for section in Sheet.of(draft).questionnaire.sections:
        page.goto(f"{draft.get_absolute_url()}sections/{section.id}/")
        if f"/sections/{section.id}/" in page.url:
            answer_section(page, answers)
    met(page)
    page.goto(draft.get_absolute_url())
    met(page)
    reach(page, "BUTTON", "Submit")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Waits for review").first).to_be_visible()

    draft.refresh_from_db()
    assert draft.state == Assessment.State.SUBMITTED
    assessed.sign_all(draft)
    page.goto(draft.get_absolute_url())
    expect(page.get_by_text("High-risk (listed use)").first).to_be_visible()
    met(page)


def test_every_page_of_judgment_is_for_everybody(person_page: OpenPage, met: Check) -> None:
    model = owing.tiered()
    waiting = assessed.submitted(scenarios.registered_model())
    finding, incident = found.raised(model), found.incident(model, traits=["personal_data_breach"])
    campaign = reviewed.running(0, 1, 2, 3, 4)
    name = model.name
    page = signed_in(person_page(), scenarios.risk_officer().username)
    for path in (
        "/risk/",
        "/risk/due/",
        "/risk/registers/",
        "/risk/registers/pra-ss1-23/",
        "/risk/registers/pra-ss1-23/gaps/",
        "/risk/portfolio/models/?tier=4&stage=none",
        "/questionnaires/",
        "/questionnaires/draft/",
        "/questionnaires/shipped/eu-ai-act-classification/",
        "/findings/",
        finding.get_absolute_url(),
        f"{finding.get_absolute_url()}accept/",
        f"/models/{name}/findings/",
        f"/models/{name}/findings/raise/",
        "/incidents/",
        incident.get_absolute_url(),
        f"/models/{name}/incidents/report/",
        "/campaigns/",
        "/campaigns/new/",
        campaign.get_absolute_url(),
        f"/models/{name}/assessments/",
        waiting.get_absolute_url(),
        f"/models/{name}/tier/",
        f"/models/{name}/tier/ask/",
        f"/models/{name}/obligations/",
        f"/models/{name}/reviews/",
        f"/models/{name}/reviews/carry-out/",
        "/",
        "/account/",
        "/calendar/",
    ):
        opened = page.goto(path)
        assert opened is not None
        assert opened.ok, path
        met(page)
