"""What a page of a search costs the database: it follows an index, and sorts nothing it omits."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog import operations as catalog
from tests.api.mlflow.program import Program, said
from tests.api.mlflow.searching import MODELS, VERSIONS
from tests.factories import actor
from tests.scenarios import developer, registered_model, registered_version

_INNER = re.compile(r"FROM \(\n(.+)\n\) (?:page|v) JOIN", re.DOTALL)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        "connection.vendor != 'sqlite'", reason="PostgreSQL chooses by the rows it counted"
    ),
]


def steps(program: Program, path: str, **asked: Any) -> str:
    """Return how the database finds the rows of a page, step by step."""
    with CaptureQueriesContext(connection) as captured:
        said(program.get(path, **asked))
    [inner] = [found[1] for each in captured if (found := _INNER.search(each["sql"]))]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {inner}")
        return "\n".join(detail for *_, detail in cursor.fetchall())


def test_a_page_follows_an_index_in_its_order(dev: Program) -> None:
    for name in ("a", "b"):
        model = registered_model(name)
        for _ in range(2):
            registered_version(model)
    searches: list[tuple[str, str, dict[str, Any]]] = [
        (MODELS, "registered_model_name", {}),
        (MODELS, "registered_model_name", {"order_by": ["name DESC"]}),
        (VERSIONS, "version_touched_in_model", {"filter": "name = 'a'"}),
        (VERSIONS, "version_number_once", {"filter": "name = 'a'", "order_by": ["version_number"]}),
        (VERSIONS, "registered_model_name", {"order_by": ["name"]}),
    ]
    for path, index, asked in searches:
        first = said(dev.get(path, max_results=1, **asked))
        for token in ("", first["next_page_token"]):
            taken = steps(dev, path, max_results=1, page_token=token, **asked)
            assert "ORDER BY" not in taken, (asked, taken)
            assert index in taken or "autoindex_catalog_model_version" in taken, (asked, taken)


def test_what_is_rare_leads_to_its_rows(dev: Program) -> None:
    model = registered_model("a", tags={"k": "v"})
    catalog.set_version_tag(registered_version(model), "k", "v", by=actor(developer()))

    assert "version_by_run" in steps(dev, VERSIONS, filter="run_id = 'f00'")

    assert "model_tag_to_model" in steps(dev, MODELS, filter="tags.k = 'v'")
    assert "version_tag_to_version" in steps(dev, VERSIONS, filter="tags.k = 'v'")
