"""Runs and logged models with files, as a client of MLflow leaves them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from apps.accounts.models import User
from apps.catalog.models import Experiment, LoggedModel, Run
from apps.catalog.tracking import files
from apps.core.clock import database_now
from tests import scenarios
from tests.factories import actor

Home = TypeVar("Home", Run, LoggedModel)

FOLDER: Mapping[str, bytes] = {"MLmodel": b"flavors: {}\n", "model.skops": b"\x01\x02"}


def run_with(written: Mapping[str, bytes], *, by: User | None = None) -> Run:
    """Return a run that wrote some files."""
    by = by or scenarios.developer()
    now = database_now()
    run = Run.objects.create(
        uid=uuid4().hex,
        experiment=_default(),
        created_at=now,
        started_at=now - timedelta(seconds=1),
        starter_id=by.record_id,
        started_by=by,
    )
    return _written(run, written, by)


def logged_with(
    written: Mapping[str, bytes],
    *,
    by: User | None = None,
    run: Run | None = None,
    name: str = "model",
) -> LoggedModel:
    """Return a logged model that holds some files."""
    by = by or scenarios.developer()
    now = database_now()
    logged = LoggedModel.objects.create(
        uid=f"m-{uuid4().hex}",
        experiment=_default(),
        run=run,
        name=name,
        created_at=now,
        touched_at=now,
        started_by=by,
    )
    return _written(logged, written, by)


def _written(home: Home, written: Mapping[str, bytes], by: User) -> Home:
    for path, content in written.items():
        files.write(home, path, [content], by=actor(by))
    return home


def _default() -> Experiment:
    """Return the experiment of runs that name none; a test that empties tables takes it along."""
    now = database_now()
    named = {"name": "Default", "created_at": now, "touched_at": now}
    return Experiment.objects.get_or_create(pk=0, defaults=named)[0]
