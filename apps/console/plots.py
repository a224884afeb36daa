"""Drawings made on the server: where each point of a line goes, and what its axes say."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 120
LEFT, TOP, RIGHT, BOTTOM = 44, 8, 8, 20
MOST_DRAWN = 180


@dataclass(frozen=True)
class Mark:
    """A label of an axis at its place."""

    label: str
    at: str


@dataclass(frozen=True)
class LinePlot:
    """A line through points: its path, the labels of both axes, and its last point."""

    path: str
    rows: Sequence[Mark]
    columns: Sequence[Mark]
    end_x: str
    end_y: str
    words: str

    @classmethod
    def of(cls, points: Sequence[tuple[int, float]]) -> "LinePlot":
        """Draw points in the order of their steps; what is not a number is left out."""
        shown = _thinned([point for point in points if math.isfinite(point[1])])
        steps, values = [step for step, _ in shown], [value for _, value in shown]
        across = _Axis.of(steps, LEFT, WIDTH - RIGHT)
        up = _Axis.of(values, HEIGHT - BOTTOM, TOP)
        places = [f"{across.place(step)} {up.place(value)}" for step, value in shown]
        end = places[-1].split(" ") if places else ["0", "0"]
        return cls(
            path="M" + " L".join(places) if places else "",
            rows=up.marks(),
            columns=across.marks(whole=True),
            end_x=end[0],
            end_y=end[1],
            words=_words(values, len(points)),
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


def _thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Keep at most so many points as can be told apart, the last among them."""
    every = max(-(-len(points) // MOST_DRAWN), 1)
    return [*points[:-1:every], *points[-1:]]


def _words(values: Sequence[float], count: int) -> str:
    if not values:
        return "Nothing to draw"
    first, last = values[0], values[-1]
    way = "Rises" if last > first else "Falls" if last < first else "Stays"
    return f"{way} from {first:.4g} to {last:.4g} over {count} steps"
