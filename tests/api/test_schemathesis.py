"""E2: whatever a program sends, allowed by the description or not, is answered as described.

The requests are made up from the description itself and answered in this process, for a developer's
token; what they change is undone after each.
"""

import copy
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from registry_site.wsgi import application
from tests import scenarios
from tests.api.caller import ROOT, token_of
from tests.api.world import ROUTES, SCHEMA, Route, World

pytestmark = [pytest.mark.django_db, pytest.mark.long]

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
EXAMPLES = 300 if LONG else 4
NEW = {"path", "key", "alias"}
"""What a PUT may name though it is not there yet."""
ALWAYS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
CHECKS = {
    GenerationMode.POSITIVE: ALWAYS,
    GenerationMode.NEGATIVE: [*ALWAYS, negative_data_rejection],
}


@pytest.fixture(autouse=True)
def connection_kept() -> Iterator[None]:
    """Leave the connection open between requests, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def whole(environ: Any, start_response: Any) -> list[bytes]:
    """Answer as the server does, with what streams read to its end and closed."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


def narrowed(world: World) -> dict[str, Any]:
    """Return the description with addresses narrowed to what is there, and what is not.

    Made-up ETags would only ever be refused; other tests send those that are right and wrong.
    """
    schema, there, absent = copy.deepcopy(SCHEMA), world.places(), world.absent()
    for item in schema["paths"].values():
        for operation in item.values():
            told = operation["parameters"]
            operation["parameters"] = [one for one in told if one["name"] != "If-Match"]
            for parameter in operation["parameters"]:
                name = parameter["name"]
                if parameter["in"] == "path":
                    known = [_plain(there[name]), _plain(absent[name])]
                    parameter["schema"] = {"enum": known}
    for route in ROUTES.values():
        if route.method == "PUT":
            operation = schema["paths"][f"{ROOT}{route.path}"].pop("put")
            told = operation["parameters"]
            operation["parameters"] = [one for one in told if one["name"] not in NEW]
            schema["paths"][address(route)] = {"put": operation}
    return schema


def address(route: Route) -> str:
    """Return the address of a call; what a PUT may name anew is always the same there."""
    path = f"{ROOT}{route.path}"
    names = NEW if route.method == "PUT" else ()
    for name in names:
        path = path.replace(f"{{{name}}}", "key")
    return path


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)


@pytest.mark.parametrize("name", ROUTES)
def test_what_is_made_up_is_answered_as_described(name: str) -> None:
    world = World.made()
    schema = schemathesis.openapi.from_dict(narrowed(world))
    schema.app = whole
    headers = {"Authorization": f"Bearer {token_of(scenarios.developer())}"}
    route = ROUTES[name]
    operation = schema[address(route)][route.method]

    for mode, checks in CHECKS.items():

        @settings(max_examples=EXAMPLES, database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            before = transaction.savepoint()
            answer = case.call(headers=headers)
            transaction.savepoint_rollback(before)
            case.validate_response(answer, checks=checks, headers=headers)  # noqa: B023

        ask()
