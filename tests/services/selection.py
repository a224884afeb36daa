"""Keeps what a service can make a difference to: what touches none runs once, in ``make test``.

Of a test with a long table of cases some are kept, as ``tests.cases`` says, unless it is about a
service. With ``--one-in 3`` every third test of a file is kept, from its first on, and each one
that is about a service, or whose transactions are real.
"""

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.cases import LONG, beyond_few

_REAL = {"transactional_db", "live_server"}
_DATABASE = {"db", "django_db_setup", *_REAL}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the gate, whose time is short, take a part of each file."""
    parser.addoption(
        "--one-in", type=int, default=1, metavar="N", help="one in N of a file's tests"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that would only repeat what they did on SQLite."""
    spared = {item for item in beyond_few(items) if item.get_closest_marker("services") is None}
    kept = [item for item in items if _differs(item) and item not in spared]
    kept = _one_in(1 if LONG else config.getoption("one_in"), kept)
    config.hook.pytest_deselected(items=[*set(items).difference(kept)])
    items[:] = kept


def _one_in(few: int, items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return every test that has to do with a service, and every nth of the others of a file."""
    seen: Counter[object] = Counter()
    kept = []
    for item in items:
        is_one = _is_about_services(item)
        if is_one or seen[item.path] % few == 0:
            kept.append(item)
        seen[item.path] += not is_one
    return kept


def _is_about_services(item: pytest.Item) -> bool:
    has_real = any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
    return has_real or any(item.iter_markers("services")) or bool(_REAL & _fixtures(item))


def _differs(item: pytest.Item) -> bool:
    if any(item.iter_markers("django_db")) or any(item.iter_markers("services")):
        return True
    return bool(_DATABASE & _fixtures(item))


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))
