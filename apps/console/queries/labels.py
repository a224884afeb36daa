"""Tags as pages show them."""

from apps.catalog.models import ModelVersion, RegisteredModel

SHOWN = 20
MOST_VALUE = 120


def tags_in_words(row: RegisteredModel | ModelVersion) -> str:
    """Return the tags people gave a model or version, without those clients keep for themselves."""
    given = row.tags.exclude(key__startswith="mlflow.").exclude(key__startswith="_mlflow")
    return ", ".join(
        f"{key}={_short(value)}" if value else key
        for key, value in given.order_by("key").values_list("key", "value")[:SHOWN]
    )


def _short(value: str) -> str:
    return value if len(value) <= MOST_VALUE else f"{value[:MOST_VALUE]}…"
