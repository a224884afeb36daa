"""Edges: what they may join, who declares and ends them, and that nothing flows into itself."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import lineage, operations
from apps.catalog.models import Asset, LineageEdge, ModelVersion, Relation
from apps.catalog.operations import (
    DECLARE_ASSET_EDGE,
    DECLARE_EDGE,
    END_ASSET_EDGE,
    END_EDGE,
    LoopRefused,
)
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.catalog.lineage import world
from tests.catalog.record import entries, refusals
from tests.factories import actor

pytestmark = pytest.mark.django_db

KIND = Asset.Kind
SHAPE = Action("test.shape", permission="catalog.view_registeredmodel")


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version()


@pytest.fixture
def by() -> Actor:
    return actor(scenarios.developer())


def test_an_edge_belongs_to_the_model_of_the_version_it_touches(
    version: ModelVersion, by: Actor
) -> None:
    data, board = world.asset("loans"), world.asset("board", KIND.DASHBOARD)
    base = scenarios.registered_version()

    into = world.edge(data, version, Relation.TRAINED_ON)
    out = world.edge(version, board, Relation.USES)
    both = world.edge(base, version, Relation.DERIVED_FROM)
    between = world.edge(data, board, Relation.READS)

    assert [edge.root for edge in (into, out, both)] == [version.model] * 3
    assert between.root == board
    assert str(into) == f"loans → {version}"
    first = entries("version.declare_lineage")[0]
    assert first["subject"]["id"] == into.record_id
    assert first["chain"]["root"] == version.model.record_ref
    assert first["detail"] == {
        "relation": "trained_on",
        "source": "declared",
        "flows_from": data.record_id,
        "flows_to": version.record_id,
    }
    assert entries("asset.declare_lineage")[0]["chain"]["root"] == board.record_ref


def test_an_edge_may_be_inferred_and_never_claims_to_be_observed(
    version: ModelVersion, by: Actor
) -> None:
    data = world.asset()
    edge = operations.declare_edge(data, version, "trained_on", by=by, source="inferred")

    assert edge.source == LineageEdge.Source.INFERRED
    with pytest.raises(InputRefused, match="comes from runs"):
        operations.declare_edge(data, version, "evaluated_on", by=by, source="observed")


@pytest.mark.parametrize("relation", Relation.values)
def test_each_relation_that_can_be_chosen_fits_and_no_other(
    version: ModelVersion, relation: str
) -> None:
    """What a form offers for a kind is what the operation takes for some other end."""
    ends: list[lineage.End] = [version, *(world.asset(kind, kind) for kind in KIND.values)]

    for here in ends:
        offered = [value for value, _ in lineage.choices_for(lineage.kind_of(here))]
        as_target = any(fits(relation, other, here) for other in ends)
        as_origin = any(fits(relation, here, other) for other in ends)
        assert (f"{relation}:origin" in offered) == as_target
        assert (f"{relation}:target" in offered) == as_origin


def fits(relation: str, origin: lineage.End, target: lineage.End) -> bool:
    try:
        lineage.require_fits(relation, origin, target)
    except RuleBroken:
        return False
    return True


def test_what_cannot_be_joined_is_refused_in_words(version: ModelVersion) -> None:
    board = world.asset("board", KIND.DASHBOARD)

    with pytest.raises(
        RuleBroken, match="“Trained on” leads from a dataset or feature view; board"
    ):
        world.edge(board, version, Relation.TRAINED_ON)
    with pytest.raises(InputRefused, match="A relation is one of"):
        world.edge(board, version, "likes")


def test_a_choice_is_read_from_where_one_stands(version: ModelVersion) -> None:
    data = world.asset()

    assert lineage.split_choice("reads:origin", version, data) == ("reads", data, version)
    assert lineage.split_choice("writes:target", version, data) == ("writes", version, data)
    assert ("uses:target", "is used by") in lineage.choices_for(lineage.VERSION)
    assert ("trained_on:origin", "was trained on") not in lineage.choices_for(KIND.DATASET)


def test_an_edge_is_known_once_until_it_is_ended(version: ModelVersion, by: Actor) -> None:
    data = world.asset()
    edge = world.edge(data, version, Relation.TRAINED_ON)

    with pytest.raises(RuleBroken, match="known already"):
        world.edge(data, version, Relation.TRAINED_ON)
    world.edge(data, version, Relation.EVALUATED_ON)
    operations.end_edge(edge, by=by, reason="It was another table")

    assert world.edge(data, version, Relation.TRAINED_ON).pk != edge.pk


def test_an_edge_is_ended_with_a_reason_once(version: ModelVersion, by: Actor) -> None:
    edge = world.edge(world.asset(), version, Relation.TRAINED_ON)
    between = world.edge(world.asset(), world.asset())

    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.end_edge(edge, by=by, reason="")
    operations.end_edge(edge, by=by, reason="Wrong table")
    operations.end_edge(between, by=by, reason="Not fed any more")

    edge.refresh_from_db()
    assert edge.ended_at is not None
    assert len(entries(END_EDGE.name)) == len(entries(END_ASSET_EDGE.name)) == 1
    with pytest.raises(RuleBroken, match="ended already"):
        operations.end_edge(edge, by=by, reason="Again")


def test_nothing_new_is_joined_to_what_is_retired_or_deleted(
    version: ModelVersion, by: Actor
) -> None:
    data = world.asset("old")
    operations.retire_asset(data, by=by, reason="Replaced")
    with pytest.raises(RuleBroken, match="old is retired"):
        world.edge(data, version, Relation.TRAINED_ON)

    other = scenarios.registered_version()
    approvals.delete_version(other, by=by, reason="Twice")
    with pytest.raises(RuleBroken, match="was deleted"):
        world.edge(other, version, Relation.DERIVED_FROM)


# -- loops


def test_a_loop_is_refused_with_its_way_named(version: ModelVersion) -> None:
    data, pipeline = world.asset("loans"), world.asset("scoring", KIND.PIPELINE)
    world.edge(data, version, Relation.TRAINED_ON)
    world.edge(version, pipeline, Relation.USES)

    with pytest.raises(LoopRefused) as refusal:
        world.edge(pipeline, data, Relation.WRITES)

    assert f"scoring → loans → {version} → scoring" in str(refusal.value)
    assert refusals(DECLARE_ASSET_EDGE.name)[0]["detail"] == {"error": "lineage_loop"}
    assert LineageEdge.objects.count() == 2


def test_nothing_flows_into_itself(version: ModelVersion) -> None:
    data = world.asset()

    with pytest.raises(LoopRefused, match="cannot flow into itself"):
        world.edge(data, data)
    with pytest.raises(LoopRefused, match="cannot flow into itself"):
        world.edge(version, version)


def test_an_ended_edge_closes_no_loop(by: Actor) -> None:
    one, other = world.asset(), world.asset()
    operations.end_edge(world.edge(one, other), by=by, reason="Wrong way around")

    world.edge(other, one)


def test_a_loop_through_a_hidden_model_names_it_not(version: ModelVersion) -> None:
    hidden = scenarios.registered_version()
    end = world.asset("end", KIND.PIPELINE)
    world.edge(version, hidden, Relation.DERIVED_FROM)
    world.edge(hidden, end, Relation.USES)
    builder = world.reviewer_of(version.model)
    operations.grant_model_duty(
        version.model,
        User.objects.get(pk=builder.user_id),
        "model_developer",
        by=actor(scenarios.owner()),
        reason="Builds",
    )

    with pytest.raises(LoopRefused) as refusal:
        operations.declare_edge(end, version, Relation.BUILT_BY, by=builder)

    assert "a version you may not see" in str(refusal.value)
    assert hidden.model.name not in str(refusal.value)


def test_a_search_for_loops_ends(version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.catalog.lineage.walking.MOST_SEARCHED", 2)
    last = world.asset("last")
    for _ in range(3):
        world.edge(world.asset(), last)

    with pytest.raises(RuleBroken, match="More than 2 things lie upstream of last"):
        world.edge(last, version, Relation.FEEDS)


# -- who may


def test_lineage_of_a_version_is_for_those_who_describe_its_model(version: ModelVersion) -> None:
    data = world.asset()
    edge = world.edge(data, version, Relation.TRAINED_ON)
    reviewer = world.reviewer_of(version.model)

    with pytest.raises(NotAllowed, match="what this model is made from"):
        operations.declare_edge(data, version, Relation.EVALUATED_ON, by=reviewer)
    with pytest.raises(NotAllowed, match="what this model is made from"):
        operations.end_edge(edge, by=reviewer, reason="Mine")

    assert len(refusals(DECLARE_EDGE.name)) == len(refusals(END_EDGE.name)) == 1
    assert LineageEdge.objects.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.auditor, scenarios.risk_officer])
def test_lineage_between_assets_is_for_those_who_declare_assets(
    wrong: Callable[[], User],
) -> None:
    one, other = world.asset(), world.asset()
    edge = world.edge(one, other)

    with pytest.raises(NotAllowed):
        operations.declare_edge(one, other, Relation.USES, by=actor(wrong()))
    with pytest.raises(NotAllowed):
        operations.end_edge(edge, by=actor(wrong()), reason="Because")

    assert len(refusals("asset.declare_lineage")) == len(refusals("asset.end_lineage")) == 1


# -- the database holds it too


@pytest.mark.parametrize(
    "ends",
    [(), ("origin_asset",), ("origin_asset", "origin_version", "target_version"), ("same",)],
    ids=str,
)
def test_the_database_keeps_one_origin_and_one_target(
    version: ModelVersion, by: Actor, ends: tuple[str, ...]
) -> None:
    data = world.asset()
    values = {"origin_asset": data, "origin_version": version, "target_version": version}
    given = {name: values[name] for name in ends if name in values}
    if ends == ("same",):
        given = {"origin_asset": data, "target_asset": data}

    with (
        pytest.raises((IntegrityError, AssertionError)),
        change(SHAPE, version, by=by) as record,
        transaction.atomic(),
    ):
        LineageEdge(
            relation="feeds", source="declared", declared_at=record.time, **given
        ).save_base()
