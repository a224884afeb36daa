"""A model card in the browser: begun, written with a slip, submitted, signed by two people."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.catalog.models import ModelVersion
from tests.browser.test_journey import signed_in
from tests.scenarios import developer, owner, registered_model, registered_version, validator

Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]


@pytest.fixture
def version(transactional_db: None) -> ModelVersion:
    developer(), owner(), validator()
    model = registered_model(
        "credit-risk",
        title="Credit risk",
        flags=["affects_individuals", "is_ai"],
        intended_use="Ranks applications for human review.",
    )
    return registered_version(model, packages=["scikit-learn==1.7.2", "numpy==2.2.1"])


def test_a_model_card_from_beginning_to_signature(
    version: ModelVersion, person_page: Callable[..., Page], accessible: Check, picture: Picture
) -> None:
    dev = person_page()
    signed_in(dev, "dev")
    dev.goto(version.get_absolute_url())
    dev.get_by_role("link", name="Documents").click()
    expect(dev.get_by_role("heading", name="Documents")).to_be_visible()
    accessible(dev)
    picture(dev, "documents-list")
    dev.get_by_role("button", name="Begin Model card").click()
    expect(dev.get_by_role("heading", name="Still missing")).to_be_visible()
    picture(dev, "documents-begun")
    accessible(dev)

    dev.get_by_role("link", name="Write Limitations and trade-offs").click()
    expect(dev.get_by_role("heading", level=1)).to_have_text("Limitations and trade-offs")
    dev.locator("#id_limitations").fill("Thin files | Ranks too low | By hand | no")
    dev.get_by_role("button", name="Save").click()
    expect(dev.get_by_text("at most 3 cells")).to_be_visible()
    accessible(dev)
    picture(dev, "documents-slip")
    dev.locator("#id_limitations").fill("Thin files | Ranks too low | By hand")
    dev.get_by_role("button", name="Save").click()
    expect(dev.get_by_role("cell", name="Ranks too low")).to_be_visible()
    dev.goto(dev.url.split("#")[0] + "edit/intended_use/")
    dev.get_by_label("Intended uses").fill("Ranks applications.\n\n- For **review**\n- Never alone")
    dev.get_by_label("Intended users").fill("Credit analysts\nTeam leads")
    dev.get_by_role("button", name="Save").click()
    expect(dev.get_by_text("Credit analysts")).to_be_visible()
    dev.get_by_role("button", name="Submit for review").click()
    expect(dev.get_by_text("It is in review now.")).to_be_visible()
    address = dev.url

    for username, role in (("olivia", "Model owner"), ("vera", "Independent validator")):
        signer = person_page()
        signed_in(signer, username)
        signer.goto(address)
        expect(signer.get_by_role("button", name=f"Sign as {role}")).to_be_visible()
        accessible(signer)
        picture(signer, f"documents-review-{username}")
        signer.get_by_role("button", name=f"Sign as {role}").click()
        expect(signer.get_by_text("Your signature is recorded.")).to_be_visible()

    dev.reload()
    expect(dev.get_by_role("button", name="Begin a new revision")).to_be_visible()
    picture(dev, "documents-approved")
    dev.emulate_media(color_scheme="dark")
    picture(dev, "documents-approved-dark")
    dev.emulate_media(color_scheme="light", media="print")
    picture(dev, "documents-print")
    dev.emulate_media(media="screen")
    dev.set_viewport_size({"width": 390, "height": 844})
    picture(dev, "documents-approved-phone")
    wide = dev.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
