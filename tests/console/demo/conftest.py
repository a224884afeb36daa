"""Every model of the demo, trained once for all tests that look at it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from apps.console.demo.training import TrainedModel, TrainedVersion, train_all


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
