"""Texts of policies for tests: a shipped one with a change made to its document."""

import json
from collections.abc import Callable
from typing import Any

import yaml

from apps.approvals import policies
from apps.approvals.policies import Policy

Document = dict[str, Any]
Change = Callable[[Document], object]


def text_of(change: Change | None = None, *, number: str = "", shipped: str = "starter") -> str:
    """Return the text of a shipped policy with a change made to it and another number."""
    document = json.loads(json.dumps(yaml.safe_load(policies.shipped(shipped).text)))
    if change is not None:
        change(document)
    if number:
        document["version"] = number
    document = json.loads(json.dumps(document))  # no part twice: the reader takes no aliases
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def changed(change: Change | None = None, *, shipped: str = "starter") -> Policy:
    """Return a shipped policy with a change made to it."""
    return policies.parse(text_of(change, shipped=shipped))


def move(document: Document, transition: str = "staging_to_production") -> Document:
    """Return a transition of a document."""
    return next(part for part in document["transitions"] if part["id"] == transition)


def part(document: Document, kind: str, name: str) -> Document:
    """Return a condition, duty or rule of a document by its id."""
    return next(one for one in document[kind] if one["id"] == name)


def use(document: Document, condition: str, transition: str = "staging_to_production") -> Document:
    """Return how a transition asks a condition."""
    asked = move(document, transition)["conditions"]
    return next(one for one in asked if one["condition"] == condition)
