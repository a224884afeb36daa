"""What the record knows by an id is told by the name people know, with the page that shows it."""

from typing import Any

import pytest

from apps.console.queries.named import Named
from apps.console.queries.names import Names
from apps.validation import operations as validation
from tests import scenarios
from tests.approvals import policy_walk
from tests.factories import actor
from tests.risk import assessed, found, owing, reviewed

pytestmark = pytest.mark.django_db


def _named(row: Any) -> Named:
    ref = f"{row.record_word}:{row.record_id}"
    return Names.of((), ref).of_ref(ref)


def test_what_is_judged_is_called_by_its_name() -> None:
    assessment = assessed.approved(example_id=assessed.HEAVY)
    model = assessment.model
    lighter = owing.tiered()
    override = owing.asked(lighter, 3)
    owed = model.obligations.first()
    finding, incident = found.raised(model), found.incident(model)
    review = reviewed.planned(model)

    assert owed is not None
    for row, label in (
        (assessment, f"Model risk tiering: {model}"),
        (assessment.questionnaire, str(assessment.questionnaire)),
        (owed, f"{owed.title} ({model})"),
        (override, f"{override} of {lighter}"),
        (finding, finding.title),
        (incident, incident.title),
        (review, f"Periodic review of {model}"),
    ):
        assert _named(row) == Named(label, row.get_absolute_url())


def test_a_campaign_and_what_it_asks_of_a_model_lead_to_the_campaign() -> None:
    model = scenarios.registered_model()
    campaign = reviewed.running()
    entry = campaign.entries.get()

    assert _named(campaign) == Named("Autumn", campaign.get_absolute_url())
    assert _named(entry) == Named(f"{model} in Autumn", campaign.get_absolute_url())


def test_a_document_and_a_policy_are_called_by_their_titles() -> None:
    version = scenarios.registered_version()
    by = actor(scenarios.developer())
    document = validation.start_document(version, "model-card", by=by)
    policy = policy_walk.drafted()

    assert _named(document) == Named(f"Model card of {version}", document.get_absolute_url())
    assert _named(policy) == Named(str(policy), policy.get_absolute_url())


def test_what_nobody_knows_by_a_name_keeps_its_id() -> None:
    assert Names.of(()).of_ref("review:rvw_99") == Named("rvw_99")
    assert Names.of((), "review:rvw_99").of_ref("review:rvw_99") == Named("rvw_99")
