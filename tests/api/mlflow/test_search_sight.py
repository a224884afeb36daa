"""Searches at the MLflow door: refused at the place, blind to the invisible, at a fixed price."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.catalog import operations as catalog
from tests import scenarios
from tests.api.caller import token_of
from tests.api.mlflow.program import Program, refused, said
from tests.api.mlflow.searching import (
    MODELS,
    VERSIONS,
    found,
    found_versions,
    models,
    names,
    numbers,
)
from tests.factories import actor, person, team
from tests.scenarios import developer, registered_model, registered_version

pytestmark = pytest.mark.django_db


# -- refusals


@pytest.mark.parametrize("path", [MODELS, VERSIONS])
def test_a_filter_that_cannot_be_read_is_refused_at_the_place(dev: Program, path: str) -> None:
    words = refused(dev.get(path, filter="owner = 'x'"), 400, "INVALID_PARAMETER_VALUE")
    assert words.startswith("The filter cannot be read at column 1: expected one of name")
    assert words.endswith("\nowner = 'x'\n^")
    answer = dev.get(path, order_by=["owner__password"])
    assert "The order cannot be read" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    refused(dev.get(path, filter="name = '\0'"), 400, "INVALID_PARAMETER_VALUE")
    refused(Program().get(path), 401, "UNAUTHENTICATED")


# -- C5: nothing invisible


def sees(user: User, *, roots: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    """Return the models and versions a person's program finds."""
    program = Program(token_of(user, roots=roots))
    return found(program), found_versions(program, order_by=["name"])


def test_a_search_finds_what_its_caller_may_see_and_nothing_else() -> None:
    shown, hidden = models("shown", "hidden", tags={"k": "v"})
    for model in (shown, hidden):
        registered_version(model)
    member, colleague = person("mona"), person("carl")
    for holder in (member, team("Lending", colleague)):
        catalog.grant_model_duty(
            shown, holder, "operator", by=actor(scenarios.owner()), reason="Runs it"
        )

    assert sees(developer()) == (["hidden", "shown"], ["hidden/1", "shown/1"])
    assert sees(member) == (["shown"], ["shown/1"])
    assert sees(colleague) == (["shown"], ["shown/1"])
    assert sees(scenarios.stranger()) == ([], [])
    assert sees(scenarios.auditor()) == (["hidden", "shown"], ["hidden/1", "shown/1"])
    assert sees(developer(), roots=(shown.record_ref,)) == (["shown"], ["shown/1"])


def test_no_filter_finds_what_is_invisible() -> None:
    registered_version(registered_model("hidden", tags={"k": "v"}))
    stranger = Program(token_of(scenarios.stranger()))

    for asked in ("name = 'hidden'", "tags.k = 'v'", "name LIKE '%'", "name NOT IN ('x')"):
        assert said(stranger.get(MODELS, filter=asked)) == {}
    for asked in ("name = 'hidden'", "version_number = 1", "run_id != ''", "source_path LIKE '%'"):
        assert said(stranger.get(VERSIONS, filter=asked)) == {}


def test_what_was_deleted_is_not_found(dev: Program) -> None:
    kept, gone = models("kept", "gone")
    version, _ = registered_version(kept), registered_version(kept)
    registered_version(gone)
    approvals.delete_version(version, by=actor(developer()), reason="Uploaded by mistake")
    approvals.delete_model(gone, by=actor(scenarios.owner()), reason="Registered by mistake")

    assert found(dev) == ["kept"]
    assert found_versions(dev) == ["kept/2"]


# -- what it costs

ASKED = {
    MODELS: "name LIKE 'm%' AND tags.k = 'v' AND tags.k != 'w'",
    VERSIONS: "name LIKE 'm%' AND tags.k = 'v' AND version_number >= 1",
}


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("who", [developer, scenarios.auditor], ids=["granted", "everywhere"])
def test_a_page_costs_as_many_queries_with_two_rows_as_with_twenty(path: str, who: Any) -> None:
    program = Program(token_of(who()))
    asked = {"filter": ASKED[path], "order_by": ["last_updated_timestamp DESC"]}
    said(program.get(path))  # a token's first use is noted
    rows, queries = [], []
    for count in (2, 18):
        for _ in range(count):
            model = registered_model(tags={"k": "v"})
            version = registered_version(model)
            catalog.set_version_tag(version, "k", "v", by=actor(developer()))
            catalog.set_alias(model, "best", version, by=actor(developer()))
        with CaptureQueriesContext(connection) as captured:
            answer = said(program.get(path, **asked))
        rows.append(len(names(answer) + numbers(answer)))
        queries.append(len(captured))

    assert rows == [2, 20]
    assert queries[0] == queries[1]
