"""What was recorded since an assessment was approved makes it stale, once, where it asks for it."""

from typing import Any

import pytest
from celery import current_app
from django.conf import settings

from apps.approvals import tasks as approvals_tasks
from apps.catalog import operations as catalog
from apps.catalog.models import Asset, RegisteredModel, Relation
from apps.core.clock import database_now
from apps.risk import observed, tasks
from apps.risk.models import Assessment
from apps.risk.operations import assessment_aging
from apps.risk.questionnaires import SHIPPED, shipped
from apps.validation.models import Breach
from tests import scenarios
from tests.approvals import policy_walk
from tests.approvals.walk import entries
from tests.catalog.lineage import world
from tests.factories import actor
from tests.risk import assessed, owing
from tests.risk.found import incident

pytestmark = pytest.mark.django_db

GENERATIVE = "genai-policy-assistant-low"
ROADMAP = "airmf-tier4-initial"


def generative_model() -> RegisteredModel:
    return scenarios.registered_model(flags=["is_ai", "is_generative"])


def why(assessment: Assessment) -> str:
    """Return why an assessment is stale after the worker looked, empty when it is not."""
    assessment_aging.make_overtaken_stale()
    assessment.refresh_from_db()
    return str(assessment.stale_because)


def test_an_incident_outdates_a_tiering_once() -> None:
    held = assessed.approved()
    assert why(held) == ""

    incident(held.model)

    assert why(held) == "An incident was reported: Loans were refused."
    assert assessment_aging.make_overtaken_stale() == 0
    [told] = entries("assessment.make_stale")
    assert told["subject"]["id"] == held.record_id


def test_what_happened_before_the_approval_was_known_to_who_approved() -> None:
    model = scenarios.registered_model()
    incident(model)
    scenarios.breach(model)
    assessed.use(model)
    scenarios.registered_version(model, change_class="material")

    assert why(assessed.approved(model)) == ""


def test_what_happens_to_another_model_outdates_nothing() -> None:
    held = assessed.approved()

    incident(scenarios.registered_model())

    assert why(held) == ""


def test_a_new_use_outdates_a_tiering_while_it_goes_on() -> None:
    held = assessed.approved()
    lending = assessed.use(held.model, "Lending abroad")

    assert observed.since_approval([held]) == {held.pk: "A use was added since: Lending abroad."}
    catalog.end_use_case(lending, by=actor(scenarios.owner()), reason="Never begun")

    assert why(held) == ""


@pytest.mark.parametrize(("change_class", "is_stale"), [("material", True), ("minor", False)])
def test_only_a_material_change_outdates(change_class: str, is_stale: bool) -> None:
    held = assessed.approved()

    version = scenarios.registered_version(held.model, change_class=change_class)

    told = f"{version} was registered as a material change." if is_stale else ""
    assert why(held) == told


def test_monitoring_that_goes_red_outdates_and_is_told_by_its_metric() -> None:
    held = assessed.approved()

    breach: Breach = scenarios.breach(held.model)

    assert breach.band == Breach.Level.RED
    assert why(held) == "Monitoring went red: auc."


def test_another_tier_outdates_what_was_evaluated_at_the_one_before() -> None:
    model = generative_model()
    assessed.approved(model)
    roadmap = assessed.approved(model, ROADMAP)
    assert why(roadmap) == ""

    override = owing.asked(model, 2)
    owing.sign(override, owing.officer(), "risk_officer")
    owing.sign(override, owing.committee(), "governance_committee")

    assert why(roadmap) == "The model was at tier 4 then, and is at tier 2 now."


def test_another_base_model_outdates_and_the_same_in_a_newer_version_does_not() -> None:
    use = assessed.use(generative_model())
    first, second = (
        scenarios.registered_version(use.model),
        scenarios.registered_version(use.model, {"model.onnx": b"another"}),
    )
    llm, other = (world.asset(name, Asset.Kind.BASE_MODEL, version="1") for name in ("llm", "fm"))
    world.edge(llm, first, Relation.DERIVED_FROM)
    held = assessed.approved(use, GENERATIVE)

    world.edge(llm, second, Relation.DERIVED_FROM)
    assert why(held) == ""
    world.edge(other, second, Relation.DERIVED_FROM)

    assert why(held) == "Another base model was declared: fm 1."


def test_a_policy_of_another_meaning_outdates_and_a_small_step_does_not() -> None:
    held = assessed.approved()
    policy_walk.published(number="1.0.1")
    approvals_tasks.outdate_by_policy()
    held.refresh_from_db()
    assert held.stale_at is None

    newer = policy_walk.published(number="2.0.0")
    approvals_tasks.outdate_by_policy()
    held.refresh_from_db()

    assert held.stale_because == f"The policy {newer} came in force."
    again = assessed.approved(held.model)
    approvals_tasks.outdate_by_policy()
    again.refresh_from_db()
    assert again.stale_at is None


def test_everything_the_worker_sees_is_asked_for_by_a_questionnaire_that_comes_with_signet() -> (
    None
):
    asked = {trigger for name in SHIPPED for trigger in shipped(name).triggers}

    assert set(observed.READERS) <= asked
    assert "policy_change" in asked


def test_all_that_judgment_does_by_itself_is_rung_for() -> None:
    scheduled = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    sweeps = {name for name in current_app.tasks if name.startswith("risk.")}

    assert sweeps - {"risk.carry_out_campaign"} <= scheduled


def test_the_sweep_takes_as_many_queries_for_many_assessments_as_for_one(
    django_assert_max_num_queries: Any,
) -> None:
    held = [assessed.approved(scenarios.registered_model())]
    observed.since_approval(held)
    with django_assert_max_num_queries(8) as few:
        observed.since_approval(held)
    held += [assessed.approved(scenarios.registered_model()) for _ in range(3)]
    with django_assert_max_num_queries(8) as many:
        observed.since_approval(held)

    assert len(few) == len(many)


def test_the_task_looks_by_itself() -> None:
    held = assessed.approved()
    incident(held.model)

    tasks.make_overtaken_stale()

    held.refresh_from_db()
    assert held.stale_at is not None
    assert held.stale_at <= database_now()
