"""Where a trained version gets its folder and the files around its model file."""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from apps.console.demo.training.cards import model_card
from apps.console.demo.training.datasets import HOLDOUT_SHARE, SEED, Part
from apps.console.demo.training.exports import Export
from apps.console.demo.training.facts import (
    Column,
    Metric,
    TrainedModel,
    TrainedVersion,
    TrainingSource,
)

PROJECT = Path(__file__).parents[4]
EXAMPLE_ROWS = 3


@dataclass(frozen=True)
class Workbench:
    """The folder all versions go to, and somebody to tell about each."""

    folder: Path
    progress: Callable[[str], None]

    def shelf(self, model: TrainedModel, number: int) -> Path:
        """The folder of one version, made if it is not there."""
        shelf = self.folder / model.name / str(number)
        shelf.mkdir(parents=True, exist_ok=True)
        return shelf

    def ship(
        self,
        model: TrainedModel,
        number: int,
        *,
        export: Export,
        inputs: Sequence[Column],
        outputs: Sequence[Column],
        training: Part,
        estimator: str,
        settings: Mapping[str, object],
        metrics: tuple[Metric, ...],
        source: str,
        change_class: str,
        notes: str,
    ) -> TrainedVersion:
        """Write the files around an exported model and return the version's facts."""
        folder = export.file.parent
        signature = {
            "inputs": [column.as_json() for column in inputs],
            "outputs": [column.as_json() for column in outputs],
        }
        example = _example(inputs, training)
        packages = tuple(f"{name}=={version(name)}" for name in export.requires)
        card = model_card(
            model, number=number, notes=notes, inputs=inputs, outputs=outputs, metrics=metrics
        )
        (folder / "MLmodel").write_text(_mlmodel(export, signature), encoding="utf-8")
        (folder / "README.md").write_text(card, encoding="utf-8")
        (folder / "input_example.json").write_text(json.dumps(example) + "\n", encoding="utf-8")
        (folder / "requirements.txt").write_text("\n".join(packages) + "\n", encoding="utf-8")
        self.progress(f"Trained {model.name} version {number}: {_headline(metrics)}")
        return TrainedVersion(
            number=number,
            folder=folder,
            signature=signature,
            input_example=example,
            parameters=_parameters(estimator, settings, training),
            metrics=metrics,
            framework=f"scikit-learn {version('scikit-learn')}",
            flavors=tuple(export.flavors),
            python_version=platform.python_version(),
            packages=packages,
            source=_source(Path(source)),
            change_class=change_class,
            notes=notes,
        )


def columns_of(names: Sequence[str], kind: str) -> tuple[Column, ...]:
    """Columns that all have the same type."""
    return tuple(Column(name, kind) for name in names)


def _example(inputs: Sequence[Column], training: Part) -> dict[str, list[Any]]:
    rows = training.features[:EXAMPLE_ROWS, : len(inputs)].tolist()
    return {
        "columns": [column.name for column in inputs],
        "data": [
            [
                int(value) if column.type == "long" else value
                for column, value in zip(inputs, row, strict=True)
            ]
            for row in rows
        ],
    }


def _mlmodel(export: Export, signature: Mapping[str, list[dict[str, str]]]) -> str:
    flavors = {name: dict(content) for name, content in export.flavors.items()}
    if "python_function" in flavors:
        flavors["python_function"]["python_version"] = platform.python_version()
    return yaml.safe_dump(
        {
            "flavors": flavors,
            "model_size_bytes": export.file.stat().st_size,
            "saved_input_example_info": {
                "artifact_path": "input_example.json",
                "pandas_orient": "split",
                "type": "dataframe",
            },
            # MLflow keeps each side of a signature as JSON text inside the YAML.
            "signature": {side: json.dumps(columns) for side, columns in signature.items()},
        },
        sort_keys=False,
    )


def _parameters(estimator: str, settings: Mapping[str, object], training: Part) -> dict[str, str]:
    return {
        "estimator": estimator,
        **{name: str(value) for name, value in settings.items()},
        "seed": str(SEED),
        "holdout_share": str(HOLDOUT_SHARE),
        "training_rows": str(len(training.truth)),
        "training_data": training.reference,
    }


def _source(module: Path) -> TrainingSource:
    digest = hashlib.sha256(module.read_bytes()).hexdigest()
    return TrainingSource(module.relative_to(PROJECT).as_posix(), f"sha256:{digest}")


def _headline(metrics: Sequence[Metric]) -> str:
    first = metrics[0]
    return f"{first.key} {first.value:.3f} on the holdout"
