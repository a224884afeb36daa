"""The main job, end to end, as the people who do it: register, check, sign off, promote, prove."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.approvals.models import PromotionRequest, SignOff
from apps.audit.models import AuditEvent
from apps.catalog.models import Alias, ModelVersion, RegisteredModel
from apps.validation import runner
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]

SIGNATURE = {
    "inputs": [{"name": "radius", "type": "double"}, {"name": "texture", "type": "double"}],
    "outputs": [{"name": "probability", "type": "double"}],
}
EXAMPLE = {"columns": ["radius", "texture"], "data": [[14.2, 19.1], [11.4, 20.3]]}
METRICS = [
    {
        "key": "roc_auc",
        "value": 0.981,
        "dataset": "holdout",
        "lower": 0.962,
        "upper": 0.994,
        "higher_is_better": True,
    }
]


@pytest.fixture
def people() -> dict[str, User]:
    """Everybody the journey needs, each with one duty."""
    cast = {
        "developer": ("dana", "Dana Lindqvist", ("model_developer",)),
        "owner": ("julia", "Julia Torres", ()),
        "validator": ("amir", "Amir Rahman", ("validator",)),
        "risk": ("mercy", "Mercy Okafor", ("risk_officer",)),
        "operator": ("sade", "Sade Iwu", ("operator",)),
        "auditor": ("petra", "Petra Novak", ("auditor",)),
        "stranger": ("otto", "Otto Stranger", ()),
    }
    return {
        part: factories.person(username, name=name, everywhere=duties)
        for part, (username, name, duties) in cast.items()
    }


def signed_in(page: Page, username: str) -> Page:
    page.goto("/")
    page.get_by_label("Sign-in name").fill(username)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Waiting on you")
    return page


def run_waiting_checks(version: ModelVersion) -> None:
    """Do what a worker does: claim, examine and conclude what is still queued."""
    for run in version.check_runs.filter(state="queued"):
        runner.execute(run.pk, worker="journey")


def a_model_folder(folder: Path) -> list[Path]:
    """Write files as a training script leaves them."""
    (folder / "weights.pkl").write_bytes(pickle.dumps({"coef": [0.1, 0.2], "intercept": -1.0}))
    (folder / "README.md").write_text("# Tumor triage\n\nA second reader.\n")
    (folder / "input_example.json").write_text(json.dumps(EXAMPLE))
    return sorted(folder.iterdir())


def register_model(page: Page) -> RegisteredModel:
    page.goto("/models/")
    page.get_by_role("link", name="Register model").first.click()
    page.get_by_label("Name", exact=True).fill("tumor-triage")
    page.get_by_label("Title").fill("Tumor triage")
    page.get_by_label("Intended use").fill("Second reader for biopsy measurements.")
    page.get_by_label("Limitations").fill("Not for children.")
    page.get_by_label("Owner").select_option(label="Julia Torres")
    page.get_by_role("button", name="Register model").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tumor triage")
    return RegisteredModel.objects.get(name="tumor-triage")


def register_version(page: Page, files: list[Path]) -> ModelVersion:
    page.get_by_role("link", name="Register version").first.click()
    page.locator("input[type=file]").set_input_files([str(path) for path in files])
    page.get_by_label("Change class").select_option("initial")
    page.get_by_label("Signature").fill(json.dumps(SIGNATURE))
    page.get_by_label("Input example").fill(json.dumps(EXAMPLE))
    page.get_by_label("Metrics").fill(json.dumps(METRICS))
    page.get_by_role("button", name="Register version").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("version 1")
    return ModelVersion.objects.get(model__name="tumor-triage", number=1)


def request_promotion(page: Page, version: ModelVersion, reason: str) -> PromotionRequest:
    page.goto(version.get_absolute_url())
    page.get_by_role("link", name="Request promotion").first.click()
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Request promotion").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Promote")
    return PromotionRequest.objects.latest("pk")


def sign(page: Page, request: PromotionRequest, reason: str) -> None:
    page.goto(request.get_absolute_url())
    form = page.locator("form", has=page.get_by_role("heading", name="Your sign-off"))
    form.get_by_label("approve", exact=True).check()
    form.get_by_label("Reason").fill(reason)
    form.get_by_label("Password").fill(factories.PASSWORD)
    form.get_by_role("button", name="Sign").click()
    expect(page.get_by_text("Signed as")).to_be_visible()


def promote(page: Page, request: PromotionRequest, reason: str) -> None:
    page.goto(request.get_absolute_url())
    form = page.locator("form", has=page.get_by_role("heading", name="Carry it out"))
    form.get_by_label("Reason").fill(reason)
    form.get_by_role("button", name="Promote").click()
    expect(page.get_by_text("is now in")).to_be_visible()


def test_a_model_goes_from_registration_to_production_and_the_record_shows_how(
    people: dict[str, User],
    person_page: OpenPage,
    accessible: Check,
    picture: Picture,
    tmp_path: Path,
) -> None:
    dana = signed_in(person_page(), "dana")
    accessible(dana)
    register_model(dana)
    accessible(dana)
    version = register_version(dana, a_model_folder(tmp_path))
    run_waiting_checks(version)
    dana.goto(f"{version.get_absolute_url()}checks/")
    expect(dana.get_by_text("Passed").first).to_be_attached()
    accessible(dana)

    staging = request_promotion(dana, version, "Frozen for examination")
    julia = signed_in(person_page(), "julia")
    sign(julia, staging, "I answer for this model.")
    sade = signed_in(person_page(), "sade")
    promote(sade, staging, "Planned freeze")

    production = request_promotion(dana, version, "First release as a second reader")
    amir = signed_in(person_page(), "amir")
    sign(amir, production, "Reproduced on the holdout set.")
    mercy = signed_in(person_page(), "mercy")
    mercy.goto(production.get_absolute_url())
    accessible(mercy)
    picture(mercy, "promotion")
    sign(mercy, production, "Use is limited to a second reading.")
    promote(sade, production, "Released in the change window")

    champion = Alias.objects.get(model__name="tumor-triage", name="champion")
    assert champion.version == version
    event = AuditEvent.objects.filter(action="version.promote").latest("id")
    petra = signed_in(person_page(), "petra")
    petra.goto(f"/audit/{event.uid}/")
    expect(petra.get_by_text("Released in the change window")).to_be_visible()
    expect(petra.get_by_text("Sade Iwu").first).to_be_visible()
    accessible(petra)


@pytest.fixture
def staged(people: dict[str, User], person_page: OpenPage, tmp_path: Path) -> PromotionRequest:
    """A request to production that waits for both of its sign-offs."""
    dana = signed_in(person_page(), "dana")
    register_model(dana)
    version = register_version(dana, a_model_folder(tmp_path))
    run_waiting_checks(version)
    staging = request_promotion(dana, version, "Frozen for examination")
    sign(signed_in(person_page(), "julia"), staging, "I answer for this model.")
    promote(signed_in(person_page(), "sade"), staging, "Planned freeze")
    return request_promotion(dana, version, "First release")


def test_what_must_be_refused_is_refused_in_the_browser(
    staged: PromotionRequest, person_page: OpenPage, accessible: Check
) -> None:
    own = signed_in(person_page(), "dana")
    own.goto(staged.get_absolute_url())
    expect(own.get_by_role("heading", name="Your sign-off")).to_have_count(0)

    sade = signed_in(person_page(), "sade")
    sade.goto(staged.get_absolute_url())
    expect(sade.get_by_role("button", name="Promote")).to_be_disabled()
    expect(sade.get_by_text("Opens when every condition is met")).to_be_visible()

    otto = signed_in(person_page(), "otto")
    otto.goto(staged.get_absolute_url())
    expect(otto.get_by_role("heading", level=1)).to_contain_text("not")
    accessible(otto)
    answer = otto.goto("/models/tumor-triage/")
    assert answer is not None
    assert answer.status == 404


def test_a_form_that_shows_what_no_longer_holds_signs_nothing_and_keeps_what_was_typed(
    staged: PromotionRequest, person_page: OpenPage, accessible: Check
) -> None:
    amir = signed_in(person_page(), "amir")
    amir.goto(staged.get_absolute_url())
    form = amir.locator("form", has=amir.get_by_role("heading", name="Your sign-off"))
    form.get_by_label("approve", exact=True).check()
    form.get_by_label("Reason").fill("Reproduced on the holdout set.")
    form.get_by_label("Password").fill(factories.PASSWORD)

    dana = signed_in(person_page(), "dana")
    dana.goto(f"{staged.version.get_absolute_url()}checks/")
    with dana.expect_navigation():
        dana.get_by_role("button", name="Run all again").click()
    run_waiting_checks(staged.version)

    form.get_by_role("button", name="Sign").click()
    expect(amir.get_by_text("was run again").first).to_be_visible()
    expect(amir.get_by_label("Reason").first).to_have_value("Reproduced on the holdout set.")
    assert not SignOff.objects.filter(request=staged).exists()
    accessible(amir)


def test_the_main_pages_work_on_a_phone_without_javascript(
    staged: PromotionRequest, person_page: OpenPage, picture: Picture
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
    amir = signed_in(person_page(**phone), "amir")
    for path in ("/", "/models/", "/models/tumor-triage/", staged.get_absolute_url(), "/audit/"):
        amir.goto(path)
        width = amir.locator("html").bounding_box()
        assert width is not None
        assert width["width"] <= 390, path
    sign(amir, staged, "Signed on a phone, without scripts.")
    assert SignOff.objects.filter(request=staged).count() == 1
