"""Chromium of the system, driven against a live server; every page is held to WCAG by axe."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

# Playwright's event loop runs in the test's own thread, where Django would refuse its database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Without preload: axe would look for each imported stylesheet beside the page, where there is none.
ALL = {"runOnly": {"type": "tag", "values": WCAG}, "preload": False}
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"], "preload": False}
PICTURES = os.environ.get("SIGNET_TEST_PICTURES", "")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium")
    return {**browser_type_launch_args, "executable_path": path, "args": FLAGS, "headless": True}


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A desktop browser of nobody in particular, whose base is the live server."""
    made = browser.new_context(base_url=live_server.url, viewport={"width": 1360, "height": 1000})
    yield made
    made.close()


@pytest.fixture
def person_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Open a page in a fresh browser, for one more person at the same time."""
    opened: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        desktop = {"viewport": {"width": 1360, "height": 1000}}
        context = browser.new_context(base_url=live_server.url, **(desktop | options))
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Hold a page to WCAG 2.2 AA, and its colors in dark too: nothing else differs there.

    Nothing moves meanwhile: colors that are still changing are no finding. A click does not wait
    for the page it opens: say what is expected there first, or axe meets a page that is leaving.
    """
    axe = Axe()

    def check(page: Page) -> None:
        page.wait_for_load_state()
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        schemes: dict[Literal["light", "dark"], Any] = {"light": ALL, "dark": COLORS}
        for scheme, asked in schemes.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = axe.run(page, options=asked)
            assert found.violations_count == 0, found.generate_report()
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")

    return check


@pytest.fixture
def met(accessible: Callable[[Page], None]) -> Callable[[Page], None]:
    """Hold a page to WCAG as wide as it is, and on a phone, where besides nothing sticks out."""
    axe = Axe()

    def check(page: Page) -> None:
        page.wait_for_load_state()
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        size = page.viewport_size
        assert size is not None
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
        found = axe.run(page, options=ALL)
        assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size(size)
        accessible(page)

    return check


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keep a picture of a page when SIGNET_TEST_PICTURES names a folder for them."""

    def take(page: Page, name: str) -> None:
        if PICTURES:
            folder = Path(PICTURES)
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}.png", full_page=True)

    return take
