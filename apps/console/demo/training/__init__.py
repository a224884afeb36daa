"""Real models, trained on data that ships inside scikit-learn, in the files teams ship."""

from collections.abc import Callable
from pathlib import Path

from apps.console.demo.training import checklist, diabetes, digits, iris, tumor, wine
from apps.console.demo.training.facts import Metric, TrainedModel, TrainedVersion, TrainingSource
from apps.console.demo.training.workbench import Workbench

__all__ = ["Metric", "TrainedModel", "TrainedVersion", "TrainingSource", "train_all"]


def train_all(folder: Path, progress: Callable[[str], None]) -> tuple[TrainedModel, ...]:
    """Train every model of the demo and write its versions to ``folder/<model>/<number>``."""
    bench = Workbench(folder, progress)
    return tuple(module.train(bench) for module in (tumor, checklist, diabetes, digits, wine, iris))
