"""What holds for every test."""

import gc
import os
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

from apps.audit.unrecorded import Unrecorded
from apps.validation.checks.contract import (
    Check,
    ExaminedVersion,
    Outcome,
    Parameters,
    Progress,
)

# Timing is no matter of tests: a busy machine is slow, and a slow example is no failure.
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("repeatable", settings.get_profile("house"), derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "house")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: every test, and all they import."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def everything_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what an earlier test could not record, since health would go on showing it."""
    monkeypatch.setattr(Unrecorded, "count", 0)


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
