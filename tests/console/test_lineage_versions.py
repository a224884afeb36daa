"""The lineage of a version: shown, declared, taken back, taken as files."""

from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog import operations
from apps.catalog.models import LineageEdge, ModelVersion, Relation
from apps.catalog.operations import EXPORT_LINEAGE, export_asset_lineage, export_version_lineage
from apps.core.actors import WORKER
from apps.core.errors import NotAllowed
from tests import scenarios
from tests.catalog.lineage import world
from tests.catalog.record import entries, refusals
from tests.console.conftest import Reads
from tests.factories import actor

pytestmark = pytest.mark.django_db


def page_of(version: ModelVersion) -> str:
    return reverse("models:version_lineage", args=[version.model.name, version.number])


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version()


def test_what_a_run_read_is_shown_as_observed(opens: Reads) -> None:
    version = scenarios.registered_version(run=world.run(("loans", "9f2c", "train")))
    operations.observe_run_inputs(version, by=actor(scenarios.developer()))

    answer = opens(scenarios.auditor(), page_of(version))

    assert f"loans 9f2c trains {version} Observed" in answer.words
    assert "Ask Olivia Owner, the model's owner, to say what it is made from" in answer.words
    assert 'class="line observed"' in answer.source


def test_a_version_without_lineage_says_what_comes_by_itself(
    opens: Reads, version: ModelVersion
) -> None:
    answer = opens(scenarios.developer(), page_of(version))

    assert "Nothing is known to flow here" in answer.words
    assert opens(scenarios.stranger(), page_of(version)).status == 404


def test_a_run_that_read_very_much_says_that_not_all_is_here(opens: Reads) -> None:
    many = [(f"table-{number}", "1", "") for number in range(operations.MOST_DATASETS + 1)]
    version = scenarios.registered_version(run=world.run(*many))

    answer = opens(scenarios.auditor(), page_of(version))

    assert "The run read 201 datasets; the first 200 are part of lineage." in answer.words


def test_every_card_is_a_link_with_a_name_and_none_leads_to_what_is_hidden(
    opens: Reads, version: ModelVersion
) -> None:
    hidden = scenarios.registered_version()
    loans = world.asset("loans")
    world.edge(loans, version, Relation.TRAINED_ON)
    world.edge(hidden, version, Relation.DERIVED_FROM)
    reviewer = User.objects.get(pk=world.reviewer_of(version.model).user_id)

    answer = opens(reviewer, page_of(version))

    cards = answer.response.context["graph"].cards
    assert {card.href for card in cards} == {loans.get_absolute_url(), version.get_absolute_url()}
    assert all(card.words for card in cards)
    assert [card.is_start for card in cards] == [True, False]
    assert hidden.model.name not in answer.source
    assert "Only models you may see are shown." in answer.words


def test_an_edge_is_declared_on_the_page_of_a_version(opens: Reads, version: ModelVersion) -> None:
    loans = world.asset("loans")

    answer = opens(
        scenarios.developer(), page_of(version), {"relation": "trained_on:origin", "other": "loans"}
    )

    edge = LineageEdge.objects.get()
    assert answer.response.headers["Location"] == page_of(version)
    assert (edge.origin, edge.target, edge.source) == (loans, version, "declared")


def test_a_refused_edge_leaves_nothing(opens: Reads, version: ModelVersion) -> None:
    loans = world.asset("loans")
    world.edge(version, loans, Relation.WRITES)
    sent = {"relation": "trained_on:origin", "other": "loans"}

    loop = opens(scenarios.developer(), page_of(version), sent)
    denied = opens(scenarios.auditor(), page_of(version), sent)

    assert (loop.status, denied.status) == (422, 422)
    assert "This would close a loop: loans" in loop.words
    assert "You do not have the right to say what this model is made from." in denied.words
    assert LineageEdge.objects.count() == 1


def test_an_edge_is_taken_back_with_a_reason(opens: Reads, version: ModelVersion) -> None:
    edge = world.edge(world.asset("loans"), version, Relation.TRAINED_ON)
    other = world.edge(world.asset(), scenarios.registered_version(), Relation.TRAINED_ON)
    address = [version.model.name, version.number]
    path = reverse("models:end_edge", args=[*address, edge.pk])

    assert opens(scenarios.developer(), page_of(version)).has_link(path)
    assert f"loans trains {version}" in opens(scenarios.developer(), path).words
    assert opens(scenarios.developer(), path, {"reason": "Other table"}).status == 302
    assert opens(scenarios.stranger(), path).status == 404
    foreign = reverse("models:end_edge", args=[*address, other.pk])
    assert opens(scenarios.developer(), foreign).status == 404

    edge.refresh_from_db()
    assert edge.ended_at is not None
    history = opens(scenarios.auditor(), reverse("models:version_history", args=address))
    assert f"Took from lineage: {version}" in history.words
    assert f"Added to lineage: {version}" in history.words


def test_the_activity_of_a_model_names_no_model_that_is_hidden(
    opens: Reads, version: ModelVersion
) -> None:
    hidden = scenarios.registered_version()
    world.edge(hidden, version, Relation.DERIVED_FROM)
    reviewer = User.objects.get(pk=world.reviewer_of(version.model).user_id)

    answer = opens(reviewer, version.model.get_absolute_url())

    assert f"Added to lineage: {version}" in answer.words
    assert hidden.model.name not in answer.source


def test_lineage_is_taken_as_files_and_the_record_says_who_took_it(
    opens: Reads, version: ModelVersion
) -> None:
    world.edge(world.asset("loans"), version, Relation.TRAINED_ON)
    address = [version.model.name, version.number]

    answer = opens(
        scenarios.auditor(), reverse("models:export_lineage", args=[*address, "nodes"])
    ).response

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert f"{version.record_id},Model version,{version.model.name},1," in text
    assert entries(EXPORT_LINEAGE.name)[0]["subject"]["id"] == version.record_id
    wrong = reverse("models:export_lineage", args=[*address, "all"])
    assert opens(scenarios.auditor(), wrong).status == 404


def test_who_may_not_see_a_lineage_takes_no_file_of_it(version: ModelVersion) -> None:
    with pytest.raises(NotAllowed):
        export_version_lineage(version, by=actor(scenarios.stranger()), rows=1)
    with pytest.raises(NotAllowed):
        export_asset_lineage(world.asset(), by=WORKER, rows=1)

    assert len(refusals("version.export_lineage")) == 1


def test_a_lineage_page_needs_as_many_queries_for_twenty_edges_as_for_two(
    opens: Reads, version: ModelVersion, django_assert_max_num_queries: Any
) -> None:
    reader = scenarios.auditor()
    for _ in range(2):
        world.edge(world.asset(), version, Relation.TRAINED_ON)
    opens(reader, page_of(version))
    with django_assert_max_num_queries(45) as few:
        opens(reader, page_of(version))
    for _ in range(18):
        world.edge(world.asset(), version, Relation.TRAINED_ON)
    with django_assert_max_num_queries(len(few)):
        assert len(opens(reader, page_of(version)).response.context["rows"]) == 20
