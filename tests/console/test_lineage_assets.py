"""The pages of assets: the list, one asset whole, declaring, describing, retiring."""

from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog import operations
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Asset, LineageEdge, Relation
from apps.catalog.operations import EXPORT_ASSET, AssetFacts
from tests import scenarios
from tests.catalog.lineage import world
from tests.catalog.record import entries
from tests.console.conftest import Reads
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

LIST = reverse("assets:list")
NEW = reverse("assets:declare")
KIND = Asset.Kind


# -- the list


def test_assets_are_listed_with_what_matters_about_each(opens: Reads) -> None:
    world.asset(
        "loans",
        version="2026-q3",
        facts=AssetFacts(
            owner=scenarios.owner(), sensitivity="restricted", location="s3://lake/loans"
        ),
    )

    answer = opens(scenarios.auditor(), LIST)

    assert "loans 2026-q3 s3://lake/loans" in answer.words
    assert "Dataset Restricted Olivia Owner" in answer.words


def test_the_list_is_searched_and_filtered(opens: Reads) -> None:
    world.asset("loans", facts=AssetFacts(location="s3://lake/a"))
    world.asset("board", KIND.DASHBOARD, facts=AssetFacts(owner=scenarios.owner()))
    old = world.asset("old")
    operations.retire_asset(old, by=actor(scenarios.developer()), reason="Gone")
    reader = scenarios.auditor()

    def listed(query: str) -> list[str]:
        rows = opens(reader, f"{LIST}?{query}").response.context["rows"]
        return [row["asset"].name for row in rows]

    assert listed("") == ["board", "loans"]
    assert listed("q=loan") == listed("q=lake/") == ["loans"]
    assert listed("q=olivia") == listed("kind=dashboard") == ["board"]
    assert listed("retired=yes") == ["old"]
    assert listed("kind=spaceship") == []
    assert "No asset matches" in opens(reader, f"{LIST}?q=zzz%00").words


def test_an_empty_list_says_what_to_do_first(opens: Reads) -> None:
    assert "No asset is declared yet" in opens(scenarios.developer(), LIST).words
    assert (
        "Ask an administrator for the duty of model developer or owner."
        in opens(scenarios.auditor(), LIST).words
    )


def test_who_holds_no_duty_sees_no_asset(opens: Reads) -> None:
    asset = world.asset("loans")

    answer = opens(scenarios.stranger(), LIST)

    assert "No asset is visible to you yet" in answer.words
    assert "loans" not in answer.source
    for name in ("asset", "describe", "retire"):
        assert (
            opens(scenarios.stranger(), reverse(f"assets:{name}", args=[asset.uid])).status == 404
        )


def test_the_list_needs_as_many_queries_for_twenty_assets_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    reader = scenarios.auditor()
    for _ in range(2):
        world.asset(facts=AssetFacts(owner=scenarios.owner()))
    opens(reader, LIST)
    with django_assert_max_num_queries(30) as few:
        opens(reader, LIST)
    for number in range(18):
        world.asset(facts=AssetFacts(owner=person(f"owner-{number}")))
    with django_assert_max_num_queries(len(few)):
        assert len(opens(reader, LIST).response.context["rows"]) == 20


# -- one asset


def test_an_asset_shows_what_it_reaches_and_whom_to_tell(opens: Reads) -> None:
    loans = world.asset(
        "loans",
        digest="sha256:9f2c04d1b86e",
        facts=AssetFacts(description="All of them.", license="CC0-1.0"),
    )
    version = scenarios.promoted(to=Stage.PRODUCTION).version
    world.edge(loans, version, Relation.TRAINED_ON)

    answer = opens(scenarios.auditor(), loans.get_absolute_url())

    assert "All of them." in answer.words
    assert "CC0-1.0" in answer.words
    assert f"{version} Model version Production 1 Olivia Owner" in answer.words
    assert "Whom to tell Olivia Owner In production" in answer.words
    assert f"loans sha256:9f2c0 trains {version} Declared" in answer.words
    assert "Declared the asset loans" in answer.words
    assert answer.has_link(version.get_absolute_url())
    assert "Only models you may see" not in answer.words


def test_hidden_models_are_left_out_without_a_count(opens: Reads) -> None:
    loans = world.asset("loans")
    shown, hidden = world.versions(2)
    for version in (shown, hidden):
        world.edge(loans, version, Relation.TRAINED_ON)
    reviewer = User.objects.get(pk=world.reviewer_of(shown.model).user_id)

    answer = opens(reviewer, loans.get_absolute_url())

    assert shown.model.name in answer.source
    assert hidden.model.name not in answer.source
    assert "Only models you may see are shown." in answer.words


def test_an_asset_nothing_is_joined_to_says_so(opens: Reads) -> None:
    answer = opens(scenarios.auditor(), world.asset().get_absolute_url())

    assert "Nothing is known to flow here" in answer.words
    assert "<svg viewBox=" not in answer.source.partition("graph-pane")[2]


def test_the_picture_is_shown_at_the_size_that_is_asked_for(opens: Reads) -> None:
    one = world.asset()
    world.edge(one, world.asset())

    def shown(query: str) -> int:
        graph = opens(scenarios.auditor(), one.get_absolute_url() + query)
        width: int = graph.response.context["graph"].shown_width
        return width

    assert shown("?scale=small") < shown("") < shown("?scale=large")
    assert shown("?scale=huge") == shown("")


def test_an_asset_page_needs_as_many_queries_for_twenty_edges_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    hub, reader = world.asset(), scenarios.auditor()
    path = hub.get_absolute_url()
    for version in world.versions(2):
        world.edge(hub, version, Relation.TRAINED_ON)
    opens(reader, path)
    with django_assert_max_num_queries(40) as few:
        opens(reader, path)
    for version in world.versions(18):
        world.edge(hub, version, Relation.TRAINED_ON)
    with django_assert_max_num_queries(len(few)):
        assert len(opens(reader, path).response.context["rows"]) == 20


# -- declaring, describing, retiring


def test_an_asset_is_declared_by_page(opens: Reads) -> None:
    owner = scenarios.owner()

    answer = opens(
        scenarios.developer(),
        NEW,
        {
            "kind": "dataset",
            "name": "loans",
            "version": "1",
            "owner": owner.pk,
            "sensitivity": "not_said",
        },
    )

    asset = Asset.objects.get()
    assert answer.response.headers["Location"] == asset.get_absolute_url()
    assert (str(asset), asset.owner) == ("loans 1", owner)


def test_a_refused_declaration_keeps_what_was_typed(opens: Reads) -> None:
    world.asset("loans")
    plain = {"kind": "dataset", "sensitivity": "internal"}
    taken = opens(scenarios.developer(), NEW, {**plain, "name": "loans"})
    secret = {**plain, "name": "more", "location": "s3://me:pw@lake"}
    refused = opens(scenarios.developer(), NEW, secret)
    denied = opens(scenarios.auditor(), NEW, {**plain, "name": "mine"})
    unread = opens(scenarios.developer(), NEW, {"kind": "toy"})

    assert [answer.status for answer in (taken, refused, denied, unread)] == [422] * 4
    assert taken.response.context["form"].errors.keys() == {"name"}
    assert "Leave them out." in refused.words
    assert "s3://me:pw@lake" in refused.source
    assert "You do not have the right to declare assets" in denied.words
    assert unread.response.context["form"].errors.keys() == {"kind", "name", "sensitivity"}
    assert Asset.objects.count() == 1


def test_an_asset_is_described_by_page(opens: Reads) -> None:
    asset = world.asset(facts=AssetFacts(owner=scenarios.owner()))
    path = reverse("assets:describe", args=[asset.uid])

    assert "Save" in opens(scenarios.developer(), path).words
    answer = opens(scenarios.developer(), path, {"license": "MIT", "sensitivity": "internal"})
    empty = opens(scenarios.developer(), path, {})
    denied = opens(scenarios.auditor(), path, {"license": "MIT-0", "sensitivity": "public"})

    asset.refresh_from_db()
    assert answer.response.headers["Location"] == asset.get_absolute_url()
    assert (asset.license, asset.sensitivity, asset.owner) == ("MIT", "internal", None)
    assert (empty.status, denied.status) == (422, 422)
    assert "Ask an administrator for the duty of model developer or owner" in denied.words


def test_an_asset_is_retired_by_page(opens: Reads) -> None:
    asset = world.asset("loans")
    path = reverse("assets:retire", args=[asset.uid])

    assert "loans" in opens(scenarios.developer(), path).words
    assert opens(scenarios.developer(), path, {"reason": ""}).status == 422
    assert opens(scenarios.auditor(), path, {"reason": "Mine"}).status == 422
    answer = opens(scenarios.developer(), path, {"reason": "Replaced"})

    asset.refresh_from_db()
    assert answer.status == 302
    assert not asset.is_in_use
    shown = opens(scenarios.developer(), asset.get_absolute_url())
    assert "Retired" in shown.words
    assert "It is retired, so nothing new is joined to it." in shown.words


# -- edges between assets


def test_an_edge_is_declared_on_the_page_of_an_asset(opens: Reads) -> None:
    loans, etl = world.asset("loans", version="1"), world.asset("etl", KIND.PIPELINE)

    answer = opens(
        scenarios.developer(),
        etl.get_absolute_url(),
        {"relation": "reads:origin", "other": "loans 1"},
    )

    edge = LineageEdge.objects.get()
    assert answer.status == 302
    assert (edge.origin, edge.target, edge.relation) == (loans, etl, "reads")
    assert "loans 1 is read by etl" in opens(scenarios.developer(), etl.get_absolute_url()).words


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"relation": "", "other": "loans 1"}, "Choose what holds."),
        ({"relation": "feeds:origin", "other": ""}, "Name an asset or a version."),
        ({"relation": "feeds:origin", "other": "nothing"}, "Nothing you can see is called this."),
        ({"relation": "feeds:origin", "other": "twin"}, "Several are called this."),
        ({"relation": "trained_on:origin", "other": "loans 1"}, "Select a valid choice"),
        ({"relation": "feeds:origin", "other": "etl"}, "cannot flow into itself"),
    ],
)
def test_a_refused_edge_says_why(opens: Reads, sent: dict[str, str], words: str) -> None:
    world.asset("loans", version="1")
    for mark in ("1", "2"):
        world.asset("twin", version=mark)
    etl = world.asset("etl", KIND.PIPELINE)

    answer = opens(scenarios.developer(), etl.get_absolute_url(), sent)

    assert answer.status == 422
    assert words in answer.words
    assert not LineageEdge.objects.exists()


def test_the_other_end_may_be_named_in_several_ways(opens: Reads) -> None:
    etl = world.asset("etl", KIND.PIPELINE)
    twin = world.asset("twin", digest="9f2c04d1")
    version = scenarios.registered_version(scenarios.registered_model("credit default"))
    hidden = scenarios.registered_version()
    developer = scenarios.developer()

    for number, typed in enumerate(
        (
            "twin 9f2c04d1",
            f"https://signet.example{twin.get_absolute_url()}",
            "credit default v1",
            f"https://signet.example{version.get_absolute_url().replace('%20', ' ')}",
        )
    ):
        relation = ("feeds:target", "uses:target")[number % 2]
        sent = {"relation": relation, "other": typed}
        assert opens(developer, etl.get_absolute_url(), sent).status == 302, typed
    reviewer = User.objects.get(pk=world.reviewer_of(version.model).user_id)
    sent = {"relation": "feeds:origin", "other": f"{hidden.model.name} v1"}
    refused = opens(reviewer, etl.get_absolute_url(), sent).response.context["form"].errors
    assert "Nothing you can see is called this." in refused["other"][0]

    assert LineageEdge.objects.filter(origin_asset=etl, target_asset=twin).count() == 2
    assert LineageEdge.objects.filter(origin_asset=etl, target_version=version).count() == 2


def test_an_edge_between_assets_is_taken_back(opens: Reads) -> None:
    one, other = world.asset("one"), world.asset("other")
    edge = world.edge(one, other)
    path = reverse("assets:end_edge", args=[one.uid, edge.pk])

    assert "one feeds other" in opens(scenarios.developer(), path).words
    assert opens(scenarios.developer(), path, {"reason": ""}).status == 422
    assert opens(scenarios.auditor(), path, {"reason": "Mine"}).status == 422
    answer = opens(scenarios.developer(), path, {"reason": "Wrong way around"})

    edge.refresh_from_db()
    assert answer.response.headers["Location"] == one.get_absolute_url()
    assert edge.ended_at is not None
    assert opens(scenarios.developer(), path).status == 404


# -- files


def test_the_lineage_of_an_asset_is_taken_as_files(opens: Reads) -> None:
    loans = world.asset("=loans")
    version = scenarios.promoted(to=Stage.PRODUCTION).version
    world.edge(loans, version, Relation.TRAINED_ON)

    def lines(part: str) -> list[str]:
        answer = opens(
            scenarios.auditor(), reverse("assets:export", args=[loans.uid, part])
        ).response
        assert "attachment" in answer.headers["Content-Disposition"]
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return text.splitlines()

    assert lines("edges")[1].startswith(f"{loans.uid},'=loans,Trained on,{version.record_id}")
    assert len(lines("nodes")) == 3
    assert lines("affected")[1].startswith(f"{version.model.name},1,Production,1,Olivia Owner,yes")
    assert [entry["detail"]["rows"] for entry in entries(EXPORT_ASSET.name)] == [1, 2, 1]
    assert entries("user.export_asset")[0]["detail"]["asset"] == loans.record_id
    assert (
        opens(scenarios.auditor(), reverse("assets:export", args=[loans.uid, "secrets"])).status
        == 404
    )
