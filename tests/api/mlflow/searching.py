"""What the tests of searches share: many models, and what a search finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet

from apps.catalog.models import ModelVersion, RegisteredModel
from tests.api.mlflow.program import Program, said
from tests.scenarios import developer, registered_model

MODELS = "registered-models/search"
VERSIONS = "model-versions/search"
IS_PROMPT = "mlflow.prompt.is_prompt"
START = datetime(2026, 1, 1, tzinfo=UTC)


def names(answer: Any) -> list[str]:
    return [row["name"] for row in answer.get("registered_models", [])]


def numbers(answer: Any) -> list[str]:
    return [f"{row['name']}/{row['version']}" for row in answer.get("model_versions", [])]


def found(program: Program, asked: str = "", **more: Any) -> list[str]:
    """Return the names of the models a filter finds."""
    return names(said(program.get(MODELS, filter=asked, **more)))


def found_versions(program: Program, asked: str = "", **more: Any) -> list[str]:
    return numbers(said(program.get(VERSIONS, filter=asked, **more)))


def models(*called: str, **facts: Any) -> list[RegisteredModel]:
    return [registered_model(name, **facts) for name in called]


def put(kind: type[Model], rows: list[Any]) -> None:
    """Write rows past the operations, which refuse to write many at once."""
    QuerySet[Any, Any](kind).bulk_create(rows)


def many_models(count: int, *, start: int = 0) -> None:
    """Put plain models into the database at once: here only their number matters."""
    owner = developer()
    rows = [
        RegisteredModel(
            name=f"bulk-{number:05}",
            folded_name=f"bulk-{number:05}",
            owner=owner,
            created_by=owner,
            created_at=START,
            touched_at=START + timedelta(seconds=number // 7),
        )
        for number in range(start, start + count)
    ]
    put(RegisteredModel, rows)


def many_versions(model: RegisteredModel, count: int) -> None:
    """Put plain versions into the database at once: here only their number matters."""
    rows = [
        ModelVersion(
            model=model,
            number=number,
            created_by=model.owner,
            created_at=START,
            touched_at=START + timedelta(seconds=number // 7),
        )
        for number in range(1, count + 1)
    ]
    put(ModelVersion, rows)
