"""Events as OpenLineage's Python client 1.54 posts them, and what an event has to look like."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

_HERE = Path(__file__).parent
_OFFICIAL = Draft202012Validator(
    json.loads((_HERE / "run_event_schema.json").read_text()), format_checker=FormatChecker()
)

Json = dict[str, Any]


def example(name: str, **changed: Any) -> Json:
    """Return a recorded event, with parts of it changed or, given as nothing, left out."""
    event: Json = json.loads((_HERE / "examples" / f"{name}.json").read_text()) | changed
    return {key: value for key, value in event.items() if value is not None}


def named(name: str, namespace: str = "lake", **facets: Json) -> Json:
    """Return a dataset or a job by its name, with facets."""
    return {"namespace": namespace, "name": name, "facets": facets}


def problems(event: object) -> list[str]:
    """Return what keeps something from being a run event."""
    return [f"{one.json_path}: {one.message}" for one in _OFFICIAL.iter_errors(event)]
