"""Keeps what a service can make a difference to: what touches none runs once, in ``make test``.

Of a test with a long table of cases some are kept, as ``tests.cases`` says, unless it is about a
service.
"""

from collections.abc import Sequence

import pytest

from tests.cases import beyond_few

_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that would only repeat what they did on SQLite."""
    spared = {item for item in beyond_few(items) if item.get_closest_marker("services") is None}
    kept = [item for item in items if _differs(item) and item not in spared]
    config.hook.pytest_deselected(items=[*set(items).difference(kept)])
    items[:] = kept


def _differs(item: pytest.Item) -> bool:
    if any(item.iter_markers("django_db")) or any(item.iter_markers("services")):
        return True
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return bool(_DATABASE & set(fixtures))
