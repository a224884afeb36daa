"""Runs are started, described, ended, deleted and restored by one person."""

import json
from datetime import UTC, datetime

import pytest

from apps.catalog.models import Run, RunDataset
from apps.catalog.tracking import experiments, runs, tags
from apps.catalog.tracking.runs import DatasetFacts
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused
from tests import factories, scenarios
from tests.catalog.tracking.world import developer, new_experiment, new_run
from tests.factories import actor

pytestmark = pytest.mark.django_db

IRIS = DatasetFacts("iris", "abc123", "local", "/data/iris", "{}", "{}", {"split": "all"})


def tags_of(run: Run) -> dict[str, str]:
    return dict(run.tags.values_list("key", "value"))


def test_a_run_is_running_and_its_starters_from_the_beginning() -> None:
    by = developer()

    run = runs.start_run(new_experiment(), by=by, name="nightly", started_ms=1000)

    assert (run.status, run.started_by_id, run.starter_id) == ("RUNNING", by.user_id, by.id)
    assert run.started_at == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert tags_of(run) == {"mlflow.runName": "nightly"}


def test_a_run_without_a_name_gets_one_and_starts_now() -> None:
    run = new_run()

    assert run.name == f"run-{run.uid[:8]}"
    assert run.started_at == run.created_at


def test_the_tag_with_the_name_names_the_run_and_one_with_the_source_its_source() -> None:
    labels = [("mlflow.runName", "by tag"), ("mlflow.source.name", "train.py")]

    run = runs.start_run(new_experiment(), by=developer(), labels=labels)
    assert (run.name, run.source) == ("by tag", "train.py")

    tags.set_tags(run, [("mlflow.runName", "again")], by=developer())
    run.refresh_from_db()
    assert run.name == "again"


@pytest.mark.parametrize("name", ["x" * 251, " ", "a\0b"])
def test_a_name_that_may_not_be_is_refused(name: str) -> None:
    with pytest.raises(InputRefused):
        runs.start_run(new_experiment(), by=developer(), name=name)
    run = new_run()
    with pytest.raises(InputRefused):
        runs.update_run(run, by=developer(), name=name, status=Run.Status.FAILED)
    run.refresh_from_db()
    assert run.status == "RUNNING"


def test_two_names_are_refused() -> None:
    with pytest.raises(InputRefused, match="choose one"):
        runs.start_run(new_experiment(), by=developer(), name="a", labels=[("mlflow.runName", "b")])


@pytest.mark.parametrize("moment", [-1, 253_402_300_800_000, 2**63])
def test_a_moment_out_of_time_is_refused(moment: int) -> None:
    with pytest.raises(InputRefused, match="milliseconds since 1970"):
        runs.start_run(new_experiment(), by=developer(), started_ms=moment)
    with pytest.raises(InputRefused, match="milliseconds since 1970"):
        runs.update_run(new_run(), by=developer(), ended_ms=moment)


def test_a_run_ends_with_a_status() -> None:
    run = runs.update_run(new_run(), by=developer(), status=Run.Status.FINISHED, ended_ms=2000)

    run.refresh_from_db()
    assert run.status == "FINISHED"
    assert run.ended_at == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)


def test_a_deleted_run_takes_nothing_until_it_is_restored() -> None:
    run = new_run()
    runs.delete_run(run, by=developer())
    runs.delete_run(run, by=developer())

    with pytest.raises(RuleBroken, match="Restore it"):
        tags.set_tags(run, [("a", "b")], by=developer())
    with pytest.raises(RuleBroken, match="Restore it"):
        runs.update_run(run, by=developer(), name="other")

    runs.restore_run(run, by=developer())
    tags.set_tags(run, [("a", "b")], by=developer())
    assert tags_of(run)["a"] == "b"


def test_a_tag_is_deleted_once_and_one_of_signets_own_never() -> None:
    run = new_run()
    tags.set_tags(run, [("a", "b")], by=developer())
    runs.log_outputs(run, {"m-1": 0}, by=developer())

    tags.delete_tag(run, "a", by=developer())

    for key in ("a", runs.MODEL_OUTPUTS):
        with pytest.raises(NotFound):
            tags.delete_tag(run, key, by=developer())


def test_a_run_starts_in_no_deleted_experiment() -> None:
    experiment = new_experiment()
    experiments.delete_experiment(experiment, by=developer())
    experiment.refresh_from_db()

    with pytest.raises(RuleBroken, match="Restore it first"):
        runs.start_run(experiment, by=developer())


def test_who_may_not_record_starts_no_run_and_a_colleague_changes_none() -> None:
    experiment, run = new_experiment(), new_run()
    colleague = actor(factories.person("carl", everywhere=("model_developer",)))

    with pytest.raises(NotAllowed):
        runs.start_run(experiment, by=actor(scenarios.auditor()))
    for change in (
        lambda: runs.update_run(run, by=colleague, status=Run.Status.KILLED),
        lambda: runs.delete_run(run, by=colleague),
        lambda: runs.restore_run(run, by=colleague),
        lambda: runs.log_inputs(run, by=colleague, datasets=[IRIS]),
        lambda: runs.log_outputs(run, {"m-1": 0}, by=colleague),
        lambda: runs.log_model(run, {}, by=colleague),
        lambda: tags.set_tags(run, [("a", "b")], by=colleague),
        lambda: tags.delete_tag(run, "mlflow.runName", by=colleague),
    ):
        with pytest.raises(NotAllowed):
            change()


# -- what it read and wrote


def read_for(context: str) -> DatasetFacts:
    return DatasetFacts("iris", "abc123", tags={"mlflow.data.context": context} if context else {})


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("named", "kept", "revision"),
    [
        (["", ""], {""}, 1),
        (["", "training"], {"training"}, 2),
        (["training", ""], {"training"}, 1),
        (["training", "evaluation", "training"], {"training", "evaluation"}, 2),
        (["", "training", "", "evaluation"], {"training", "evaluation"}, 3),
    ],
)
def test_a_dataset_is_recorded_once_for_each_thing_it_was_read_for(
    named: list[str], kept: set[str], revision: int, together: bool
) -> None:
    run, datasets = new_run(), [read_for(context) for context in named]

    for batch in [datasets] if together else [[dataset] for dataset in datasets]:
        runs.log_inputs(run, by=developer(), datasets=batch)

    run.refresh_from_db()
    assert run.revision == (1 if together else revision)
    found = list(run.datasets.values_list("context", flat=True))
    assert sorted(found) == sorted(kept)


def test_a_dataset_keeps_its_tags_and_is_no_news_when_it_comes_again() -> None:
    run = new_run()
    runs.log_inputs(run, by=developer(), datasets=[IRIS, DatasetFacts("wine", "def")])

    runs.log_inputs(run, by=developer(), datasets=[DatasetFacts("iris", "abc123")])

    run.refresh_from_db()
    assert run.revision == 1
    assert RunDataset.objects.get(run=run, name="iris").tags == {"split": "all"}


@pytest.mark.parametrize(
    "dataset",
    [
        DatasetFacts("", "abc"),
        DatasetFacts("iris", ""),
        DatasetFacts("iris", "d" * 37),
        DatasetFacts("n" * 501, "abc"),
        DatasetFacts("iris", "abc", source="s" * 65_536),
        DatasetFacts("iris", "abc", schema="s" * 1_048_576),
        DatasetFacts("iris", "abc", tags={"t": "v" * 501}),
        DatasetFacts("iris", "abc", tags={"t" * 256: "v"}),
        DatasetFacts("iris", "abc", tags={"mlflow.data.context": "v" * 251}),
        DatasetFacts("iris", "abc", tags={f"t{number}": "" for number in range(101)}),
    ],
)
def test_a_dataset_that_may_not_be_is_refused(dataset: DatasetFacts) -> None:
    run = new_run()

    with pytest.raises(InputRefused):
        runs.log_inputs(run, by=developer(), datasets=[IRIS, dataset])
    assert not run.datasets.exists()


def test_a_run_reads_so_many_datasets_and_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_DATASETS", 1)
    monkeypatch.setattr(runs, "MOST_MODELS", 1)
    run = new_run()
    runs.log_inputs(run, by=developer(), datasets=[IRIS], models=["m-1"])

    with pytest.raises(InputRefused, match="at most 1"):
        runs.log_inputs(run, by=developer(), datasets=[DatasetFacts("wine", "def")])
    with pytest.raises(InputRefused, match="at most 1"):
        runs.log_inputs(run, by=developer(), models=["m-2"])


def test_models_read_and_written_are_kept_with_their_step() -> None:
    run = new_run()

    runs.log_inputs(run, by=developer(), models=["m-1"])
    runs.log_outputs(run, {"m-2": 4}, by=developer())
    runs.log_outputs(run, {"m-3": 5}, by=developer())

    kept = tags_of(run)
    assert json.loads(kept[runs.MODEL_INPUTS]) == {"m-1": 0}
    assert json.loads(kept[runs.MODEL_OUTPUTS]) == {"m-2": 4, "m-3": 5}


@pytest.mark.parametrize("models", [{"m" * 65: 0}, {"m-1": 2**63}])
def test_a_written_model_that_may_not_be_is_refused(models: dict[str, int]) -> None:
    with pytest.raises(InputRefused):
        runs.log_outputs(new_run(), models, by=developer())


def test_older_clients_append_to_the_history_of_models() -> None:
    run = new_run()

    runs.log_model(run, {"artifact_path": "a"}, by=developer())
    runs.log_model(run, {"artifact_path": "b"}, by=developer())

    history = json.loads(tags_of(run)[runs.HISTORY])
    assert [described["artifact_path"] for described in history] == ["a", "b"]


@pytest.mark.parametrize("held", ["{}", "no JSON", "[" * 8000])
def test_a_history_that_is_no_list_is_not_appended_to(held: str) -> None:
    run = new_run()
    tags.set_tags(run, [(runs.HISTORY, held)], by=developer())

    with pytest.raises(InputRefused, match="not a list"):
        runs.log_model(run, {}, by=developer())


def test_a_history_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_HISTORY", 20)

    with pytest.raises(InputRefused, match="at most 20 bytes"):
        runs.log_model(new_run(), {"artifact_path": "a long one"}, by=developer())
