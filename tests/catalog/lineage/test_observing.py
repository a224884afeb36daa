"""What a run read becomes lineage of the version registered from it, once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.entries import MOST_ROWS
from apps.audit.models import AuditEvent
from apps.catalog import operations
from apps.catalog.models import Asset, LineageEdge, ModelVersion, Relation, Run
from apps.catalog.operations import OBSERVE_ASSET, OBSERVE_INPUTS, observe_run_inputs
from apps.core.actors import Actor
from apps.core.errors import NotAllowed
from tests import scenarios
from tests.catalog.lineage import world
from tests.catalog.record import entries, refusals
from tests.factories import actor

pytestmark = pytest.mark.django_db

OUTER = Action("test.register", permission="catalog.register_version")


@pytest.fixture
def by() -> Actor:
    return actor(scenarios.developer())


def version_of(run: Run | None, **given: Any) -> ModelVersion:
    return scenarios.registered_version(run=run, **given)


def told(version: ModelVersion) -> list[tuple[str, str, str]]:
    """Return what a version is known to come from."""
    edges = LineageEdge.objects.filter(target_version=version).order_by("pk")
    return [(str(edge.origin), edge.relation, edge.source) for edge in edges]


def test_the_datasets_of_a_run_become_assets_and_edges(by: Actor) -> None:
    run = world.run(("loans", "9f2c", "training"), ("loans", "77aa", "eval"), ("people", "1", ""))
    version = version_of(run)

    observe_run_inputs(version, by=by)

    assert told(version) == [
        ("loans 9f2c", "trained_on", "observed"),
        ("loans 77aa", "evaluated_on", "observed"),
        ("people 1", "trained_on", "observed"),
    ]
    assert {asset.kind for asset in Asset.objects.all()} == {Asset.Kind.DATASET}
    assert len(entries(OBSERVE_ASSET.name)) == 3
    assert {entry["chain"]["root"] for entry in entries("asset.observe")} == {
        asset.record_ref for asset in Asset.objects.all()
    }


def test_observing_again_changes_nothing(by: Actor) -> None:
    version = version_of(world.run(("loans", "9f2c", "train")))
    observe_run_inputs(version, by=by)
    before = LineageEdge.history.count(), Asset.history.count()

    assert observe_run_inputs(version, by=by) == 0
    assert (LineageEdge.history.count(), Asset.history.count()) == before


def test_a_dataset_is_one_asset_for_every_run_that_read_it(by: Actor) -> None:
    declared = world.asset("loans", digest="9f2c")
    for _ in range(2):
        observe_run_inputs(version_of(world.run(("loans", "9f2c", "train"))), by=by)

    assert list(Asset.objects.all()) == [declared]
    assert declared.edges_out.count() == 2


def test_a_dataset_read_for_two_purposes_has_two_edges(by: Actor) -> None:
    run = world.run(("a", "1", "train"), ("a", "1", "test"), ("a", "1", "validation"))
    version = version_of(run)
    observe_run_inputs(version, by=by)

    assert [relation for _, relation, _ in told(version)] == ["trained_on", "evaluated_on"]


def test_the_base_of_a_version_is_observed(by: Actor) -> None:
    base = scenarios.registered_version()
    version = version_of(None, base_version=base)
    observe_run_inputs(version, by=by)

    assert told(version) == [(str(base), "derived_from", "observed")]


def test_a_version_without_run_and_base_has_nothing_to_observe(by: Actor) -> None:
    version = version_of(None)
    before = AuditEvent.objects.count()

    assert observe_run_inputs(version, by=by) == 0
    assert AuditEvent.objects.count() == before


def test_what_was_declared_counts_as_observed_once_a_run_shows_it(by: Actor) -> None:
    data = world.asset("loans", digest="9f2c")
    version = version_of(world.run())
    edge = world.edge(data, version, Relation.TRAINED_ON)
    assert version.run is not None
    version.run.datasets.create(name="loans", digest="9f2c", context="train")

    assert observe_run_inputs(version, by=by) == 1

    edge.refresh_from_db()
    assert edge.source == LineageEdge.Source.OBSERVED


def test_what_a_person_ended_stays_ended(by: Actor) -> None:
    version = version_of(world.run(("loans", "9f2c", "train")))
    observe_run_inputs(version, by=by)
    operations.end_edge(LineageEdge.objects.get(), by=by, reason="Loaded, never used")

    assert observe_run_inputs(version, by=by) == 0
    assert LineageEdge.objects.filter(ended_at=None).count() == 0


def test_observing_is_part_of_the_change_around_it(by: Actor) -> None:
    version = version_of(world.run())
    assert version.run is not None
    version.run.datasets.create(name="loans", digest="9f2c", context="train")

    with change(OUTER, version.model, by=by):
        observe_run_inputs(version, by=by)

    (outer,) = entries("test.register")
    assert entries("version.observe_lineage")[-1]["parent"] == outer["id"]


def test_many_inputs_are_written_within_the_limits_of_an_event(by: Actor) -> None:
    most = operations.MOST_DATASETS
    many = [(f"table-{number}", "1", "train") for number in range(most + 5)]
    version = version_of(world.run(*many))
    observe_run_inputs(version, by=by)

    assert LineageEdge.objects.count() == most
    assert max(len(entry["rows"]) for entry in entries("version.observe_lineage")) <= MOST_ROWS
    assert observe_run_inputs(version, by=by) == 0


@pytest.mark.parametrize(
    ("source", "location"),
    [
        (json.dumps({"uri": "s3://lake/loans"}), "s3://lake/loans"),
        (json.dumps({"table_name": "lake.loans"}), "lake.loans"),
        (json.dumps({"tags": {"mlflow.user": "dev"}}), ""),
        (json.dumps(["s3://lake"]), ""),
        ("https://me:secret@lake/loans", "https://lake/loans"),
        ("http://[half", ""),
        ("two\nlines", ""),
        ("x" * 3000, ""),
        ("", ""),
    ],
)
def test_an_observed_dataset_lies_where_its_run_says(by: Actor, source: str, location: str) -> None:
    observe_run_inputs(version_of(world.run(("loans", "1", ""), source=source)), by=by)

    assert Asset.objects.get().location == location


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.auditor])
def test_only_who_registers_versions_observes(wrong: Callable[[], User]) -> None:
    version = version_of(world.run())
    assert version.run is not None
    version.run.datasets.create(name="loans", digest="9f2c", context="train")

    with pytest.raises(NotAllowed):
        observe_run_inputs(version, by=actor(wrong()))

    assert len(refusals(OBSERVE_INPUTS.name)) == 1
    assert not Asset.objects.exists()
