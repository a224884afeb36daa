"""What holds for every test."""

import gc
import os
from collections.abc import Iterator
from types import SimpleNamespace

import hypothesis
import pytest
from celery import current_app
from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from pytest_django import DjangoDbBlocker, Settings

from apps.audit.unrecorded import Unrecorded
from apps.catalog.models import Experiment
from apps.catalog.tracking.rights import DEFAULT_EXPERIMENT
from apps.core.clock import database_now
from apps.validation.checks.contract import (
    Check,
    ExaminedVersion,
    Outcome,
    Parameters,
    Progress,
)
from registry_site.settings.base import CACHES
from tests import migrated
from tests.cases import beyond_few
from tests.remembered import TRACK
from tests.unguarded import let_tests_flush

# Timing is no matter of tests: a busy machine is slow, and a slow example is no failure.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    print_blob=True,
)
hypothesis.settings.register_profile(
    "repeatable", hypothesis.settings.get_profile("house"), derandomize=True
)
hypothesis.settings.load_profile("repeatable" if os.environ.get("CI") else "house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Trace no case for coverage that others of its test stand for: to trace doubles its time."""
    for item in beyond_few(items):
        item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: every test, and all they import."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Give each process of the tests a copy of the one database that was migrated."""
    with django_db_blocker.unblock():
        before = migrated.use_own()
        let_tests_flush()
    yield
    with django_db_blocker.unblock():
        migrated.drop_own(before)


@receiver(post_migrate)
def put_back_what_a_migration_made(sender: AppConfig, **about: object) -> None:
    """Make the experiment of runs that name none again, after a test that emptied every table.

    Not after migrating, which says its plan: what a migration forgets is not to be covered up.
    """
    if sender.label == "catalog" and "plan" not in about:
        now = database_now()
        made = {"name": "Default", "created_at": now, "touched_at": now}
        Experiment.objects.get_or_create(pk=DEFAULT_EXPERIMENT, defaults=made)


@pytest.fixture(autouse=True)
def everything_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what an earlier test could not record, since health would go on showing it."""
    monkeypatch.setattr(Unrecorded, "count", 0)


@pytest.fixture
def numbers_are_kept(settings: Settings) -> None:
    """Keep what is dear to count, as a server does: for tests of many pages of one world."""
    settings.CACHES = CACHES


def carried_out_here(
    check: Check, version: ExaminedVersion, progress: Progress, parameters: Parameters
) -> Outcome:
    """Examine in the test's own process: the twin of the confined one, which takes far longer."""
    return check.load()(version, progress, parameters)


@pytest.fixture(autouse=True)
def checks_run_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the runner confine nothing, unless a test says that it is about that."""
    if request.node.get_closest_marker("confined") is None:
        twin = SimpleNamespace(carry_out=carried_out_here)
        monkeypatch.setattr("apps.validation.runner.confined", twin)


@pytest.fixture(autouse=True)
def worlds_are_remembered() -> None:
    """Let a test begin with worlds that an earlier one walked to."""
    TRACK.begin()


@pytest.fixture
def tasks_at_once() -> Iterator[None]:
    """Carry each task out where it is sent, also beside a broker: no worker listens there."""
    before = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = before
