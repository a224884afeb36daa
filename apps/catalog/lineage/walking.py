"""Walks along lineage: breadth first, one query a layer, bounded, through what may be seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any, Self, TypeAlias

from django.db.models import Case, Q, QuerySet, When

from apps.catalog.lifecycle import Stage
from apps.catalog.lineage.relations import WORDINGS, End, kind_of
from apps.catalog.lineage.sight import Sight
from apps.catalog.models import Asset, LineageEdge, ModelVersion, Relation
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

Ref: TypeAlias = tuple[str, int]
"""An end of an edge: ("asset", 3) or ("version", 12)."""

MOST_NODES = 300
MOST_LAYERS = 25
MOST_EDGES = 2000
"""How many edges one layer reads."""
MOST_SEARCHED = 10_000


class Way(Enum):
    """A direction of a walk, as (the end it leaves from, the end it arrives at)."""

    UP = ("target", "origin")
    DOWN = ("origin", "target")


@dataclass(frozen=True)
class Edge:
    """An edge as a walk found it."""

    pk: int
    relation: str
    source: str
    declared_at: datetime
    origin: Ref
    target: Ref

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        pk, relation, source, at, origin_asset, origin_version, target_asset, target_version = row
        return cls(
            pk,
            relation,
            source,
            at,
            ("asset", origin_asset) if origin_asset else ("version", origin_version),
            ("asset", target_asset) if target_asset else ("version", target_version),
        )

    @property
    def relation_label(self) -> str:
        return str(Relation(self.relation).label)

    @property
    def source_label(self) -> str:
        return str(LineageEdge.Source(self.source).label)

    @property
    def onward(self) -> str:
        """What the origin does to the target, in words."""
        return WORDINGS[self.relation].onward

    @property
    def label(self) -> str:
        return WORDINGS[self.relation].label

    def end(self, name: str) -> Ref:
        return self.origin if name == "origin" else self.target


@dataclass(frozen=True)
class Walk:
    """What was met on the way: nodes in order with their distance, edges, and where it stopped."""

    nodes: Mapping[Ref, int]
    edges: tuple[Edge, ...]
    stopped_at: tuple[Ref, ...]

    def cut(self, count: int) -> "Walk":
        """Return the walk to the nearest nodes only."""
        if len(self.nodes) <= count:
            return self
        kept = dict(list(self.nodes.items())[:count])
        inside = tuple(edge for edge in self.edges if edge.origin in kept and edge.target in kept)
        crossing = [
            end
            for edge in self.edges
            if (edge.origin in kept) != (edge.target in kept)
            for end in (edge.origin, edge.target)
            if end in kept
        ]
        stopped = [ref for ref in self.stopped_at if ref in kept]
        return Walk(kept, inside, tuple(dict.fromkeys(stopped + crossing)))


@dataclass(frozen=True)
class Node:
    """An asset or a version on the way, with how many edges lie between."""

    ref: Ref
    thing: End
    distance: int

    @property
    def kind(self) -> str:
        return kind_of(self.thing)

    @cached_property
    def name(self) -> str:
        return str(self.thing)

    @cached_property
    def href(self) -> str:
        return self.thing.get_absolute_url()


@dataclass(frozen=True)
class Lineage:
    """What lies around something, up and down, as one actor may see it."""

    start: Node
    nodes: Mapping[Ref, Node]
    up: Walk
    down: Walk
    sees_every_model: bool

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge once, by the order of its ends."""
        return tuple({edge.pk: edge for edge in (*self.up.edges, *self.down.edges)}.values())

    @property
    def stopped_at(self) -> list[Node]:
        """The nodes from which it may go on."""
        refs = dict.fromkeys((*self.up.stopped_at, *self.down.stopped_at))
        return [self.nodes[ref] for ref in refs]

    @property
    def is_empty(self) -> bool:
        return not self.edges


def upstream(thing: End, actor: Actor) -> Lineage:
    """Return what something is made from."""
    sight = Sight.of(actor)
    up = _walk(thing, Way.UP, sight)
    return _told(thing, up, _nowhere(thing), sight)


def downstream(thing: End, actor: Actor) -> Lineage:
    """Return what is made from something, or uses it."""
    sight = Sight.of(actor)
    down = _walk(thing, Way.DOWN, sight)
    return _told(thing, _nowhere(thing), down, sight)


def around(thing: End, actor: Actor) -> tuple[Lineage, Lineage]:
    """Return what lies around something, at most as many nodes as can be read; and all below."""
    sight = Sight.of(actor)
    up, down = _walk(thing, Way.UP, sight), _walk(thing, Way.DOWN, sight)
    most = MOST_NODES + 2  # the start is in both
    shown_up = up.cut(max(most - len(down.nodes), most // 2))
    shown_down = down.cut(most - len(shown_up.nodes))
    whole = _told(thing, up, down, sight)
    return (
        _narrowed(whole, shown_up, shown_down),
        _narrowed(whole, _nowhere(thing), down),
    )


def loop_through(origin: End, target: End) -> list[End]:
    """Return the way by which a target already leads to an origin, or nothing when there is none.

    Raises:
        RuleBroken: when more lies above the origin than is looked through.
    """
    start, goal = ref_of(origin), ref_of(target)
    came_from: dict[Ref, Ref | None] = {start: None}
    frontier = [start]
    while frontier and goal not in came_from:
        found: list[Ref] = []
        for edge in _layer(frontier, Way.UP, None, MOST_SEARCHED):
            if edge.origin not in came_from:
                came_from[edge.origin] = edge.target
                found.append(edge.origin)
        if len(came_from) > MOST_SEARCHED:
            raise RuleBroken(
                f"More than {MOST_SEARCHED:,} things lie upstream of {origin}, so it cannot be "
                "seen whether this would close a loop."
            )
        frontier = found
    return _way_back(goal, came_from)


def reach(things: Iterable[End], way: Way) -> frozenset[Ref]:
    """Return all that lies above or below some things, themselves included, whoever may see it.

    Raises:
        RuleBroken: when that is more than is looked through.
    """
    found = {ref_of(thing) for thing in things}
    frontier = list(found)
    far = way.value[1]
    while frontier:
        layer = _layer(frontier, way, None, MOST_SEARCHED + 1)
        frontier = list({edge.end(far) for edge in layer} - found)
        found.update(frontier)
        if max(len(layer), len(found)) > MOST_SEARCHED:
            raise RuleBroken(
                f"More than {MOST_SEARCHED:,} things lie around this in lineage, so it cannot be "
                "seen whether it would close a loop."
            )
    return frozenset(found)


def ref_of(thing: End) -> Ref:
    """Return how a walk names an end."""
    return ("asset" if isinstance(thing, Asset) else "version", thing.pk)


# -- how -------------------------------------------------------------------------------------------


def _walk(thing: End, way: Way, sight: Sight) -> Walk:
    near, far = way.value
    start = ref_of(thing)
    nodes: dict[Ref, int] = {start: 0}
    edges: dict[int, Edge] = {}
    stopped: dict[Ref, None] = {}
    frontier = [start]
    for distance in range(1, MOST_LAYERS + 1):
        if not frontier:
            break
        layer = _layer(frontier, way, sight, MOST_EDGES + 1)
        if len(layer) > MOST_EDGES:
            stopped |= dict.fromkeys(frontier)
        found = []
        for edge in layer[:MOST_EDGES]:
            beyond = edge.end(far)
            if beyond not in nodes and len(nodes) > MOST_NODES:
                stopped[edge.end(near)] = None
                continue
            if beyond not in nodes:
                nodes[beyond] = distance
                found.append(beyond)
            edges[edge.pk] = edge
        frontier = found
    stopped |= dict.fromkeys(frontier)
    return Walk(nodes, tuple(edges.values()), tuple(stopped))


def _nowhere(thing: End) -> Walk:
    return Walk({ref_of(thing): 0}, (), ())


def _layer(frontier: Iterable[Ref], way: Way, sight: Sight | None, most: int) -> list[Edge]:
    """Return the edges that lead on from some nodes, those with production first."""
    near, far = way.value
    by_kind: dict[str, list[int]] = {"asset": [], "version": []}
    for kind, pk in frontier:
        by_kind[kind].append(pk)
    leaving = Q(**{f"{near}_asset__in": by_kind["asset"]}) | Q(
        **{f"{near}_version__in": by_kind["version"]}
    )
    rows: QuerySet[LineageEdge] = LineageEdge.objects.filter(leaving, ended_at=None)
    if sight is not None:
        rows = rows.filter(sight.of_end(far))
    rank = Case(When(**{f"{far}_version__stage": Stage.PRODUCTION}, then=0), default=1)
    told = rows.order_by(rank, "pk").values_list(
        "pk",
        "relation",
        "source",
        "declared_at",
        "origin_asset",
        "origin_version",
        "target_asset",
        "target_version",
    )
    return [Edge.of(row) for row in told[:most]]


def _told(thing: End, up: Walk, down: Walk, sight: Sight) -> Lineage:
    """Read what the nodes are, in one query for assets and one for versions."""
    distances = {**down.nodes, **up.nodes}
    things = _things(distances, thing)
    nodes = {ref: Node(ref, things[ref], distance) for ref, distance in distances.items()}
    return Lineage(nodes[ref_of(thing)], nodes, up, down, sight.sees_every_model)


def _narrowed(whole: Lineage, up: Walk, down: Walk) -> Lineage:
    nodes = {ref: whole.nodes[ref] for ref in {**down.nodes, **up.nodes}}
    return Lineage(whole.start, nodes, up, down, whole.sees_every_model)


def _things(refs: Iterable[Ref], *known: End) -> dict[Ref, End]:
    things: dict[Ref, End] = {ref_of(thing): thing for thing in known}
    missing = [ref for ref in refs if ref not in things]
    assets = [pk for kind, pk in missing if kind == "asset"]
    versions = [pk for kind, pk in missing if kind == "version"]
    for asset in Asset.objects.filter(pk__in=assets).select_related("owner", "team"):
        things["asset", asset.pk] = asset
    loaded = ModelVersion.objects.filter(pk__in=versions)
    for version in loaded.select_related("model__owner", "model__team"):
        things["version", version.pk] = version
    return things


def _way_back(goal: Ref, came_from: Mapping[Ref, Ref | None]) -> list[End]:
    if goal not in came_from:
        return []
    refs: list[Ref] = []
    here: Ref | None = goal
    while here is not None:
        refs.append(here)
        here = came_from[here]
    things = _things(refs)
    return [things[ref] for ref in refs]
