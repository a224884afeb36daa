"""What people do on the pages of decisions, in a browser."""

from playwright.sync_api import Locator, Page, expect

from apps.approvals.models import PromotionRequest
from tests import factories

ASK = "ask for changes"
WITH_CONDITIONS = "approve with conditions"


def sign_off_form(page: Page) -> Locator:
    return page.locator("form", has=page.get_by_role("heading", name="Your sign-off"))


def filled_in(page: Page, request: PromotionRequest, reason: str, *, i: str = "approve") -> Locator:
    """Open a request and fill in everything a sign-off asks for; nothing is sent."""
    page.goto(request.get_absolute_url())
    form = sign_off_form(page)
    form.get_by_label(i, exact=True).check()
    form.get_by_label("Reason").fill(reason)
    form.get_by_label("Password").fill(factories.PASSWORD)
    return form


def condition(form: Locator, number: int) -> Locator:
    """Return where one writes what has to be done."""
    return form.get_by_role("textbox", name=f"Condition {number} optional", exact=True)


def send(form: Locator) -> None:
    form.get_by_role("button", name="Sign", exact=True).click()


def signed(page: Page, request: PromotionRequest, reason: str, *, i: str = "approve") -> None:
    """Sign a request, with the password."""
    send(filled_in(page, request, reason, i=i))
    expect(page.get_by_role("status").first).to_contain_text(" as ")


def row(page: Page, sheet: str, text: str) -> Locator:
    """Return the row of a sheet that holds a text."""
    held = page.locator("section", has=page.get_by_role("heading", name=sheet, exact=True))
    return held.get_by_role("listitem").filter(has_text=text)
