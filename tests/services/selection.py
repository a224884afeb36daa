"""Keeps what a service can make a difference to: what touches none runs once, in ``make test``."""

from collections.abc import Sequence

import pytest

_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that would only repeat what they did on SQLite."""
    kept = [item for item in items if _differs(item)]
    config.hook.pytest_deselected(items=[item for item in items if not _differs(item)])
    items[:] = kept


def _differs(item: pytest.Item) -> bool:
    if any(item.iter_markers("django_db")) or any(item.iter_markers("services")):
        return True
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return bool(_DATABASE & set(fixtures))
