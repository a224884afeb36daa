"""What a questionnaire cannot work out it says, and the answers can be changed."""

from http import HTTPStatus

import pytest
from django.test import Client

from apps.core.errors import DomainError
from apps.risk.operations import answers, assessment_review
from tests import scenarios
from tests.factories import actor, signed_in
from tests.risk import assessed, questionnaire_walk
from tests.risk.questionnaire_texts import changed

pytestmark = pytest.mark.django_db

PER_HEAD = """\
  - key: per_head
    type: number
    expr: "answers.people == null ? 0.0 : 100.0 / double(answers.people)"
outcomes:
"""
DIVIDES = changed(('applies_when: "subject.is_ai == true"\n', ""), ("outcomes:\n", PER_HEAD))


def test_an_answer_nothing_can_be_worked_out_from_can_be_given_anew(client: Client) -> None:
    questionnaire_walk.published(DIVIDES)
    draft = assessed.started(kind="house-check")
    assessed.say(draft, reach="low", uses=["credit"], people="0")
    by = actor(scenarios.owner())
    owner = signed_in(client, scenarios.owner())

    with pytest.raises(DomainError, match="divides by zero"):
        assessment_review.submit_assessment(draft, by=by)
    answer = owner.get(draft.get_absolute_url())
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "cannot work out the variable per_head" in answer.content.decode()

    answers.answer(draft, {"people": "4"}, by=by)
    assessment_review.submit_assessment(draft, by=by)
