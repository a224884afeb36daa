"""Facts about checks, evidence, documents, validation and monitoring follow what people did."""

from collections.abc import Callable

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.approvals import policies
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion
from apps.validation import operations as validation
from apps.validation import queries
from tests import scenarios
from tests.approvals.evidenced import (
    DEFAULT,
    approved,
    author,
    examined,
    facts,
    given,
    in_days,
    report,
    verified,
)
from tests.approvals.gates import policy_with
from tests.approvals.walk import overwrite, run_again
from tests.factories import HOST, actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _validators() -> None:
    """Two of them, outside the owner's unit: one writes reports, the other signs them."""
    for name in ("vera", "victor"):
        person(name, everywhere=("validator",), org_unit="model-risk")


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version()


# -- checks


def test_a_scan_counts_while_it_is_fresh(version: ModelVersion) -> None:
    found = facts(version)["version"]
    assert (found["scan_status"], found["scan_age_days"]) == ("not_run", -1)
    examined(version, "unsafe-code")
    found = facts(version, in_days(3))["version"]
    assert (found["scan_status"], found["scan_age_days"]) == ("clean", 3)

    overwrite(version, content_digest="sha256:" + "f" * 64)

    assert facts(version)["version"]["scan_status"] == "not_run"


def test_a_flagged_scan_says_so() -> None:
    version = scenarios.registered_version(files={"model.pkl": b"cos\nsystem\n(S'id'\ntR."})
    examined(version, "unsafe-code")
    assert facts(version)["version"]["scan_status"] == "flagged"


def test_signature_and_lineage_are_those_the_checks_found(version: ModelVersion) -> None:
    examined(version, "model-signature", "lineage")
    found = facts(version)["version"]
    assert found["signature_status"] == "missing"
    assert found["lineage_complete"] is False  # its code is not recorded


def test_a_bill_of_materials_is_one_the_check_read_or_somebody_verified(
    version: ModelVersion,
) -> None:
    examined(version, "bill-of-materials")
    assert facts(version)["version"]["bom_present"] is False

    verified(version, "bill_of_materials")

    assert facts(version)["version"]["bom_present"] is True


def test_a_check_is_told_by_its_newest_run(version: ModelVersion) -> None:
    assert facts(version)["checks"]["schema"]["status"] == "none"
    run_again(version, "schema")
    run_again(version, "schema")
    assert facts(version)["checks"]["schema"] == {"status": "passed", "age_days": 0, "fresh": True}


# -- evidence items


def test_evidence_counts_once_it_is_verified_and_until_it_is_too_old(
    version: ModelVersion,
) -> None:
    item = given(version, "red_team_report")
    assert facts(version)["evidence"]["red_team_report"] == {
        "valid": 0,
        "submitted": 1,
        "newest_age_days": -1,
    }
    validation.verify_evidence(item, by=actor(scenarios.validator()))
    assert facts(version)["evidence"]["red_team_report"]["valid"] == 1
    assert facts(version, in_days(179))["evidence"]["red_team_report"]["valid"] == 1
    assert facts(version, in_days(181))["evidence"]["red_team_report"]["valid"] == 0


def test_a_policy_may_let_evidence_age_sooner(version: ModelVersion) -> None:
    verified(version, "red_team_report")

    def sooner(document: dict[str, list[dict[str, object]]], gate: object) -> None:
        document["evidence_types"] = [
            {"id": "red_team_report", "title": "R", "binds_to": "version", "max_age_days": 7},
            {"id": "house_memo", "title": "Memo", "binds_to": "model", "max_age_days": 0},
        ]

    policy = policy_with(sooner)
    assert facts(version, in_days(6), policy)["evidence"]["red_team_report"]["valid"] == 1
    assert facts(version, in_days(8), policy)["evidence"]["red_team_report"]["valid"] == 0
    assert facts(version, policy=policy)["evidence"]["house_memo"]["valid"] == 0


def test_a_rollback_test_is_evidence(version: ModelVersion) -> None:
    assert facts(version)["production"]["rollback_test_age_days"] == -1
    verified(version.model, "rollback_test_record")
    assert facts(version, in_days(2))["production"]["rollback_test_age_days"] == 2


# -- documents and validation


def test_documents_are_told_at_the_tier_the_model_is_gated_at(version: ModelVersion) -> None:
    card = validation.start_document(version, "model-card", by=actor(scenarios.developer()))
    before = facts(version)["documents"]["model-card"]
    assert before["status"] == "draft"
    validation.save_section(
        card, "identification", {"summary": "Ranks."}, by=actor(scenarios.developer())
    )

    after = facts(version)["documents"]["model-card"]

    assert after["completeness"] > before["completeness"] > 0
    assert set(before["missing_required"]) - set(after["missing_required"]) == {"summary"}


def test_a_draft_reads_at_a_glance_as_it_does_on_its_page(version: ModelVersion) -> None:
    dev = actor(scenarios.developer())
    validation.start_document(version, "model-card", by=dev)
    validation.start_document(version, "validation-report", by=actor(author()))
    validation.start_document(version.model, "decommissioning-record", by=actor(scenarios.owner()))
    verified(version, "performance_test_report")

    assert facts(version)["documents"] == queries.document_facts(version, 1)


def test_a_validation_is_completed_once_its_report_is_approved(version: ModelVersion) -> None:
    assert facts(version)["validation"]["status"] == "none"
    document = report(version)
    assert facts(version)["validation"]["status"] == "in_progress"
    approved(document)
    found = facts(version, in_days(10))["validation"]

    assert found == {
        "status": "completed",
        "outcome": "approved",
        "independent": True,
        "digest_matches": True,
        "age_days": 10,
        "open_conditions": 0,
        "overdue_conditions": 0,
    }
    overwrite(version, content_digest="sha256:" + "f" * 64)
    assert facts(version)["validation"]["digest_matches"] is False


def test_conditions_of_a_validation_are_open_and_run_out(version: ModelVersion) -> None:
    later, sooner = in_days(30).date().isoformat(), in_days(3).date().isoformat()
    approved(
        report(
            version,
            opinion="approved_with_conditions",
            conditions=[
                ["Retrain", "Dev", later, ""],
                ["Document", "Dev", sooner, ""],
                ["Whenever", "Dev", "soon", ""],
            ],
        )
    )
    found = facts(version)["validation"]
    assert found["outcome"] == "approved_with_conditions"
    assert (found["open_conditions"], found["overdue_conditions"]) == (3, 1)
    assert facts(version, in_days(5))["validation"]["overdue_conditions"] == 2


def _contributor(version: ModelVersion, victor: User) -> None:
    overwrite(version, contributors=[victor.record_id])


def _owner_once(version: ModelVersion, victor: User) -> None:
    risk = actor(scenarios.risk_officer())
    duty = catalog.grant_model_duty(
        version.model, victor, "model_owner", by=risk, reason="Stands in"
    )
    catalog.end_model_duty(duty, by=risk, reason="Back")


@pytest.mark.parametrize("become", [_contributor, _owner_once])
def test_who_built_or_owned_it_did_not_validate_independently(
    version: ModelVersion, become: Callable[[ModelVersion, User], None]
) -> None:
    approved(report(version))
    assert facts(version)["validation"]["independent"] is True

    become(version, author())

    assert facts(version)["validation"]["independent"] is False


def below(manager: User, username: str) -> User:
    """Create a person of model risk who reports to somebody."""
    return accounts.create_user(
        by=HOST,
        username=username,
        display_name=username,
        password=None,
        org_unit="model-risk",
        manager=manager,
    )


def test_a_validator_of_the_owners_line_is_not_independent_where_the_policy_says_so() -> None:
    olivia = person("olivia", everywhere=("model_owner",), org_unit="retail")
    friend = below(below(olivia, "head"), "friend")
    accounts.grant_duty(friend, "validator", by=HOST, reason="Needed by a test")
    version = scenarios.registered_version(scenarios.registered_model(owner=olivia))
    approved(report(version, actor(friend)), actor(friend))
    starter = policies.shipped("starter")

    assert facts(version, policy=starter)["validation"]["independent"] is True

    assert facts(version, policy=DEFAULT)["validation"]["independent"] is False


# -- monitoring


def test_monitoring_is_told_from_its_series_and_a_verified_plan(version: ModelVersion) -> None:
    assert facts(version)["monitoring"]["status"] == "none"
    breach = scenarios.breach(version.model)
    verified(version.model, "monitoring_plan")
    found = facts(version)["monitoring"]
    assert (found["configured"], found["plan_approved"], found["status"]) == (True, True, "red")
    assert (found["metrics_with_thresholds"], found["open_breaches"]) == (1, 1)
    assert found["last_report_age_days"] > 0

    validation.acknowledge_breach(breach, by=actor(scenarios.owner()), reason="Known")

    assert facts(version)["monitoring"]["open_breaches"] == 0
