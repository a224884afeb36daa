"""A model card as the Hugging Face Hub reads it: a block of YAML from mapped fields, then the card.

What the Hub has no key for stays in the text below it, which is the whole document.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from apps.validation.documents.content import Answer
from apps.validation.documents.exports.gathered import Gathered
from apps.validation.documents.exports.texts import as_markdown
from apps.validation.documents.reading import TABLES, FieldType

_FORM = "huggingface"
_NESTED = ("model-index[].name", "model-index[].results[].metrics[]")


def as_readme(found: Gathered) -> str:
    """Return the card with its block of YAML."""
    front = yaml.safe_dump(_metadata(found), sort_keys=False, allow_unicode=True)
    return f"---\n{front}---\n\n{as_markdown(found)}"


def _metadata(found: Gathered) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for answer in found.content.answers.values():
        target = answer.field.target(_FORM)
        if target and target not in _NESTED and answer.value:
            told[target] = _plain(answer)
    metrics = _rows(found, _NESTED[1])
    if metrics:
        told["metrics"] = sorted({row["metric"] for row in metrics})
        told["model-index"] = [{"name": found.document.model.name, "results": _results(metrics)}]
    return {key: value for key, value in told.items() if value}


def _plain(answer: Answer) -> object:
    """Return a value as front matter has it: the names of a table's rows, or the value itself."""
    if answer.field.type in TABLES and isinstance(answer.value, list):
        return list(dict.fromkeys(row[0] for row in answer.value if isinstance(row, list)))
    if answer.field.type is FieldType.RICH_TEXT:
        return ""
    return answer.value


def _results(metrics: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return the Hub's results, one for each value that is a number on a named dataset."""
    return [
        {
            "task": {"type": "other"},
            "dataset": {"type": row["dataset"], "name": row["dataset"]},
            "metrics": [{"type": row["metric"], "name": _name(row), "value": float(row["value"])}],
        }
        for row in metrics
        if row.get("dataset") and row.get("value") not in {"", "nan", "inf", "-inf", None}
    ]


def _name(row: Mapping[str, str]) -> str:
    return f"{row['metric']} ({row['slice']})" if row.get("slice") else row["metric"]


def _rows(found: Gathered, target: str) -> list[dict[str, str]]:
    """Return the rows of the table that maps to a place, by the names of their columns."""
    for answer in found.content.answers.values():
        if answer.field.target(_FORM) == target and isinstance(answer.value, list):
            return [
                dict(zip(answer.columns, row, strict=False))
                for row in answer.value
                if isinstance(row, list)
            ]
    return []
