"""Profiles of data, and what the check of drift says of versions with them."""

import json
from typing import Any

from apps.validation import parameters
from apps.validation.checks import drift
from apps.validation.checks.contract import Outcome
from tests.validation.checks.stored import (
    version_of,
)

INCOME = {"count": 1000, "missing": 10, "edges": [0, 10, 20.5], "counts": [490, 500]}
REGION = {"count": 1000, "values": {"north": 600, "south": 400}}
AGE = {"count": 1000, "levels": [0, 0.25, 0.5, 1], "quantiles": [18, 30, 41, 99]}
BOTH = {"income": INCOME, "region": REGION}


def written(features: object, **others: object) -> bytes:
    return json.dumps({"profile": 1, "features": features, **others}).encode()


def alone(data: bytes) -> Outcome:
    return drift.examine(version_of({"reference_profile.json": data}))


def between(reference: object, current: object, **given_values: object) -> Outcome:
    files = {
        "extra_files/reference_profile.json": written(reference),
        "extra_files/current_profile.json": written(current),
    }
    chosen: Any = parameters.read(drift.CHECK, given_values)
    return drift.examine(version_of(files), parameters=chosen)


def spread(counts: list[int], **others: object) -> dict[str, object]:
    total = sum(counts)
    return {"count": total, "edges": list(range(len(counts) + 1)), "counts": counts, **others}
