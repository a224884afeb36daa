"""Profiles of data, read strictly: how often the values of each feature occur."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from apps.core.inputs import MOST_BYTES, InputRefused, read_json
from apps.validation.checks.contract import ExaminedFile

RELEASE = 1
MOST_COUNT = 10**15
FEWEST_EDGES = 2
_WHOLE = {"profile", "data", "features"}
_ALWAYS = {"count", "missing"}

Fields = Mapping[str, object]


class Unfit(Exception):
    """A profile is not what it should be; the message says why, ``place`` says where."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(text)
        self.place, self.text = place, text


@dataclass(frozen=True, slots=True)
class Feature:
    """How the values of one feature are spread over bins that lie in order, or over categories."""

    count: int
    """All cases, those without a value included."""
    missing: int
    labels: tuple[str, ...]
    counts: tuple[float, ...]
    edges: tuple[float, ...] = ()
    """Where bins begin and end; none when the values are categories."""

    @property
    def kind(self) -> str:
        return "numbers in bins" if self.edges else "categories"

    @property
    def present(self) -> int:
        """How many cases have a value."""
        return self.count - self.missing


@dataclass(frozen=True, slots=True)
class Profile:
    """The features of a profile that can be read, and what is wrong with the others."""

    path: str
    features: Mapping[str, Feature]
    names: frozenset[str] = frozenset()
    """Every feature it names, those that cannot be read included."""
    unfit: Sequence[Unfit] = ()


def read_profile(file: ExaminedFile) -> Profile:
    """Read a profile; what cannot be read of it is among what is unfit."""
    try:
        features = _features(_read(file))
    except Unfit as trouble:
        return Profile(file.path, {}, unfit=(trouble,))
    found: dict[str, Feature] = {}
    unfit: list[Unfit] = []
    for name, value in features.items():
        place = f"feature {name!r:.120}"
        try:
            found[name] = _feature(_object(value, place), place)
        except Unfit as trouble:
            unfit.append(trouble)
    return Profile(file.path, found, frozenset(features), unfit)


def _read(file: ExaminedFile) -> Fields:
    try:
        with file.open() as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise Unfit("the file", "the store does not hold it any more") from None
    try:
        whole = read_json(data)
    except InputRefused as refusal:
        raise Unfit("the file", str(refusal)) from None
    return _object(whole, "the file")


def _features(whole: Fields) -> Fields:
    _require_keys(whole, "the file", _WHOLE, needed={"profile", "features"})
    if whole["profile"] != RELEASE or isinstance(whole["profile"], bool):
        raise Unfit("profile", f"it must be {RELEASE}, the release of this form of profiles")
    if not isinstance(whole.get("data", ""), str):
        raise Unfit("data", "it must be a text that names the data")
    features = _object(whole["features"], "features")
    if not features:
        raise Unfit("features", "it names no feature")
    return features


def _feature(fields: Fields, place: str) -> Feature:
    shapes = [shape for shape in _SHAPES if shape in fields]
    if len(shapes) != 1:
        raise Unfit(place, "it must have either edges, or quantiles, or values")
    known, read = _SHAPES[shapes[0]]
    _require_keys(fields, place, _ALWAYS | known, needed={"count", shapes[0]})
    return read(fields, place)


def _sizes(fields: Fields, place: str) -> tuple[int, int]:
    count = _count(fields["count"], f"{place}, count")
    missing = _count(fields.get("missing", 0), f"{place}, missing")
    if missing > count:
        raise Unfit(f"{place}, missing", f"it is {missing:,}, more than all {count:,} cases")
    return count, missing


def _in_bins(fields: Fields, place: str) -> Feature:
    edges = _numbers(fields["edges"], f"{place}, edges")
    if len(edges) < FEWEST_EDGES or any(low >= high for low, high in pairwise(edges)):
        raise Unfit(f"{place}, edges", "they must be two or more numbers, each above the last")
    given = fields.get("counts")
    counts = [_count(one, f"{place}, counts") for one in _list(given, f"{place}, counts")]
    if len(counts) != len(edges) - 1:
        text = f"{len(edges)} edges make {len(edges) - 1} bins, and {len(counts)} counts are given"
        raise Unfit(f"{place}, counts", text)
    outside = [_count(fields.get(key, 0), f"{place}, {key}") for key in ("below", "above")]
    spread = (outside[0], *counts, outside[1])
    feature = Feature(*_sizes(fields, place), _bin_labels(edges), spread, edges)
    _require_sum(feature, place)
    return feature


def _by_quantiles(fields: Fields, place: str) -> Feature:
    """Read quantiles as bins that lie between them; equal ones hold no bin between them."""
    values = _numbers(fields["quantiles"], f"{place}, quantiles")
    levels = _numbers(fields.get("levels"), f"{place}, levels")
    if len(levels) < FEWEST_EDGES or any(low >= high for low, high in pairwise(levels)):
        raise Unfit(f"{place}, levels", "they must be two or more numbers, each above the last")
    if (levels[0], levels[-1]) != (0, 1):
        raise Unfit(f"{place}, levels", "they must begin with 0 and end with 1")
    if len(values) != len(levels):
        text = f"there are {len(values)} quantiles and {len(levels)} levels"
        raise Unfit(f"{place}, quantiles", text)
    if any(low > high for low, high in pairwise(values)) or values[0] == values[-1]:
        raise Unfit(f"{place}, quantiles", "they must rise from the first to the last")
    count, missing = _sizes(fields, place)
    shares: dict[float, float] = dict.fromkeys(values, 0.0)
    edges = tuple(shares)
    for begin, (low, high) in zip(values, pairwise(levels), strict=False):
        shares[min(begin, edges[-2])] += high - low
    counts = [shares[edge] * (count - missing) for edge in edges[:-1]]
    return Feature(count, missing, _bin_labels(edges), (0, *counts, 0), edges)


def _by_value(fields: Fields, place: str) -> Feature:
    values = _object(fields["values"], f"{place}, values")
    counts = {name: _count(count, f"{place}, value {name!r:.80}") for name, count in values.items()}
    if not counts:
        raise Unfit(f"{place}, values", "it names no value")
    names = sorted(counts)
    spread = tuple(counts[name] for name in names)
    feature = Feature(*_sizes(fields, place), tuple(names), spread)
    _require_sum(feature, place)
    return feature


_SHAPES: Mapping[str, tuple[set[str], Callable[[Fields, str], Feature]]] = {
    "edges": ({"edges", "counts", "below", "above"}, _in_bins),
    "quantiles": ({"quantiles", "levels"}, _by_quantiles),
    "values": ({"values"}, _by_value),
}
"""By which field the form of a feature is known, which fields it has, and how they are read."""


def _require_sum(feature: Feature, place: str) -> None:
    total = sum(feature.counts) + feature.missing
    if total != feature.count:
        text = (
            f"its counts and those missing add up to {total:,}, while it counts {feature.count:,}"
        )
        raise Unfit(place, text)


def _bin_labels(edges: Sequence[float]) -> tuple[str, ...]:
    between = [f"{low!r} to {high!r}" for low, high in pairwise(edges)]
    return (f"below {edges[0]!r}", *between, f"above {edges[-1]!r}")


def _require_keys(fields: Fields, place: str, known: set[str], *, needed: set[str]) -> None:
    for key in sorted(needed - fields.keys()):
        raise Unfit(place, f"it has no {key!r}")
    for key in sorted(fields.keys() - known):
        raise Unfit(place, f"it has {key!r:.80}, which a profile does not know")


def _object(value: object, place: str) -> Fields:
    if not isinstance(value, dict):
        raise Unfit(place, "it must be an object with names")
    return value


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise Unfit(place, "it must be a list of numbers")
    return value


def _numbers(value: object, place: str) -> tuple[float, ...]:
    found = []
    for one in _list(value, place):
        if not isinstance(one, int | float) or isinstance(one, bool):
            raise Unfit(place, f"{one!r:.80} is not a number")
        found.append(float(one))
    return tuple(found)


def _count(value: object, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_COUNT:
        raise Unfit(place, f"{value!r:.80} is not a whole number from 0 to {MOST_COUNT:,}")
    return value
