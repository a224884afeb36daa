"""Experiments are named once, and go and come back with their runs."""

import pytest

from apps.catalog.tracking import experiments, limits, runs
from apps.catalog.tracking.experiments import ExperimentExists
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused
from tests import factories, scenarios
from tests.api.mlflow.homes import experiment as default_experiment
from tests.catalog.tracking.world import developer, new_experiment, new_run
from tests.factories import actor

pytestmark = pytest.mark.django_db


def test_a_name_is_taken_once_also_by_one_that_is_deleted() -> None:
    first = experiments.create_experiment("churn", by=developer())
    with pytest.raises(ExperimentExists):
        experiments.create_experiment("churn", by=developer())

    experiments.delete_experiment(first, by=developer())
    with pytest.raises(ExperimentExists):
        experiments.create_experiment("churn", by=developer())
    with pytest.raises(ExperimentExists):
        experiments.rename_experiment(new_experiment(), "churn", by=developer())


@pytest.mark.parametrize("name", ["", "  ", "x" * 501, "a\0b"])
def test_a_name_that_may_not_be_is_refused(name: str) -> None:
    with pytest.raises(InputRefused):
        experiments.create_experiment(name, by=developer())
    with pytest.raises(InputRefused):
        experiments.rename_experiment(new_experiment(), name, by=developer())


def test_an_experiment_goes_and_comes_back_with_the_runs_that_went_with_it() -> None:
    experiment = new_experiment()
    kept, gone = new_run(experiment), new_run(experiment)
    runs.delete_run(gone, by=developer())

    experiments.delete_experiment(experiment, by=developer())
    kept.refresh_from_db()
    assert kept.deleted_at
    with pytest.raises(RuleBroken):
        experiments.delete_experiment(experiment, by=developer())

    experiments.restore_experiment(experiment, by=developer())
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (bool(kept.deleted_at), bool(gone.deleted_at)) == (False, True)
    with pytest.raises(RuleBroken, match="is active"):
        experiments.restore_experiment(experiment, by=developer())


def test_an_experiment_with_runs_of_others_stays() -> None:
    experiment = new_experiment()
    colleague = factories.person("carl", everywhere=("model_developer",))
    new_run(experiment, by=actor(colleague))

    with pytest.raises(RuleBroken, match="runs of other people"):
        experiments.delete_experiment(experiment, by=developer())


def test_tags_are_set_and_deleted() -> None:
    experiment = new_experiment()

    experiments.set_experiment_tag(experiment, "team", "red", by=developer())
    experiment.refresh_from_db()
    assert experiment.tags == {"team": "red"}

    experiments.delete_experiment_tag(experiment, "team", by=developer())
    experiment.refresh_from_db()
    assert experiment.tags == {}
    with pytest.raises(NotFound):
        experiments.delete_experiment_tag(experiment, "team", by=developer())


def test_tags_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = new_experiment()
    for key, value in (("a;b", ""), ("a", "x" * 20_001), ("signet.a", "")):
        with pytest.raises(InputRefused):
            experiments.set_experiment_tag(experiment, key, value, by=developer())

    monkeypatch.setattr(limits, "MOST_TAGS", 1)
    experiments.set_experiment_tag(experiment, "a", "", by=developer())
    with pytest.raises(InputRefused, match="at most 1"):
        experiments.set_experiment_tag(experiment, "b", "", by=developer())


def test_who_did_not_create_an_experiment_does_not_change_it() -> None:
    colleague = actor(factories.person("carl", everywhere=("model_developer",)))

    with pytest.raises(NotAllowed):
        experiments.create_experiment("mine", by=actor(scenarios.auditor()))
    for experiment in (new_experiment(), default_experiment()):
        for change in (
            lambda found: experiments.rename_experiment(found, "taken over", by=colleague),
            lambda found: experiments.delete_experiment(found, by=colleague),
            lambda found: experiments.restore_experiment(found, by=colleague),
            lambda found: experiments.set_experiment_tag(found, "a", "b", by=colleague),
            lambda found: experiments.delete_experiment_tag(found, "a", by=colleague),
        ):
            with pytest.raises(NotAllowed):
                change(experiment)
