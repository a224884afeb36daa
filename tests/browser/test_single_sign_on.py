"""A person of an identity provider in a real browser: signs in there, and confirms in a new tab."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.accounts.identity_provider import CLIENT, SECRET, linked, running
from tests.factories import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Check = Callable[[Page], None]


def test_somebody_signs_in_and_confirms_with_the_provider(
    page: Page, live_server: Any, accessible: Check, settings: Settings
) -> None:
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
    settings.OIDC_NAME, settings.BASE_URL = "Contoso", live_server.url
    settings.OUTBOUND_HTTP = True
    with running() as provider:
        settings.OIDC_ISSUER = provider.issuer
        settings.OUTBOUND_ALLOW = [provider.issuer.removeprefix("http://").replace(":", "/32:")]
        linked(person("ada", password=None), provider)

        page.goto("/sign-in/")
        accessible(page)
        page.get_by_role("link", name="Sign in with Contoso").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Waiting on you")

        page.goto("/account/confirm/")
        expect(page.get_by_label("Password")).to_have_count(0)
        accessible(page)
        provider.claims["auth_time"] = 1
        with page.expect_popup() as refused:
            page.get_by_role("link", name="Confirm with Contoso").click()
        expect(refused.value.get_by_role("heading", name="Not confirmed")).to_be_visible()
        accessible(refused.value)

        del provider.claims["auth_time"]
        refused.value.get_by_role("link", name="Try again").click()
        expect(refused.value.get_by_role("heading", name="Confirmed", exact=True)).to_be_visible()
        accessible(refused.value)
        page.get_by_role("button", name="Confirm").click()
        expect(page).to_have_url(f"{live_server.url}/account/factors/")
