"""What reviewers approve was confirmed by a person, and rests on evidence that stands."""

import pytest

from apps.catalog import operations as catalog
from apps.core.errors import RuleBroken
from apps.risk.models import Assessment
from apps.risk.operations import answers, assessment_review, attachments
from apps.validation import operations as validation
from tests import scenarios
from tests.factories import actor
from tests.risk import assessed, questionnaire_walk
from tests.risk.questionnaire_texts import changed

pytestmark = pytest.mark.django_db

_LAST = '        cites: ["House rule 3"]\n'
_BOUNDS = """\
      - key: bounds
        text: Within which bounds is it run?
        help: In your words.
        type: text
        visible_when: "subject.eu_in_scope == true"
        maps_to: model.operating_boundaries
        cites: ["House rule 10"]
"""
IN_EUROPE = changed(('applies_when: "subject.is_ai == true"\n', ""), (_LAST, _LAST + _BOUNDS))
"""A questionnaire that asks one more thing of models in Europe, which the inventory may know."""


def test_evidence_withdrawn_before_anybody_signed_keeps_it_from_approval() -> None:
    by = actor(scenarios.owner())
    draft = assessed.answered()
    memo = assessed.item(draft.model)
    attachments.attach_evidence(draft, "purpose", memo, by=by)
    assessment_review.submit_assessment(draft, by=by)
    validation.withdraw_evidence(memo, by=by, reason="Wrong file")
    reviewer = assessed.reviewer("validator")

    with pytest.raises(RuleBroken, match=r"was withdrawn or not accepted.* Send it back\."):
        assessed.sign(draft, reviewer, "validator")
    assessed.sign(draft, reviewer, "validator", assessed.SEND_BACK)

    draft.refresh_from_db()
    assert draft.state == Assessment.State.DRAFT


def test_what_is_asked_only_since_it_was_submitted_is_confirmed_before_it_is_approved() -> None:
    questionnaire_walk.published(IN_EUROPE)
    model = scenarios.registered_model()
    catalog.record_values(
        model, {"operating_boundaries": "At night"}, by=actor(scenarios.developer())
    )
    draft = assessed.started(model, "house-check")
    assessed.say(draft, reach="low", uses=["credit"])
    assessment_review.submit_assessment(draft, by=actor(scenarios.owner()))
    assessed.in_eu(model)
    waiting = Assessment.objects.get(pk=draft.pk)

    with pytest.raises(RuleBroken, match=r"Confirm or change .* Send it back\."):
        assessed.sign(waiting, scenarios.risk_officer(), "risk_officer")

    draft.refresh_from_db()
    assert draft.state == Assessment.State.SUBMITTED


def test_a_note_shows_reviewers_its_words_in_the_order_it_holds_them() -> None:
    draft = assessed.started()

    with pytest.raises(RuleBroken, match="in another order"):
        answers.answer(draft, {}, notes={"purpose": "Not \u202eefas"}, by=actor(scenarios.owner()))

    assert not draft.answers.exists()
