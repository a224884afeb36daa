"""The list of deployments: models by environment, filtered, for those who see the models."""

import pytest
from django.urls import reverse

from apps.catalog.models import ModelVersion
from apps.console.serving import matrix
from apps.deployments.models import Environment, Look
from apps.deployments.rolling import Asked
from tests import examining, scenarios
from tests.console.conftest import Reads
from tests.console.serving.running import asked, model_version, place, running, seen

pytestmark = pytest.mark.django_db

LIST = reverse("deployments:list")


@pytest.fixture
def europe() -> Environment:
    return place(title="Europe")


@pytest.fixture
def version() -> ModelVersion:
    return model_version()


def test_without_environments_it_says_what_to_do_first(opens: Reads) -> None:
    page = opens(scenarios.operator(), LIST)

    assert "No environment is described yet" in page.words
    assert page.has_link(reverse("deployments:create_environment"))
    assert "Only an operator of the whole organization" in opens(scenarios.auditor(), LIST).words


def test_with_environments_alone_it_leads_to_the_models(opens: Reads, europe: Environment) -> None:
    assert "Nothing you can see is put anywhere yet" in opens(scenarios.operator(), LIST).words


def test_each_cell_says_what_is_to_run_how_it_stands_and_what_waits(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    second = scenarios.registered_version(version.model)
    staging = place("staging-eu", seen_within_minutes=15)
    deployment = running(europe, Asked(version, "champion", 90), Asked(second, "canary", 10))
    seen(europe, "tumor-triage", version)
    seen(europe, "tumor-triage.canary", second)
    waiting = asked(staging, version)
    Look.objects.update_or_create(environment=staging, defaults={"trouble": "It is away."})

    page = opens(scenarios.developer(), LIST)

    assert "Europe We see 2 of 2" in page.words
    assert "staging-eu We see 0 of 1 Not reached" in page.words
    assert "v1, champion 90 %; v2, canary 10 % of tumor-triage in Europe In step" in page.words
    assert "v1 of tumor-triage in staging-eu Not confirmed Deploy: accepted" in page.words
    assert page.has_link(deployment.get_absolute_url())
    assert page.has_link(waiting.deployment.get_absolute_url())
    assert page.has_link(europe.get_absolute_url())
    assert 'data-label="Europe"' in page.source


def test_it_is_filtered_by_environment_state_rollout_and_words(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    other, asia = model_version("loan-default"), place("production-asia")
    running(europe, version)
    seen(europe, "tumor-triage")
    asked(asia, other)

    def listed(query: str) -> list[str]:
        page = opens(scenarios.auditor(), f"{LIST}?{query}")
        return [line.model.name for line in page.response.context["lines"]]

    assert listed("") == ["loan-default", "tumor-triage"]
    assert listed("environment=production-eu") == listed("state=unknown") == ["tumor-triage"]
    assert listed("rollout=waits") == listed("q=LOAN") == ["loan-default"]
    assert listed("environment=absent") == listed("state=expired") == []
    assert listed("state=spaceship") == ["loan-default", "tumor-triage"]
    page = opens(scenarios.auditor(), f"{LIST}?q=zzz%00")
    assert "Nothing that runs matches" in page.words
    assert page.has_link(LIST)


def test_a_filter_by_state_says_when_not_all_were_judged(
    opens: Reads, europe: Environment, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "MOST_JUDGED", 1)
    running(europe, version)
    running(europe, model_version("loan-default"))

    words = opens(scenarios.auditor(), f"{LIST}?state=unconfirmed").words

    assert "deployments by name were judged" in words
    assert "loan-default" in words
    assert "tumor-triage" not in words
    assert "were judged" not in opens(scenarios.auditor(), LIST).words


def test_what_is_withdrawn_says_that_nothing_is_to_run(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    deployment = running(europe, version)
    path = reverse("deployments:withdraw", args=[deployment.pk])
    opens(scenarios.operator(), path, {"reason": "It is replaced"})

    assert "Nothing of tumor-triage in Europe" in opens(scenarios.auditor(), LIST).words


def test_who_does_not_see_the_model_finds_no_row(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    running(europe, version)

    page = opens(scenarios.stranger(), LIST)

    assert page.status == 200
    assert "tumor-triage" not in page.source


def test_an_examiner_finds_what_was_granted_and_no_count_of_the_rest(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    hidden = place("elsewhere")
    deployment = running(europe, version)
    running(europe, model_version("loan-default"))
    running(hidden, model_version("fraud"))
    room = examining.opened(version.model)

    page = opens(room.examiner, LIST)

    assert page.has_link(deployment.get_absolute_url())
    for word in ("loan-default", "elsewhere", "We see", europe.get_absolute_url()):
        assert word not in page.source, word
    assert opens(room.examiner, deployment.get_absolute_url()).status == 200
