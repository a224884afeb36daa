"""Notices in a real browser: the bell, the list, a notice opened, and what comes by mail."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.approvals.models import PromotionRequest
from tests import scenarios
from tests.browser.test_journey import signed_in
from tests.integrations.told import happened, reachable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def request_to_sign() -> PromotionRequest:
    """A request that waits for the owner, who was told of it and of a breach."""
    reachable(scenarios.owner())
    model = scenarios.registered_model("tumor-triage")
    scenarios.breach(model)
    request = scenarios.requested(model=model)
    happened()
    return request


def test_a_notice_is_opened_and_read_and_mail_is_chosen(
    page: Page,
    request_to_sign: PromotionRequest,
    accessible: Callable[[Page], None],
    picture: Callable[[Page, str], None],
) -> None:
    signed_in(page, scenarios.owner().username)
    bell = page.get_by_role("link", name="Notices, 2 unread")
    expect(bell).to_be_visible()
    bell.click()
    line = "The promotion of tumor-triage v1 to staging waits for your sign-off"
    expect(page.get_by_role("link", name=line)).to_be_visible()
    accessible(page)
    picture(page, "notices")

    page.get_by_role("button", name=f"Open {line}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("tumor-triage v1")
    assert page.url.endswith(request_to_sign.get_absolute_url())
    page.get_by_role("link", name="Notices, 1 unread").click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("Marked 1 notice as read.")).to_be_visible()
    expect(page.get_by_role("link", name="Notices, none unread")).to_be_visible()

    page.get_by_role("link", name="Choose mail").click()
    expect(page.get_by_role("heading", name="Mail from Signet")).to_be_visible()
    accessible(page)
    picture(page, "notices-mail")
    page.get_by_label("Something of yours falls due").select_option("never")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choice holds for every notice from now on.")).to_be_visible()


def test_notices_fit_a_phone_in_the_dark(
    person_page: Callable[..., Page],
    request_to_sign: PromotionRequest,
    picture: Callable[[Page, str], None],
) -> None:
    phone = person_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    signed_in(phone, scenarios.owner().username)
    for name in ("", "mail/"):
        phone.goto(f"/notices/{name}")
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, name
        picture(phone, f"notices-phone-{name.rstrip('/')}")
