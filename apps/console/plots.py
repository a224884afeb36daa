"""Drawings made on the server: where each point of a line goes, and what its axes say."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

WIDTH, HEIGHT = 360, 120
LEFT, TOP, RIGHT, BOTTOM = 44, 8, 8, 20
MOST_DRAWN = 180


Value = TypeVar("Value")
Bounds: TypeAlias = Sequence[tuple[float | None, float | None]]
"""The lower and upper end of each point's interval, where it is known."""
Edges: TypeAlias = list[tuple[int, tuple[float, float]]]


@dataclass(frozen=True)
class Mark:
    """A label of an axis at its place."""

    label: str
    at: str


@dataclass(frozen=True)
class LinePlot:
    """A line through points: its path, the labels of both axes, and its last point."""

    path: str
    band: str
    rows: Sequence[Mark]
    columns: Sequence[Mark]
    end_x: str
    end_y: str
    words: str

    @classmethod
    def of(cls, points: Sequence[tuple[int, float]], bounds: Bounds = ()) -> "LinePlot":
        """Draw points in the order of their steps; what is not a number is left out.

        ``bounds`` holds the interval of each point; a band is drawn when all of them are known.
        """
        shown = _thinned([point for point in points if math.isfinite(point[1])])
        edges = _thinned(_known(points, bounds))
        steps, values = [step for step, _ in shown], [value for _, value in shown]
        across = _Axis.of(steps, LEFT, WIDTH - RIGHT)
        up = _Axis.of(
            [*values, *(edge for _, pair in edges for edge in pair)], HEIGHT - BOTTOM, TOP
        )
        places = [f"{across.place(step)} {up.place(value)}" for step, value in shown]
        end = places[-1].split(" ") if places else ["0", "0"]
        return cls(
            path="M" + " L".join(places) if places else "",
            band=_band(edges, across, up),
            rows=up.marks(),
            columns=across.marks(whole=True),
            end_x=end[0],
            end_y=end[1],
            words=_words(values, len(points)),
        )


@dataclass(frozen=True)
class Whisker:
    """One value with its interval, at its place: ``top`` and ``bottom`` are empty without one."""

    label: str
    x: str
    y: str
    top: str
    bottom: str
    is_here: bool


@dataclass(frozen=True)
class WhiskerPlot:
    """Values side by side, each with its interval, one of them marked."""

    whiskers: Sequence[Whisker]
    rows: Sequence[Mark]
    words: str

    @classmethod
    def of(
        cls, points: Sequence[tuple[str, float, tuple[float, float] | None]], here: str
    ) -> "WhiskerPlot":
        """Draw values in the order given, each under its label; those that are no number go."""
        shown = [point for point in points if math.isfinite(point[1])]
        ends = [end for _, _, interval in shown for end in interval or ()]
        up = _Axis.of([*(value for _, value, _ in shown), *ends], HEIGHT - BOTTOM, TOP)
        across = _Axis.of([-0.5, len(shown) - 0.5], LEFT, WIDTH - RIGHT)
        return cls(
            [
                Whisker(
                    label,
                    across.place(place),
                    up.place(value),
                    up.place(interval[1]) if interval else "",
                    up.place(interval[0]) if interval else "",
                    label == here,
                )
                for place, (label, value, interval) in enumerate(shown)
            ],
            up.marks(),
            _words([value for _, value, _ in shown], len(shown), "versions"),
        )


@dataclass(frozen=True)
class _Axis:
    """Maps values from their least to their greatest onto a stretch of the drawing."""

    least: float
    greatest: float
    start: float
    end: float

    @classmethod
    def of(cls, values: Sequence[float], start: float, end: float) -> "_Axis":
        least, greatest = (min(values), max(values)) if values else (0.0, 1.0)
        return cls(least, greatest, start, end)

    def place(self, value: float) -> str:
        reach = self.greatest / 2 - self.least / 2  # halves, since the whole may be beyond a float
        share = (value / 2 - self.least / 2) / reach if reach else 0.5
        return f"{self.start + share * (self.end - self.start):.1f}"

    def marks(self, *, whole: bool = False) -> list[Mark]:
        ends = dict.fromkeys((self.least, self.greatest))
        return [Mark(f"{end:.0f}" if whole else f"{end:.3g}", self.place(end)) for end in ends]


def _known(points: Sequence[tuple[int, float]], bounds: Bounds) -> Edges:
    """Return the intervals of points, or none of them when some are not known."""
    edges = [
        (step, (lower, upper))
        for (step, _), (lower, upper) in zip(points, bounds, strict=False)
        if lower is not None and upper is not None and math.isfinite(upper - lower)
    ]
    return edges if len(edges) == len(points) else []


def _band(edges: Edges, across: _Axis, up: _Axis) -> str:
    """Return the outline of a band: along its upper edge, and back along its lower."""
    over = [f"{across.place(step)} {up.place(upper)}" for step, (_, upper) in edges]
    under = [f"{across.place(step)} {up.place(lower)}" for step, (lower, _) in reversed(edges)]
    return f"M{' L'.join([*over, *under])}Z" if edges else ""


def _thinned(points: Sequence[tuple[int, Value]]) -> list[tuple[int, Value]]:
    """Keep at most so many points as can be told apart, the last among them."""
    every = max(-(-len(points) // MOST_DRAWN), 1)
    return [*points[:-1:every], *points[-1:]]


def _words(values: Sequence[float], count: int, what: str = "steps") -> str:
    if not values:
        return "Nothing to draw"
    first, last = values[0], values[-1]
    way = "Rises" if last > first else "Falls" if last < first else "Stays"
    return f"{way} from {first:.4g} to {last:.4g} over {count} {what}"
