"""The page of a deployment: what is to run, how it stands, what is seen, and every rollout."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.approvals.serving import noticing, operations
from apps.catalog.models import ModelVersion
from apps.console.serving.deployment import seconds_until_next_look
from apps.core import formats
from apps.core.clock import database_now
from apps.deployments.models import Environment, Rollout, Sighting
from apps.deployments.rolling import Asked
from apps.risk.models import Finding
from tests import examining, scenarios
from tests.console.conftest import Reads
from tests.console.serving.running import asked, model_version, place, running, seen
from tests.deployments import places
from tests.deployments.seen import told
from tests.factories import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def europe() -> Environment:
    return place(title="Europe")


@pytest.fixture
def version() -> ModelVersion:
    return model_version()


def test_it_shows_what_is_to_run_what_is_seen_and_how_it_came_about(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    deployment = running(europe, version)
    seen(europe, "tumor-triage", version)

    page = opens(scenarios.developer(), deployment.get_absolute_url())

    assert "tumor-triage in Europe" in page.words
    assert "How it stands In step" in page.words
    assert "What is to run is seen, and nothing else is." in page.words
    assert "Version 1 Champion 100 %" in page.words
    assert "tumor-triage Version 1 12" in page.words
    assert "Reported by an agent" in page.words
    assert "Rollout 1: deploy Carried out v1, asked for by Otis Operator “Agreed”" in page.words
    assert "Version 1 was admissible. By hand: Up since noon" in page.words
    assert 'id="rollout-1"' in page.source
    assert page.has_link(version.get_absolute_url())
    assert page.has_link(europe.get_absolute_url())
    assert "hx-get" not in page.source
    assert "Ask an operator" in page.words or "Only an operator of this model" in page.words


def test_an_operator_finds_what_can_be_done(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    deployment = running(europe, version)

    page = opens(scenarios.operator(), deployment.get_absolute_url())

    for name in ("shift", "roll_back", "withdraw", "drill"):
        assert page.has_link(reverse(f"deployments:{name}", args=[deployment.pk])), name
    assert "Put a version here" in page.words


def test_drift_says_why_what_to_do_and_which_finding_stands_for_it(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    deployment = running(europe, version)
    seen(europe, "tumor-triage")
    noticing.notice_drift()
    finding = Finding.objects.get()

    page = opens(scenarios.developer(), deployment.get_absolute_url())

    assert "How it stands Unknown content" in page.words
    assert "which nobody registered" in page.words
    assert "Find out who put it there and take it out" in page.words
    assert page.has_link(finding.get_absolute_url())
    assert page.words.index("Unknown content") < page.words.index("Not confirmed")


def test_what_ended_stands_under_what_is_seen_with_its_times_and_who_saw_it(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    deployment = running(europe, version)
    home, agent = deployment.get_absolute_url(), "Reported by an agent, Otis Operator"
    assert "Nothing that was seen has ended" in opens(scenarios.developer(), home).words
    seen(europe, "tumor-triage")
    seen(europe, "tumor-triage", version)
    told(europe, complete=True)
    gone, _ = Sighting.objects.order_by("-pk")
    assert gone.ended_at

    page = opens(scenarios.developer(), home)

    assert "Nothing that was seen has ended" not in page.words
    section = page.words.partition("Seen before the 10 that ended last")[2]
    times = [formats.moment(at, "short") for at in (gone.first_seen_at, gone.ended_at)]
    line = f"tumor-triage Version 1 {' '.join(times)} It is not there any more. {agent}"
    assert line in section
    assert f"Something else is there. {agent}" in section
    assert "abab" in section  # of a digest nobody registered
    assert section.index("not there any more") < section.index("Something else is there")
    assert "Nobody has seen anything of it yet" in page.words


def test_only_what_ended_last_is_shown_of_what_was_seen(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    deployment, now = running(europe, version), database_now()
    for hours in range(12):
        at = now - timedelta(hours=hours)
        places.sighting(
            deployment, at=at - timedelta(days=hours % 3), version=version,
            endpoint=f"pod-{hours}", ended_at=at, ended_why="Gone.",
        )  # fmt: skip

    page = opens(scenarios.developer(), deployment.get_absolute_url())

    shown = [line["sighting"].endpoint for line in page.response.context["ended"]]
    assert shown == [f"pod-{hours}" for hours in range(10)]
    assert "pod-10" not in page.source


def test_a_version_of_another_model_is_not_named(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    deployment, other = running(europe, version), model_version("hidden-thing")
    now = database_now()
    for ended_at in (None, now):
        places.sighting(deployment, at=now, version=other, digest="", called="x", ended_at=ended_at)

    page = opens(scenarios.developer(), deployment.get_absolute_url())

    going_on, _, ended = page.words.partition("Seen before")
    assert "A version of another model" in going_on.partition("What is seen")[2]
    assert "A version of another model" in ended
    assert "hidden-thing" not in page.source


def test_while_a_rollout_waits_the_page_follows_it_and_stops_at_the_end(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    deployment = running(europe, version)
    part = reverse("deployments:deployment_part", args=[deployment.pk])
    assert "hx-get" not in opens(scenarios.operator(), part).source

    operations.shift(
        deployment, [Asked(version)], by=actor(scenarios.operator()), reason="Once more"
    )
    page = opens(scenarios.operator(), part)
    assert f'hx-get="{part}" hx-trigger="every 3s" hx-swap="outerHTML"' in page.source
    assert "not brought about yet" in page.source
    assert "What was brought about last" in page.source
    assert "<html" not in page.source


def test_how_soon_the_page_looks_again_depends_on_who_brings_it_about() -> None:
    reader, state = actor(scenarios.operator()), Rollout.State

    def seconds(of: str, deployer: str = "kserve") -> int:
        return seconds_until_next_look(Rollout(state=of, deployer=deployer), reader)

    assert [seconds(one) for one in (state.QUEUED, state.RUNNING, state.AWAITED)] == [3, 3, 15]
    assert seconds(state.AWAITED, "by_hand") == seconds(state.DONE) == 0
    assert seconds_until_next_look(None, reader) == 0


def test_a_rollout_by_hand_is_recorded_by_an_operator(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    rollout = asked(europe, version)
    path = reverse("deployments:record_by_hand", args=[rollout.deployment_id, 1])
    home = rollout.deployment.get_absolute_url()
    assert opens(scenarios.operator(), home).has_link(path)
    assert not opens(scenarios.developer(), home).has_link(path)

    assert "Say whether it is done." in opens(scenarios.operator(), path, {}).words
    failed = opens(scenarios.operator(), path, {"outcome": "failed"})
    assert (failed.status, "Say what went wrong." in failed.words) == (422, True)
    refused = opens(scenarios.developer(), path, {"outcome": "done"})
    assert (refused.status, "Only an operator of this model" in refused.words) == (422, True)
    opens(scenarios.operator(), path, {"outcome": "failed", "told": "No room there"})

    words = opens(scenarios.operator(), home).words
    assert "Failed v1, asked for by Otis Operator" in words
    assert "By hand: No room there" in words
    late = opens(scenarios.operator(), path, {"outcome": "done"})
    assert (late.status, "is not waiting" in late.words) == (422, True)


def test_what_was_let_through_and_tried_twice_stands_in_the_story(
    opens: Reads, version: ModelVersion
) -> None:
    where = place(admits=("production",), enforcement="warn")
    rollout = asked(where, version, reason="A rehearsal")
    with places.change(places.SET_UP, rollout, by=places.SYSTEM):
        rollout.attempt = 2
        rollout.save()

    words = opens(scenarios.developer(), rollout.deployment.get_absolute_url()).words

    assert "Version 1 was not admissible: tumor-triage v1 is in the stage Development" in words
    assert "“A rehearsal”" in words
    assert "Attempt 2." in words


def test_older_rollouts_and_drills_are_reached(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    first = running(europe, version)
    second = scenarios.registered_version(version.model)
    running(europe, second)
    for _ in range(10):
        asked(europe, second)
    running(europe, second)
    first.refresh_from_db()
    operations.begin_drill(first, by=actor(scenarios.operator()), reason="Every quarter")

    page = opens(scenarios.auditor(), first.get_absolute_url())

    assert "Rollout 14: rollback drill Waiting for a worker v1" in page.words
    assert "Brings back rollout 1." in page.words
    assert "Rollback drills" in page.words
    assert "Going back" in page.words
    older = page.response.context["older"]
    assert older.startswith(f"{first.get_absolute_url()}?page=")
    assert "Rollout 1: deploy" in opens(scenarios.auditor(), older).words


def test_who_does_not_see_the_model_finds_no_page(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    rollout = asked(europe, version)
    paths = [
        reverse(f"deployments:{name}", args=[rollout.deployment_id])
        for name in ("deployment", "deployment_part", "shift", "roll_back", "withdraw", "drill")
    ]
    paths.append(reverse("deployments:record_by_hand", args=[rollout.deployment_id, 1]))

    for path in paths:
        assert opens(scenarios.stranger(), path).status == 404, path
    absent = reverse("deployments:record_by_hand", args=[rollout.deployment_id, 9])
    assert opens(scenarios.operator(), absent).status == 404


def test_an_examiner_looks_and_neither_acts_nor_polls(
    opens: Reads, europe: Environment, version: ModelVersion
) -> None:
    rollout = asked(europe, version)
    home = rollout.deployment.get_absolute_url()
    with places.change(places.SET_UP, rollout, by=places.SYSTEM):
        rollout.state = Rollout.State.QUEUED
        rollout.save()
    assert "hx-get" in opens(scenarios.auditor(), home).source
    room = examining.opened(version.model, until=database_now() + timedelta(days=1))

    page = opens(room.examiner, home)

    assert page.status == 200
    for word in ("hx-get", "Shift traffic", europe.get_absolute_url()):
        assert word not in page.source, word
    for name in ("deployment_part", "shift", "withdraw"):
        path = reverse(f"deployments:{name}", args=[rollout.deployment_id])
        assert opens(room.examiner, path).status == 404, name
