"""The page about the API names calls that there are, with bodies they take."""

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from apps.api.models import MOST_KEY
from apps.api.problems import STATUSES
from tests.api.world import ROUTES, Route, resolved

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    line
    for block in BLOCKS
    for line in block.replace("\\\n", " ").splitlines()
    if line.startswith("curl ")
]


def method_of(words: list[str]) -> str:
    return words[words.index("-X") + 1] if "-X" in words else "PUT" if "-T" in words else "GET"


def route_of(method: str, path: str) -> Route:
    """Return the call an address belongs to; the one with the fewest captured parts wins."""
    found = [
        route
        for route in ROUTES.values()
        if route.method == method and re.fullmatch(_pattern_of(route), path)
    ]
    assert found, f"there is no {method} {path}"
    return min(found, key=lambda route: route.path.count("{"))


def _pattern_of(route: Route) -> str:
    """Return what addresses of a call look like; a place in the log may have parts."""
    return re.sub(r"{\w+}", "[^/]+", route.path.replace("{place}", ".+"))


def require_fits(body: dict[str, Any], schema: dict[str, Any], place: str = "") -> None:
    """Require that a body names declared fields only, and all that are required."""
    declared = schema["properties"]
    assert set(body) <= set(declared), f"{place}{set(body) - set(declared)} is not declared"
    assert set(schema.get("required", [])) <= set(body), place
    for key, inner in body.items():
        if isinstance(inner, dict) and "$ref" in declared[key]:
            require_fits(inner, resolved(declared[key]), f"{place}{key}.")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_calls_what_there_is_with_what_it_takes(command: str) -> None:
    words = shlex.split(command)
    address = next(word for word in words if word.startswith("$API"))
    parts = urlsplit(address.removeprefix("$API"))
    route = route_of(method_of(words), parts.path)
    parameters = {parameter["name"] for parameter in route.described["parameters"]}

    assert "$AUTH" in words
    assert set(parse_qs(parts.query)) <= parameters
    assert {"Idempotency-Key", "If-Match"}.intersection(
        word.partition(":")[0] for word in words
    ) <= parameters
    if "-d" in words:
        assert "$JSON" in words
        assert route.body is not None
        require_fits(json.loads(words[words.index("-d") + 1]), route.body)


def test_the_walk_covers_every_part_of_the_api() -> None:
    tags = {
        route_of(
            method_of(shlex.split(command)),
            urlsplit(
                next(w for w in shlex.split(command) if w.startswith("$API")).removeprefix("$API")
            ).path,
        ).described["tags"][0]
        for command in COMMANDS
    }
    assert tags == {route.described["tags"][0] for route in ROUTES.values()}


def test_the_page_names_every_status_a_refusal_has() -> None:
    named = set(map(int, re.findall(r"^\| (\d{3}) \|", PAGE, re.MULTILINE)))
    assert named == {status for _, status in STATUSES} | {401}
    assert f"1 to {MOST_KEY} printable" in PAGE
