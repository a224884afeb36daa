"""Keeps what a service can make a difference to: what touches none runs once, in ``make test``."""

from collections.abc import Iterable, Iterator

import pytest

_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}
_SHORT = "--first-of-each"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the option that makes the run short enough for every change."""
    parser.addoption(
        _SHORT,
        action="store_true",
        help="of a test with many parameters run the first, unless it is there for a service",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that would only repeat what they did on SQLite."""
    kept = [item for item in items if _differs(item)]
    if config.getoption(_SHORT):
        kept = list(_first_of_each(kept))
    chosen = set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = kept


def _differs(item: pytest.Item) -> bool:
    if any(item.iter_markers("django_db")) or any(item.iter_markers("services")):
        return True
    fixtures: Iterable[str] = getattr(item, "fixturenames", ())
    return bool(_DATABASE & set(fixtures))


def _first_of_each(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    seen = set[tuple[object, str]]()
    for item in items:
        test = item.parent, getattr(item, "originalname", item.name)
        if test not in seen or any(item.iter_markers("services")):
            yield item
        seen.add(test)
