"""Second factors in a real browser: Chromium's own authenticator makes the passkey and signs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from apps.accounts import held_factors
from apps.accounts.models import Passkey, User
from apps.approvals.models import SignOff
from apps.catalog.lifecycle import Stage
from tests import factories, scenarios
from tests.accounts.holders import code_now, with_app
from tests.approvals.walk import entries

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]


@pytest.fixture
def vera() -> User:
    return scenarios.validator()


def signed_in(page: Page, username: str) -> Page:
    page.goto("/")
    page.get_by_label("Sign-in name").fill(username)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Waiting on you")
    return page


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """Plug an authenticator into the browser that verifies its person without asking."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    made = chromium.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return chromium, made["authenticatorId"]


def add_passkey(page: Page, name: str) -> None:
    page.goto("/account/factors/")
    page.get_by_role("link", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Add passkey")).to_be_visible()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the passkey").click()


def test_a_passkey_is_added_and_signs_a_sign_off(
    vera: User, person_page: OpenPage, accessible: Check, picture: Picture
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    page = signed_in(person_page(), "vera")
    chromium, authenticator = with_authenticator(page)
    page.goto("/account/factors/")
    accessible(page)

    add_passkey(page, "work laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Not now").click()
    expect(page.get_by_role("row", name="work laptop")).to_be_visible()
    accessible(page)
    picture(page, "second-factors")

    page.goto(request.get_absolute_url())
    form = page.locator("form", has=page.get_by_role("heading", name="Your sign-off"))
    sign = form.get_by_role("button", name="Sign with a passkey")
    sign.click()
    expect(form.get_by_text("Say what you decide.")).to_be_visible()
    form.get_by_label("approve", exact=True).check()
    form.get_by_label("Reason").fill("Reproduced on the holdout set.")
    accessible(page)
    picture(page, "sign-with-a-passkey")

    chromium.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False}
    )
    sign.click()
    expect(form.get_by_text("The passkey did not answer. Try again.")).to_be_visible()
    assert not SignOff.objects.filter(request=request).exists()
    chromium.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True}
    )
    sign.click()
    expect(page.get_by_text("Signed as")).to_be_visible()

    assert SignOff.objects.get(request=request).method == "passkey"
    proof = entries("request.sign_off")[-1]["sign"]["webauthn"]
    assert proof["credential"] == Passkey.objects.get().credential_id


def test_a_passkey_is_removed_with_the_passkey_itself(vera: User, person_page: OpenPage) -> None:
    page = signed_in(person_page(), "vera")
    with_authenticator(page)
    add_passkey(page, "work laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.goto("/account/confirm/")
    page.get_by_role("button", name="Confirm with a passkey").click()
    expect(page.get_by_role("heading", name="Second factors")).to_be_visible()
    page.get_by_role("link", name="Make recovery codes").click()
    expect(page.get_by_text("Ten codes to print")).to_be_visible()
    page.get_by_role("button", name="Make recovery codes").click()
    expect(page.get_by_text("They are kept nowhere")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 codes are left")).to_be_visible()
    page.get_by_role("link", name="Remove work laptop").click()
    expect(page.get_by_text("It is your last second factor")).to_be_visible()
    page.get_by_role("button", name="Remove").click()

    expect(page.get_by_text("No passkeys")).to_be_visible()
    assert not held_factors.held_by(vera.pk).any


def test_without_javascript_an_app_is_added_and_signs(
    vera: User, person_page: OpenPage, accessible: Check, picture: Picture
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    scripted = signed_in(person_page(), "vera")
    scripted.goto("/account/factors/app/")
    expect(scripted.get_by_role("img", name="QR code")).to_be_visible()
    accessible(scripted)
    picture(scripted, "add-app")

    page = signed_in(person_page(java_script_enabled=False), "vera")
    page.goto("/account/factors/app/")
    secret = page.locator("figure code").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(code_now(secret))
    page.get_by_role("button", name="Add authenticator app").click()
    expect(page.get_by_text("Ten codes to print")).to_be_visible()

    page.goto(request.get_absolute_url())
    form = page.locator("form", has=page.get_by_role("heading", name="Your sign-off"))
    form.get_by_label("approve", exact=True).check()
    form.get_by_label("Reason").fill("Reproduced on the holdout set.")
    form.get_by_label("Password").fill(factories.PASSWORD)
    form.get_by_label("One-time code").fill(code_now(secret, 1))
    form.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed as")).to_be_visible()
    assert SignOff.objects.get(request=request).method == "password+code"


def test_a_code_is_asked_for_only_of_who_has_an_app(vera: User, person_page: OpenPage) -> None:
    page = signed_in(person_page(), "vera")
    page.goto("/account/confirm/")
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_label("One-time code")).to_have_count(0)
    with_app(vera)

    page.reload()

    expect(page.get_by_label("One-time code")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm with a passkey")).to_have_count(0)
