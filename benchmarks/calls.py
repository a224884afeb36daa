"""The calls that are compared, as a client of the registry makes them."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

BIG = "big"
"""The model with 10,000 versions."""


@dataclass(frozen=True)
class Call:
    """One kind of call: each time it is made, ``next`` says what to send."""

    name: str
    method: str
    path: str
    next: Callable[[], dict[str, object]]

    def request(self) -> tuple[str, str, bytes]:
        """Return method, address and body of the next call of this kind."""
        fields = self.next()
        path = f"/api/2.0/mlflow/{self.path}"
        if self.method == "GET":
            return "GET", f"{path}?{urlencode(fields)}", b""
        return self.method, path, json.dumps(fields).encode()


def of(models: int) -> Iterator[Call]:
    """Yield every kind of call on a registry with so many models."""
    turns = itertools.count()

    def name() -> str:
        return f"model-{next(turns) * 7919 % models:05}"

    def version() -> dict[str, object]:
        return {"name": name(), "version": "5"}

    reads = (
        ("read model", "registered-models/get", lambda: {"name": name()}),
        ("read version", "model-versions/get", version),
        (
            "read by alias",
            "registered-models/alias",
            lambda: {"name": name(), "alias": "challenger"},
        ),
        ("read latest", "registered-models/get-latest-versions", lambda: {"name": name()}),
        ("read download address", "model-versions/get-download-uri", version),
        ("read model of 10,000 versions", "registered-models/get", lambda: {"name": BIG}),
        (
            "read latest of 10,000 versions",
            "registered-models/get-latest-versions",
            lambda: {"name": BIG},
        ),
        ("search: first 100 models", "registered-models/search", lambda: {"max_results": 100}),
        (
            "search: LIKE, ordered, 50 models",
            "registered-models/search",
            lambda: {
                "filter": "name LIKE '%-001%'",
                "order_by": "last_updated_timestamp DESC",
                "max_results": 50,
            },
        ),
        (
            "search: versions of a model",
            "model-versions/search",
            lambda: {"filter": f"name='{name()}'", "max_results": 100},
        ),
        (
            "search: 100 of 10,000 versions",
            "model-versions/search",
            lambda: {"filter": f"name='{BIG}'", "max_results": 100},
        ),
        (
            "search: 100 versions by tag",
            "model-versions/search",
            lambda: {"filter": "tags.rare = 'yes'", "max_results": 100},
        ),
    )
    for title, path, fields in reads:
        yield Call(title, "GET", path, fields)
    writes = (
        (
            "write version",
            "model-versions/create",
            lambda: {"name": name(), "source": "s3://elsewhere/model"},
        ),
        (
            "write version tag",
            "model-versions/set-tag",
            lambda: {**version(), "key": "seen", "value": str(next(turns))},
        ),
        (
            "write alias",
            "registered-models/alias",
            lambda: {"name": name(), "alias": "shadow", "version": str(1 + next(turns) % 9)},
        ),
    )
    for title, path, fields in writes:
        yield Call(title, "POST", path, fields)
