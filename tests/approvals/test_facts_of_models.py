"""Facts about models, versions, uses and lineage are what their records say."""

from typing import Any

import pytest

from apps.accounts import operations as accounts
from apps.approvals.facts.context import Evidence
from apps.catalog import operations
from apps.catalog.inventory import sheets
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Asset, ModelVersion, Relation
from apps.core.clock import database_now
from tests import scenarios
from tests.approvals.evidenced import DEFAULT, facts, verified
from tests.approvals.walk import WHY, overwrite
from tests.catalog.inventory.walk import by_pipeline, third_party, use_case
from tests.catalog.lineage import world
from tests.factories import HOST, actor, person, team

pytestmark = pytest.mark.django_db

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def record(subject: Any, role: str, **values: Any) -> None:
    """Record inventory values as a holder of a role."""
    operations.record_values(subject, values, by=actor(scenarios.account(role, role, role)))


def test_a_model_says_who_owns_it_and_what_it_is_for() -> None:
    olivia = person("olivia", name="Olivia Owner", everywhere=("model_owner",), org_unit="retail")
    version = scenarios.registered_version(
        scenarios.registered_model(owner=olivia, limitations="Adults only.")
    )
    found = facts(version)["model"]
    assert found["owner_id"] == olivia.record_id
    assert (found["owner_active"], found["owner_org_unit"]) == (True, "retail")
    assert found["intended_use"] == "Decides nothing."
    assert found["limitations_recorded"] is True

    accounts.close_account(olivia, by=HOST, reason=WHY)

    assert facts(version)["model"]["owner_active"] is False


def test_whoever_ever_answered_for_a_model_stays_an_owner_of_it() -> None:
    version = scenarios.registered_version()
    late, member = person("late"), person("member")
    risk = actor(scenarios.risk_officer())
    for holder in (late, team("Owners", member)):
        duty = operations.grant_model_duty(
            version.model, holder, "model_owner", by=risk, reason=WHY
        )
        operations.end_model_duty(duty, by=risk, reason=WHY)
    operations.grant_model_duty(version.model, person("dora"), "operator", by=risk, reason=WHY)

    owners = facts(version)["model"]["past_owner_ids"]

    assert set(owners) == {scenarios.owner().record_id, late.record_id, member.record_id}


def test_a_trait_counts_once_it_is_recorded() -> None:
    version = scenarios.registered_version()
    assert facts(version)["model"]["is_generative"] is False
    operations.describe_model(
        version.model, by=actor(scenarios.owner()), flags=["is_generative", "affects_individuals"]
    )
    record(version.model, "compliance_officer", gxp=True, eu_in_scope=False)
    third_party(version.model)

    found = facts(version)["model"]

    assert found["is_generative"]
    assert found["affects_individuals"]
    assert found["gxp"]
    assert found["is_third_party"]
    assert not found["eu_in_scope"]


def test_missing_fields_are_those_of_the_tier_it_is_gated_at() -> None:
    version = scenarios.registered_version()
    evidence = Evidence.about([version], DEFAULT)
    before = facts(version)["model"]["missing_required_fields"]
    assert before == list(
        dict.fromkeys(gap.path for gap in evidence.missing(version, at=database_now()))
    )
    assert "model.business_line" in before
    assert "version.summary_of_change" in before

    operations.record_values(version.model, {"business_line": "Cards"}, by=actor(scenarios.owner()))

    assert set(before) - set(facts(version)["model"]["missing_required_fields"]) == {
        "model.business_line"
    }


def test_a_version_says_what_its_sheet_and_its_row_do() -> None:
    version = scenarios.registered_version(
        code_repository="https://git.example/credit", code_commit=COMMIT, change_class="minor"
    )
    found = facts(version)["version"]
    assert found["code_ref_pinned"] is True
    assert found["change_class"] == "minor"
    assert found["contributors"] == [scenarios.developer().record_id]
    assert found["metrics_with_dataset"] == 2
    assert found["tests_status"] == "not_run"

    operations.record_values(version, {"tests_status": "failed"}, by=by_pipeline())
    record(version, "legal_counsel", license_status="cleared")
    record(version, "validator", reproducibility="reproduced")
    record(version, "peer_reviewer", peer_review="Review 12")

    found = facts(version)["version"]
    assert (found["tests_status"], found["license_status"]) == ("failed", "cleared")
    assert (found["reproducibility"], found["peer_reviewed"]) == ("reproduced", True)


@pytest.mark.parametrize(
    "given",
    [
        {"code_commit": COMMIT},
        {"code_repository": "https://git.example/credit", "code_commit": COMMIT[:7]},
        {
            "code_repository": "https://git.example/credit",
            "code_commit": COMMIT,
            "code_is_dirty": True,
        },
    ],
    ids=["no repository", "part of a commit", "changes no commit holds"],
)
def test_code_that_others_cannot_find_again_is_not_pinned(given: dict[str, Any]) -> None:
    version = scenarios.registered_version(**given)
    assert facts(version)["version"]["code_ref_pinned"] is False


def test_a_base_model_is_pinned_once_each_one_has_a_mark() -> None:
    version = scenarios.registered_version()
    assert facts(version)["version"]["base_model_pinned"] is False
    base = world.asset("llm", Asset.Kind.BASE_MODEL, version="2026-01")
    world.edge(base, version, Relation.DERIVED_FROM)
    assert facts(version)["version"]["base_model_pinned"] is True

    loose = world.asset("another", Asset.Kind.BASE_MODEL)
    world.edge(loose, version, Relation.DERIVED_FROM)

    assert facts(version)["version"]["base_model_pinned"] is False


def test_a_use_is_unapproved_and_without_overseers_until_its_record_says_else() -> None:
    version = scenarios.registered_version()
    assert facts(version)["uses"] == {
        "active": 0,
        "unapproved": 0,
        "human_oversight_assigned": False,
        "transparency_required": False,
    }
    use, ended = use_case(version.model, "One"), use_case(version.model, "Two")
    operations.end_use_case(ended, by=actor(scenarios.owner()), reason=WHY)
    found = facts(version)["uses"]
    assert (found["active"], found["unapproved"]) == (1, 1)

    record(use, "human_oversight_lead", overseers=[scenarios.owner().record_id])

    assert facts(version)["uses"]["human_oversight_assigned"] is True


def test_the_digest_of_an_inventory_is_the_same_from_rows_read_with_a_version() -> None:
    version = scenarios.registered_version()
    by = actor(scenarios.owner())
    assert digests(version) == (None, None)
    third_party(version.model)
    gone, _ = use_case(version.model, "One"), use_case(version.model, "Two")
    operations.end_use_case(gone, by=by, reason=WHY)
    operations.record_values(version.model, {"business_line": "Cards"}, by=by)
    record(version, "peer_reviewer", peer_review="Review 12")

    read, loaded = digests(version)

    assert read == loaded is not None


def digests(version: ModelVersion) -> tuple[str | None, str | None]:
    """Return the digest of a version's inventory, read for it and as it was read with facts."""
    records = Evidence.about([version], DEFAULT).records
    return sheets.inventory_digest(version), records.inventory_digest(version)


def test_lineage_says_what_is_needed_and_who_relies_on_it() -> None:
    version, other = scenarios.registered_version(), scenarios.registered_version()
    board = world.asset("board", Asset.Kind.DASHBOARD)
    features = world.asset("features", Asset.Kind.FEATURE_VIEW)
    data = world.asset("loans")
    world.edge(other, version, Relation.FEEDS)
    world.edge(version, board, Relation.USES)
    world.edge(features, version, Relation.READS)
    world.edge(data, version, Relation.TRAINED_ON)
    found = facts(version)["dependencies"]
    assert (found["upstream_unapproved"], found["downstream_active"]) == (1, 1)
    assert facts(other)["dependencies"]["downstream_active"] == 1
    assert found["downstream_notified"] is False

    by = actor(scenarios.developer())
    for one in (board, features, data):
        operations.retire_asset(one, by=by, reason=WHY)
    verified(version.model, "consumer_notification_record")
    overwrite(other, stage=Stage.PRODUCTION)

    found = facts(version)["dependencies"]
    assert found["upstream_unapproved"] == 1  # the features; data is not needed any more
    assert found["downstream_active"] == 0
    assert found["downstream_notified"] is True


def test_versions_of_one_model_do_not_count_for_each_other() -> None:
    first = scenarios.registered_version()
    second = scenarios.registered_version(first.model)
    world.edge(first, second, Relation.DERIVED_FROM)
    assert facts(second)["dependencies"]["upstream_unapproved"] == 0
    assert facts(first)["dependencies"]["downstream_active"] == 0
