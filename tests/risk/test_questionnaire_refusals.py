"""On the page of a questionnaire a refusal is told, also where the form is gone by now."""

import pytest
from django.urls import reverse

from tests import scenarios
from tests.console.conftest import Reads
from tests.risk.questionnaire_walk import COMMITTEE, WHY, chair, proposed, published

pytestmark = pytest.mark.django_db


def test_of_two_who_decide_at_once_the_second_is_told_why_nothing_came_of_it(opens: Reads) -> None:
    version, other = proposed(), scenarios.account("gus", "Gus Governance", COMMITTEE)
    path = reverse("risk:decline_questionnaire", args=[version.pk])
    assert opens(chair(), path, {"reason": WHY}).status == 302

    page = opens(other, path, {"reason": WHY})

    assert (page.status, "is dropped by now" in page.words) == (422, True)


def test_who_neither_writes_nor_signs_is_told_so(opens: Reads) -> None:
    version = published()
    path = reverse("risk:retire_questionnaire", args=[version.pk])

    page = opens(scenarios.stranger(), path, {"reason": WHY})

    assert (page.status, "Only a risk officer or the committee" in page.words) == (422, True)
