"""Lineage as pages show it: a picture with cards and lines, and the same as rows of a table."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.catalog import lineage
from apps.catalog.lifecycle import Stage
from apps.catalog.lineage import VERSION, Edge, End, Lineage, Node, Ref
from apps.catalog.models import Asset, LineageEdge, ModelVersion
from apps.console import graphs
from apps.console.graphs import CARD_WIDTH, Link

ICONS: Mapping[str, str] = {
    VERSION: "package",
    Asset.Kind.DATASET: "database",
    Asset.Kind.FEATURE_VIEW: "table-properties",
    Asset.Kind.PIPELINE: "workflow",
    Asset.Kind.DASHBOARD: "layout-dashboard",
    Asset.Kind.REPOSITORY: "folder-git-2",
    Asset.Kind.CONTAINER: "container",
    Asset.Kind.SERVICE: "server",
    Asset.Kind.BASE_MODEL: "brain",
}
STAGE_TONES = {Stage.PRODUCTION: "good", Stage.STAGING: "info"}
SENSITIVITY_TONES = {
    Asset.Sensitivity.CONFIDENTIAL: "warn",
    Asset.Sensitivity.RESTRICTED: "bad",
}
SCALES = {"small": 0.6, "normal": 1.0, "large": 1.5}
_STRENGTH = [source.value for source in LineageEdge.Source]
_LETTER, _SMALL_LETTER = 7.2, 6.0
"""About how wide a letter of a title, and of what stands below it, is drawn."""
_TEXT_LEFT, _PADDING = 38, 12


@dataclass(frozen=True)
class Card:
    """One thing of a graph at its place."""

    x: float
    y: float
    icon: str
    title: str
    detail: str
    chip: str
    chip_tone: str
    chip_x: float
    chip_width: float
    chip_middle: float
    href: str
    words: str
    is_start: bool


@dataclass(frozen=True)
class Line:
    """One line of a graph, with what it says."""

    path: str
    label: str
    label_at: graphs.Point | None
    source: str
    words: str


@dataclass(frozen=True)
class Picture:
    """A graph to be drawn."""

    width: float
    height: float
    shown_width: int
    shown_height: int
    cards: Sequence[Card]
    lines: Sequence[Line]
    icons: Sequence[str]
    words: str
    scale: str


@dataclass(frozen=True)
class Row:
    """An edge in a table."""

    edge: Edge
    origin: Node
    target: Node


def picture(found: Lineage, scale: str = "normal") -> Picture:
    """Return the graph of a lineage; at an unknown scale it is shown at the normal one."""
    nodes = list(found.nodes.values())
    places = {node.ref: place for place, node in enumerate(nodes)}
    joined = _joined(found.edges)
    labels = [_label(edges) for edges in joined.values()]
    links = tuple(
        Link(places[origin], places[target], round(len(label) * _SMALL_LETTER) + 10)
        for (origin, target), label in zip(joined, labels, strict=True)
    )
    drawing = graphs.lay_out(len(nodes), links)
    factor = SCALES.get(scale, 1.0)
    return Picture(
        width=drawing.width,
        height=drawing.height,
        shown_width=round(drawing.width * factor),
        shown_height=round(drawing.height * factor),
        cards=[
            card(node, corner, is_start=node.ref == found.start.ref)
            for node, corner in zip(nodes, drawing.corners, strict=True)
        ],
        lines=[
            Line(
                path=route.path,
                label=label,
                label_at=route.label,
                source=_strongest(edges),
                words=". ".join(_sentence(edge, found) for edge in edges),
            )
            for edges, label, route in zip(joined.values(), labels, drawing.routes, strict=True)
        ],
        icons=sorted({ICONS[node.kind] for node in nodes}),
        words=_words(found),
        scale=scale if scale in SCALES else "normal",
    )


def rows(found: Lineage) -> list[Row]:
    """Return the edges of a lineage, those that lead here first, the nearest before the others."""
    told = [Row(edge, found.nodes[edge.origin], found.nodes[edge.target]) for edge in found.edges]
    up = {edge.pk for edge in found.up.edges}
    return sorted(told, key=lambda row: (row.edge.pk not in up, _nearest(row), row.edge.pk))


def card(node: Node, corner: graphs.Point, *, is_start: bool = False) -> Card:
    """Return a node as a card at a place."""
    title, detail, (chip, tone) = _title(node.thing), _detail(node.thing), _chip(node.thing)
    chip_width = round(len(chip) * _SMALL_LETTER) + 14 if chip else 0
    room = CARD_WIDTH - _TEXT_LEFT - _PADDING
    return Card(
        x=corner[0],
        y=corner[1],
        icon=ICONS[node.kind],
        title=shortened(title, int(room / _LETTER)),
        detail=_fitting(node.thing, int((room - chip_width - 6) / _SMALL_LETTER)),
        chip=chip,
        chip_tone=tone,
        chip_x=corner[0] + CARD_WIDTH - _PADDING - chip_width,
        chip_width=chip_width,
        chip_middle=chip_width / 2,
        href=node.href,
        words=", ".join(part for part in (title, detail, chip.lower()) if part),
        is_start=is_start,
    )


def shortened(text: str, most: int) -> str:
    """Return a text that is not wider than some letters, with its middle left out."""
    if _width(text) <= most:
        return text
    tail = _beginning(text[::-1], most // 3)[::-1]
    return f"{_beginning(text, most - 1 - _width(tail))}…{tail}"


def _beginning(text: str, room: int) -> str:
    end = 0
    while end < len(text) and _width(text[: end + 1]) <= room:
        end += 1
    return text[:end]


def _width(text: str) -> int:
    """Return how wide a text is: letters of some scripts are drawn as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _title(thing: End) -> str:
    return thing.name if isinstance(thing, Asset) else thing.model.name


def _detail(thing: End) -> str:
    if isinstance(thing, ModelVersion):
        return f"Version {thing.number}"
    return f"{thing.get_kind_display()} {_mark(thing)}".strip()


def _fitting(thing: End, most: int) -> str:
    """Return the detail of a card; without the kind, which the icon shows, when room is short."""
    detail = _detail(thing)
    if isinstance(thing, Asset) and _width(detail) > most and _mark(thing):
        return shortened(_mark(thing), most)
    return shortened(detail, most)


def _mark(asset: Asset) -> str:
    return asset.version or asset.digest.removeprefix("sha256:")[:8]


def _chip(thing: End) -> tuple[str, str]:
    if isinstance(thing, ModelVersion):
        return thing.get_stage_display(), STAGE_TONES.get(Stage(thing.stage), "idle")
    if not thing.is_in_use:
        return "Retired", "idle"
    tone = SENSITIVITY_TONES.get(Asset.Sensitivity(thing.sensitivity)) if thing.sensitivity else ""
    return thing.get_sensitivity_display(), tone or "idle"


def _joined(edges: Iterable[Edge]) -> dict[tuple[Ref, Ref], list[Edge]]:
    """Return the edges by the two things they join: one line stands for all between them."""
    joined: dict[tuple[Ref, Ref], list[Edge]] = {}
    for edge in sorted(edges, key=lambda edge: edge.pk):
        joined.setdefault((edge.origin, edge.target), []).append(edge)
    return joined


def _label(edges: Sequence[Edge]) -> str:
    return ", ".join(dict.fromkeys(edge.label for edge in edges))


def _strongest(edges: Sequence[Edge]) -> str:
    return min((edge.source for edge in edges), key=_STRENGTH.index)


def _sentence(edge: Edge, found: Lineage) -> str:
    origin, target = found.nodes[edge.origin], found.nodes[edge.target]
    return f"{origin.name} {edge.onward} {target.name}, {edge.source_label.lower()}"


def _words(found: Lineage) -> str:
    up, down = len(found.up.nodes) - 1, len(found.down.nodes) - 1
    return f"{found.start.thing} with {_things(up)} upstream and {_things(down)} downstream"


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count or 'no'} things"


def _nearest(row: Row) -> int:
    return min(row.origin.distance, row.target.distance)


def stop_words(found: Lineage) -> str:
    """Say that, and where, a lineage was not followed further; nothing when it is whole."""
    stopped = found.stopped_at
    if not stopped:
        return ""
    named = ", ".join(str(node.thing) for node in stopped[:3])
    more = " and others" if len(stopped) > 3 else ""
    return (
        f"At most {lineage.MOST_NODES} things and {lineage.MOST_LAYERS} steps are followed. It may "
        f"go on from {named}{more}: open one of them to see more."
    )
