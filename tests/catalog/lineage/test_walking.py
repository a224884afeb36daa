"""Walks: the same as a plain search would find, through what may be seen, and never without end."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog import lineage, operations, queries
from apps.catalog.lifecycle import Stage
from apps.catalog.lineage import BlastRadius, End, Ref, ref_of, walking
from apps.catalog.models import Asset, LineageEdge, ModelVersion, Relation
from apps.catalog.operations import AssetFacts, LoopRefused
from apps.core.actors import Actor
from tests import scenarios
from tests.catalog.lineage import world
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

KIND = Asset.Kind


@pytest.fixture
def by() -> Actor:
    return actor(scenarios.developer())


# -- a plain search, to hold the walks to ----------------------------------------------------------


def reached(start: Ref, onward: Mapping[Ref, Iterable[Ref]], seen: set[Ref]) -> dict[Ref, int]:
    """Return everything reachable through what may be seen, with the number of steps."""
    steps, waiting = {start: 0}, deque([start])
    while waiting:
        here = waiting.popleft()
        for there in onward.get(here, ()):
            if there in seen and there not in steps:
                steps[there] = steps[here] + 1
                waiting.append(there)
    return steps


PAIRS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=11)


class Worlds:
    """Nine things, two of them hidden from the reviewer, and what is joined in one example."""

    def __init__(self) -> None:
        versions = world.versions(5)
        self.hidden = {ref_of(version) for version in versions[3:]}
        self.things: list[End] = [*versions, *(world.asset() for _ in range(4))]
        self.reviewer = world.reviewer_of(*(version.model for version in versions[:3]))
        self.auditor = actor(scenarios.auditor())
        self.down: dict[Ref, list[Ref]] = {}
        self.up: dict[Ref, list[Ref]] = {}
        self.pairs: set[tuple[Ref, Ref]] = set()

    @property
    def everything(self) -> set[Ref]:
        return {ref_of(thing) for thing in self.things}

    def begin(self) -> None:
        """Take back what an earlier example joined; ended edges stay and must not count."""
        self.down, self.up, self.pairs = {}, {}, set()
        for edge in LineageEdge.objects.filter(ended_at=None):
            operations.end_edge(edge, by=actor(scenarios.developer()), reason="Next example")

    def join(self, origin: End, target: End) -> None:
        """Declare an edge; it is refused exactly when it would close a loop."""
        one, other = ref_of(origin), ref_of(target)
        closes = one in reached(other, self.down, self.everything)
        if closes:
            with pytest.raises(LoopRefused):
                world.edge(origin, target)
        elif (one, other) not in self.pairs:
            world.edge(origin, target)
            self.pairs.add((one, other))
            self.down.setdefault(one, []).append(other)
            self.up.setdefault(other, []).append(one)

    def compare(self, start: End, who: Actor, seen: set[Ref]) -> None:
        """Hold both walks from one thing to the plain search."""
        ways: tuple[tuple[Callable[..., lineage.Lineage], dict[Ref, list[Ref]]], ...] = (
            (lineage.upstream, self.up),
            (lineage.downstream, self.down),
        )
        for walk, onward in ways:
            found = walk(start, who)
            steps = reached(ref_of(start), onward, seen)
            assert {ref: node.distance for ref, node in found.nodes.items()} == steps
            inside = {pair for pair in self.pairs if set(pair) <= steps.keys()}
            assert {(edge.origin, edge.target) for edge in found.edges} == inside
            assert found.stopped_at == []
        shown, below = lineage.around(start, who)
        assert shown.nodes.keys() == {
            *reached(ref_of(start), self.up, seen),
            *reached(ref_of(start), self.down, seen),
        }
        assert below.nodes.keys() == reached(ref_of(start), self.down, seen).keys()


def test_walks_find_what_a_plain_search_finds_and_nothing_hidden() -> None:
    worlds = Worlds()

    @settings(max_examples=12)
    @given(PAIRS)
    def hold(pairs: list[tuple[int, int]]) -> None:
        worlds.begin()
        for one, other in pairs:
            worlds.join(worlds.things[one], worlds.things[other])
        seen = worlds.everything - worlds.hidden
        for thing in worlds.things:
            worlds.compare(thing, worlds.auditor, worlds.everything)
            if ref_of(thing) in seen:
                worlds.compare(thing, worlds.reviewer, seen)

    hold()


# -- limits ----------------------------------------------------------------------------------------


def test_a_walk_stops_at_its_limit_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_NODES", 5)
    hub = world.asset("hub")
    for number in range(8):
        world.edge(hub, world.asset(f"copy-{number}"))

    shown, below = lineage.around(hub, actor(scenarios.auditor()))

    assert len(shown.nodes) == len(below.nodes) == 6
    assert [node.name for node in shown.stopped_at] == ["hub"]


def test_three_hundred_things_are_shown_and_not_one_more() -> None:
    hub = world.asset("hub")
    for number in range(walking.MOST_NODES + 3):
        world.edge(hub, world.asset(f"copy-{number}"))

    found = lineage.downstream(hub, actor(scenarios.auditor()))

    assert len(found.nodes) == walking.MOST_NODES + 1
    assert [node.name for node in found.stopped_at] == ["hub"]


def test_a_long_chain_is_followed_so_many_steps(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(walking, "MOST_LAYERS", 3)
    chain = [world.asset(f"step-{number}") for number in range(6)]
    for one, other in pairwise(chain):
        world.edge(one, other)
    auditor = actor(scenarios.auditor())

    with django_assert_max_num_queries(3 + 6):  # one a layer, rights, names
        found = lineage.downstream(chain[0], auditor)

    assert len(found.nodes) == 4
    assert [node.name for node in found.stopped_at] == ["step-3"]


def test_a_layer_reads_so_many_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_EDGES", 3)
    hub = world.asset("hub")
    for number in range(5):
        world.edge(hub, world.asset(f"copy-{number}"))

    found = lineage.downstream(hub, actor(scenarios.auditor()))

    assert len(found.edges) == 3
    assert [node.name for node in found.stopped_at] == ["hub"]


def test_both_sides_share_the_room_of_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_NODES", 8)
    hub = world.asset("hub")
    for number in range(7):
        world.edge(world.asset(f"source-{number}"), hub)
        world.edge(hub, world.asset(f"copy-{number}"))

    shown, below = lineage.around(hub, actor(scenarios.auditor()))

    assert len(shown.nodes) <= 9
    assert len(shown.up.nodes) - 1 >= 3
    assert len(shown.down.nodes) - 1 >= 3
    assert len(below.nodes) == 8
    assert [node.name for node in shown.stopped_at] == ["hub"]


def test_production_is_what_a_full_walk_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_NODES", 1)
    hub = world.asset("hub")
    early = scenarios.registered_version()
    world.edge(hub, early, Relation.TRAINED_ON)
    serving = scenarios.promoted(to=Stage.PRODUCTION).version
    world.edge(hub, serving, Relation.TRAINED_ON)

    found = lineage.downstream(hub, actor(scenarios.auditor()))

    assert [node.thing for node in found.nodes.values()] == [hub, serving]


def test_a_loop_that_was_observed_is_walked_once(by: Actor) -> None:
    version = scenarios.registered_version(run=world.run())
    loans = world.asset("loans", digest="1")
    world.edge(version, loans, Relation.WRITES)
    assert version.run is not None
    version.run.datasets.create(name="loans", digest="1", context="train")
    operations.observe_run_inputs(version, by=by)

    shown, _ = lineage.around(version, by)

    assert {node.name for node in shown.nodes.values()} == {str(version), "loans 1"}
    assert len(shown.edges) == 2


def test_what_is_deleted_or_ended_is_not_walked(by: Actor) -> None:
    one, other, last = world.asset(), world.asset(), world.asset("last")
    operations.end_edge(world.edge(one, other), by=by, reason="Wrong")
    world.edge(one, last)

    assert [node.name for node in lineage.downstream(one, by).nodes.values()] == [
        str(one),
        "last",
    ]


# -- who sees what


@pytest.mark.parametrize("few", [queries.FEW, 0], ids=["few grants", "many grants"])
def test_a_reader_of_some_models_is_told_that_others_are_left_out(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    version, hidden = world.versions(2)
    world.edge(hidden, version, Relation.DERIVED_FROM)
    reviewer = world.reviewer_of(version.model)

    assert lineage.upstream(version, actor(scenarios.auditor())).sees_every_model
    assert len(lineage.upstream(version, world.reviewer_of(version.model, hidden.model)).nodes) == 2
    found = lineage.upstream(version, reviewer)
    assert (found.is_empty, found.sees_every_model) == (True, False)
    assert lineage.downstream(version, actor(person("nobody"))).is_empty


# -- blast radius


def test_the_blast_radius_tells_what_is_reached_and_whom_to_tell() -> None:
    hub = world.asset("hub")
    early = scenarios.registered_version(scenarios.registered_model("b-early"))
    serving = scenarios.promoted(to=Stage.PRODUCTION).version
    rita = scenarios.risk_officer()
    board = world.asset("board", KIND.DASHBOARD, facts=AssetFacts(owner=rita))
    world.edge(hub, early, Relation.TRAINED_ON)
    world.edge(early, serving, Relation.DERIVED_FROM)
    world.edge(serving, board, Relation.USES)

    radius = BlastRadius.of(lineage.downstream(hub, actor(scenarios.auditor())))

    assert [affected.version for affected in radius.versions] == [serving, early]
    assert [affected.distance for affected in radius.versions] == [2, 1]
    assert radius.production_count == 1
    assert [node.thing for node in radius.assets] == [board]
    told = [(one.name, one.answers_for, one.has_production) for one in radius.people]
    assert told == [
        ("Olivia Owner", (serving.model.name, "b-early"), True),
        ("Rita Risk", ("board",), False),
    ]


def test_nothing_downstream_is_an_empty_radius() -> None:
    version: ModelVersion = scenarios.registered_version()
    world.edge(world.asset(), version, Relation.TRAINED_ON)

    radius = BlastRadius.of(lineage.downstream(version, actor(scenarios.auditor())))

    assert radius.is_empty
    assert radius.people == ()
