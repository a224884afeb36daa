"""Format validity: no damage makes the check itself stumble."""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from tests.validation.checks.sound_files import SKOPS, SOUND, looked_at
from tests.validation.checks.twisted import twisted
from tests.validation.checks.wellformed import (
    KERAS,
    TENSORS,
    safetensors,
    unzipped,
    xgboost,
    zipped,
)


def test_no_cut_and_no_changed_byte_makes_the_check_stumble() -> None:
    """Every prefix, and every byte turned over, ends in an outcome and not in an error."""
    samples = [data for data, _ in SOUND.values() if len(data) < 3000]
    for data in samples:
        path = next(path for path, (known, _) in SOUND.items() if known is data)
        for at in range(0, len(data), max(1, len(data) // 60)):
            looked_at(path, data[:at])
            looked_at(path, data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])


def test_no_value_of_another_type_makes_the_check_stumble() -> None:
    config, schema = json.loads(KERAS["config.json"]), json.loads(unzipped(SKOPS)["schema.json"])
    node = {**schema, "content": {"a": {"__loader__": "FunctionNode", "content": {}, "file": "a"}}}
    samples: list[tuple[str, Any, Callable[[bytes], bytes]]] = [
        ("a.json", xgboost(), bytes),
        ("a.index.json", {"weight_map": {"a": "b.safetensors"}}, bytes),
        ("a.keras", config, lambda data: zipped({**KERAS, "config.json": data})),
        (
            "a.keras",
            {"weight_map": {"a": ["b"]}},
            lambda data: zipped({**KERAS, "model.weights.json": data}),
        ),
        ("a.skops", node, lambda data: zipped({"schema.json": data})),
        ("a.safetensors", TENSORS, safetensors),
        (
            "MLmodel",
            {
                "flavors": {
                    "python_function": {"loader_module": "x", "artifacts": {"a": {"path": 1}}}
                }
            },
            bytes,
        ),
    ]
    for path, value, written in samples:
        for odd in twisted(value):
            outcome = looked_at(path, written(json.dumps(odd).encode()))
            msgspec.msgpack.encode([outcome.facts, outcome.evidence])
