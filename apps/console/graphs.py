"""Where the cards of a graph go, and how the lines between them run: from left to right, in layers.

Behind this one module stands graphlay. When it fails, or there is more than it should be asked for,
a plain layout of our own takes its place.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

import graphlay

logger = logging.getLogger(__name__)

Point: TypeAlias = tuple[float, float]

CARD_WIDTH, CARD_HEIGHT = 228, 56
MARGIN = 16
MOST_CARDS = 301
MOST_LINKS = 1500
MOST_AT_ONE_CARD = 60
"""Beyond this graphlay takes seconds, and gives each of the lines a lane of its own."""
FEW_CARDS = 80
"""Up to here the best drawing takes no longer than a quick one."""
KEPT = 128
"""How many drawings a process remembers, by all that they are made of."""

_LABEL_HEIGHT = 14
_COLUMN_GAP, _ROW_GAP = 150, 24
_LAST_STRETCH = 112
_ROUNDING = 6.0
_HEAD = 4.0
"""How far words keep away from the head of a line."""
_CELL = 64
_OPTIONS: Mapping[str, Any] = {
    "direction": "leftright",
    "routing": {"port_sides": "facing_only"},
}
_SPACING: Mapping[str, float] = {"node_gap": 20.0, "dummy_gap": 14.0, "stub": 48.0}
_LEAST_GAP, _MOST_GAP = 96, 220
"""Between two columns: as much as the longest words need."""


@dataclass(frozen=True)
class Link:
    """A line from one card to another, by their places in the list, with room for its words."""

    origin: int
    target: int
    label_width: int = 60


@dataclass(frozen=True)
class Route:
    """A drawn line, and the middle of its words, where there is room for them."""

    path: str
    label: Point | None


@dataclass(frozen=True)
class Drawing:
    """A whole graph: its size, the upper left corner of every card, and every line."""

    width: float
    height: float
    corners: tuple[Point, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class _Raw:
    """Centers of cards and points of lines, before they are moved to where the drawing begins."""

    centers: Sequence[Point]
    lines: Sequence[Sequence[Point]]


@lru_cache(maxsize=KEPT)
def lay_out(cards: int, links: tuple[Link, ...]) -> Drawing:
    """Place some cards and the lines between them; the same cards and lines always lie the same."""
    return _drawing(_raw(cards, links), [link.label_width for link in links])


def _raw(cards: int, links: Sequence[Link]) -> _Raw:
    if cards > MOST_CARDS or len(links) > MOST_LINKS or _most_at_one(links) > MOST_AT_ONE_CARD:
        return plain(cards, links)
    try:
        return _by_graphlay(cards, links)
    except Exception:  # whatever a young library may raise: a plain drawing is better than none
        logger.exception("graphlay could not lay out %s cards and %s links", cards, len(links))
        return plain(cards, links)


def _most_at_one(links: Sequence[Link]) -> int:
    counts = Counter(end for link in links for end in (link.origin, link.target))
    return max(counts.values(), default=0)


def _by_graphlay(cards: int, links: Sequence[Link]) -> _Raw:
    graph = graphlay.Graph()
    for card in range(cards):
        graph.node(card, width=CARD_WIDTH, height=CARD_HEIGHT)
    for link in links:
        graph.edge(link.origin, link.target)
    effort = "balanced" if cards <= FEW_CARDS else "fast"
    widest = max((link.label_width for link in links), default=0) + 24
    spacing = {**_SPACING, "layer_gap": float(min(max(widest, _LEAST_GAP), _MOST_GAP))}
    laid = graphlay.layout(graph, options={**_OPTIONS, "spacing": spacing, "effort": effort})
    return _Raw(
        [_point(node["center"]) for node in laid.nodes],
        [[_point(point) for point in edge["points"]] for edge in laid.edges],
    )


def _point(told: Mapping[str, float]) -> Point:
    return told["x"], told["y"]


# -- a layout of our own ---------------------------------------------------------------------------


def plain(cards: int, links: Sequence[Link]) -> _Raw:
    """Place cards in columns by their longest way from a source, near what they come from."""
    columns = _columns(cards, links)
    rows = _rows(columns, links)
    centers = [
        (
            columns[card] * (CARD_WIDTH + _COLUMN_GAP) + CARD_WIDTH / 2,
            rows[card] * (CARD_HEIGHT + _ROW_GAP) + CARD_HEIGHT / 2,
        )
        for card in range(cards)
    ]
    return _Raw(centers, [_line(centers[link.origin], centers[link.target]) for link in links])


def _columns(cards: int, links: Sequence[Link]) -> list[int]:
    """Return the column of each card; a loop is cut where it is met last."""
    onward: dict[int, list[int]] = defaultdict(list)
    waiting = [0] * cards
    for link in links:
        onward[link.origin].append(link.target)
        waiting[link.target] += 1
    columns = [0] * cards
    ready = [card for card in range(cards) if not waiting[card]]
    left = set(range(cards))
    while left:
        card = ready.pop() if ready else min(left)
        if card not in left:
            continue
        left.discard(card)
        for target in onward[card]:
            if target in left:
                columns[target] = max(columns[target], columns[card] + 1)
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
    return columns


def _rows(columns: Sequence[int], links: Sequence[Link]) -> list[int]:
    """Return the row of each card in its column, by the rows of what leads to it."""
    before: dict[int, list[int]] = defaultdict(list)
    for link in links:
        before[link.target].append(link.origin)
    rows = [0] * len(columns)
    for column in range(max(columns, default=0) + 1):
        there = [card for card, place in enumerate(columns) if place == column]
        pull = {
            card: sum(rows[origin] for origin in before[card]) / max(len(before[card]), 1)
            for card in there
        }
        for row, card in enumerate(sorted(there, key=lambda card: (pull[card], card))):
            rows[card] = row
    return rows


def _line(origin: Point, target: Point) -> list[Point]:
    """Return a line with right angles from the right of one card to the left of another."""
    start = (origin[0] + CARD_WIDTH / 2, origin[1])
    end = (target[0] - CARD_WIDTH / 2, target[1])
    turn = end[0] - _LAST_STRETCH
    if turn > start[0]:
        return [start, (turn, start[1]), (turn, end[1]), end]
    around = max(start[1], end[1]) + CARD_HEIGHT / 2 + _ROW_GAP / 2
    out, back = start[0] + 16, end[0] - 16
    return [start, (out, start[1]), (out, around), (back, around), (back, end[1]), end]


# -- drawing ---------------------------------------------------------------------------------------


def _drawing(raw: _Raw, label_widths: Sequence[int]) -> Drawing:
    across, down = CARD_WIDTH / 2, CARD_HEIGHT / 2
    points = [point for line in raw.lines for point in line]
    for x, y in raw.centers:
        points += [(x - across, y - down), (x + across, y + down)]
    left, top = (min(part, default=0.0) - MARGIN for part in _parts(points))
    right, bottom = (max(part, default=0.0) + MARGIN for part in _parts(points))
    corners = [_moved((x - across, y - down), left, top) for x, y in raw.centers]
    lines = [[_moved(point, left, top) for point in line] for line in raw.lines]
    taken = _Taken()
    for x, y in corners:
        taken.by((x + across, y + down), CARD_WIDTH, CARD_HEIGHT)
    routes = [
        Route(_path(line), _label_place(line, width, taken))
        for line, width in zip(lines, label_widths, strict=True)
    ]
    return Drawing(round(right - left), round(bottom - top), tuple(corners), tuple(routes))


def _parts(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _moved(point: Point, left: float, top: float) -> Point:
    return round(point[0] - left, 1), round(point[1] - top, 1)


class _Taken:
    """Places on a drawing that are taken, found by the cells of a grid they lie in."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[float, float, float, float]]] = {}

    def by(self, middle: Point, width: float, height: float) -> None:
        """Take a place."""
        box = _box(middle, width, height)
        for cell in _cells(box):
            self._cells.setdefault(cell, []).append(box)

    def is_free(self, middle: Point, width: float, height: float) -> bool:
        """Say whether nothing lies where something would."""
        left, top, right, bottom = box = _box(middle, width, height)
        return not any(
            left < other[2] and right > other[0] and top < other[3] and bottom > other[1]
            for cell in _cells(box)
            for other in self._cells.get(cell, ())
        )


def _box(middle: Point, width: float, height: float) -> tuple[float, float, float, float]:
    (x, y), across, down = middle, width / 2, height / 2
    return x - across, y - down, x + across, y + down


def _cells(box: tuple[float, float, float, float]) -> list[tuple[int, int]]:
    left, top, right, bottom = (int(side // _CELL) for side in box)
    return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def _label_place(line: Sequence[Point], width: float, taken: _Taken) -> Point | None:
    """Return where the words of a line stand, near its end when there is room; take the place."""
    level = [(one, other) for one, other in pairwise(line) if one[1] == other[1]]
    longest = sorted(level, key=lambda pair: -abs(pair[1][0] - pair[0][0]))
    for (x1, y), (x2, _) in (*level[::-1][:1], *longest):
        place = ((x1 + x2) / 2 - _HEAD, y)
        if abs(x2 - x1) >= width * 0.75 and taken.is_free(place, width, _LABEL_HEIGHT):
            taken.by(place, width, _LABEL_HEIGHT)
            return place
    return None


def _path(line: Sequence[Point]) -> str:
    """Return the line as an SVG path with rounded corners."""
    drawn = [f"M{_at(line[0])}"]
    for before, corner, after in zip(line, line[1:], line[2:], strict=False):
        reach = min(_ROUNDING, _distance(before, corner) / 2, _distance(corner, after) / 2)
        drawn.append(f"L{_at(_toward(corner, before, reach))}")
        drawn.append(f"Q{_at(corner)} {_at(_toward(corner, after, reach))}")
    drawn.append(f"L{_at(line[-1])}")
    return "".join(drawn)


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _toward(start: Point, end: Point, reach: float) -> Point:
    whole = _distance(start, end)
    share = reach / whole if whole else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
