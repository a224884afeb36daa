"""Assets: declared once, described by those who build, retired with a reason; seen by duty."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.actors import actor_of_token
from apps.accounts.models import User
from apps.accounts.operations import close_account, create_token
from apps.accounts.scopes import Scope
from apps.audit.actions import Action
from apps.catalog import lineage, operations
from apps.catalog.models import Asset
from apps.catalog.operations import DECLARE_ASSET, DESCRIBE_ASSET, RETIRE_ASSET, AssetFacts
from apps.core.actors import ANONYMOUS, WORKER, Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.catalog.lineage import world
from tests.catalog.record import entries, refusals
from tests.factories import HOST, actor, person, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Actor:
    return actor(scenarios.developer())


def test_an_asset_is_declared_with_all_that_is_known(by: Actor) -> None:
    owner, bank = scenarios.owner(), team("Bank")

    asset = operations.declare_asset(
        by=by,
        kind="dataset",
        name="loans",
        version="2026-q3",
        digest="sha256:9f2c",
        facts=AssetFacts(
            location="s3://lake/loans",
            description="All loans.\nSince 2019.",
            owner=owner,
            team=bank,
            sensitivity="confidential",
            license="CC-BY-4.0",
        ),
    )

    asset.refresh_from_db()
    assert (str(asset), asset.owner, asset.team) == ("loans 2026-q3", owner, bank)
    assert asset.is_in_use
    (entry,) = entries("asset.declare")
    assert entry["subject"] == {"type": "asset", "id": asset.record_id}
    assert entry["chain"]["root"] == asset.record_ref
    assert entry["detail"] == {"kind": "dataset"}


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "table"},
        {"name": ""},
        {"name": " loans"},
        {"name": "x" * 501},
        {"name": "a\0b"},
        {"version": "x" * 121},
        {"digest": "sha256 9f"},
        {"digest": "x" * 129},
        {"facts": AssetFacts(location="https://me:secret@lake/loans")},
        {"facts": AssetFacts(location="http://[half")},
        {"facts": AssetFacts(location="x" * 2001)},
        {"facts": AssetFacts(description="x" * 5001)},
        {"facts": AssetFacts(sensitivity="secret")},
        {"facts": AssetFacts(license="mine; all mine")},
    ],
    ids=str,
)
def test_an_asset_holds_what_can_be_kept_and_shown(by: Actor, given: dict[str, Any]) -> None:
    with pytest.raises(InputRefused):
        operations.declare_asset(by=by, **{"kind": "dataset", "name": "loans", **given})

    assert not Asset.objects.exists()
    assert len(refusals(DECLARE_ASSET.name)) == 1


def test_an_asset_is_declared_once_while_it_is_in_use(by: Actor) -> None:
    first = world.asset("loans", version="1")

    with pytest.raises(operations.AssetTaken, match="“loans 1” is declared already"):
        world.asset("loans", version="1")
    for given in ({"version": "2"}, {"digest": "9f"}, {"kind": "feature_view", "version": "1"}):
        world.asset("loans", **given)
    operations.retire_asset(first, by=by, reason="Replaced")

    assert world.asset("loans", version="1").pk != first.pk


def test_a_closed_account_owns_no_new_asset(by: Actor) -> None:
    gone = person("gone")
    close_account(gone, by=HOST, reason="Left")

    with pytest.raises(RuleBroken):
        world.asset(facts=AssetFacts(owner=gone))


def test_an_asset_is_described_anew(by: Actor) -> None:
    asset = world.asset(facts=AssetFacts(owner=scenarios.owner(), location="s3://old"))

    operations.describe_asset(asset, AssetFacts(location="s3://new"), by=by)
    operations.describe_asset(asset, AssetFacts(location="s3://new"), by=by)

    asset.refresh_from_db()
    assert (asset.location, asset.owner) == ("s3://new", None)
    changed = [entry["detail"]["changed"] for entry in entries(DESCRIBE_ASSET.name)]
    assert [sorted(names) for names in changed] == [["location", "owner"], []]
    assert Asset.history.filter(id=asset.pk).count() == 2


def test_a_retired_asset_stays_as_it_was(by: Actor) -> None:
    asset = world.asset()

    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.retire_asset(asset, by=by, reason=" ")
    operations.retire_asset(asset, by=by, reason="Not filled any more")

    asset.refresh_from_db()
    assert not asset.is_in_use
    assert len(entries(RETIRE_ASSET.name)) == 1
    with pytest.raises(RuleBroken, match="is retired"):
        operations.describe_asset(asset, AssetFacts(), by=by)
    with pytest.raises(RuleBroken, match="is retired"):
        operations.retire_asset(asset, by=by, reason="Again")


ATTEMPTS: dict[Action, Callable[[Asset, Actor], object]] = {
    DECLARE_ASSET: lambda asset, by: operations.declare_asset(by=by, kind="dataset", name="mine"),
    DESCRIBE_ASSET: lambda asset, by: operations.describe_asset(
        asset, AssetFacts(license="MIT"), by=by
    ),
    RETIRE_ASSET: lambda asset, by: operations.retire_asset(asset, by=by, reason="Because"),
}


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.auditor, scenarios.risk_officer])
@pytest.mark.parametrize("action", ATTEMPTS, ids=lambda action: action.name)
def test_only_those_who_build_and_own_models_keep_assets(
    action: Action, wrong: Callable[[], User]
) -> None:
    asset = world.asset()

    with pytest.raises(NotAllowed, match="right to declare assets"):
        ATTEMPTS[action](asset, actor(wrong()))

    assert len(refusals(action.name)) == 1
    asset.refresh_from_db()
    assert (asset.license, asset.ended_at) == ("", None)
    assert Asset.objects.count() == 1


def test_a_developer_of_one_model_declares_no_assets() -> None:
    version = scenarios.registered_version()
    zoe = person("zoe")
    operations.grant_model_duty(
        version.model, zoe, "model_developer", by=actor(scenarios.owner()), reason="Builds"
    )

    with pytest.raises(NotAllowed):
        operations.declare_asset(by=actor(zoe), kind="dataset", name="loans")


def test_a_token_declares_assets_within_its_scope(by: Actor) -> None:
    def token(scope: Scope, roots: tuple[str, ...] = ()) -> Actor:
        made, _ = create_token(
            scenarios.developer(),
            by=by,
            name="t",
            scopes={scope},
            expires_in=timedelta(days=1),
            roots=roots,
        )
        return actor_of_token(made)

    model = scenarios.registered_model()
    operations.declare_asset(by=token(Scope.REGISTER), kind="dataset", name="loans")

    for wrong in (token(Scope.READ), token(Scope.REGISTER, (model.record_ref,))):
        with pytest.raises(NotAllowed):
            operations.declare_asset(by=wrong, kind="dataset", name="more")
    assert lineage.assets_visible_to(token(Scope.READ)).count() == 1
    assert lineage.assets_visible_to(token(Scope.REGISTER)).count() == 0
    assert lineage.assets_visible_to(token(Scope.READ, (model.record_ref,))).count() == 0


# -- who sees assets


def test_assets_are_seen_by_whoever_holds_any_duty() -> None:
    asset = world.asset()
    zoe = person("zoe")
    team("Readers", zoe, everywhere=("auditor",))

    reviewer = world.reviewer_of(scenarios.registered_model())

    for sees in (actor(scenarios.auditor()), reviewer, actor(zoe)):
        assert lineage.asset_or_none(sees, asset.uid) == asset
    root = person("root", administrator=True)
    for blind in (actor(scenarios.stranger()), actor(root), WORKER, ANONYMOUS):
        assert lineage.asset_or_none(blind, asset.uid) is None
        assert not lineage.assets_visible_to(blind).exists()
