"""Every model of the demo, trained once for all tests that look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from apps.console.demo import people, story
from apps.console.demo.training import TrainedModel, TrainedVersion, train_all
from apps.console.demo.walk import Walk


@dataclass(frozen=True)
class Training:
    """One whole run of training, with what it reported on the way."""

    models: tuple[TrainedModel, ...]
    reported: tuple[str, ...]

    def version(self, name: str, number: int) -> TrainedVersion:
        """One version by the name of its model and its number."""
        model = next(model for model in self.models if model.name == name)
        return next(version for version in model.versions if version.number == number)

    @property
    def versions(self) -> tuple[TrainedVersion, ...]:
        """All versions of all models."""
        return tuple(version for model in self.models for version in model.versions)


def run_training(folder: Path) -> Training:
    """Train everything into a folder."""
    reported: list[str] = []
    models = train_all(folder, reported.append)
    return Training(models, tuple(reported))


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """One run of training, shared because nothing changes what it returns."""
    return run_training(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def said(
    training: Training, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[list[str]]:
    """What the story says as it is told: once for all tests of a module, and then taken back."""
    password, lines = people.new_password(), list[str]()
    around: Any = transaction.atomic()
    around._from_testcase = True  # as Django's own tests do: what is durable may be in it
    with django_db_blocker.unblock(), around:
        story.tell(Walk(people.create(password), password, lines.append), training.models)
        yield lines
        transaction.set_rollback(True)
