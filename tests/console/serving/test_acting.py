"""Forms about a deployment: traffic shifted, rolled back, withdrawn, and the way back tried."""

from typing import Any

import pytest
from django.urls import reverse

from apps.approvals import operations as decisions
from apps.approvals.serving.operations.drills import BEGIN_DRILL
from apps.approvals.serving.operations.rollouts import ROLL_BACK, SHIFT, WITHDRAW
from apps.catalog.models import ModelVersion, Relation
from apps.deployments.models import Deployment, Drill, Environment, Rollout
from apps.deployments.rolling import Asked
from tests import scenarios
from tests.catalog.lineage import world
from tests.console.conftest import Reads
from tests.console.serving.running import model_version, place, running
from tests.factories import actor
from tests.validation.records import outcomes

pytestmark = pytest.mark.django_db


@pytest.fixture
def europe() -> Environment:
    return place(title="Europe")


@pytest.fixture
def first() -> ModelVersion:
    return model_version()


@pytest.fixture
def second(first: ModelVersion) -> ModelVersion:
    return scenarios.registered_version(first.model)


def address(name: str, of: Deployment) -> str:
    return reverse(f"deployments:{name}", args=[of.pk])


def parts_of(of: Deployment) -> list[tuple[int, str, int]]:
    of.refresh_from_db()
    assert of.desired is not None
    rows = of.desired.placements.order_by("version__number")
    return [(one.version.number, one.role, one.share) for one in rows]


def shifted(*shares: int, **said: Any) -> dict[str, Any]:
    """Return the form in which the first version is the champion and others are canaries."""
    sent: dict[str, Any] = {"reason": "Next step"}
    for number, share in enumerate(shares, start=1):
        role = "champion" if number == 1 else "canary"
        sent |= {f"v{number}-role": role, f"v{number}-share": share, f"v{number}-stays": "on"}
    return sent | said


def test_traffic_is_shifted_by_page(
    opens: Reads, europe: Environment, first: ModelVersion, second: ModelVersion
) -> None:
    deployment = running(europe, Asked(first, "champion", 90), Asked(second, "canary", 10))
    path = address("shift", deployment)

    page = opens(scenarios.operator(), path)
    assert "Version 2 , development" in page.words
    assert 'value="90"' in page.source
    assert 'name="shown" value="1"' in page.source
    done = opens(scenarios.operator(), path, shifted(75, 25, shown=1))

    assert done.response.headers["Location"] == deployment.get_absolute_url()
    assert parts_of(deployment) == [(1, "champion", 75), (2, "canary", 25)]
    assert deployment.desired is not None
    assert outcomes(SHIFT.name, deployment.desired) == ["done"]


def test_a_version_is_taken_out_by_shifting(
    opens: Reads, europe: Environment, first: ModelVersion, second: ModelVersion
) -> None:
    deployment = running(europe, Asked(first, "champion", 90), Asked(second, "canary", 10))
    sent = shifted(100, 0)
    del sent["v2-stays"]

    opens(scenarios.operator(), address("shift", deployment), sent)

    assert parts_of(deployment) == [(1, "champion", 100)]


def test_a_refused_shift_keeps_what_was_typed(
    opens: Reads, europe: Environment, first: ModelVersion, second: ModelVersion
) -> None:
    deployment = running(europe, Asked(first, "champion", 90), Asked(second, "canary", 10))
    path = address("shift", deployment)

    for sent, words in (
        (shifted(70, 25), "The shares make 95 percent"),
        (shifted(70, 130), "less than or equal to 100"),
        (shifted(75, 25, reason=""), "Give a reason."),
        (shifted(75, 25, shown=7), "Somebody asked for rollout 1 meanwhile."),
        ({}, "This field is required."),
    ):
        page = opens(scenarios.operator(), path, sent)
        assert (page.status, words in page.words) == (422, True), (sent, page.words)
        assert 'value="25"' in page.source or "v2-share" not in sent or "130" in page.source
    refused = opens(scenarios.developer(), path, shifted(75, 25))
    assert (refused.status, "Only an operator of this model" in refused.words) == (422, True)
    assert parts_of(deployment) == [(1, "champion", 90), (2, "canary", 10)]


def test_a_deployment_goes_back_to_what_ran_before(
    opens: Reads, europe: Environment, first: ModelVersion, second: ModelVersion
) -> None:
    deployment = running(europe, first)
    path = address("roll_back", deployment)
    assert "Nothing ran before here" in opens(scenarios.operator(), path).words
    refused = opens(scenarios.operator(), path, {"reason": "It drifts"})
    assert (refused.status, "there is no way back" in refused.words) == (422, True)
    running(europe, second)

    page = opens(scenarios.operator(), path)
    assert "Back to v1" in page.words
    assert 'name="to" value="1"' in page.source
    assert "Give a reason." in opens(scenarios.operator(), path, {}).words
    assert opens(scenarios.operator(), path, {"reason": "x", "to": 9}).status == 404
    assert "not to 2" in opens(scenarios.operator(), path, {"reason": "x", "to": 2}).words
    refused = opens(scenarios.developer(), path, {"reason": "x", "to": 1})
    assert (refused.status, "Only an operator" in refused.words) == (422, True)
    opens(scenarios.operator(), path, {"reason": "It drifts", "to": 1})

    assert parts_of(deployment) == [(1, "champion", 100)]
    assert deployment.desired is not None
    assert deployment.desired.kind == Rollout.Kind.ROLL_BACK
    assert outcomes(ROLL_BACK.name, deployment.desired) == ["done"]


def test_the_page_says_what_speaks_against_the_way_back(
    opens: Reads, first: ModelVersion, second: ModelVersion
) -> None:
    where = place("rehearsal", admits=("production",), enforcement="warn")
    running(where, first)
    deployment = running(where, second)

    words = opens(scenarios.operator(), address("roll_back", deployment)).words

    assert "v1 is in the stage Development; rehearsal admits Production." in words
    assert "It goes through with a reason." in words


def test_the_gate_is_shown_when_a_stage_comes_back_with_it(
    opens: Reads, first: ModelVersion, second: ModelVersion
) -> None:
    where = place("rehearsal", admits=("production",), enforcement="warn")
    running(where, first)
    deployment = running(where, second)
    decisions.set_aside(first, by=actor(scenarios.owner()), reason="Replaced")

    page = opens(scenarios.operator(), address("roll_back", deployment))

    assert "Version 1 returns to production with it" in page.words
    assert page.response.context["gate"].open_groups
    assert "is in the stage" not in page.words
    refused = opens(scenarios.operator(), address("roll_back", deployment), {"reason": "Worse"})
    assert refused.status == 422


def test_withdrawing_says_who_uses_it(
    opens: Reads, europe: Environment, first: ModelVersion
) -> None:
    deployment = running(europe, first)
    path = address("withdraw", deployment)
    assert "Lineage knows of nothing that uses it." in opens(scenarios.operator(), path).words
    world.edge(first, world.asset("Scoring service", "service"), Relation.SERVES)

    page = opens(scenarios.operator(), path)
    assert "What stands below uses it." in page.words
    assert "Scoring service" in page.words
    assert "Give a reason." in opens(scenarios.operator(), path, {}).words
    refused = opens(scenarios.developer(), path, {"reason": "x"})
    assert (refused.status, "Only an operator" in refused.words) == (422, True)
    opens(scenarios.operator(), path, {"reason": "It is replaced"})

    assert parts_of(deployment) == []
    assert deployment.desired is not None
    assert outcomes(WITHDRAW.name, deployment.desired) == ["done"]
    again = opens(scenarios.operator(), path, {"reason": "Again"})
    assert (again.status, "Nothing of tumor-triage is to run there." in again.words) == (422, True)
    nothing = opens(scenarios.operator(), address("shift", deployment))
    assert "there is no traffic to shift" in nothing.words


def test_the_way_back_is_tried_by_page(
    opens: Reads, europe: Environment, first: ModelVersion, second: ModelVersion
) -> None:
    deployment = running(europe, first)
    path = address("drill", deployment)
    refused = opens(scenarios.operator(), path, {"reason": "Every quarter"})
    assert (refused.status, "no way back to try" in refused.words) == (422, True)
    running(europe, second)

    assert "It goes back to v1" in opens(scenarios.operator(), path).words
    opens(scenarios.operator(), path, {"reason": "Every quarter"})

    drill = Drill.objects.get()
    assert drill.away.restores_id is not None
    assert outcomes(BEGIN_DRILL.name, drill) == ["done"]
    again = opens(scenarios.operator(), path, {"reason": "Again"})
    assert (again.status, "under way" in again.words) == (422, True)
