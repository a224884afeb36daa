"""Assessments are started, prefilled, answered, moved on and given up."""

from typing import Any

import pytest

from apps.audit import writing
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.core.actors import SYSTEM
from apps.core.errors import DomainError, NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused
from apps.risk import offered
from apps.risk.answering import Sheet
from apps.risk.models import Answer, Assessment
from apps.risk.operations import answers, assessment_aging, assessments, attachments
from apps.risk.operations.answers import NotAllKept
from apps.risk.questionnaires import parsed, shipped
from apps.validation import operations as validation
from tests import scenarios
from tests.approvals.exceptions import entries, refusals
from tests.factories import actor
from tests.risk.assessed import (
    EU,
    GENAI,
    LIGHT,
    PURPOSE,
    TIERING,
    WHY,
    answered,
    approved,
    as_text,
    described_use,
    example,
    item,
    reviewer,
    say,
    started,
    submitted,
    use,
)

pytestmark = pytest.mark.django_db


def owner() -> Any:
    return actor(scenarios.owner())


# -- starting


def test_a_respondent_starts_an_assessment_on_the_text_in_use() -> None:
    assessment = started()

    assert assessment.state == Assessment.State.DRAFT
    assert assessment.questionnaire.questionnaire_id == TIERING
    assert [one["detail"]["prefilled"] for one in entries("assessment.start")] == [[]]


def test_what_the_inventory_says_is_filled_in_until_somebody_confirms_it() -> None:
    assessment = started(described_use(), EU)

    [row] = assessment.answers.all()
    assert (row.key, row.value, row.is_prefilled) == ("intended_purpose", PURPOSE, True)
    told = answers.confirm_prefilled(assessment, ["intended_purpose", "eu_nexus"], by=owner())
    assert told == ["intended_purpose"]
    row.refresh_from_db()
    assert not row.is_prefilled
    assert entries("assessment.confirm")[0]["detail"]["confirmed"] == ["intended_purpose"]


def test_another_answer_takes_the_place_of_what_was_filled_in() -> None:
    assessment = started(described_use(), EU)

    say(assessment, intended_purpose="Rank other applications")

    row = assessment.answers.get()
    assert (row.value, row.is_prefilled) == ("Rank other applications", False)


def test_what_an_assessment_wrote_is_filled_in_when_it_is_made_anew() -> None:
    held = approved()

    anew = started(held.model)

    filled = {row.key: row.value for row in anew.answers.filter(is_prefilled=True)}
    assert filled["method_type"] == example(LIGHT)["answers"]["method_type"]
    assert "judgment" not in filled


def test_one_is_open_at_a_time_for_each_subject() -> None:
    assessment = started()

    with pytest.raises(RuleBroken, match="started this already"):
        started(assessment.model)
    assert refusals("assessment.start") == ["rule_broken"]


def test_a_questionnaire_that_does_not_apply_is_not_started() -> None:
    with pytest.raises(RuleBroken, match="does not apply"):
        started(use(scenarios.registered_model()), EU)


def test_a_questionnaire_is_asked_about_its_own_kind_of_subject() -> None:
    model = scenarios.registered_model()

    with pytest.raises(RuleBroken, match="about uses of a model"):
        started(model, GENAI)
    with pytest.raises(RuleBroken, match="about models"):
        started(use(model))


def test_an_ended_use_is_not_assessed() -> None:
    ended = use(scenarios.registered_model())
    catalog.end_use_case(ended, by=owner(), reason=WHY)

    with pytest.raises(RuleBroken, match="has ended"):
        started(ended, EU)


def test_nobody_starts_what_no_questionnaire_asks() -> None:
    with pytest.raises(NotFound):
        started(kind="horoscope")


@pytest.mark.parametrize("role", ["risk_officer", "validator", "auditor"])
def test_only_respondents_start(role: str) -> None:
    with pytest.raises(NotAllowed):
        started(by=reviewer(role))


# -- answering


def test_answers_are_kept_with_who_gave_them() -> None:
    assessment = started()

    changed = answers.answer(
        assessment,
        {"method_type": "machine_learning", "jurisdictions": ["eu_banking", "us_banking"]},
        notes={"method_type": "  Gradient boosting  "},
        by=owner(),
    )

    assert changed == ["jurisdictions", "method_type"]
    row = assessment.answers.get(key="method_type")
    assert (row.value, row.note) == ("machine_learning", "Gradient boosting")
    assert row.answered_by == scenarios.owner()
    assert assessment.answers.get(key="jurisdictions").value == ["us_banking", "eu_banking"]
    assert entries("assessment.answer")[0]["detail"]["answered"] == changed


def test_what_cannot_be_kept_is_said_and_the_rest_is_kept() -> None:
    assessment = started()

    with pytest.raises(NotAllKept) as refusal:
        say(assessment, method_type="magic", model_origin="internal", nonsense=True)

    assert set(refusal.value.problems) == {"method_type", "nonsense"}
    assert [row.key for row in assessment.answers.all()] == ["model_origin"]


def test_a_save_of_which_nothing_can_be_kept_is_refused_on_record() -> None:
    assessment = started()

    with pytest.raises(NotAllKept):
        say(assessment, method_type="magic")

    assert refusals("assessment.answer") == ["not_all_kept"]
    assert not assessment.answers.exists()


def test_a_note_holds_a_text_of_some_length_at_most() -> None:
    assessment = started()

    with pytest.raises(NotAllKept, match="A note holds at most"):
        answers.answer(assessment, {}, notes={"purpose": "x" * 5001}, by=owner())


def test_an_answer_is_taken_back_by_leaving_it_empty() -> None:
    assessment = started()
    say(assessment, method_type="generative")

    say(assessment, method_type="")

    assert Sheet.of(assessment).answers == {}


@pytest.mark.parametrize("role", ["risk_officer", "auditor", "operator"])
def test_nobody_else_answers(role: str) -> None:
    assessment = started()

    with pytest.raises(NotAllowed):
        say(assessment, reviewer(role), method_type="generative")
    with pytest.raises(NotAllowed):
        answers.confirm_prefilled(assessment, ["purpose"], by=actor(reviewer(role)))
    with pytest.raises(NotAllowed):
        answers.import_answers(assessment, "answers: {}", by=actor(reviewer(role)))
    with pytest.raises(NotAllowed):
        assessments.move_to_newer(assessment, to="sha256:1", by=actor(reviewer(role)))
    with pytest.raises(NotAllowed):
        assessments.drop_assessment(assessment, by=actor(reviewer(role)), reason=WHY)


def test_nothing_is_answered_while_it_waits_for_review() -> None:
    waiting = submitted()

    with pytest.raises(RuleBroken, match="waits for review"):
        say(waiting, purpose="research")


# -- a whole set of answers


def test_a_whole_set_is_taken_over_at_once() -> None:
    assessment = answered(example_id=LIGHT)

    told = {key for key, value in example(LIGHT)["answers"].items() if value != []}
    assert set(Sheet.of(assessment).answers) == told
    assert len(entries("assessment.import_answers")) == 1


def test_a_set_of_many_answers_is_kept_in_events_of_bounded_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assessments, "MOST_AT_ONCE", 5)

    answered(example_id=LIGHT)

    parts = entries("assessment.keep")
    told = [value for value in example(LIGHT)["answers"].values() if value != []]
    assert sum(len(part["detail"]["answered"]) for part in parts) == len(told)
    assert max(len(part["rows"]) for part in parts) <= 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("just words", "names its questionnaire"),
        (as_text(example(LIGHT), questionnaire="other"), "It is for 'other'"),
        (as_text(example(LIGHT), questionnaire_version="9.9.9"), "this one answers"),
        (as_text(example(LIGHT), answers={"method_type": "magic"}), "no option 'magic'"),
        (as_text(example(LIGHT), notes=[1]), "a text for each key"),
    ],
)
def test_a_set_that_does_not_fit_is_not_taken_over(text: str, words: str) -> None:
    assessment = started()

    with pytest.raises(DomainError, match=words):
        answers.import_answers(assessment, text, by=owner())

    assert not assessment.answers.exists()


def test_a_set_with_one_wrong_answer_changes_none() -> None:
    assessment = started()
    told = {**example(LIGHT)["answers"], "purpose": "nonsense"}

    with pytest.raises(NotAllKept) as refusal:
        answers.import_answers(assessment, as_text(example(LIGHT), answers=told), by=owner())

    assert set(refusal.value.problems) == {"purpose"}
    assert not assessment.answers.exists()


# -- evidence


def test_evidence_of_the_model_is_attached_and_taken_off() -> None:
    assessment = started()
    memo = item(assessment.model)

    held = attachments.attach_evidence(assessment, "purpose", memo, by=owner())
    with pytest.raises(RuleBroken, match="attached to this answer already"):
        attachments.attach_evidence(assessment, "purpose", memo, by=owner())
    attachments.remove_evidence(held, by=owner())

    held.refresh_from_db()
    assert held.removed_at is not None
    assert entries("assessment.attach_evidence")[0]["detail"]["item"] == memo.record_id
    assert len(entries("answer_evidence.remove")) == 1
    with pytest.raises(RuleBroken, match="taken off already"):
        attachments.remove_evidence(held, by=owner())


def test_nothing_else_is_attached() -> None:
    assessment = started()
    elsewhere = item(scenarios.registered_model())
    withdrawn = item(assessment.model)
    validation.withdraw_evidence(withdrawn, by=owner(), reason=WHY)

    with pytest.raises(RuleBroken, match="another model"):
        attachments.attach_evidence(assessment, "purpose", elsewhere, by=owner())
    with pytest.raises(RuleBroken, match="withdrawn"):
        attachments.attach_evidence(assessment, "purpose", withdrawn, by=owner())
    with pytest.raises(InputRefused, match="no question"):
        attachments.attach_evidence(assessment, "horoscope", withdrawn, by=owner())


@pytest.mark.parametrize("role", ["risk_officer", "auditor"])
def test_nobody_else_attaches_or_takes_off(role: str) -> None:
    assessment = started()
    memo = item(assessment.model)
    held = attachments.attach_evidence(assessment, "purpose", memo, by=owner())

    with pytest.raises(NotAllowed):
        attachments.attach_evidence(assessment, "judgment", memo, by=actor(reviewer(role)))
    with pytest.raises(NotAllowed):
        attachments.remove_evidence(held, by=actor(reviewer(role)))


def test_a_question_for_evidence_takes_items_of_its_kind_only() -> None:
    assessment = started()
    memo = item(assessment.model)

    assert say(assessment, override_memo=[memo.record_id]) == ["override_memo"]
    with pytest.raises(NotAllKept, match="no evidence of this model"):
        say(assessment, override_memo=["EV-77"])


# -- moving on, and giving up


def test_a_draft_goes_on_with_a_newer_questionnaire_by_whoever_saw_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assessment = started()
    say(assessment, method_type="generative", model_origin="internal")
    text = shipped(TIERING).text.replace("version: 1.0.0", "version: 1.1.0", 1)
    text = text.replace('{value: group, label: "Provided by a parent or affiliate"}', "", 1)
    newer = parsed(text.replace("          - \n", "", 1))
    monkeypatch.setattr(offered, "shipped", lambda name: newer if name == TIERING else None)

    with pytest.raises(RuleBroken, match="than the one you were shown"):
        assessments.move_to_newer(assessment, to="sha256:other", by=owner())
    assessments.move_to_newer(assessment, to=newer.digest, by=owner())

    assert assessment.questionnaire.number == "1.1.0"
    assert Sheet.of(assessment).answers == {"method_type": "generative"}
    [told] = entries("assessment.move")
    assert told["detail"]["dropped"] == ["model_origin"]
    with pytest.raises(RuleBroken, match="newest version already"):
        assessments.move_to_newer(assessment, to=newer.digest, by=owner())


def test_a_dropped_assessment_leaves_room_for_another() -> None:
    assessment = started()

    assessments.drop_assessment(assessment, by=owner(), reason=WHY)

    assert assessment.state == Assessment.State.DROPPED
    assert started(assessment.model).pk != assessment.pk
    with pytest.raises(RuleBroken, match="dropped by now"):
        assessments.drop_assessment(assessment, by=owner(), reason=WHY)


def test_dropping_needs_a_reason() -> None:
    with pytest.raises(RuleBroken, match="reason"):
        assessments.drop_assessment(started(), by=owner(), reason="")


# -- growing old


def test_what_was_made_stale_says_why_and_by_whom() -> None:
    held = approved()

    stale = assessment_aging.make_stale(held, why="A serious incident.")

    assert (stale.pk, stale.stale_because) == (held.pk, "A serious incident.")
    assert entries("assessment.make_stale")[0]["actor"]["id"] == SYSTEM.id


def test_only_what_counts_is_made_stale() -> None:
    held = approved()
    assessment_aging.make_stale(held, why="Once.")

    with pytest.raises(RuleBroken, match="stale already"):
        assessment_aging.make_stale(held, why="Twice.")
    with pytest.raises(RuleBroken, match="draft by now"):
        assessment_aging.make_stale(started(), why="Too early.")


def test_a_person_makes_nothing_stale() -> None:
    with pytest.raises(NotAllowed):
        assessment_aging.make_stale(approved(), why="I say so.", by=owner())


def test_a_major_version_makes_stale_what_was_assessed_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = approved()
    assert assessment_aging.make_outdated_stale() == 0
    newer = parsed(shipped(TIERING).text.replace("version: 1.0.0", "version: 2.0.0", 1))
    monkeypatch.setattr(offered, "offered", lambda: (newer,))

    assert assessment_aging.make_outdated_stale() == 1

    held.refresh_from_db()
    assert "2.0.0 asks otherwise" in held.stale_because


# -- the record


def test_a_broken_record_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    assessment = started()

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(writing, "insert", broken)
    with pytest.raises(RuntimeError):
        say(assessment, method_type="generative")

    assert not Answer.objects.filter(assessment=assessment).exists()
    assert not AuditEvent.objects.filter(action="assessment.answer").exists()
