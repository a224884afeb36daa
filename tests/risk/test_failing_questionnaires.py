"""What a questionnaire cannot work out it says, and keeps no answers that bring it there."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.risk.answering import Sheet
from apps.risk.operations import answers, assessment_review
from apps.risk.questionnaires.evaluation import EvaluationFailed
from tests import scenarios
from tests.factories import actor, signed_in
from tests.risk import assessed, questionnaire_walk
from tests.risk.questionnaire_texts import changed
from tests.risk.test_assessment_conflicts import form_in

pytestmark = pytest.mark.django_db

PER_HEAD = """\
  - key: per_head
    type: number
    expr: "answers.people == null ? 0.0 : 100.0 / double(answers.people)"
outcomes:
"""
DIVIDES = changed(('applies_when: "subject.is_ai == true"\n', ""), ("outcomes:\n", PER_HEAD))


CANNOT = "cannot work out the variable per_head. It divides by zero."


def test_an_answer_nothing_can_be_worked_out_from_is_not_kept(client: Client) -> None:
    questionnaire_walk.published(DIVIDES)
    draft = assessed.started(kind="house-check")
    by = actor(scenarios.owner())
    owner = signed_in(client, scenarios.owner())
    all_of_it: dict[str, Any] = {"reach": "low", "uses": ["credit"], "people": "0"}

    with pytest.raises(EvaluationFailed, match=CANNOT):
        assessed.say(draft, **all_of_it)
    with pytest.raises(EvaluationFailed, match=CANNOT):
        answers.answer_at_once(draft, all_of_it, by=by, notes={}, seen={})
    page = owner.get(draft.get_absolute_url())
    assert page.status_code == HTTPStatus.OK
    assert draft.answers.count() == 0

    assessed.say(draft, **all_of_it | {"people": "4"})
    assessment_review.submit_assessment(draft, by=by)


def test_its_page_says_so_and_keeps_what_was_typed(client: Client) -> None:
    questionnaire_walk.published(DIVIDES)
    draft = assessed.started(kind="house-check")
    section = Sheet.of(draft).questionnaire.sections[0]
    address = reverse("risk:assessment_section", args=[draft.pk, section.id])
    owner = signed_in(client, scenarios.owner())

    form = form_in(owner.get(address).content.decode())
    answer = owner.post(address, form | {"a-people": "0", "a-reach": "low"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    shown = answer.content.decode()
    assert CANNOT in shown
    assert 'value="0"' in shown
    assert draft.answers.count() == 0
