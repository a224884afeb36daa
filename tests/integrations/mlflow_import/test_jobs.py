"""A version registered from elsewhere gets its run and its files from a server that has them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from apps.accounts.models import User
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion, RegisteredModel, Run, Upload
from apps.catalog.sources import Claim
from apps.catalog.tracking import experiments
from apps.core.clock import database_now
from apps.integrations.mlflow_import import jobs, tasks
from apps.integrations.mlflow_import.client import Bounds
from apps.integrations.mlflow_import.queries import ImportState, import_state
from apps.integrations.models import ImportJob
from apps.validation import operations as validation
from tests.catalog.record import entries
from tests.factories import actor
from tests.integrations.mlflow_import.carrying import kept
from tests.integrations.mlflow_import.lab import FILES, Lab, lab, uid
from tests.scenarios import developer, owner, registered_model, registered_version, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a server that is away no second time within one try."""
    monkeypatch.setattr(jobs, "BOUNDS", Bounds(pauses=()))


def waiting(
    source: str,
    *,
    run: str = "",
    logged: str = "",
    model: RegisteredModel | None = None,
    by: User | None = None,
) -> ModelVersion:
    """Register a version whose bytes lie elsewhere, as an MLflow client does."""
    return validation.register_source_and_check(
        model or registered_model(),
        Claim(source, run, logged),
        by=actor(by or developer()),
        tags={},
    )


def from_run(there: Lab, name: str = "wine", **given: Any) -> ModelVersion:
    run = there.run(name)
    return waiting(f"mlflow-artifacts:/1/{run}/artifacts/model", run=run, **given)


def carried_out(version: ModelVersion, clock: Callable[[], datetime] = database_now) -> ImportState:
    """Sweep once, and return how it goes with the version."""
    for job_id in jobs.queue(clock(), since=None):
        jobs.execute(job_id, clock=clock)
    version.refresh_from_db()
    state = import_state(version, now=clock())
    assert state is not None
    return state


def later(**after: float) -> Callable[[], datetime]:
    return lambda: database_now() + timedelta(**after)


def test_a_version_gets_its_run_and_its_files_and_its_checks_start(there: Lab) -> None:
    version = from_run(there)
    assert version.readiness == Readiness.PENDING

    state = carried_out(version)

    assert (state.state, state.label, state.source) == ("done", "Fetched", "lab")
    assert version.is_ready
    files = {file.path: kept(file.artifact.sha256) for file in version.files.all()}
    assert files == FILES
    run = Run.objects.get(uid=uid("wine"))
    assert (version.run, run.started_by) == (run, developer())
    assert run.metrics.count() == 6
    assert version.run_revision == run.revision
    assert version.check_runs.count() > 0
    assert entries("version.complete_and_check")[0]["actor"]["id"] == "worker"
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    "source",
    ["runs:/{run}/model", "{address}/api/2.0/mlflow-artifacts/artifacts/1/{run}/artifacts/model"],
)
def test_a_source_may_be_written_in_several_ways(there: Lab, source: str) -> None:
    run = there.run("wine")

    version = waiting(source.format(run=run, address=there.address), run=run)

    assert carried_out(version).state == "done"
    assert version.file_count == 3


def test_a_logged_model_is_fetched_with_the_run_that_wrote_it(there: Lab) -> None:
    logged = there.logged_model("wine")

    version = waiting(f"models:/{logged}", logged=logged)

    assert carried_out(version).state == "done"
    assert version.run is not None
    assert version.run.uid == uid("wine")


def test_a_model_that_lies_beside_its_run_is_found_by_its_name(there: Lab) -> None:
    there.logged_model("wine")
    run = uid("wine")

    version = waiting(f"runs:/{run}/model", run=run)

    assert carried_out(version).state == "done"
    assert version.file_count == 3


def test_nothing_is_queued_while_no_server_is_configured(there: Lab, settings: Settings) -> None:
    settings.MLFLOW_SOURCES = []
    version = from_run(there)

    assert jobs.queue(database_now(), since=None) == []
    assert import_state(version, now=database_now()) is None


def test_a_version_with_its_bytes_is_not_queued(there: Lab) -> None:
    registered_version()

    assert jobs.queue(database_now(), since=None) == []


def test_the_quick_sweep_looks_at_what_was_registered_lately(there: Lab) -> None:
    from_run(there)

    assert jobs.queue(database_now(), since=database_now() + timedelta(seconds=1)) == []
    assert len(jobs.queue(database_now(), since=database_now() - timedelta(minutes=1))) == 1


@pytest.mark.usefixtures("tasks_at_once")
def test_the_sweeps_carry_out_what_waits(there: Lab) -> None:
    version = from_run(there)
    tasks.import_new()
    version.refresh_from_db()
    assert version.is_ready

    other = from_run(there, "port")
    tasks.import_all()
    other.refresh_from_db()
    assert other.is_ready


def test_the_first_server_that_has_the_run_is_asked(there: Lab, settings: Settings) -> None:
    with lab() as other:
        settings.OUTBOUND_ALLOW = [*there.there.trust, *other.there.trust]
        settings.MLFLOW_SOURCES = [f"empty={other.address}", f"lab={there.address}"]
        version = from_run(there)

        assert carried_out(version).source == "lab"

    assert other.count > 0


def test_a_server_that_is_away_does_not_keep_another_from_being_asked(
    there: Lab, settings: Settings
) -> None:
    settings.MLFLOW_SOURCES = ["away=http://127.0.0.1:9", f"lab={there.address}"]
    settings.OUTBOUND_ALLOW = [*there.there.trust, "127.0.0.1:9"]

    assert carried_out(from_run(there)).source == "lab"


def test_a_run_no_server_has_is_said(there: Lab) -> None:
    version = waiting("s3://bucket/model", run=uid("unknown"))

    state = carried_out(version)

    assert (state.state, state.note) == ("failed", jobs.NOWHERE)
    assert version.readiness == Readiness.PENDING


def test_a_version_that_names_no_run_is_said(there: Lab) -> None:
    assert carried_out(waiting("s3://bucket/model")).note == jobs.UNNAMED


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("mlflow-artifacts:/1/{other}/artifacts/model", "outside the run"),
        ("s3://bucket/model", "lie in s3:"),
        ("mlflow-artifacts://elsewhere.example/1/{run}/artifacts/model", "does not hand out"),
    ],
)
def test_nothing_but_the_files_of_its_run_is_fetched(there: Lab, source: str, words: str) -> None:
    run, other = there.run("wine"), there.run("secret")
    version = waiting("s3://bucket/x", run=run)
    ModelVersion._base_manager.filter(pk=version.pk).update(
        source=source.format(run=run, other=other)
    )

    assert words in carried_out(version).note
    assert [sent for sent in there.there.requests if "weights" in sent.path] == []


def test_a_server_in_trouble_is_asked_again_with_longer_and_longer_pauses(there: Lab) -> None:
    version = from_run(there)
    there.answers["runs/get"] = (503, b"down")

    first = carried_out(version)

    assert (first.state, first.tries) == ("waiting", 1)
    assert first.note == "The server could not answer: status 503."
    assert jobs.queue(database_now(), since=None) == []  # it rests
    del there.answers["runs/get"]
    assert carried_out(version, later(minutes=2)).state == "done"


def test_a_server_that_stays_away_is_given_up_and_asked_again_after_a_day(there: Lab) -> None:
    version = from_run(there)
    there.answers["runs/get"] = (503, b"down")
    state = carried_out(version)
    for hours in range(1, jobs.MOST_TRIES):
        assert state.state == "waiting"
        state = carried_out(version, later(hours=3 * hours))
    assert (state.state, state.next_at) == ("failed", None)

    del there.answers["runs/get"]
    given_up = timedelta(hours=3 * (jobs.MOST_TRIES - 1))
    jobs.look_again(database_now() + given_up + timedelta(hours=23))
    assert import_state(version, now=database_now()) == state
    jobs.look_again(database_now() + given_up + timedelta(days=1, minutes=1))
    assert carried_out(version, later(days=3)).state == "done"


def test_the_longer_it_was_tried_the_longer_a_job_rests(there: Lab) -> None:
    version = waiting("s3://bucket/model", run=uid("unknown"))
    assert carried_out(version).state == "failed"
    began, ended = database_now() - timedelta(days=40), database_now() - timedelta(days=10)
    ImportJob.objects.update(queued_at=began, finished_at=ended)

    jobs.look_again(database_now())
    assert ImportJob.objects.get().state == "failed"
    jobs.look_again(database_now() + timedelta(days=21))
    assert ImportJob.objects.get().state == "waiting"


def test_a_lost_worker_is_followed_by_another_that_keeps_what_came(there: Lab) -> None:
    version = from_run(there)
    [job_id] = jobs.queue(database_now(), since=None)

    def die(count: int, sent: Any) -> None:
        if sent.path.endswith("requirements.txt"):
            raise ConnectionError

    there.hook = die
    lost = jobs.claim(job_id, now=database_now())
    assert lost is not None
    jobs.attempt(lost, lambda: None)  # and nobody lives to conclude it
    there.hook = lambda count, sent: None
    assert jobs.claim(job_id, now=database_now()) is None  # its lease holds
    there.there.requests.clear()

    state = carried_out(version, lambda: database_now() + jobs.LEASE + timedelta(seconds=1))

    assert (state.state, state.tries) == ("done", 2)
    assert [sent for sent in there.there.requests if "weights" in sent.path] == []
    jobs.conclude(lost, jobs.Outcome(ImportJob.State.FAILED, "late"), now=database_now())
    assert import_state(version, now=database_now()) == state


def test_a_worker_lost_again_and_again_is_given_up(there: Lab) -> None:
    version = from_run(there)
    [job_id] = jobs.queue(database_now(), since=None)
    for number in range(jobs.MOST_TRIES):
        assert jobs.claim(job_id, now=database_now() + number * 2 * jobs.LEASE) is not None

    assert carried_out(version, later(days=1)).note == jobs.LOST


def test_a_worker_that_lost_its_lease_stops(there: Lab) -> None:
    from_run(there)
    [job_id] = jobs.queue(database_now(), since=None)
    job = jobs.claim(job_id, now=database_now())
    assert job is not None
    alive = jobs.Heartbeat(job, database_now)
    alive._last -= jobs.SECONDS_BETWEEN_BEATS + 1
    alive()
    jobs.claim(job_id, now=database_now() + 2 * jobs.LEASE)
    alive._last -= jobs.SECONDS_BETWEEN_BEATS + 1

    with pytest.raises(jobs.LeaseLost):
        alive()


def test_a_missing_secret_is_said_and_tried_again(there: Lab, settings: Settings) -> None:
    settings.MLFLOW_SOURCES = [f"lab={there.address};token=NO_SUCH_SECRET"]

    state = carried_out(from_run(there))

    assert (state.state, state.note) == (
        "waiting",
        "The environment variable NO_SUCH_SECRET holds no secret.",
    )


def test_a_token_is_sent_and_kept_nowhere(
    there: Lab, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_LOGIN", "ann:secret")
    settings.MLFLOW_SOURCES = [f"lab={there.address};login=LAB_LOGIN"]
    there.authorization = "Basic YW5uOnNlY3JldA=="

    assert carried_out(from_run(there)).state == "done"


def test_limits_hold_and_are_said(there: Lab, settings: Settings) -> None:
    settings.MOST_VERSION_BYTES = 1000

    assert "at most 1.0" in carried_out(from_run(there)).note


def test_a_run_with_no_files_there_is_said(there: Lab) -> None:
    run = there.run("wine", files={})

    assert carried_out(waiting(f"runs:/{run}/model", run=run)).note == (
        "The server has no files there."
    )


def test_a_version_deleted_meanwhile_is_left(there: Lab) -> None:
    version = from_run(there)
    jobs.queue(database_now(), since=None)
    ModelVersion._base_manager.filter(pk=version.pk).update(deleted_at=database_now())

    assert carried_out(version).note == jobs.SETTLED


def test_an_error_of_our_own_is_logged_and_tried_again(
    there: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = from_run(there)

    def broken(*given: object, **more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(validation, "complete_and_check", broken)

    state = carried_out(version)

    assert (state.state, state.note) == (
        "waiting",
        "It stopped with an error of its own: ZeroDivisionError.",
    )


def test_whoever_sees_one_model_only_gets_runs_into_the_common_experiment(there: Lab) -> None:
    experiments.create_experiment("imported: wines", by=actor(developer()))
    model = registered_model()
    guest = stranger()
    catalog.grant_model_duty(model, guest, "model_developer", by=actor(owner()), reason="Helps")

    version = from_run(there, model=model, by=guest)

    state = carried_out(version)
    assert state.state == "done"
    assert "already exists" in state.note
    assert version.run is not None
    assert str(version.run.experiment) == "Default"


def test_a_run_somebody_else_recorded_here_is_not_shown_by_it(there: Lab) -> None:
    model = registered_model()
    guest = stranger()
    catalog.grant_model_duty(model, guest, "model_developer", by=actor(owner()), reason="Helps")
    assert carried_out(from_run(there)).state == "done"

    version = from_run(there, model=model, by=guest)

    state = carried_out(version)
    assert "by somebody else" in state.note
    assert (version.is_ready, version.run) == (True, None)
