"""How many rows PostgreSQL reads for an answer: those it shows, and not all that there are.

Each is asked so often that the kept statement no longer looks at the values it is asked with.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection

from apps.catalog.models import ModelVersion, RegisteredModel
from tests.api.mlflow.program import Program, said
from tests.api.mlflow.searching import MODELS, VERSIONS
from tests.scenarios import registered_model

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite counts no rows"),
]

MODELS_THERE, VERSIONS_OF_ONE, VERSIONS_OF_BIG = 400, 5, 3000


def test_an_answer_reads_about_the_versions_it_shows(dev: Program) -> None:
    big = registered_model("big")
    _fill(_others_like(big), VERSIONS_OF_ONE)
    _fill([big], VERSIONS_OF_BIG)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    asked: list[tuple[str, dict[str, Any], int]] = [
        (VERSIONS, {"filter": "name = 'big'", "max_results": 100}, 300),
        (VERSIONS, {"filter": "name = 'm7'", "max_results": 100}, 100),
        (MODELS, {"max_results": 20}, 100),
        ("registered-models/get", {"name": "big"}, 10),
        ("registered-models/get-latest-versions", {"name": "big"}, 10),
        ("model-versions/get", {"name": "big", "version": "1500"}, 10),
    ]
    for path, fields, most in asked:
        for turn in range(8):
            before = _versions_read()
            said(dev.get(path, **fields))
            read = _versions_read() - before
            assert read <= most, f"{path} {fields} read {read} versions, turn {turn}"


def _others_like(model: RegisteredModel) -> list[RegisteredModel]:
    """Register models past the operations: hundreds of those would take long."""
    names = [f"m{number}" for number in range(MODELS_THERE)]
    return RegisteredModel._base_manager.bulk_create(
        RegisteredModel(
            name=name,
            folded_name=name,
            owner_id=model.owner_id,
            created_at=model.created_at,
            touched_at=model.touched_at,
            created_by_id=model.created_by_id,
        )
        for name in names
    )


def _fill(models: Iterable[RegisteredModel], amount: int) -> None:
    """Give models versions, past the operations."""
    ModelVersion._base_manager.bulk_create(
        ModelVersion(
            model=model,
            number=number,
            source="s3://elsewhere/model",
            created_at=model.created_at,
            touched_at=model.touched_at,
            created_by_id=model.created_by_id,
        )
        for model in models
        for number in range(1, amount + 1)
    )


def _versions_read() -> int:
    """Return how many versions were read in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = %s",
            [ModelVersion._meta.db_table],
        )
        [(read,)] = cursor.fetchall()
    return int(read)
