"""A watched metric of a model, and the people around it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import operations
from apps.validation.models import MonitoringSeries
from apps.validation.monitoring.bands import Bands
from apps.validation.operations.measurements import Measured, Posted
from apps.validation.operations.monitoring import Watched
from tests import scenarios
from tests.factories import actor

START = datetime(2026, 3, 1, tzinfo=UTC)
AUC = Bands(amber_least="0.85", red_least="0.80")
Posts = Callable[..., Posted]


def measured(values: Sequence[float], *, first: int = 0) -> list[Measured]:
    """Return a value a day, from the day of that number on."""
    return [Measured(START + timedelta(days=day), value) for day, value in enumerate(values, first)]


@pytest.fixture
def version(db: None) -> ModelVersion:
    return scenarios.registered_version(scenarios.registered_model("tumor-triage"))


@pytest.fixture
def otis(db: None) -> Actor:
    """The operator, who manages monitoring and posts measurements."""
    return actor(scenarios.operator())


@pytest.fixture
def series(version: ModelVersion, otis: Actor) -> MonitoringSeries:
    return operations.start_series(
        version.model,
        Watched("auc", "higher", environment="EU"),
        AUC,
        by=otis,
        owner=scenarios.owner(),
        interval_days=7,
    )


@pytest.fixture
def posts(series: MonitoringSeries, otis: Actor) -> Posts:
    """Return what posts one value a day, from the first day unless said otherwise."""

    def post(*values: float, first: int = 0, by: Actor = otis) -> Posted:
        return operations.post_points(series, measured(values, first=first), by=by)

    return post
