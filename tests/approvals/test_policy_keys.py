"""Every key a policy may hold is read and used, or can hold one thing only: what Signet does."""

import ast
import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from apps.approvals import authorizing, policies, vocabulary
from apps.approvals.operations import clockwork, signing
from apps.approvals.pages.policies import readable
from apps.approvals.policies import building, fixed, parts, reading, references
from apps.approvals.policies.following import STEPS
from apps.approvals.policies.used import READ_BY_SIGNET
from apps.risk import policy_says
from tests.approvals.policy_texts import Document, move

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = json.loads((vocabulary.CONTENT / "policy.schema.json").read_text(encoding="utf-8"))

FOR_READERS = {
    "schema_version", "kind", "stages[].title", "stages[].description", "roles[].description",
    "tiers[].description", "signature.cites", "waivers.cites",
}  # fmt: skip
"""Words about the policy that nothing follows from: they stand in its text."""
HELD_TO_ONE = {
    "stages", "stages[].id", "transitions[].modes", "signature.meanings", "signature.manifest",
    "waivers.required_fields",
}  # fmt: skip
"""What a policy may list, and is refused when it lists something else than Signet does."""
SETTINGS = {
    f"tiers[].settings.{name}"
    for name in (
        clockwork.REQUEST_DAYS,
        authorizing.DAYS,
        signing.CONDITION_DAYS,
        policy_says.ACCEPTED_DAYS,
    )
}
"""Settings the registry itself reads, by the names it reads them under."""


class Noted(dict[str, Any]):
    """A part of a policy that notes which of its keys are read, by the place it stands at."""

    def __init__(self, told: Mapping[str, Any], place: str, read: set[str]) -> None:
        dot = f"{place}." if place else ""
        super().__init__({key: noted(value, f"{dot}{key}", read) for key, value in told.items()})
        self._dot, self._read = dot, read

    def __getitem__(self, key: str) -> Any:
        self._read.add(f"{self._dot}{key}")
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._read.add(f"{self._dot}{key}")
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._read.add(f"{self._dot}{key}")
        return super().__contains__(key)


def noted(value: Any, place: str, read: set[str]) -> Any:
    if isinstance(value, dict) and not place.startswith("tiers[].settings."):
        return Noted(value, place, read)
    if isinstance(value, list):
        return [noted(inner, f"{place}[]", read) for inner in value]
    return value


def keys_of(schema: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every key a schema knows with what it says of it; tiers are no keys of their own."""
    if ref := schema.get("$ref"):
        schema = SCHEMA["$defs"][ref.rpartition("/")[2]]
    if "else" in schema:
        schema = schema["else"]
    if "items" in schema:
        yield from keys_of(schema["items"], f"{place}[]")
    for key, inner in schema.get("properties", {}).items():
        here = f"{place}.{key}" if place else key
        if not key.isdigit():
            yield here, inner
        yield from keys_of(inner, here)


def at_any_tier(place: str) -> str:
    """Return a place without the tier it stands at."""
    return re.sub(r"\.\d+(?=[.\[]|$)", "", place)


def is_one_way(schema: Mapping[str, Any]) -> bool:
    """Say whether only one thing may stand somewhere, which is what Signet does."""
    return "const" in schema


def whole_document() -> Document:
    """Return a policy in which everything the schema knows stands somewhere."""
    document: Document = yaml.safe_load(policies.shipped("default").text)
    document = json.loads(json.dumps(document))
    document["continuous_rules"][0]["title"] = "Validation is due"
    document["law_as_of"] = "2026-11-01"
    for transition in document["transitions"]:
        transition["carried_out_by"] = "operator"
    move(document)["sign_offs"]["1"][0]["order"] = 2
    return document


def test_every_key_of_the_schema_is_read_or_can_hold_one_thing_only() -> None:
    document = whole_document()
    read: set[str] = set()
    scope = reading._scope(document, vocabulary.built_in())
    building.policy(noted(document, "", read), "", scope)
    read = set(map(at_any_tier, read))
    known = {at_any_tier(key): schema for key, schema in keys_of(SCHEMA)}

    assert len(known) > 100
    assert {"transitions[].on_success", "waivers.report_to"} <= set(known)
    dead = {
        key
        for key, schema in known.items()
        if key not in read | FOR_READERS | HELD_TO_ONE | SETTINGS and not is_one_way(schema)
    }
    assert not dead
    assert set(known) >= FOR_READERS | HELD_TO_ONE | SETTINGS
    assert not (FOR_READERS | HELD_TO_ONE) & read, "It is read by now; take it off the list."


def test_what_can_only_be_said_in_one_way_is_held_to_it() -> None:
    document = whole_document()
    read: set[str] = set()
    held = noted(document, "", read)
    assert list(references.reference_problems(held)) == list(fixed.fixed_problems(held)) == []
    enforced_by_schema = {
        key for key, schema in keys_of(SCHEMA) if "why" in schema.get("items", {})
    }
    assert read | enforced_by_schema >= HELD_TO_ONE


def attributes_read() -> set[str]:
    """Return every name that code or a template reads of something, but where policies are made."""
    found: set[str] = set()
    for path in (ROOT / "apps").rglob("*.py"):
        if path.name != "building.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for path in (ROOT / "templates").rglob("*.html"):
        found |= set(re.findall(r"\.(\w+)", path.read_text(encoding="utf-8")))
    return found


def test_what_is_read_of_a_policy_is_used() -> None:
    used = attributes_read()
    kept = [
        one
        for one in vars(parts).values()
        if isinstance(one, type) and dataclasses.is_dataclass(one)
    ]
    unused = {
        f"{kind.__name__}.{field.name}"
        for kind in kept
        for field in dataclasses.fields(kind)
        if field.name not in used
    }

    assert len(kept) > 15
    assert not unused


def test_every_step_that_may_follow_a_move_is_known_with_where_it_may() -> None:
    listed = SCHEMA["properties"]["transitions"]["items"]["properties"]["on_success"]["items"]

    assert set(listed["enum"]) == set(STEPS)
    for step in STEPS.values():
        assert step.after, step.id
        assert set(step.after) <= set(fixed.ENDS), step.id


def test_a_setting_that_nothing_reads_is_called_so() -> None:
    for name, dead in (
        ("default", ["Min distinct approvers"]),
        ("starter", ["Emergency ratification hours"]),
    ):
        shown = readable(policies.shipped(name))["settings"]
        unread = [one.title for one in shown if one.note == "Nothing in this policy reads it."]
        assert unread == dead, name
    for key in SETTINGS:
        assert key.rpartition(".")[2] in READ_BY_SIGNET
    assert len(SETTINGS) == len(READ_BY_SIGNET)
