"""MLflow's filters and orders: read by a small parser into comparisons, never into lookups."""

from apps.api.mlflow.filters.cursor import FilterRefused
from apps.api.mlflow.filters.grammars import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODELS,
    RUNS,
    VERSIONS,
    Grammar,
    Kind,
    Takes,
    Type,
)
from apps.api.mlflow.filters.reading import (
    Comparison,
    Ordering,
    Value,
    read_filter,
    read_orders,
)

__all__ = [
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "MODELS",
    "RUNS",
    "VERSIONS",
    "Comparison",
    "FilterRefused",
    "Grammar",
    "Kind",
    "Ordering",
    "Takes",
    "Type",
    "Value",
    "read_filter",
    "read_orders",
]
