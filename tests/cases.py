"""Which cases stand for a test that has many: some of its table, from the first to the last.

Each case runs on SQLite. What else has to be seen of a test, on services or by the tracer of
coverage, is seen in these; under ``SIGNET_TEST_LONG=1`` in all.
"""

import os
from collections import defaultdict
from collections.abc import Sequence

import pytest

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
FEW = 4


def beyond_few(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """Return the cases that need not stand for their test; none where all are wanted."""
    if LONG:
        return set()
    tests: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tests[item.nodeid.partition("[")[0]].append(item)
    standing = {item for cases in tests.values() for item in _spread(cases)}
    return {item for item in items if item not in standing}


def _spread(cases: Sequence[pytest.Item]) -> Sequence[pytest.Item]:
    if len(cases) <= FEW:
        return cases
    return [cases[n * (len(cases) - 1) // (FEW - 1)] for n in range(FEW)]
