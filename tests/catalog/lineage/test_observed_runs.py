"""What runs of jobs are seen to read and make becomes lineage, once, whatever the order."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.audit.entries import MOST_ROWS
from apps.audit.models import AuditEvent
from apps.audit.ongoing import ONGOING
from apps.catalog import lineage, operations
from apps.catalog.lineage import Way, walking
from apps.catalog.models import Asset, LineageEdge, ModelVersion, Relation
from apps.catalog.operations import (
    MOST_MADE_VERSIONS,
    MOST_SEEN,
    OBSERVE_INPUTS,
    OBSERVE_RUN,
    Observed,
    Seen,
    SeenAsset,
    SeenRun,
    observe_run,
    observed_runs,
)
from apps.catalog.operations.observed_runs import Overtaken
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.catalog.lineage import world
from tests.catalog.record import entries, refusals
from tests.factories import actor, person, team

pytestmark = pytest.mark.django_db

RUN = UUID("0196a4b0-7c1e-7d4b-9b1a-2f6d1c5e8a90")
JOB = SeenAsset(Asset.Kind.PIPELINE, "airflow#train")


@pytest.fixture
def by() -> Actor:
    return actor(scenarios.developer())


def data(name: str, version: str = "", **told: str) -> SeenAsset:
    return SeenAsset(Asset.Kind.DATASET, f"lake#{name}", version, **told)


def event(*, read: Sequence[Seen] = (), made: Sequence[Seen] = (), job: SeenAsset = JOB) -> SeenRun:
    return SeenRun(RUN, job, read, made)


def told() -> set[tuple[str, str, str]]:
    """Return what is observed, as origin, relation and target."""
    edges = LineageEdge.objects.filter(source=LineageEdge.Source.OBSERVED, ended_at=None)
    return {(str(edge.origin), edge.relation, str(edge.target)) for edge in edges}


def kept() -> tuple[int, int, int]:
    return AuditEvent.objects.count(), LineageEdge.history.count(), Asset.history.count()


def test_a_job_reads_and_writes_datasets(by: Actor) -> None:
    observed = observe_run(event(read=[data("raw", "7")], made=[data("clean")]), by=by)

    assert observed == Observed(assets=3, edges=2)
    assert told() == {
        ("lake#raw 7", "reads", "airflow#train"),
        ("airflow#train", "writes", "lake#clean"),
    }
    assert {one.kind for one in Asset.objects.all()} == {"dataset", "pipeline"}
    assert len(entries("asset.observe")) == 3
    outer = entries(OBSERVE_RUN.name)[-1]
    assert outer["detail"] == {
        "run": str(RUN),
        "job": Asset.objects.get(kind="pipeline").record_id,
        "assets": 3,
        "edges": 2,
        "left_out": 0,
    }


def test_each_line_is_in_the_chain_of_what_it_belongs_to(by: Actor) -> None:
    version = scenarios.registered_version()
    observe_run(event(read=[data("raw")], made=[data("clean"), version]), by=by)

    written = [*entries(OBSERVE_RUN.name), *entries(OBSERVE_INPUTS.name)]
    roots = {
        row["row"]: entry["chain"]["root"]
        for entry in written
        for row in entry["rows"]
        if row["row"].startswith("lineage_edge")
    }
    assert roots == {edge.record_ref: edge.root.record_ref for edge in LineageEdge.objects.all()}
    assert {one["parent"] for one in entries(OBSERVE_RUN.name)} == {
        entry["id"] for entry in entries(OBSERVE_INPUTS.name)
    }


def test_a_version_that_was_made_was_trained_on_what_its_job_read(by: Actor) -> None:
    version, base = scenarios.registered_version(), scenarios.registered_version()

    observe_run(event(read=[data("raw"), base], made=[version]), by=by)

    assert told() == {
        ("airflow#train", "built_by", str(version)),
        ("lake#raw", "reads", "airflow#train"),
        (str(base), "reads", "airflow#train"),
        ("lake#raw", "trained_on", str(version)),
        (str(base), "derived_from", str(version)),
    }


def test_the_same_event_again_leaves_no_trace(by: Actor) -> None:
    version = scenarios.registered_version()
    seen = event(read=[data("raw")], made=[version, data("clean"), version])
    observe_run(seen, by=by)
    before = kept()

    assert observe_run(seen, by=by) == Observed()
    assert kept() == before


def test_the_order_of_events_does_not_matter(by: Actor) -> None:
    start, complete = event(read=[data("raw")]), event(read=[data("raw")], made=[data("clean")])
    observe_run(complete, by=by)
    before = told()

    assert observe_run(start, by=by).edges == 0
    assert told() == before


def test_an_event_that_joins_nothing_declares_nothing(by: Actor) -> None:
    assert observe_run(event(), by=by) == Observed()
    assert not Asset.objects.exists()


def test_a_dataset_is_one_asset_for_every_run_and_another_for_every_version(by: Actor) -> None:
    other = SeenAsset(Asset.Kind.PIPELINE, "airflow#report")
    observe_run(event(read=[data("raw", "1")]), by=by)
    observe_run(event(read=[data("raw", "1")], job=other), by=by)
    observe_run(event(read=[data("raw", "2")]), by=by)

    assert Asset.objects.filter(kind="dataset").count() == 2


def test_what_an_event_says_of_something_counts_when_nobody_knew_it(by: Actor) -> None:
    imaging, olivia = team("Imaging"), scenarios.owner()
    first = data(
        "raw",
        location="s3://me:secret@lake/raw",
        description="Scans",
        owner=olivia.username,
        team="Imaging",
    )
    observe_run(event(read=[first, data("other", owner="nobody", team="None")]), by=by)
    again = event(read=[data("raw", description="Else"), data("third")])
    observe_run(again, by=by)

    raw, other = Asset.objects.get(name="lake#raw"), Asset.objects.get(name="lake#other")
    assert (raw.location, raw.description) == ("s3://lake/raw", "Scans")
    assert (raw.owner, raw.team) == (olivia, imaging)
    assert (other.owner, other.team, other.location) == (None, None, "")


def test_what_was_declared_counts_as_observed_once_a_run_shows_it(by: Actor) -> None:
    raw, job = world.asset("lake#raw"), world.asset("airflow#train", Asset.Kind.PIPELINE)
    edge = world.edge(raw, job, Relation.READS)

    assert observe_run(event(read=[data("raw")]), by=by) == Observed(edges=1)

    edge.refresh_from_db()
    assert (edge.source, LineageEdge.objects.count()) == (LineageEdge.Source.OBSERVED, 1)


def test_what_a_person_ended_stays_ended(by: Actor) -> None:
    seen = event(read=[data("raw")])
    observe_run(seen, by=by)
    operations.end_edge(LineageEdge.objects.get(), by=by, reason="It only looks there")

    observed = observe_run(seen, by=by)

    assert "stays ended" in observed.left_out[0].why
    assert told() == set()


def test_something_retired_that_is_still_read_is_known_anew(by: Actor) -> None:
    seen = event(read=[data("raw")])
    observe_run(seen, by=by)
    operations.retire_asset(Asset.objects.get(name="lake#raw"), by=by, reason="Gone, we thought")

    assert observe_run(seen, by=by) == Observed(assets=1, edges=1)


def test_a_table_that_is_read_and_written_is_known_to_be_written(by: Actor) -> None:
    observed = observe_run(event(read=[data("state")], made=[data("state")]), by=by)

    assert told() == {("airflow#train", "writes", "lake#state")}
    assert [(one.origin, one.target) for one in observed.left_out] == [
        ("lake#state", "airflow#train")
    ]


def test_a_line_that_would_close_a_loop_is_left_out_and_the_rest_is_kept(by: Actor) -> None:
    first, second, third = (scenarios.registered_version() for _ in range(3))
    observe_run(event(read=[data("raw"), first], made=[second]), by=by)

    observed = observe_run(event(read=[second], made=[third, first, data("raw")]), by=by)

    lost = {(one.origin, one.relation, one.target) for one in observed.left_out}
    assert lost == {
        (str(second), "reads", "airflow#train"),
        ("airflow#train", "built_by", str(first)),
        ("airflow#train", "writes", "lake#raw"),
        (str(second), "derived_from", str(first)),
    }
    assert (str(second), "derived_from", str(third)) in told()
    before = kept()
    assert observe_run(event(read=[second], made=[first]), by=by).edges == 0
    assert kept() == before


def test_lineage_never_holds_a_loop_whatever_runs_say(by: Actor) -> None:
    versions = [scenarios.registered_version() for _ in range(2)]
    things: list[Seen] = [data("a"), data("b"), *versions]
    jobs = [JOB, SeenAsset(Asset.Kind.PIPELINE, "airflow#other")]
    for number in range(12):
        read = [thing for place, thing in enumerate(things) if (number >> place) & 1]
        made = [thing for place, thing in enumerate(things) if (number * 7 >> place) & 1]
        observe_run(event(read=read, made=made, job=jobs[number % 2]), by=by)

    for edge in LineageEdge.objects.all():
        assert lineage.ref_of(edge.target) not in lineage.reach([edge.origin], Way.UP), str(edge)


def test_very_much_around_something_is_refused(by: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    observe_run(event(read=[data("a"), data("b"), data("c")]), by=by)
    monkeypatch.setattr(walking, "MOST_SEARCHED", 2)

    with pytest.raises(RuleBroken, match="More than 2 things"):
        observe_run(event(made=[data("d")]), by=by)


def test_many_things_are_written_within_the_limits_of_an_event(by: Actor) -> None:
    version = scenarios.registered_version()
    many = [data(f"table-{number}") for number in range(MOST_ROWS + 1)]
    seen = event(read=many, made=[version])

    assert observe_run(seen, by=by).edges == 2 * len(many) + 1
    written = [*entries(OBSERVE_RUN.name), *entries(OBSERVE_INPUTS.name)]
    assert max(len(entry["rows"]) for entry in written) <= MOST_ROWS
    assert observe_run(seen, by=by) == Observed()


def test_an_event_that_names_too_much_is_refused_whole(by: Actor) -> None:
    many = [data(f"table-{number}") for number in range(MOST_SEEN + 1)]
    with pytest.raises(InputRefused, match=f"at most {MOST_SEEN} inputs and outputs"):
        observe_run(event(read=many), by=by)

    versions = [ModelVersion(pk=number) for number in range(MOST_MADE_VERSIONS + 1)]
    with pytest.raises(InputRefused, match=f"at most {MOST_MADE_VERSIONS} versions"):
        observe_run(event(made=versions), by=by)
    assert not Asset.objects.exists()


@pytest.mark.parametrize("name", ["", " raw", "two\nlines", "x" * 501])
def test_what_cannot_be_the_name_of_an_asset_leaves_nothing_behind(by: Actor, name: str) -> None:
    odd = SeenAsset(Asset.Kind.DATASET, name)

    with pytest.raises(InputRefused):
        observe_run(event(read=[data("raw"), odd]), by=by)

    assert not Asset.objects.exists()


def test_nothing_is_joined_to_a_version_that_was_deleted(by: Actor) -> None:
    version, other = scenarios.registered_version(), scenarios.registered_version()
    late = ModelVersion.objects.select_related("model").get(pk=other.pk)
    approvals.delete_version(other, by=by, reason="Never used")

    with pytest.raises(RuleBroken, match="deleted"):
        observe_run(event(made=[version, late]), by=by)

    assert not LineageEdge.objects.exists()


# -- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.auditor])
@pytest.mark.parametrize("read", [(), (data("raw"),)])
def test_only_who_declares_assets_records_what_jobs_do(
    wrong: Callable[[], User], read: Sequence[Seen]
) -> None:
    with pytest.raises(NotAllowed):
        observe_run(event(read=read), by=actor(wrong()))

    assert len(refusals(OBSERVE_RUN.name)) == 1
    assert not Asset.objects.exists()


def test_a_version_takes_the_right_on_its_model_and_the_right_to_declare_assets(by: Actor) -> None:
    ours, theirs = scenarios.registered_version(), scenarios.registered_version()
    zoe = person("zoe")
    owner = actor(scenarios.owner())
    operations.grant_model_duty(ours.model, zoe, "model_developer", by=owner, reason="Builds it")

    with pytest.raises(NotAllowed):
        observe_run(event(made=[theirs]), by=actor(zoe))
    with pytest.raises(NotAllowed):
        observe_run(event(made=[ours, theirs]), by=actor(zoe))
    with pytest.raises(NotAllowed, match="record lineage"):
        observe_run(event(made=[ours]), by=actor(zoe))

    assert len(refusals(OBSERVE_INPUTS.name)) == 3
    assert not Asset.objects.exists()


# -- at the same moment ----------------------------------------------------------------------------


def overtaking(by: Actor, times: int) -> Callable[[], None]:
    """Return a wait for a turn in which others declare the job, as often as said."""
    left = iter(range(times))

    def wait() -> None:
        if next(left, None) is not None:
            job = operations.declare_asset(by=by, kind=JOB.kind, name=JOB.name)
            ongoing: Any = ONGOING.get()
            ongoing._locked.discard(job.record_ref)  # another transaction would hold it

    return wait


def test_who_is_overtaken_begins_anew(by: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observed_runs, "one_at_a_time", overtaking(by, 1))

    assert observe_run(event(read=[data("raw")]), by=by).edges == 1
    assert len(refusals(OBSERVE_RUN.name)) == 1


def test_who_is_overtaken_again_and_again_is_told_so(
    by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observed_runs, "one_at_a_time", overtaking(by, 9))

    with pytest.raises(Overtaken, match="Send it again"):
        observe_run(event(read=[data("raw")]), by=by)

    assert not Asset.objects.exists()
