"""Stages of a version and the moves between them, as data."""

from django.db.models import TextChoices


class Stage(TextChoices):
    """Where a version stands. MLflow calls the first four None, Staging, Production, Archived."""

    DEVELOPMENT = "development", "Development"
    STAGING = "staging", "Staging"
    PRODUCTION = "production", "Production"
    ARCHIVED = "archived", "Archived"
    DECOMMISSIONED = "decommissioned", "Decommissioned"


MOVES: dict[Stage, frozenset[Stage]] = {
    Stage.DEVELOPMENT: frozenset({Stage.STAGING, Stage.ARCHIVED}),
    Stage.STAGING: frozenset({Stage.PRODUCTION, Stage.DEVELOPMENT, Stage.ARCHIVED}),
    Stage.PRODUCTION: frozenset({Stage.ARCHIVED}),
    Stage.ARCHIVED: frozenset({Stage.PRODUCTION, Stage.DECOMMISSIONED}),
    Stage.DECOMMISSIONED: frozenset(),
}

PROMOTIONS: dict[Stage, Stage] = {
    Stage.DEVELOPMENT: Stage.STAGING,
    Stage.STAGING: Stage.PRODUCTION,
}
"""The next stage a version can be promoted to by request."""


def is_move(origin: Stage, target: Stage) -> bool:
    """Say whether a version may go from one stage to another."""
    return target in MOVES[origin]


class Readiness(TextChoices):
    """Whether a version's content is complete; content never changes once it is ready."""

    PENDING = "pending", "Pending"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
