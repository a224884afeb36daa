"""Reads what a person typed or pasted, and says in words where it is not what it should be."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from apps.catalog import names
from apps.catalog.training import MetricFacts
from apps.core.inputs import InputRefused

Rule: TypeAlias = tuple[Callable[[object], bool], str]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_number_or_null(value: object) -> bool:
    return value is None or _is_number(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_yes_or_no(value: object) -> bool:
    return value is None or isinstance(value, bool)


METRIC_KEYS: Mapping[str, Rule] = {
    "key": (_is_text, "a text"),
    "value": (_is_number, "a number"),
    "dataset": (_is_text, "a text"),
    "slice": (_is_text, "a text"),
    "lower": (_is_number_or_null, "a number"),
    "upper": (_is_number_or_null, "a number"),
    "higher_is_better": (_is_yes_or_no, "true or false"),
    "step": (_is_whole, "a whole number"),
}
_NEEDED = ("key", "value")


def model_name(text: str) -> str:
    """Return a text that can name a model."""
    names.require_model_name(text)
    return text


def anything(value: object) -> object:
    """Return any value of JSON."""
    return value


def signature(value: object) -> dict[str, Any] | None:
    """Return a signature, which is an object; nothing when nothing was typed."""
    if value is not None and not isinstance(value, dict):
        raise InputRefused('A signature is an object: {"inputs": […], "outputs": […]}.')
    return value


def parameters(value: object) -> dict[str, str]:
    """Return the settings of a run by their names; numbers, true and false become their texts."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputRefused('Parameters are an object of names and values: {"max_depth": 3}.')
    for key, inner in value.items():
        if isinstance(inner, dict | list):
            raise InputRefused(
                f"The parameter {key!a:.100} is a list or an object. Give a text or a number."
            )
    return {
        key: inner if isinstance(inner, str) else json.dumps(inner) for key, inner in value.items()
    }


def metrics(value: object) -> tuple[MetricFacts, ...]:
    """Return what a run measured, entry by entry."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InputRefused('Metrics are a list of objects: [{"key": "auc", "value": 0.91}].')
    return tuple(_metric(number, entry) for number, entry in enumerate(value, start=1))


def packages(text: str) -> list[str]:
    """Return the packages of a pasted list, without its blank lines and comments."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _metric(number: int, entry: object) -> MetricFacts:
    if not isinstance(entry, dict):
        raise InputRefused(f'Entry {number} is not an object such as {{"key": "auc", "value": 1}}.')
    for key, value in entry.items():
        _require(number, key, value)
    for key in _NEEDED:
        if key not in entry:
            raise InputRefused(f"Entry {number} has no {key}.")
    return MetricFacts(**entry)


def _require(number: int, key: str, value: object) -> None:
    if key not in METRIC_KEYS:
        known = ", ".join(METRIC_KEYS)
        raise InputRefused(f"Entry {number} has the unknown key {key!a:.100}. Known are {known}.")
    is_right, words = METRIC_KEYS[key]
    if not is_right(value):
        raise InputRefused(f"Entry {number}: {key} is not {words}.")
