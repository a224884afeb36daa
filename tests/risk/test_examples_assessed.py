"""Every shipped example, answered, submitted and signed by the real operations."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.audit import changes
from apps.catalog.models import RegisteredModel
from apps.risk import subjects
from apps.risk.answering import Sheet, Subject
from apps.risk.models import Assessment
from apps.risk.operations import answers, assessment_review
from apps.risk.questionnaires import Questionnaire, shipped
from tests import scenarios
from tests.factories import actor
from tests.risk.assessed import as_sent, as_text, example, sign_all, started, use
from tests.risk.questionnaire_texts import EXAMPLES

pytestmark = pytest.mark.django_db

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
ALL = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
FEW = (
    "airmf-tier1-managed",
    "eu-hr-date-extractor-derogated",
    "genai-mailbox-agent-critical",
    "tier-capital-scorecard-floor",
    "tier-fee-calculator-not-model",
    "tier-vendor-aml-floor",
)


def test_there_are_as_many_examples_as_the_release_ships() -> None:
    assert len(ALL) == 34
    assert set(FEW) <= set(ALL)


@pytest.mark.parametrize("example_id", ALL if LONG else FEW)
def test_an_example_comes_to_what_it_expects(
    example_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = example(example_id)
    at_its_day(told, monkeypatch)
    model = scenarios.registered_model()
    asked = shipped(told["questionnaire"])
    draft = started(_subject(model, asked), asked.id)

    sent = as_text(told, **as_sent(told, model))
    answers.import_answers(draft, sent, by=actor(scenarios.owner()))
    assessment_review.submit_assessment(draft, by=actor(scenarios.owner()))
    sign_all(draft)

    held = Assessment.objects.get(pk=draft.pk)
    _expect(held, told["expect"])


def at_its_day(told: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry say of the subject what the example does, on the day of the example."""
    facts = {"tier": 0, **dict.fromkeys(subjects.TRAITS, False), "tiering_required": False}
    monkeypatch.setattr(subjects, "subject_facts", lambda *_, **__: facts | told["subject"])
    day = datetime.fromisoformat(told["today"]).replace(hour=12, tzinfo=UTC)
    monkeypatch.setattr(changes, "database_now", lambda: day)


def _subject(model: RegisteredModel, asked: Questionnaire) -> Subject:
    return use(model) if asked.subject == "use_case" else model


def _expect(held: Assessment, expected: Mapping[str, Any]) -> None:
    assert (held.state, held.outcome) == (Assessment.State.APPROVED, expected["outcome"])
    assert sorted(held.result["flags"]) == sorted(expected["flags"])
    assert held.result["missing"] == []
    for key, value in expected.get("vars", {}).items():
        _same(held.result["vars"][key], value)
    for key, value in expected.get("sections_pct", {}).items():
        _same(held.result["sections"][key]["pct"], value)
    if "obligations" in expected:
        duties = [one["id"] for one in held.result["obligations"]]
        assert sorted(duties) == sorted(expected["obligations"])
    sets = Sheet.of(held).questionnaire.outcome(held.outcome).sets
    assert dict(sets) == expected["sets"]


def _same(found: Any, expected: Any) -> None:
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        assert found == expected
    else:
        assert float(found) == pytest.approx(expected, abs=0.05)
