"""The pages of environments: listed, described, changed, closed, and what is seen there."""

from typing import Any

import pytest
from django.urls import reverse

from apps.deployments.models import Environment, Look
from apps.deployments.operations import close_environment
from apps.validation import operations as validation
from apps.validation.monitoring.bands import Bands
from apps.validation.operations.monitoring import Watched
from tests import examining, scenarios
from tests.console.conftest import Reads
from tests.console.serving.running import model_version, place, running, seen
from tests.factories import actor
from tests.validation.records import outcomes

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("deployments:environments"), reverse("deployments:create_environment")


def typed(**said: Any) -> dict[str, Any]:
    return {
        "name": "production-eu",
        "title": "Production, EU",
        "admits": ["production"],
        "enforcement": "prevent",
        "owner": scenarios.owner().pk,
        "deployer": "by_hand",
        "uses": "Instant loan decision\n\n  Limit review ",
        **said,
    }


def address(name: str, of: str = "production-eu") -> str:
    return reverse(f"deployments:{name}", args=[of])


def test_without_environments_the_list_says_what_to_do_first(opens: Reads) -> None:
    page = opens(scenarios.operator(), LIST)

    assert "No environment is described yet" in page.words
    assert page.has_link(NEW)
    other = opens(scenarios.developer(), LIST)
    assert "Only an operator of the whole organization describes environments." in other.words
    assert not other.has_link(NEW)


def test_an_environment_is_described_by_page(opens: Reads) -> None:
    page = opens(
        scenarios.operator(), NEW, typed(seen_within_minutes=15, admits=["staging", "production"])
    )

    made = Environment.objects.get()
    assert page.response.headers["Location"] == made.get_absolute_url()
    assert (made.admits, made.uses) == (
        ["staging", "production"],
        ["Instant loan decision", "Limit review"],
    )
    words = opens(scenarios.developer(), made.get_absolute_url()).words
    assert (
        "Admits Staging and production Not admissible It is refused. Carried out by By hand"
        in words
    )
    assert "Instant loan decision, Limit review" in words
    assert "Seen within 15 minutes" in words
    assert "Nothing you can see is to run here" in words
    assert outcomes("environment.create", made) == ["done"]


def test_what_is_refused_stays_typed(opens: Reads) -> None:
    place("taken")
    for sent, words in (
        (typed(name="EU"), "holds a to z, digits and hyphens"),
        (typed(name="taken"), "An environment is called taken already."),
        (typed(admits=[]), "Tick one stage or more."),
        (typed(enforcement=""), "Say what happens to it."),
        (typed(target="[1]"), "Settings are an object of names and values"),
        (typed(target='{"url": "x"}'), "Whoever deploys by hand needs no settings here."),
        (typed(seen_within_minutes=0), "greater than or equal to 1"),
        ({}, "This field is required."),
    ):
        page = opens(scenarios.operator(), NEW, sent)
        assert (page.status, words in page.words) == (422, True), (sent, page.words)
        assert "Instant loan decision" in page.words or not sent
    refused = opens(scenarios.developer(), NEW, typed())
    assert (refused.status, Environment.objects.count()) == (422, 1)
    assert "Only an operator of the whole organization" in refused.words


def test_an_environment_is_changed_with_a_reason(opens: Reads) -> None:
    where = place(title="EU", uses=("Scoring",))
    path = address("change_environment")

    page = opens(scenarios.operator(), path)
    assert 'value="EU"' in page.source
    assert "Scoring" in page.words
    sent = typed(title="Europe", reason="It was moved")
    assert "Give a reason." in opens(scenarios.operator(), path, typed()).words
    opens(scenarios.operator(), path, sent)

    where.refresh_from_db()
    assert (where.title, where.admits) == ("Europe", ["production"])
    refused = opens(scenarios.auditor(), path, sent)
    assert (refused.status, "Only an operator" in refused.words) == (422, True)
    assert outcomes("environment.change", where) == ["done", "refused"]


def test_an_environment_is_closed_once_nothing_is_to_run_there(opens: Reads) -> None:
    where, path = place(), address("close_environment")
    running(where, model_version())

    refused = opens(scenarios.operator(), path, {"reason": "Given up"})
    assert (refused.status, "Withdraw them first." in refused.words) == (422, True)
    empty = place("old")
    opens(scenarios.operator(), address("close_environment", "old"), {"reason": "Given up"})

    words = opens(scenarios.operator(), empty.get_absolute_url()).words
    assert "Closed" in words
    assert "It is closed, so nothing about it changes any more." in words
    assert not opens(scenarios.operator(), LIST).has_link(empty.get_absolute_url())
    assert opens(scenarios.operator(), f"{LIST}?closed=yes").has_link(empty.get_absolute_url())
    late = opens(scenarios.operator(), address("change_environment", "old"), typed(reason="No"))
    assert late.status == 422
    assert outcomes("environment.close", where) == ["refused"]
    assert outcomes("environment.close", empty) == ["done"]


def test_the_page_says_what_is_to_run_what_is_seen_and_what_nobody_ordered(opens: Reads) -> None:
    where, version = place(title="Europe"), model_version()
    deployment = running(where, version)
    seen(where, "tumor-triage", version)
    seen(where, "somewhere")
    Look.objects.update_or_create(
        environment=where, defaults={"trouble": "The place does not answer."}
    )

    page = opens(scenarios.developer(), where.get_absolute_url())

    assert "What is to run here We see 1 of 1" in page.words
    assert "tumor-triage v1 In step" in page.words
    assert page.has_link(deployment.get_absolute_url())
    assert "somewhere sha256:" in page.words
    assert "Unknown content What is seen at somewhere has the digest" in page.words
    assert "The place does not answer." in page.words
    listed = opens(scenarios.developer(), LIST).words
    assert "Europe production-eu Development It is refused. 1 We see 1 of 1" in listed
    assert "Trouble" in listed


def test_a_stray_of_a_model_one_does_not_see_is_counted_and_not_named(opens: Reads) -> None:
    where, hidden = place(), model_version("hidden-thing")
    seen(where, "elsewhere", hidden)

    page = opens(scenarios.stranger(), where.get_absolute_url())

    assert page.status == 200
    assert "1 of models you do not see." in page.words
    assert "hidden-thing" not in page.source
    assert opens(scenarios.auditor(), where.get_absolute_url()).has_link(hidden.get_absolute_url())


def test_what_is_measured_there_is_linked(opens: Reads) -> None:
    where, model = place(), model_version().model
    series = validation.start_series(
        model,
        Watched("auc", "higher", environment="Production-EU"),
        Bands(red_least="0.5"),
        by=actor(scenarios.operator()),
        owner=scenarios.owner(),
        interval_days=7,
    )

    page = opens(scenarios.auditor(), where.get_absolute_url())
    assert "Measured here" in page.words
    assert page.has_link(series.get_absolute_url())
    assert "Measured here" not in opens(scenarios.stranger(), where.get_absolute_url()).words


def test_no_such_environment_is_not_there_and_examiners_find_none(opens: Reads) -> None:
    where, version = place(), model_version()
    running(where, version)
    for absent in ("absent", "EU"):
        assert opens(scenarios.operator(), address("environment", absent)).status == 404
    room = examining.opened(version.model)

    for path in (where.get_absolute_url(), LIST, NEW, address("change_environment")):
        assert opens(room.examiner, path).status == 404, path


def test_a_closed_list_that_is_empty_leads_back(opens: Reads) -> None:
    where = place()
    assert "No environment was closed" in opens(scenarios.auditor(), f"{LIST}?closed=yes").words
    close_environment(where, by=actor(scenarios.operator()), reason="Given up")
    assert "No environment is described yet" in opens(scenarios.auditor(), LIST).words
