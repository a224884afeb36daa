"""Logged models are described by whoever started them, before and after their files are in."""

import pytest

from apps.catalog.models import LoggedModel
from apps.catalog.tracking import experiments, limits, logged_models, runs
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused
from tests import factories, scenarios
from tests.catalog.tracking.world import developer, new_experiment, new_run
from tests.factories import actor

pytestmark = pytest.mark.django_db


def new_model(by: Actor | None = None) -> LoggedModel:
    by = by or developer()
    return logged_models.create_logged_model(new_experiment(by), by=by)


def test_a_logged_model_waits_for_its_files_and_is_ready_then() -> None:
    run = new_run()
    assert run.experiment is not None
    model = logged_models.create_logged_model(
        run.experiment,
        by=developer(),
        name="classifier",
        kind="agent",
        run=run,
        parameters=[("depth", "3")],
        tags=[("team", "red")],
    )
    assert model.status == LoggedModel.Status.PENDING

    logged_models.finalize(model, LoggedModel.Status.READY, by=developer())

    model.refresh_from_db()
    assert (model.status, model.run, model.name, model.kind) == (
        LoggedModel.Status.READY,
        run,
        "classifier",
        "agent",
    )
    assert (model.parameters, model.tags) == ({"depth": "3"}, {"team": "red"})


def test_one_without_a_name_gets_one() -> None:
    model = new_model()

    assert model.name == f"model-{model.uid[2:10]}"


@pytest.mark.parametrize("name", [" ", "a/b", "a:b", "a.b", "50%", 'a"b', "it's", "n" * 501])
def test_a_name_that_may_not_be_is_refused(name: str) -> None:
    with pytest.raises(InputRefused):
        logged_models.create_logged_model(new_experiment(), by=developer(), name=name)


def test_parameters_are_added_and_none_is_changed() -> None:
    model = new_model()

    logged_models.log_parameters(model, [("depth", "3")], by=developer())
    logged_models.log_parameters(model, [("depth", "3"), ("width", "2")], by=developer())

    with pytest.raises(InputRefused, match="not allowed: depth"):
        logged_models.log_parameters(model, [("seed", "1"), ("depth", "4")], by=developer())
    model.refresh_from_db()
    assert model.parameters == {"depth": "3", "width": "2"}


def test_tags_are_set_and_deleted() -> None:
    model = new_model()

    logged_models.set_tags(model, [("a", "1"), ("b", "2")], by=developer())
    logged_models.delete_tag(model, "a", by=developer())

    model.refresh_from_db()
    assert model.tags == {"b": "2"}
    with pytest.raises(NotFound):
        logged_models.delete_tag(model, "a", by=developer())


def test_there_are_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    model = new_model()
    for pairs in ([("a;b", "")], [("signet.a", "")], [("a", "x" * 8001)]):
        with pytest.raises(InputRefused):
            logged_models.set_tags(model, pairs, by=developer())

    monkeypatch.setattr(limits, "MOST_TAGS", 1)
    monkeypatch.setattr(logged_models, "MOST_PARAMETERS", 1)
    with pytest.raises(InputRefused, match="at most 1"):
        logged_models.set_tags(model, [("a", ""), ("b", "")], by=developer())
    with pytest.raises(InputRefused, match="at most 1"):
        logged_models.log_parameters(model, [("a", ""), ("b", "")], by=developer())


def test_a_deleted_one_is_gone_for_writers() -> None:
    model = new_model()
    logged_models.delete_logged_model(model, by=developer())

    with pytest.raises(NotFound):
        logged_models.finalize(model, LoggedModel.Status.READY, by=developer())


def test_none_is_made_in_a_deleted_experiment_or_of_a_deleted_run() -> None:
    run, experiment = new_run(), new_experiment()
    runs.delete_run(run, by=developer())
    experiments.delete_experiment(experiment, by=developer())
    experiment.refresh_from_db()

    with pytest.raises(RuleBroken):
        logged_models.create_logged_model(experiment, by=developer())
    with pytest.raises(RuleBroken):
        logged_models.create_logged_model(new_experiment(), by=developer(), run=run)


def test_a_colleague_changes_none_and_makes_none_of_a_run_of_somebody_else() -> None:
    model, run = new_model(), new_run()
    colleague = actor(factories.person("carl", everywhere=("model_developer",)))

    with pytest.raises(NotAllowed):
        logged_models.create_logged_model(new_experiment(), by=actor(scenarios.auditor()))
    for change in (
        lambda: logged_models.create_logged_model(new_experiment(), by=colleague, run=run),
        lambda: logged_models.finalize(model, LoggedModel.Status.READY, by=colleague),
        lambda: logged_models.delete_logged_model(model, by=colleague),
        lambda: logged_models.set_tags(model, [("a", "b")], by=colleague),
        lambda: logged_models.delete_tag(model, "a", by=colleague),
        lambda: logged_models.log_parameters(model, [("a", "b")], by=colleague),
    ):
        with pytest.raises(NotAllowed):
            change()
