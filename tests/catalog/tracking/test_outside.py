"""A run of another server is taken in under its own id."""

import pytest

from apps.catalog.models import Run
from apps.catalog.tracking import outside
from apps.catalog.tracking.outside import OutsideRun, RunKnown
from apps.core.errors import NotAllowed
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.catalog.tracking.world import developer, new_experiment, new_run
from tests.factories import actor

pytestmark = pytest.mark.django_db

UID = "0123456789abcdef" * 2


def test_a_run_keeps_its_id_and_belongs_to_whoever_brings_it() -> None:
    experiment = new_experiment()

    run = outside.take_in(experiment, OutsideRun(UID, "nightly", "train.py", 1000), by=developer())

    assert (run.uid, run.name, run.source, run.experiment) == (
        UID,
        "nightly",
        "train.py",
        experiment,
    )
    assert run.started_by == scenarios.developer()
    assert run.started_at is not None
    assert run.started_at.timestamp() == 1
    assert dict(run.tags.values_list("key", "value")) == {"mlflow.runName": "nightly"}


def test_a_run_without_a_name_gets_one() -> None:
    assert outside.take_in(new_experiment(), OutsideRun(UID), by=developer()).name == "run-01234567"


@pytest.mark.parametrize("uid", ["", "7", UID.upper(), UID + "0", "g" * 32, "../" + UID[3:]])
def test_an_id_that_is_none_is_refused(uid: str) -> None:
    with pytest.raises(InputRefused, match="32 hexadecimal digits"):
        outside.take_in(new_experiment(), OutsideRun(uid), by=developer())


def test_a_run_that_is_here_is_not_taken_in_again() -> None:
    known = new_run()

    with pytest.raises(RunKnown):
        outside.take_in(new_experiment(), OutsideRun(known.uid), by=developer())

    assert Run.objects.count() == 1


def test_whoever_may_not_record_runs_brings_none() -> None:
    with pytest.raises(NotAllowed):
        outside.take_in(new_experiment(), OutsideRun(UID), by=actor(scenarios.stranger()))
