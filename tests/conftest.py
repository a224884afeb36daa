"""What holds for every test."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from apps.audit.unrecorded import Unrecorded

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
