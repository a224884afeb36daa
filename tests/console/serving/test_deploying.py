"""A version is put into an environment by page, which says beforehand whether it may run there."""

from typing import Any

import pytest
from django.urls import reverse

from apps.approvals import operations as approvals
from apps.approvals.serving.operations.rollouts import DEPLOY
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.catalog.sources import Claim
from apps.deployments.models import Deployment, Environment, Rollout
from apps.deployments.rolling import Asked
from apps.validation import operations as validation
from tests import examining, scenarios
from tests.console.conftest import Reads
from tests.console.serving.running import asked, model_version, place, running, seen
from tests.factories import actor
from tests.validation.records import outcomes

pytestmark = pytest.mark.django_db

PATH = reverse("deployments:deploy", args=["tumor-triage"])


@pytest.fixture
def version() -> ModelVersion:
    return model_version()


@pytest.fixture
def europe() -> Environment:
    return place(title="Europe")


def typed(**said: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "environment": "production-eu",
        "role": "champion",
        "share": 100,
        **said,
    }


def placed(model_name: str = "tumor-triage") -> list[tuple[int, str, int]]:
    deployment = Deployment.objects.get(model__name=model_name)
    assert deployment.desired is not None
    rows = deployment.desired.placements.order_by("version__number")
    return [(one.version.number, one.role, one.share) for one in rows]


def test_a_version_is_put_there_by_page(
    opens: Reads, version: ModelVersion, europe: Environment
) -> None:
    page = opens(scenarios.operator(), PATH)
    assert "Version 1 in Europe It may run there." in page.words

    done = opens(scenarios.operator(), PATH, typed(service="triage", reason="Agreed"))

    rollout = Rollout.objects.get()
    assert done.response.headers["Location"] == rollout.deployment.get_absolute_url()
    assert (placed(), rollout.deployment.service) == ([(1, "champion", 100)], "triage")
    assert outcomes(DEPLOY.name, rollout) == ["done"]


def test_without_an_environment_or_a_version_it_says_what_comes_first(
    opens: Reads, version: ModelVersion
) -> None:
    assert "There is no environment to put it into" in opens(scenarios.operator(), PATH).words
    refused = opens(scenarios.operator(), PATH, typed())
    assert refused.status == 422
    place()
    scenarios.registered_model("bare")
    path = reverse("deployments:deploy", args=["bare"])
    assert "No version can run" in opens(scenarios.operator(), path).words


def test_what_may_not_run_says_why_and_its_button_is_closed_where_it_is_prevented(
    opens: Reads, version: ModelVersion, europe: Environment
) -> None:
    place("live", admits=("production",))
    place("rehearsal", admits=("production",), enforcement="warn")

    live = opens(scenarios.operator(), f"{PATH}?version=1&environment=live")
    assert "It may not run there, and is refused." in live.words
    assert "tumor-triage v1 is in the stage Development; live admits Production." in live.words
    assert "live prevents what may not run there." in live.words
    assert live.has_link(f"{PATH}?version=1&environment=rehearsal")
    warned = opens(scenarios.operator(), f"{PATH}?version=1&environment=rehearsal")
    assert "It may not run there, and goes through with a reason." in warned.words

    refused = opens(scenarios.operator(), PATH, typed(environment="live", reason="Try"))
    assert (refused.status, "live admits Production." in refused.words) == (422, True)
    unsaid = opens(scenarios.operator(), PATH, typed(environment="rehearsal"))
    assert (unsaid.status, "reason" in unsaid.words) == (422, True)
    opens(scenarios.operator(), PATH, typed(environment="rehearsal", reason="A rehearsal"))
    assert placed() == [(1, "champion", 100)]


def test_the_usual_choice_is_the_version_in_production_and_where_it_may_run(opens: Reads) -> None:
    version = scenarios.promoted(to=Stage.PRODUCTION).version
    scenarios.registered_version(version.model)
    place("a-sandbox")
    place("live", admits=("production",))
    path = reverse("deployments:deploy", args=[version.model.name])

    page = opens(scenarios.operator(), path)
    assert f"Version {version.number} in live It may run there." in page.words
    other = opens(scenarios.operator(), f"{path}?version=2")
    assert "Version 2 in a-sandbox It may run there." in other.words


def test_a_canary_makes_room_and_a_new_champion_steps_in(
    opens: Reads, version: ModelVersion, europe: Environment
) -> None:
    running(europe, version)
    scenarios.registered_version(version.model)
    scenarios.registered_version(version.model)

    page = opens(scenarios.operator(), f"{PATH}?version=2")
    assert "Is to run there now: v1 A champion with all" in page.words
    opens(scenarios.operator(), PATH, typed(version=2, role="canary", share=10))
    assert placed() == [(1, "champion", 90), (2, "canary", 10)]
    opens(scenarios.operator(), PATH, typed(version=2, role="canary", share=25))
    assert placed() == [(1, "champion", 75), (2, "canary", 25)]
    opens(scenarios.operator(), PATH, typed(version=3, role="shadow", share=0))
    assert placed() == [(1, "champion", 75), (2, "canary", 25), (3, "shadow", 0)]
    opens(scenarios.operator(), PATH, typed(version=3, share=60))
    assert placed() == [(1, "challenger", 15), (2, "canary", 25), (3, "champion", 60)]
    opens(scenarios.operator(), PATH, typed(version=3))
    assert placed() == [(3, "champion", 100)]


def test_what_is_refused_stays_typed(
    opens: Reads, version: ModelVersion, europe: Environment
) -> None:
    for sent, words in (
        (typed(share=110), "less than or equal to 100"),
        (typed(share=30), "The shares make 30 percent"),
        (typed(role="canary"), "Name one champion"),
        (typed(role="king"), "Select a valid choice"),
        (typed(version=9), "Choose a version of this model"),
        (typed(version="0²"), "Choose a version of this model"),
        (typed(environment="absent"), "Choose a version of this model and an open environment."),
        (typed(service="NO"), "holds a to z, digits and hyphens"),
        ({}, "This field is required."),
    ):
        page = opens(scenarios.operator(), PATH, sent | ({"reason": "Agreed"} if sent else {}))
        assert (page.status, words in page.words) == (422, True), (sent, page.words)
        assert "Agreed" in page.words or not sent
    assert not Rollout.objects.exists()


def test_only_an_operator_puts_versions_anywhere(
    opens: Reads, version: ModelVersion, europe: Environment
) -> None:
    page = opens(scenarios.developer(), PATH)
    assert "Only an operator of this model puts its versions into environments." in page.words
    assert "It may run there." in page.words
    assert "Put it there" not in page.words

    refused = opens(scenarios.developer(), PATH, typed())
    assert (refused.status, Rollout.objects.count()) == (422, 0)
    assert "Only an operator of this model" in refused.words


def test_who_does_not_see_the_model_finds_no_page(opens: Reads, version: ModelVersion) -> None:
    assert opens(scenarios.stranger(), PATH).status == 404
    assert opens(examining.opened(version.model).examiner, PATH).status == 404


# -- where a model and a version run


def test_a_model_and_its_version_say_where_they_run(
    opens: Reads, version: ModelVersion, europe: Environment
) -> None:
    home, other = version.get_absolute_url(), scenarios.registered_version(version.model)
    assert "Runs in Nowhere." in opens(scenarios.operator(), home).words
    deployment = running(europe, version)
    asked(place("staging-eu"), Asked(version))

    for page in (
        opens(scenarios.operator(), version.model.get_absolute_url()),
        opens(scenarios.operator(), home),
    ):
        assert page.has_link(deployment.get_absolute_url())
        assert "Europe v1 · Not confirmed" in page.words
        assert "staging-eu v1 · Not confirmed · Deploy: accepted" in page.words
    assert opens(scenarios.operator(), home).has_link(f"{PATH}?version=1")
    assert "Runs in Nowhere." in opens(scenarios.operator(), other.get_absolute_url()).words


def test_what_is_seen_without_being_ordered_runs_there_too(
    opens: Reads, version: ModelVersion, europe: Environment
) -> None:
    other = scenarios.registered_version(
        version.model, {**scenarios.MODEL_FILES, "README.md": b"Another"}
    )
    running(europe, version)
    seen(europe, "tumor-triage", other)

    assert "Runs in Europe v1" in opens(scenarios.auditor(), other.get_absolute_url()).words


def test_a_version_says_why_it_cannot_be_put_anywhere(
    opens: Reads, version: ModelVersion, europe: Environment
) -> None:
    home = version.get_absolute_url()
    page = opens(scenarios.developer(), home)
    assert "Ask an operator of this model: People on its page names them." in page.words
    assert not page.has_link(f"{PATH}?version=1")

    approvals.set_aside(version, by=actor(scenarios.owner()), reason="Replaced")

    assert "What is archived runs nowhere." in opens(scenarios.operator(), home).words
    elsewhere = validation.register_source_and_check(
        version.model, Claim("s3://elsewhere/model"), by=actor(scenarios.developer()), tags={}
    )
    page = opens(scenarios.operator(), elsewhere.get_absolute_url())
    assert "Possible once the version's files are complete." in page.words
