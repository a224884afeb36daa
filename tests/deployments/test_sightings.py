"""What is reported to run: new content is on record, the same is not, and late changes nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog.exams import as_examiner
from apps.catalog.models import ModelVersion
from apps.core.actors import WORKER, Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.deployments import matching, sighting_queries
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Deployment, Environment, Look, Sighting
from apps.deployments.operations import Reported, report, report_look, sightings
from tests import scenarios
from tests.approvals.exceptions import entries, refusals
from tests.deployments import places
from tests.deployments.seen import UNKNOWN, by_token, changed, told
from tests.examining import opened
from tests.factories import actor

pytestmark = pytest.mark.django_db


def going_on(where: Environment) -> list[Sighting]:
    return list(Sighting.objects.filter(environment=where, ended_at=None).order_by("pk"))


@pytest.fixture
def deployed() -> Deployment:
    """A version that was put into an environment, and nobody looked yet."""
    return places.deployed().deployment


@pytest.fixture
def version(deployed: Deployment) -> ModelVersion:
    found: ModelVersion = deployed.model.versions.get()
    return found


# -- new, again, gone


def test_new_content_is_on_record_with_its_version_and_deployment(
    deployed: Deployment, version: ModelVersion
) -> None:
    at = database_now()

    done = told(
        deployed.environment, Seen(deployed.service, version.content_digest, share=100), at=at
    )

    assert done == Reported(begun=1, again=0, ended=0, late=0, unknown=0)
    seen = Sighting.objects.get()
    assert (seen.version, seen.deployment) == (version, deployed)
    assert (seen.first_seen_at, seen.last_seen_at, seen.share) == (at, at, 100)
    assert (seen.source, seen.seen_by) == ("agent", scenarios.operator())
    assert seen.history.count() == 1
    [event] = entries("environment.see")
    assert event["subject"]["id"] == deployed.environment.record_id
    assert [row["row"] for row in event["rows"]] == [seen.record_ref]
    assert event["detail"] == {"source": "agent", "begun": 1, "moved": 0, "ended": 0}


def test_the_same_again_moves_columns_and_opens_no_change(
    deployed: Deployment, version: ModelVersion
) -> None:
    what = Seen(deployed.service, version.content_digest, requests=5)
    first = database_now() - timedelta(minutes=2)
    told(deployed.environment, what, at=first)
    before = AuditEvent.objects.count()

    at = database_now()
    done = told(deployed.environment, Seen(what.endpoint, what.digest, share=40, requests=9), at=at)

    assert done == Reported(begun=0, again=1, ended=0, late=0, unknown=0)
    seen = Sighting.objects.get()
    assert (seen.first_seen_at, seen.last_seen_at) == (first, at)
    assert (seen.share, seen.requests) == (40, 9)
    assert AuditEvent.objects.count() == before
    assert seen.history.count() == 1
    told(deployed.environment, what)
    assert Sighting.objects.get().share == 40  # who does not tell a share takes none back


def test_other_content_at_an_endpoint_ends_what_was_there(
    deployed: Deployment, version: ModelVersion
) -> None:
    told(deployed.environment, Seen("a", version.content_digest), Seen("b", version.content_digest))

    done = told(deployed.environment, Seen("a", UNKNOWN))

    assert (done.begun, done.ended, done.unknown) == (1, 1, 1)
    ended = Sighting.objects.get(ended_at__isnull=False)
    assert (ended.endpoint, ended.ended_why) == ("a", "Something else is there.")
    assert [(one.endpoint, one.digest) for one in going_on(deployed.environment)] == [
        ("b", version.content_digest),
        ("a", UNKNOWN),
    ]


def test_a_complete_report_ends_what_it_does_not_tell(
    deployed: Deployment, version: ModelVersion
) -> None:
    told(deployed.environment, Seen("a", version.content_digest), Seen("b", version.content_digest))
    at = database_now()

    done = told(deployed.environment, Seen("a", version.content_digest), at=at, complete=True)

    assert (done.again, done.ended) == (1, 1)
    ended = Sighting.objects.get(endpoint="b")
    assert (ended.ended_at, ended.ended_why) == (at, "It is not there any more.")
    assert Look.objects.get(environment=deployed.environment).looked_at == at
    assert told(deployed.environment, complete=True).ended == 1
    assert going_on(deployed.environment) == []


def test_what_came_back_is_seen_anew(deployed: Deployment, version: ModelVersion) -> None:
    told(deployed.environment, Seen("a", version.content_digest))
    told(deployed.environment, complete=True)

    assert told(deployed.environment, Seen("a", version.content_digest)).begun == 1
    assert Sighting.objects.count() == 2


def test_a_complete_look_of_one_source_leaves_what_another_sees(
    deployed: Deployment, version: ModelVersion
) -> None:
    now = database_now()
    told(deployed.environment, Seen("a", version.content_digest), at=now - timedelta(minutes=30))

    look = {"complete": True, "source": "deployer"}
    assert report_look(deployed.environment, [], at=now, **look).ended == 0  # type: ignore[arg-type]

    changed(deployed.environment, seen_within_minutes=15)
    deployed.environment.refresh_from_db()
    assert report_look(deployed.environment, [], at=now, **look).ended == 1  # type: ignore[arg-type]


# -- late and early


def test_a_late_report_changes_nothing(deployed: Deployment, version: ModelVersion) -> None:
    now = database_now()
    told(deployed.environment, Seen("a", version.content_digest), at=now)
    before = AuditEvent.objects.count()

    earlier = now - timedelta(minutes=1)
    late = told(deployed.environment, Seen("a", UNKNOWN), at=earlier, complete=True)

    assert late == Reported(begun=0, again=0, ended=0, late=1, unknown=1)
    [seen] = going_on(deployed.environment)
    assert (seen.digest, seen.last_seen_at) == (version.content_digest, now)
    assert AuditEvent.objects.count() == before
    told(deployed.environment, complete=True)
    assert told(deployed.environment, Seen("a", UNKNOWN), at=earlier).late == 1
    assert going_on(deployed.environment) == []


def test_a_late_complete_look_keeps_the_newer_one(deployed: Deployment) -> None:
    now = database_now()
    for at in (now, now - timedelta(minutes=1)):
        told(deployed.environment, at=at, complete=True)

    assert Look.objects.get().looked_at == now


def test_a_clock_that_is_ahead_counts_as_of_now(deployed: Deployment) -> None:
    told(deployed.environment, Seen("a", UNKNOWN), at=database_now() + timedelta(minutes=4))

    assert Sighting.objects.get().last_seen_at <= database_now()


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        (timedelta(minutes=6), "in the future"),
        (timedelta(days=-1, minutes=-1), "more than a day ago"),
        (None, "has no time zone"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_on_record(
    deployed: Deployment, moved: timedelta | None, said: str
) -> None:
    now = database_now()
    at = now.replace(tzinfo=None) if moved is None else now + moved

    with pytest.raises(InputRefused, match=said):
        told(deployed.environment, Seen("a", UNKNOWN), at=at)

    assert refusals("environment.see") == ["input_refused"]
    assert not Sighting.objects.exists()


# -- what is refused


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ([Seen("a")], "its digest, or its name"),
        ([Seen("  ", UNKNOWN)], "name it"),
        ([Seen("a" * 301, UNKNOWN)], "at most 300"),
        ([Seen("a", called="b" * 301)], "at most 300"),
        ([Seen("a\n", "x", "b\0")], "cannot be shown"),
        ([Seen("a", "md5:1234")], "is no digest"),
        ([Seen("a", UNKNOWN, share=101)], "from 0 to 100"),
        ([Seen("a", UNKNOWN, requests=-1)], "from 0 to"),
        ([Seen(f"e{n}", UNKNOWN) for n in range(matching.MOST_SEEN + 1)], "at most 1,000"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(
    deployed: Deployment, seen: Sequence[Seen], said: str
) -> None:
    with pytest.raises(InputRefused, match=said):
        told(deployed.environment, Seen("good", UNKNOWN), *seen)

    assert not Sighting.objects.exists()


def test_a_source_nobody_knows_is_refused(deployed: Deployment) -> None:
    with pytest.raises(InputRefused, match="is no source"):
        told(deployed.environment, Seen("a", UNKNOWN), source="rumor")


def test_a_closed_environment_takes_no_report(deployed: Deployment) -> None:
    told(deployed.environment, Seen("a", UNKNOWN))
    changed(deployed.environment, closed_at=database_now())

    for what in (UNKNOWN, "sha256:" + "cd" * 32):
        with pytest.raises(RuleBroken, match="was closed"):
            told(deployed.environment, Seen("a", what))


def test_more_than_an_environment_holds_is_refused(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "MOST_GOING_ON", 2)
    told(deployed.environment, Seen("a", UNKNOWN), Seen("b", UNKNOWN))

    with pytest.raises(RuleBroken, match="At most 2 contents"):
        told(deployed.environment, Seen("c", UNKNOWN))

    assert told(deployed.environment, Seen("c", UNKNOWN), complete=True).ended == 2


@pytest.mark.parametrize("who", ["stranger", "owner", "developer", "auditor", "validator"])
def test_only_operators_report(deployed: Deployment, who: str) -> None:
    by = actor(getattr(scenarios, who)())

    with pytest.raises(NotAllowed):
        report(deployed.environment, [Seen("a", UNKNOWN)], by=by, at=database_now())

    assert refusals("environment.see") == ["not_allowed"]
    assert not Sighting.objects.exists()


def test_a_token_reports_of_the_environment_it_was_made_for_alone(deployed: Deployment) -> None:
    other = places.environment()
    by = by_token(scenarios.operator(), [Scope.OBSERVE], [deployed.environment.record_ref])

    assert report(deployed.environment, [Seen("a", UNKNOWN)], by=by, at=database_now()).begun == 1
    with pytest.raises(NotAllowed):
        report(other, [Seen("a", UNKNOWN)], by=by, at=database_now())
    narrow = by_token(scenarios.operator(), [Scope.READ])
    with pytest.raises(NotAllowed):
        report(deployed.environment, [Seen("a", UNKNOWN)], by=narrow, at=database_now())


def test_the_worker_looks_and_does_not_report(deployed: Deployment) -> None:
    with pytest.raises(NotAllowed):
        report(deployed.environment, [Seen("a", UNKNOWN)], by=WORKER, at=database_now())

    report_look(
        deployed.environment,
        [Seen("a", UNKNOWN)],
        at=database_now(),
        complete=True,
        source="deployer",
    )

    assert [event["actor"]["id"] for event in entries("environment.look")] == ["system"]
    assert Sighting.objects.get().seen_by is None


# -- many, and at once


def test_more_than_one_event_names_is_told_in_children_of_it(deployed: Deployment) -> None:
    told(deployed.environment, *(Seen(f"e{number}", UNKNOWN) for number in range(130)))

    assert [len(event["rows"]) for event in entries("environment.see")] == [60, 10, 60]
    assert Sighting.objects.count() == 130


def test_a_report_that_repeats_asks_the_same_whatever_its_length(
    deployed: Deployment, version: ModelVersion
) -> None:
    def asked(count: int) -> int:
        """Return how many questions are asked, beside one write for each sighting."""
        seen = [Seen(f"e{number}", version.content_digest) for number in range(count)]
        told(deployed.environment, *seen)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            told(deployed.environment, *seen)
        return len(asked) - count

    assert asked(2) == asked(20) <= 12


def test_a_report_planned_when_another_came_first_begins_nothing_twice(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = database_now()

    def overtaken(*_: object) -> None:
        monkeypatch.undo()
        told(deployed.environment, Seen("a", UNKNOWN), at=at)

    monkeypatch.setattr(sightings, "_repeated", overtaken)

    done = told(deployed.environment, Seen("a", UNKNOWN), at=at)

    assert (done.begun, done.again) == (0, 1)
    assert Sighting.objects.count() == 1


# -- what it is


def test_copies_of_a_server_are_one_content(deployed: Deployment, version: ModelVersion) -> None:
    digest = version.content_digest
    told(
        deployed.environment,
        Seen("a", digest, share=60, requests=5),
        Seen("a", digest.removeprefix("sha256:").upper(), share=60),
        Seen("a", called=f"models:/{version.model.name}/{version.number}", requests=4),
    )

    seen = Sighting.objects.get()
    assert (seen.share, seen.requests, seen.digest) == (100, 9, digest)


@pytest.mark.parametrize("form", ["{}/{}", "models:/{}/{}"])
def test_a_name_counts_where_there_is_no_digest(
    deployed: Deployment, version: ModelVersion, form: str
) -> None:
    called = form.format(version.model.name, version.number)

    assert told(deployed.environment, Seen("x", called=called)).unknown == 0

    seen = Sighting.objects.get()
    assert (seen.version, seen.digest, seen.deployment) == (version, "", deployed)


def test_a_digest_is_more_than_a_name(deployed: Deployment, version: ModelVersion) -> None:
    name, digest = f"{version.model.name}/{version.number}", version.content_digest
    told(deployed.environment, Seen("x", called=name))

    by_digest = told(deployed.environment, Seen("x", digest))
    by_name = told(deployed.environment, Seen("x", called=name))

    assert (by_digest.begun, by_digest.ended) == (1, 1)
    assert (by_name.again, by_name.begun) == (1, 0)
    assert [one.digest for one in going_on(deployed.environment)] == [digest]


def test_a_name_that_lies_about_its_content_is_unknown(
    deployed: Deployment, version: ModelVersion
) -> None:
    called = f"{version.model.name}/{version.number}"

    assert told(deployed.environment, Seen("x", UNKNOWN, called)).unknown == 1

    seen = Sighting.objects.get()
    assert (seen.version, seen.deployment) == (None, deployed)  # whose it says it is


@pytest.mark.parametrize("called", ["nobody/1", "nothing", "models:/", "x/99999999999"])
def test_a_name_of_nothing_is_unknown(deployed: Deployment, called: str) -> None:
    assert told(deployed.environment, Seen("x", called=called)).unknown == 1

    assert told(deployed.environment, Seen("x", called=called)).again == 1
    assert Sighting.objects.get().deployment is None


@pytest.mark.parametrize(
    "form", ["{}", "{}.prod.svc", "https://{}.example/invocations", "{}:8080", "{}/v2"]
)
def test_an_endpoint_names_the_service_it_is_of(deployed: Deployment, form: str) -> None:
    told(deployed.environment, Seen(form.format(deployed.service), UNKNOWN))

    assert Sighting.objects.get().deployment == deployed


def test_of_several_versions_of_a_content_the_one_that_is_to_run_there_is_meant() -> None:
    first, second = scenarios.registered_version(), scenarios.registered_version()
    assert first.content_digest == second.content_digest
    of_second = places.deployed(second).deployment

    told(of_second.environment, Seen("10.0.0.7", second.content_digest))

    seen = Sighting.objects.get()
    assert (seen.version, seen.deployment) == (second, of_second)


def test_without_any_that_is_to_run_the_first_is_meant_and_no_deployment() -> None:
    first, _ = scenarios.registered_version(), scenarios.registered_version()
    where = places.environment()

    told(where, Seen("10.0.0.7", first.content_digest))

    seen = Sighting.objects.get()
    assert (seen.version, seen.deployment) == (first, None)


def test_the_digest_of_an_image_is_that_of_the_version_it_was_declared_for() -> None:
    image = "sha256:" + "ef" * 32
    version = scenarios.registered_version(container_digest=image)
    deployment = places.deployed(version).deployment

    assert told(deployment.environment, Seen("x", image)).unknown == 0

    assert Sighting.objects.get().version == version
    assert sighting_queries.coverage(deployment.environment, at=database_now()) == (1, 1)


def test_what_is_registered_and_deployed_later_is_matched_on_record() -> None:
    version = scenarios.registered_version()
    where = places.environment()
    told(where, Seen("x", version.content_digest))
    deployment = places.deployment(version.model, where)

    told(where, Seen("x", version.content_digest))

    seen = Sighting.objects.get()
    assert (seen.deployment, seen.history.count()) == (deployment, 2)
    assert entries("environment.see")[-1]["detail"]["moved"] == 1


# -- who may know, and how much is seen


def test_what_is_seen_of_a_model_is_for_those_who_see_it(
    deployed: Deployment, version: ModelVersion
) -> None:
    told(deployed.environment, Seen("a", version.content_digest), Seen("b", UNKNOWN))

    def visible(by: Actor) -> list[str]:
        found = sighting_queries.sightings_visible_to(by)
        return sorted(found.values_list("endpoint", flat=True))

    assert visible(actor(scenarios.operator())) == ["a", "b"]
    assert "a" not in visible(actor(scenarios.stranger()))
    room = opened(deployed.model)
    assert visible(as_examiner(actor(room.examiner), room, database_now())) == ["a"]


def test_what_belongs_to_nothing_is_an_open_question(
    deployed: Deployment, version: ModelVersion
) -> None:
    told(
        deployed.environment,
        Seen(deployed.service, UNKNOWN),
        Seen("10.0.0.7", version.content_digest),
        Seen("10.0.0.8", UNKNOWN),
    )

    assert [one.endpoint for one in sighting_queries.open_questions()] == ["10.0.0.8"]
    told(deployed.environment, complete=True)
    assert not sighting_queries.open_questions().exists()


def test_coverage_counts_what_is_to_be_seen_and_is(
    deployed: Deployment, version: ModelVersion
) -> None:
    where, now = deployed.environment, database_now()
    another = places.deployed(where=where).deployment
    told(where, Seen(deployed.service, version.content_digest), Seen(another.service, UNKNOWN))

    assert sighting_queries.coverage(where, at=now) == (1, 2)
    assert sighting_queries.coverage(places.environment(), at=now) == (0, 0)
    changed(where, seen_within_minutes=5)
    where.refresh_from_db()
    assert sighting_queries.coverage(where, at=now + timedelta(minutes=6)) == (0, 2)


def test_coverage_of_many_is_read_in_two_queries(
    django_assert_num_queries: Any,
) -> None:
    wheres = [places.deployed().deployment.environment for _ in range(3)]

    at = database_now()
    with django_assert_num_queries(2):
        found = sighting_queries.coverage_of(wheres, at=at)

    assert set(found.values()) == {(0, 1)}
