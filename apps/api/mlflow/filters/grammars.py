"""What may be asked of models, versions, runs, experiments and logged models, as data.

The words, types and operators are those of MLflow's own search.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Kind(StrEnum):
    """What a comparison looks at."""

    ATTRIBUTE = "attribute"
    TAG = "tag"
    PARAM = "param"
    METRIC = "metric"
    DATASET = "dataset"


class Type(Enum):
    """What a value is: a text in quotes, a whole number, or any number."""

    TEXT = "a text in quotes"
    WHOLE = "a whole number"
    NUMBER = "a number"


PREFIXES: Mapping[str, Kind] = {
    **dict.fromkeys(("attribute", "attributes", "attr", "run"), Kind.ATTRIBUTE),
    **dict.fromkeys(("tag", "tags"), Kind.TAG),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), Kind.PARAM),
    **dict.fromkeys(("metric", "metrics"), Kind.METRIC),
    **dict.fromkeys(("dataset", "datasets"), Kind.DATASET),
}
"""What may stand before the dot of a name."""


@dataclass(frozen=True)
class Takes:
    """What something can be compared with, and how."""

    type: Type
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Grammar:
    """What may be compared and ordered by in one search."""

    attributes: Mapping[str, Takes]
    keyed: Mapping[Kind, Takes]
    """What tags, parameters and metrics take, whatever their key."""
    orders: frozenset[str]
    """The attributes that rows may be ordered by."""
    ordered_kinds: frozenset[Kind] = frozenset()
    """The kinds that rows may be ordered by under any key."""
    datasets: Mapping[str, Takes] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other words for attributes."""
    takes_bare_numbers: bool = False
    """Whether a number without quotes stands for its text."""

    def kinds(self) -> tuple[Kind, ...]:
        """Return what may be compared."""
        datasets = (Kind.DATASET,) if self.datasets else ()
        return (Kind.ATTRIBUTE, *self.keyed, *datasets)

    def named(self, kind: Kind) -> Mapping[str, Takes] | None:
        """Return the names a kind has, or nothing when any key will do."""
        return {Kind.ATTRIBUTE: self.attributes, Kind.DATASET: self.datasets}.get(kind)


_EQUAL = ("=", "!=")
_LIKE = (*_EQUAL, "LIKE", "ILIKE")
_LISTED = (*_LIKE, "IN", "NOT IN")
_NULLED = (*_LIKE, "IS NULL", "IS NOT NULL")
_COMPARED = (*_EQUAL, "<", "<=", ">", ">=")

_TEXT = Takes(Type.TEXT, _LIKE)
_TEXT_OR_LIST = Takes(Type.TEXT, _LISTED)
_TEXT_OR_NULL = Takes(Type.TEXT, _NULLED)
_WHOLE = Takes(Type.WHOLE, _COMPARED)
_NUMBER = Takes(Type.NUMBER, _COMPARED)

MODELS = Grammar(
    attributes={"name": _TEXT_OR_LIST},
    keyed={Kind.TAG: _TEXT},
    orders=frozenset({"name", "last_updated_timestamp"}),
    aliases={"timestamp": "last_updated_timestamp"},
)

VERSIONS = Grammar(
    attributes={
        "name": _TEXT_OR_LIST,
        "run_id": _TEXT_OR_LIST,
        "source_path": _TEXT,
        "version_number": _WHOLE,
    },
    keyed={Kind.TAG: _TEXT},
    orders=frozenset({"name", "version_number", "creation_timestamp", "last_updated_timestamp"}),
)

RUNS = Grammar(
    attributes={
        "run_id": _TEXT_OR_LIST,
        "run_name": _TEXT,
        "user_id": _TEXT,
        "status": _TEXT,
        "artifact_uri": _TEXT,
        "start_time": _WHOLE,
        "end_time": _WHOLE,
    },
    keyed={Kind.TAG: _TEXT_OR_NULL, Kind.PARAM: _TEXT_OR_NULL, Kind.METRIC: _NUMBER},
    datasets={"name": _TEXT_OR_LIST, "digest": _TEXT_OR_LIST, "context": _TEXT_OR_LIST},
    orders=frozenset(
        {"run_id", "run_name", "user_id", "status", "artifact_uri", "start_time", "end_time"}
    ),
    ordered_kinds=frozenset({Kind.TAG, Kind.PARAM, Kind.METRIC}),
    aliases={
        **dict.fromkeys(("created", "Created"), "start_time"),
        **dict.fromkeys(("run name", "Run name", "Run Name"), "run_name"),
    },
)

EXPERIMENTS = Grammar(
    attributes={
        "name": _TEXT,
        "experiment_id": Takes(Type.TEXT, (*_EQUAL, "IN", "NOT IN")),
        "creation_time": _WHOLE,
        "last_update_time": _WHOLE,
    },
    keyed={Kind.TAG: _TEXT_OR_NULL},
    orders=frozenset({"name", "experiment_id", "creation_time", "last_update_time"}),
)

LOGGED_MODELS = Grammar(
    attributes={
        "name": _TEXT_OR_LIST,
        "model_id": _TEXT_OR_LIST,
        "model_type": _TEXT_OR_LIST,
        "status": _TEXT_OR_LIST,
        "source_run_id": _TEXT_OR_LIST,
        "creation_timestamp": _WHOLE,
        "last_updated_timestamp": _WHOLE,
    },
    keyed={Kind.TAG: _TEXT_OR_LIST, Kind.PARAM: _TEXT_OR_LIST, Kind.METRIC: _NUMBER},
    orders=frozenset(
        {
            "name",
            "model_id",
            "model_type",
            "status",
            "source_run_id",
            "creation_timestamp",
            "last_updated_timestamp",
        }
    ),
    ordered_kinds=frozenset({Kind.METRIC}),
    aliases={
        **dict.fromkeys(("creation_time", "creation_timestamp_ms"), "creation_timestamp"),
        **dict.fromkeys(
            ("last_updated_time", "last_updated_timestamp_ms"), "last_updated_timestamp"
        ),
    },
    takes_bare_numbers=True,
)
