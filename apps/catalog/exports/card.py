"""A version as a model card in the form of the Hugging Face Hub: metadata first, then Markdown.

The metadata keys are those of the Hub's model card specification; what is not known is left out.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from apps.catalog.exports.gathered import Gathered
from apps.catalog.models import ModelVersion, RunMetric

Json = dict[str, Any]

_LIBRARIES = {
    "sklearn": "sklearn",
    "pytorch": "pytorch",
    "transformers": "transformers",
    "keras": "keras",
    "onnx": "onnx",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
}
FILE_NAME = "README.md"


def model_card(version: ModelVersion) -> str:
    """Return the card of a version as Markdown with a block of YAML before it."""
    found = Gathered.about(version)
    metadata = yaml.safe_dump(_metadata(found), sort_keys=False, allow_unicode=True)
    return f"---\n{metadata}---\n\n{_text(found)}\n"


def _metadata(found: Gathered) -> Json:
    version, model = found.version, found.version.model
    known = {
        "library_name": next(
            (_LIBRARIES[flavor] for flavor in version.flavors if flavor in _LIBRARIES), ""
        ),
        "tags": sorted({*map(str, version.flavors), model.kind}),
        "datasets": found.dataset_names,
        "metrics": sorted({metric.key for metric in found.metrics}),
        "base_model": version.base_version.model.name if version.base_version else "",
        "model-index": _index(found),
    }
    return {key: value for key, value in known.items() if value}


def _index(found: Gathered) -> list[Json]:
    """Return the measured values as the Hub's ``model-index``; those without a dataset it refuses.

    What is not finite is left out: the Hub's index holds numbers.
    """
    results = [_result(found, metric) for metric in found.metrics if _is_indexed(metric)]
    return [{"name": found.version.model.name, "results": results}] if results else []


def _is_indexed(metric: RunMetric) -> bool:
    return bool(metric.dataset) and not metric.is_nan


def _result(found: Gathered, metric: RunMetric) -> Json:
    name = f"{metric.key} ({metric.slice})" if metric.slice else metric.key
    return {
        "task": {"type": found.version.model.domain or "other"},
        "dataset": {"type": metric.dataset, "name": metric.dataset},
        "metrics": [{"type": metric.key, "name": name, "value": metric.value}],
    }


def _text(found: Gathered) -> str:
    parts = [f"# {found.version.model.shown_title}, version {found.version.number}"]
    for title, text in _sections(found):
        if text:
            parts += [f"## {title}", text]
    return "\n\n".join(parts)


def _sections(found: Gathered) -> Iterator[tuple[str, str]]:
    version, model = found.version, found.version.model
    yield "About", "\n\n".join(text for text in (model.description, version.description) if text)
    yield "Intended use", model.intended_use
    yield "Uses out of scope", model.out_of_scope_uses
    yield "Limitations", model.limitations
    yield (
        "Evaluation",
        _table(
            ("Measure", "Dataset", "Slice", "Value", "Interval"),
            [
                (row.key, row.dataset, row.slice, repr(row.number), _interval(row))
                for row in found.metrics
            ],
        ),
    )
    yield (
        "Training parameters",
        _table(("Parameter", "Value"), [(row.key, row.value) for row in found.parameters]),
    )
    yield (
        "Environment",
        "\n".join(f"- {word}" for word in (*_environment(version), *map(str, version.packages))),
    )
    yield (
        "Files",
        _table(
            ("Path", "Size in bytes", "SHA-256"),
            [(file.path, str(file.artifact.size), file.artifact.sha256) for file in found.files],
        ),
    )
    yield "Record", f"Content digest: `{version.content_digest}`" if version.content_digest else ""


def _environment(version: ModelVersion) -> Iterator[str]:
    if version.framework:
        yield version.framework
    if version.python_version:
        yield f"Python {version.python_version}"


def _interval(metric: RunMetric) -> str:
    if metric.lower is None or metric.upper is None:
        return ""
    return f"{metric.lower!r} to {metric.upper!r}"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [_row(head), _row(("---",) * len(head)), *map(_row, rows)]
    return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    """Write a row; a cell cannot end itself, its row, or begin markup."""
    plain = (
        " ".join(cell.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
        for cell in cells
    )
    return f"| {' | '.join(plain)} |"
