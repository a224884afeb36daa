"""A version to examine, the people around it, and checks whose outcome a test chooses."""

from collections.abc import Callable

import pytest

from apps.accounts.models import User
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import checks, operations
from apps.validation.checks.contract import Check, Examine, Json, Outcome, Problem, Severity
from apps.validation.models import CheckRun
from tests.factories import actor, person
from tests.scenarios import registered_version

GRAVE = Problem("forbidden_call", Severity.HIGH, "model.pkl", "It calls a shell.", "Use skops.")
FACTS: dict[str, Json] = {
    "files": 2,
    "digests": ["a", "b"],
    "exact": True,
    "formats": {"pickle": 1, "text": None},
}
MINOR = Problem("no_example", Severity.LOW, "version", "It has no example.", "Add one.")

Given = Callable[..., tuple[Check, ...]]


def passing(version: object, progress: object = None, parameters: object = None) -> Outcome:
    """Find nothing grave."""
    return Outcome("Nothing was found.", (MINOR,), dict(FACTS))


def failing(version: object, progress: object = None, parameters: object = None) -> Outcome:
    """Find something grave."""
    return Outcome("1 problem.", (MINOR, GRAVE))


def check_of(name: str, examine: Examine = passing) -> Check:
    return Check(name, name.capitalize(), f"Looks at {name}.", examine, "1")


@pytest.fixture
def given_checks(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Return what puts other checks in the place of the shipped ones."""

    def given(**examine_by_name: Examine) -> tuple[Check, ...]:
        found = tuple(check_of(name, examine) for name, examine in examine_by_name.items())
        monkeypatch.setattr(checks, "ALL", found)
        names = tuple(check.name for check in found)
        monkeypatch.setattr(checks, "NAMES", names)
        monkeypatch.setattr(checks, "AT_REGISTRATION", names)
        return found

    return given


@pytest.fixture
def version(db: None) -> ModelVersion:
    return registered_version()


@pytest.fixture
def validator(db: None) -> User:
    return person("vera", everywhere=("validator",))


@pytest.fixture
def vera(validator: User) -> Actor:
    """The validator, in a browser session."""
    return actor(validator)


@pytest.fixture
def run(version: ModelVersion, vera: Actor, given_checks: Given) -> CheckRun:
    """A queued run of a check that passes."""
    given_checks(scan=passing)
    [queued] = operations.start_checks(version, by=vera)
    return queued
