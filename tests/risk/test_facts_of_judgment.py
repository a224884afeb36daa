"""What policies read of assessments, tiers and obligations, and what gates make of it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.approvals import gates, in_force, policies
from apps.approvals.facts.context import Evidence
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, UseCase
from apps.core.clock import database_now
from apps.risk.facts import Judged
from apps.risk.operations import assessment_aging
from tests import scenarios
from tests.approvals.evidenced import facts, verified
from tests.approvals.walk import overwrite
from tests.risk import assessed, owing

pytestmark = pytest.mark.django_db
DEFAULT = policies.shipped("default")
CREDIT = "eu-credit-scoring-bank"


def told(version: ModelVersion) -> dict[str, Any]:
    found: dict[str, Any] = facts(version, policy=DEFAULT)
    return found


def use_in(version: ModelVersion, title: str) -> UseCase:
    """Return another use of the model of a version."""
    return assessed.use(version.model, title)


def test_a_model_nobody_assessed_has_no_tier() -> None:
    found = told(scenarios.registered_version())
    assert (found["model"]["tier"], found["model"]["tier_age_days"]) == (0, -1)
    assert found["assessments"][assessed.TIERING]["status"] == "none"
    assert found["obligations"] == {"open_blocking": 0, "open_total": 0}


def test_a_tier_is_read_once_it_is_approved_and_another_once_signed() -> None:
    version = scenarios.registered_version(owing.tiered())
    found = told(version)
    assert (found["model"]["tier"], found["model"]["tier_age_days"]) == (4, 0)
    assert found["assessments"][assessed.TIERING]["outcome"] == "tier_4"

    owing.granted(version.model, 2)

    assert told(version)["model"]["tier"] == 2


def test_what_went_stale_shows_as_expired() -> None:
    approved = assessed.approved()
    version = scenarios.registered_version(approved.model)
    assessment_aging.make_stale(approved, why="It changed.")
    assert told(version)["assessments"][assessed.TIERING]["status"] == "expired"


def test_the_weakest_of_several_uses_counts() -> None:
    use = assessed.described_use()
    version = scenarios.registered_version(use.model)
    assessed.approved(use, CREDIT)
    one = told(version)["assessments"][assessed.EU]
    assert (one["status"], one["outcome"]) == ("approved", "high_risk_annex_iii")

    use_in(version, "Another")

    both = told(version)["assessments"][assessed.EU]
    assert (both["status"], both["outcome"]) == ("none", "high_risk_annex_iii")
    assert both["flags"] == one["flags"] != []


def test_evidence_closes_an_obligation_by_being_there() -> None:
    version = scenarios.registered_version(owing.tiered(assessed.HEAVY))
    before = told(version)["obligations"]["open_total"]
    refs = version.model.obligations.filter(kind="evidence").values_list("ref", flat=True)
    of_version = [one.id for one in DEFAULT.evidence_types if one.binds_to == "version"]
    wanted = next(ref for ref in refs if ref in of_version)

    verified(version, wanted)

    assert before - told(version)["obligations"]["open_total"] == list(refs).count(wanted)


def test_open_obligations_that_bind_close_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    version = scenarios.registered_version(owing.tiered(assessed.HEAVY))
    overwrite(version, stage=Stage.STAGING)
    monkeypatch.setattr(in_force, "policy", lambda: DEFAULT)

    seen = gates.foresee(version, Stage.PRODUCTION, asked_by="usr_1", at=database_now())

    assert told(version)["obligations"]["open_blocking"] > 0
    assert "obligations_closed" in {closed.gate for closed in seen.closed}
    assert "governance_committee" in {slot.rule.role for slot in seen.slots}


def test_evidence_about_one_use_closes_nothing_of_another() -> None:
    use = assessed.described_use()
    version = scenarios.registered_version(use.model)
    assessed.approved(use, CREDIT)
    before = told(version)["obligations"]["open_total"]

    verified(use_in(version, "Another"), "classification_rationale")
    assert told(version)["obligations"]["open_total"] == before

    verified(use, "classification_rationale")
    assert told(version)["obligations"]["open_total"] == before - 1


def test_it_is_one_query_however_much_there_is() -> None:
    models = [owing.tiered(), owing.tiered(assessed.HEAVY)]
    with CaptureQueriesContext(connection) as captured:
        Judged.of([one.pk for one in models])
    assert len(captured) == 1
    assert Judged.of([]).assessments == {}
    versions = [scenarios.registered_version(one) for one in models]
    evidence = Evidence.about(versions, DEFAULT)
    assert [evidence.judged.tier(one.pk, database_now()).tier for one in models] == [4, 1]
