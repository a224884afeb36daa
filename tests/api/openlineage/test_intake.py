"""What run events say, read without a database."""

from typing import Any

import pytest

from apps.api.openlineage.intake import ReadEvent, read_event
from apps.api.openlineage.naming import NamedVersion
from apps.api.v1.asked.run_events import RunEvent
from apps.catalog.operations import SeenAsset
from apps.core.inputs import InputRefused
from tests.api.openlineage.events import Json, example, named


def read(event: Json) -> ReadEvent:
    return read_event(RunEvent.model_validate(event))


def with_facets(**facets: Any) -> SeenAsset:
    """Return a dataset as an event with these facets names it."""
    event = read(example("complete", inputs=[named("raw", **facets)]))
    (dataset,) = event.read
    assert isinstance(dataset, SeenAsset)
    return dataset


def test_what_the_client_posts_is_read() -> None:
    event = read(example("complete"))

    (scans,) = event.read
    assert isinstance(scans, SeenAsset)
    assert scans == SeenAsset(
        "dataset", "postgres://warehouse.example:5432#imaging.public.scans", "7"
    )
    assert (scans.owner, scans.team) == ("olivia", "Imaging")
    assert (scans.description, scans.location) == (
        "Scans as they come in.",
        "postgres://loader:secret@warehouse.example:5432/imaging",
    )
    assert event.made == (
        SeenAsset("dataset", "s3://lake#features/scans"),
        NamedVersion("tumor-triage", 1),
    )
    assert event.job == SeenAsset("pipeline", "airflow#triage.train")
    assert (event.job.description, event.job.location) == (
        "Trains the triage model.",
        "https://git.example/imaging/triage",
    )
    assert event.training_runs == ("0" * 32, event.run.hex)


def test_before_a_run_completes_nothing_is_made() -> None:
    for kind in ("START", "RUNNING", "OTHER", None):
        event = read(example("complete", eventType=kind))
        assert (len(event.read), event.made, event.training_runs) == (1, (), ())


@pytest.mark.parametrize("kind", ["FAIL", "ABORT"])
def test_a_run_that_did_not_end_well_adds_nothing(kind: str) -> None:
    event = read(example("fail", eventType=kind))

    assert (event.read, event.made, event.training_runs) == ((), (), ())


@pytest.mark.parametrize(("kind", "made"), [("STREAMING", 2), ("SERVICE", 2), ("BATCH", 0)])
def test_a_job_that_never_completes_makes_while_it_runs(kind: str, made: int) -> None:
    job = named("stream", jobType={"processingType": kind})

    assert len(read(example("complete", eventType="RUNNING", job=job)).made) == made


@pytest.mark.parametrize(
    "event", [example("dataset_event"), example("job_event"), example("complete", job=None)]
)
def test_what_is_said_without_a_run_is_refused_with_where_to_say_it(event: Json) -> None:
    with pytest.raises(InputRefused, match="/lineage/assets"):
        read(event)


def test_the_same_dataset_twice_is_one() -> None:
    twice = [named("raw"), named("raw", documentation={"description": "Again"}), named("other")]

    assert len(read(example("complete", inputs=twice)).read) == 2


@pytest.mark.parametrize(
    "facets",
    [
        {},
        {"version": None, "ownership": 3, "documentation": [], "dataSource": {"uri": 1}},
        {"version": {"_deleted": True, "datasetVersion": "7"}},
        {"ownership": {"owners": [3, {"name": 7}, {"name": "olivia"}, {"type": "user:x"}]}},
        {"ownership": {"owners": {"name": "user:olivia"}}},
        {"ownership": {"owners": [{"name": "user:" + "x" * 300}]}},
        {"documentation": {"description": "x" * 5001}},
        {"documentation": {"description": "bell \a"}},
    ],
)
def test_what_does_not_fit_a_field_is_left_out(facets: Json) -> None:
    dataset = with_facets(**facets)

    assert (dataset.version, dataset.owner, dataset.team) == ("", "", "")
    assert (dataset.description, dataset.location) == ("", "")


@pytest.mark.parametrize("version", ["x" * 121, "a\nb", "a\u202eb"])
def test_a_version_that_cannot_name_is_refused(version: str) -> None:
    with pytest.raises(InputRefused, match="version of a dataset"):
        with_facets(version={"datasetVersion": version})


@pytest.mark.parametrize(
    ("facets", "runs"),
    [
        ({"mlflow": {"runId": "7" * 32}}, ["7" * 32]),
        ({"mlflow": {"runId": 7}}, []),
        ({"tags": {"tags": [{"key": "mlflow.runId", "value": "8" * 32}]}}, ["8" * 32]),
        ({"tags": {"tags": [3, {"key": "mlflow.runId"}, {"key": "other", "value": "x"}]}}, []),
        ({"tags": {"tags": "mlflow.runId"}}, []),
        ({"tags": None}, []),
    ],
)
def test_a_run_says_which_training_run_it_is(facets: Json, runs: list[str]) -> None:
    run = {**example("complete")["run"], "facets": facets}
    event = read(example("complete", run=run))

    assert list(event.training_runs) == [*runs, event.run.hex]


def test_moments_of_every_client_are_read() -> None:
    for moment in ("2026-05-04T10:20:00.123456789Z", "2026-05-04T12:20:00+02:00"):
        assert read(example("complete", eventTime=moment)) == read(example("complete"))


def test_events_of_older_versions_are_read() -> None:
    older = example("complete", schemaURL="https://openlineage.io/spec/1-0-2/OpenLineage.json")
    for event in (older, example("complete", schemaURL=None, eventType=None, outputs=None)):
        assert read(event).read
