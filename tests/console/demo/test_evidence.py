"""Evidence and monitoring of the demo, told about a version that needs no training."""

import pytest

from apps.catalog.models import ModelVersion
from apps.console.demo import evidence, people
from apps.console.demo.walk import Walk
from apps.core.clock import database_now
from apps.validation.evidence import queries
from apps.validation.models import Breach
from apps.validation.monitoring import queries as monitoring
from tests import scenarios
from tests.factories import actor


@pytest.fixture
def version(db: None) -> ModelVersion:
    password = people.new_password()
    made = people.create(password)
    walk = Walk(made, password, lambda said: None)
    developer = actor(made[people.DEVELOPER])
    model = scenarios.registered_model("triage", by=developer, owner=made[people.OWNER])
    version = scenarios.registered_version(model, by=developer)
    evidence.give(walk, version)
    evidence.watch(walk, version)
    return version


def test_a_report_and_a_plan_are_verified_and_one_report_waits(version: ModelVersion) -> None:
    given = queries.evidence_counted([version], database_now())[version.pk]

    assert (given["performance_test_report"].verified, given["monitoring_plan"].verified) == (1, 1)
    assert given["explainability_report"].unverified == 1


def test_recall_is_back_in_green_after_a_breach_somebody_answered_for(
    version: ModelVersion,
) -> None:
    facts = monitoring.monitoring_facts(version, database_now())

    assert facts == {
        "plan_approved": True,
        "configured": True,
        "metrics_with_thresholds": 1,
        "status": "green",
        "last_report_age_days": 0,
        "open_breaches": 0,
    }
    breach = Breach.objects.get()
    assert (breach.band, breach.value, breach.acknowledged_at is not None) == ("red", 0.91, True)
