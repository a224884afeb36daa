"""What brings a model to another tier in tests: a questionnaire that looks at its exposure only."""

from apps.catalog.models import RegisteredModel
from apps.risk.models import Assessment
from apps.risk.operations import answers, assessment_review
from tests import scenarios
from tests.factories import actor
from tests.risk import assessed
from tests.risk.questionnaire_walk import published

EXPOSURE = """\
schema_version: 1
kind: questionnaire
id: exposure-look
version: 1.0.0
title: Exposure look
summary: How much the model covers by now.
status: draft
language: en
law_as_of: 2026-11-23
subject: model
applies_when: "true"
respondents: [model_owner]
reviewers: [validator]
reassessment: {max_age_days: 365}
sections:
  - id: now
    title: Now
    questions:
      - key: band
        text: How much does it cover now?
        help: Take the last quarter.
        type: choice
        maps_to: model.exposure_band
        cites: ["House rule 1"]
        options:
          - {value: over_10, label: "Over 10 percent"}
          - {value: from_3_to_10, label: "3 to 10 percent"}
          - {value: from_1_to_3, label: "1 to 3 percent"}
          - {value: from_0_1_to_1, label: "0.1 to 1 percent"}
          - {value: under_0_1, label: "Under 0.1 percent"}
      - key: purpose
        text: What is it used for by now?
        help: Choose what matters most.
        type: choice
        maps_to: model.primary_purpose
        cites: ["House rule 2"]
        options:
          - {value: business_planning, label: "Planning"}
          - {value: customer_decision, label: "Decisions"}
          - {value: regulatory_or_financial_reporting, label: "Reporting"}
          - {value: research, label: "Research"}
      - key: words
        text: What is there to say?
        help: In your words.
        type: text
        max_length: 200
        maps_to: model.tier_rationale
        cites: ["House rule 3"]
outcomes:
  - {id: seen, label: "Seen", description: "It was looked at.", rank: 0, when: "true"}
flags: []
obligations: []
"""

PLANNING, DECIDING, RESEARCH = "business_planning", "customer_decision", "research"
USUAL = "from_0_1_to_1"


def looked_at(
    model: RegisteredModel,
    band: str = USUAL,
    purpose: str = PLANNING,
    words: str = "Low consequence.",
) -> Assessment:
    """Approve what says how much a model covers, and what for, by now."""
    if not Assessment.objects.filter(questionnaire__questionnaire_id="exposure-look").exists():
        published(EXPOSURE)
    draft = assessed.started(model, "exposure-look")
    owner, given = actor(scenarios.owner()), {"band": band, "purpose": purpose, "words": words}
    answers.answer(draft, given, by=owner, confirmed=list(given))
    assessment_review.submit_assessment(draft, by=owner)
    assessed.sign_all(draft)
    draft.refresh_from_db()
    return draft
