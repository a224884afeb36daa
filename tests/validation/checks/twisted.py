"""JSON values in which something is not as it should be, to see that nothing stumbles over it."""

from collections.abc import Iterator
from typing import Any

ODD: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "x", [], [[]], {}, {"a": {}}, "\ud800")


def twisted(value: Any) -> Iterator[Any]:
    """Yield a JSON value with each part of it, one at a time, replaced by something odd."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            for inner in (*ODD, *twisted(value[key])):
                other = dict(value) if isinstance(value, dict) else list(value)
                other[key] = inner
                yield other
