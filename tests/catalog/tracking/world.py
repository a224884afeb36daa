"""Experiments and runs for tests, made by the real operations."""

import itertools

from apps.catalog.models import Experiment, Run
from apps.catalog.tracking import experiments, runs
from apps.core.actors import Actor
from tests import scenarios
from tests.factories import actor

_NUMBERS = itertools.count(1)


def developer() -> Actor:
    return actor(scenarios.developer())


def new_experiment(by: Actor | None = None) -> Experiment:
    """Create an experiment, as the developer unless somebody else does."""
    return experiments.create_experiment(f"experiment {next(_NUMBERS)}", by=by or developer())


def new_run(experiment: Experiment | None = None, *, by: Actor | None = None) -> Run:
    """Start a run, in an experiment of its own unless one is given."""
    by = by or developer()
    return runs.start_run(experiment or new_experiment(by), by=by)
