"""What runs where in a real browser: described, put there, followed and shifted; on a phone too."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from apps.catalog.models import Relation
from apps.deployments import runner, tasks
from apps.deployments.models import Deployment, Rollout
from apps.deployments.rolling import Asked
from tests import scenarios
from tests.browser.test_journey import signed_in
from tests.catalog.lineage import world
from tests.console.serving.running import asked, model_version, place, running, seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Check = Callable[[Page], None]
Picture = Callable[[Page, str], None]


@pytest.fixture
def deployment() -> Deployment:
    """A champion and a canary in one place, something strange beside them, another place."""
    first = model_version("tumor-triage")
    second = scenarios.registered_version(
        first.model, {**scenarios.MODEL_FILES, "README.md": b"Another"}
    )
    where = place("production-eu", title="Production, EU", seen_within_minutes=15)
    staging = place("staging-eu", title="Staging, EU", admits=("development", "staging"))
    place("production-us", title="Production, US", admits=("production",))
    running(where, first)
    there = running(where, Asked(first, "champion", 90), Asked(second, "canary", 10))
    seen(where, "tumor-triage", first)
    seen(where, "tumor-triage.canary")
    seen(where, "notebook-7")
    asked(staging, second)
    running(staging, model_version("loan-default"))
    return there


def test_a_version_is_put_somewhere_and_followed_to_its_end(
    page: Page,
    deployment: Deployment,
    met: Check,
    picture: Picture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "ring", lambda rollout_ids: None)  # no worker is there at once
    signed_in(page, scenarios.operator().username)
    page.get_by_role("link", name="Deployments").click()
    expect(page.get_by_role("heading", name="Deployments")).to_be_visible()
    met(page)
    picture(page, "deployments")

    page.goto("/models/loan-default/versions/1/")
    page.get_by_role("link", name="Put it in an environment").click()
    page.get_by_label("Environment").select_option("production-us")
    page.get_by_role("button", name="See whether it may run").click()
    expect(page.get_by_text("It may not run there, and is refused.")).to_be_visible()
    met(page)
    picture(page, "deploy-refused")
    page.get_by_role("link", name="Production, EU").click()
    page.get_by_role("button", name="Put it there").click()
    expect(page.get_by_text("A rollout is under way")).to_be_visible()
    met(page)

    rollout = Rollout.objects.latest("pk")
    runner.execute(rollout.pk, worker="tests")
    record = page.get_by_role("link", name="Record how it ended")
    expect(record).to_be_visible(timeout=20_000)  # the page looked again by itself
    record.click()
    page.get_by_label("It is done").check()
    met(page)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("It is recorded.")).to_be_visible()


def test_every_page_of_what_runs_is_met_wide_and_on_a_phone(
    page: Page, deployment: Deployment, met: Check, picture: Picture
) -> None:
    data = world.asset("loans")
    world.edge(data, Rollout.objects.latest("pk").placements.get().version, Relation.TRAINED_ON)
    signed_in(page, scenarios.operator().username)
    names = ("deployment", "shift", "roll_back", "withdraw", "drill")
    paths = {name: reverse(f"deployments:{name}", args=[deployment.pk]) for name in names}
    paths |= {
        name: reverse(f"deployments:{name}", args=["production-eu"])
        for name in ("environment", "change_environment", "close_environment")
    }
    paths |= {
        "environments": reverse("deployments:environments"),
        "create_environment": reverse("deployments:create_environment"),
        "radius": reverse("deployments:radius", args=[data.uid]),
        "model": deployment.model.get_absolute_url(),
    }
    for name, path in paths.items():
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        met(page)
        picture(page, f"serving-{name}")


def test_the_matrix_is_a_list_by_model_on_a_phone_in_the_dark(
    person_page: Callable[..., Page], deployment: Deployment, picture: Picture
) -> None:
    phone = person_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    signed_in(phone, scenarios.operator().username)
    for name, path in (("list", "/deployments/"), ("one", deployment.get_absolute_url())):
        phone.goto(path)
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, name
        picture(phone, f"deployments-phone-{name}")


@pytest.mark.parametrize("width", [840, 1100, 1220, 1360])
def test_the_navigation_fits_every_width(
    person_page: Callable[..., Page], picture: Picture, width: int
) -> None:
    desktop = person_page(viewport={"width": width, "height": 800})
    signed_in(desktop, scenarios.operator().username)
    desktop.goto("/deployments/")
    expect(desktop.get_by_role("heading", level=1)).to_be_visible()
    assert desktop.evaluate("document.documentElement.scrollWidth") <= width
    picture(desktop, f"masthead-{width}")
