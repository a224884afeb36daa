"""Assessments are submitted, reviewed by people who answered nothing of them, and approved."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from apps.accounts import operations as accounts
from apps.accounts.models import Duty
from apps.accounts.signing.statements import StaleForm
from apps.core.actors import Auth, Door
from apps.core.errors import NotAllowed, RuleBroken
from apps.risk import assessment_queries as queries
from apps.risk import standing, subjects
from apps.risk.answering import Sheet, respondents_of
from apps.risk.models import Assessment, AssessmentSignOff
from apps.risk.operations import (
    answers,
    assessment_aging,
    assessment_review,
    assessments,
    attachments,
)
from apps.risk.operations.assessment_review import NotReady
from apps.risk.reviewing import Offer, digest_of_kept, lasts_until
from apps.risk.standing import Status
from apps.validation import operations as validation
from tests import scenarios
from tests.approvals.exceptions import entries, refusals, today
from tests.factories import HOST, actor, person
from tests.risk.assessed import (
    APPROVE,
    HEAVY,
    SEND_BACK,
    WHY,
    answered,
    approved,
    described_use,
    item,
    reviewer,
    say,
    sign,
    sign_all,
    started,
    submitted,
    ticket,
)

pytestmark = pytest.mark.django_db


def owner() -> Any:
    return actor(scenarios.owner())


# -- submitting


def test_a_complete_draft_is_submitted() -> None:
    waiting = submitted()

    assert (waiting.state, waiting.round) == (Assessment.State.SUBMITTED, 1)
    assert waiting.submitted_by == scenarios.owner()
    assert waiting.outcome == ""
    assert entries("assessment.submit")[0]["detail"] == {"round": 1}


def test_what_is_open_is_named_before_it_is_submitted() -> None:
    draft = answered()
    say(draft, purpose="", judgment="")

    with pytest.raises(NotReady, match="Answer first: “What is the most important") as refusal:
        assessment_review.submit_assessment(draft, by=owner())

    assert refusal.value.keys == ("purpose", "judgment")
    assert refusals("assessment.submit") == ["not_ready"]


def test_what_was_filled_in_is_confirmed_before_it_is_submitted() -> None:
    held = approved()
    anew = answered_anew(held)

    with pytest.raises(NotReady, match="Confirm or change"):
        assessment_review.submit_assessment(anew, by=owner())
    answers.confirm_prefilled(anew, list(Sheet.of(anew).rows), by=owner())

    assessment_review.submit_assessment(anew, by=owner())
    assert anew.state == Assessment.State.SUBMITTED


def answered_anew(held: Assessment) -> Assessment:
    """Start what was approved anew, and answer what the inventory does not say."""
    anew = started(held.model)
    known = set(Sheet.of(anew).rows)
    before = held.result["values"]
    say(anew, **{key: value for key, value in before.items() if key not in known})
    return anew


def test_what_does_not_apply_says_why_before_it_is_submitted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = answered()
    monkeypatch.setattr("apps.risk.answering.says_not_applicable", lambda q, v: q.key == "purpose")

    with pytest.raises(NotReady, match="Say in a note"):
        assessment_review.submit_assessment(draft, by=owner())
    answers.answer(draft, {}, notes={"purpose": "Nobody decides with it"}, by=owner())

    assessment_review.submit_assessment(draft, by=owner())


def test_what_applies_no_longer_is_not_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = answered()
    monkeypatch.setattr(subjects, "subject_facts", lambda *_, **__: {"tiering_required": False})

    with pytest.raises(RuleBroken, match="applies no longer"):
        assessment_review.submit_assessment(draft, by=owner())


@pytest.mark.parametrize("role", ["risk_officer", "auditor"])
def test_only_respondents_submit_and_take_back(role: str) -> None:
    other = actor(reviewer(role))
    with pytest.raises(NotAllowed):
        assessment_review.submit_assessment(answered(), by=other)
    with pytest.raises(NotAllowed):
        assessment_review.take_back(submitted(), by=other, reason=WHY)


def test_what_waits_is_taken_back_and_submitted_anew() -> None:
    waiting = submitted()
    sign(waiting, reviewer("validator"), "validator")

    assessment_review.take_back(waiting, by=owner(), reason=WHY)
    assert (waiting.state, waiting.submitted_at) == (Assessment.State.DRAFT, None)
    assessment_review.submit_assessment(waiting, by=owner())

    assert waiting.round == 2
    assert Offer.of(waiting, today()).given == []
    assert len(entries("assessment.take_back")) == 1
    with pytest.raises(RuleBroken, match="waits for review by now"):
        assessment_review.submit_assessment(waiting, by=owner())


# -- signing


def test_the_last_signature_approves_it() -> None:
    waiting = submitted(example_id=HEAVY)

    sign(waiting, reviewer("risk_officer"), "risk_officer")
    assert waiting.state == Assessment.State.SUBMITTED
    sign(waiting, reviewer("validator"), "validator")

    waiting.refresh_from_db()
    assert (waiting.state, waiting.outcome) == (Assessment.State.APPROVED, "tier_1")
    assert waiting.result["flags"]
    assert waiting.result["today"] == str(today())
    assert waiting.valid_until == today() + timedelta(days=365)
    told = entries("assessment.sign")[-1]
    assert told["detail"]["outcome"] == "tier_1"
    assert told["sign"]["meaning"] == "approve"


def test_what_is_kept_is_what_was_signed() -> None:
    held = approved()

    offer = Offer.of(held, today())

    assert offer.result.digest == digest_of_kept(held)
    for signed in held.sign_offs.all():
        assert offer.result.digest in signed.statement


def test_the_same_result_comes_of_it_when_the_registry_says_otherwise_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = approved()
    monkeypatch.setattr(subjects, "subject_facts", lambda *_, **__: {"tiering_required": False})

    assert Offer.of(held, today() + timedelta(days=900)).result.digest == digest_of_kept(held)


def test_a_newer_one_takes_the_place_of_what_was_approved() -> None:
    first = approved()
    second = answered(first.model, HEAVY)
    answers.confirm_prefilled(second, list(Sheet.of(second).rows), by=owner())
    assessment_review.submit_assessment(second, by=owner())
    sign_all(second)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "approved")
    assert first.superseded_at == second.approved_at
    assert entries("assessment.sign")[-1]["detail"]["supersedes"] == first.record_id


def test_a_reviewer_sends_it_back_with_a_reason() -> None:
    waiting = submitted()

    signed = sign(waiting, reviewer("validator"), "validator", SEND_BACK, reason="Judge it anew")

    assert waiting.state == Assessment.State.DRAFT
    assert (signed.reason, signed.printed_meaning) == ("Judge it anew", "send back")
    assert entries("assessment.sign")[0]["sign"]["meaning"] == "send_back"
    say(waiting, judgment="high")


def test_a_signature_needs_a_reason() -> None:
    with pytest.raises(RuleBroken, match="reason"):
        sign(submitted(), reviewer("validator"), "validator", reason=" ")


def test_nobody_signs_twice_or_in_a_role_that_is_not_theirs() -> None:
    waiting = submitted()
    both = scenarios.account("both", "Both Roles", "risk_officer", "validator")
    sign(waiting, both, "validator")

    with pytest.raises(NotAllowed, match="signed it already, in another role"):
        sign(waiting, both, "risk_officer")
    with pytest.raises(NotAllowed, match="signed in this role already"):
        sign(waiting, reviewer("validator"), "validator")
    with pytest.raises(NotAllowed, match="do not hold the role"):
        sign(waiting, reviewer("validator"), "risk_officer")
    with pytest.raises(RuleBroken, match="no signature in this role"):
        sign(waiting, reviewer("legal_counsel"), "legal_counsel")
    assert AssessmentSignOff.objects.count() == 1


def test_who_answered_or_submitted_reviews_nothing_of_it() -> None:
    waiting = submitted()
    accounts.grant_duty(scenarios.owner(), "validator", by=HOST, reason="Two hats")

    with pytest.raises(NotAllowed, match="You answered part of this"):
        sign(waiting, scenarios.owner(), "validator")


def test_an_answer_that_somebody_changed_later_was_given_all_the_same() -> None:
    draft = started()
    say(draft, scenarios.developer(), method_type="generative")
    say(draft, method_type="quantitative")

    assert respondents_of(draft) == {scenarios.developer().record_id, scenarios.owner().record_id}


def test_what_the_inventory_filled_in_makes_nobody_a_respondent() -> None:
    assert respondents_of(started(described_use(), "eu-ai-act-classification")) == frozenset()


def test_who_answers_for_a_program_that_answered_reviews_nothing_of_it() -> None:
    vera = reviewer("validator")
    program = person("robot", service=True, manager=vera, everywhere=("model_developer",))
    draft = answered()
    by = actor(program, door=Door.API, auth=Auth.TOKEN)
    answers.answer(draft, {"judgment": "high"}, by=by)
    assessment_review.submit_assessment(draft, by=owner())

    with pytest.raises(NotAllowed, match="You answered part of this"):
        sign(draft, vera, "validator")


@pytest.mark.parametrize("role", ["auditor", "operator"])
def test_only_reviewing_roles_sign(role: str) -> None:
    with pytest.raises(NotAllowed):
        sign(submitted(), reviewer(role), "validator")


def test_a_program_signs_nothing() -> None:
    waiting = submitted()
    program = actor(reviewer("validator"), door=Door.API, auth=Auth.TOKEN)

    with pytest.raises(NotAllowed):
        sign(waiting, program, "validator")


def test_a_draft_is_not_signed() -> None:
    draft = answered()

    with pytest.raises(RuleBroken, match="draft by now"):
        sign(draft, reviewer("validator"), "validator")


def test_what_waits_on_somebody_is_what_they_can_review() -> None:
    waiting, other = submitted(), submitted()
    vera, rita = actor(reviewer("validator")), actor(reviewer("risk_officer"))
    sign(other, vera, "validator")

    assert queries.waiting_on(vera) == [waiting]
    assert queries.waiting_on(rita) == [waiting, other]
    assert queries.waiting_on(owner()) == []
    assert queries.waiting_on(actor(scenarios.auditor())) == []


def test_nothing_one_answered_waits_on_them() -> None:
    submitted()
    accounts.grant_duty(scenarios.owner(), "validator", by=HOST, reason="Two hats")

    assert queries.waiting_on(owner()) == []


def test_what_waits_costs_the_same_for_two_and_more(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    vera = actor(reviewer("validator"))
    for _ in range(2):
        submitted()
    with CaptureQueriesContext(connection) as few:
        assert len(queries.waiting_on(vera)) == 2
    for _ in range(6):
        submitted()

    with django_assert_max_num_queries(len(few)):
        assert len(queries.waiting_on(vera)) == 8


# -- what was shown is what is signed


def test_what_changed_since_it_was_shown_is_not_signed() -> None:
    waiting = submitted()
    by = actor(reviewer("validator"))
    shown = ticket(waiting, by)
    assessment_review.take_back(waiting, by=owner(), reason=WHY)
    say(waiting, judgment="high")
    assessment_review.submit_assessment(waiting, by=owner())

    with pytest.raises(StaleForm, match="has changed"):
        sign(waiting, by, "validator", ticket=shown)


def test_a_form_counts_once() -> None:
    waiting = submitted()
    by = actor(reviewer("validator"))
    shown = ticket(waiting, by)
    sign(waiting, by, "validator", SEND_BACK, ticket=shown)
    assessment_review.submit_assessment(waiting, by=owner())

    with pytest.raises(StaleForm):
        sign(waiting, by, "validator", ticket=shown)


def test_a_result_that_changed_between_signatures_is_not_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = submitted()
    sign(waiting, reviewer("validator"), "validator")
    evaluated = Sheet.result

    def otherwise(sheet: Sheet, on: Any) -> Any:
        return replace(evaluated(sheet, on), flags=("cluster",))

    monkeypatch.setattr(Sheet, "result", otherwise)

    with pytest.raises(RuleBroken, match="changed since Rev validator as"):
        sign(waiting, reviewer("risk_officer"), "risk_officer")
    sign(waiting, reviewer("risk_officer"), "risk_officer", SEND_BACK)
    assert waiting.state == Assessment.State.DRAFT


def test_who_lost_the_role_meanwhile_does_not_count() -> None:
    waiting = submitted()
    gone = reviewer("validator")
    sign(waiting, gone, "validator")
    accounts.end_duty(Duty.objects.get(user=gone, until=None), by=HOST, reason="Moved on")

    with pytest.raises(RuleBroken, match="who no longer can"):
        sign(waiting, reviewer("risk_officer"), "risk_officer")


def test_a_passkey_is_offered_the_words_that_are_signed() -> None:
    waiting = submitted()
    by = actor(reviewer("validator"))
    shown = ticket(waiting, by)

    offered = assessment_review.statement_offered(
        waiting, by=by, role="validator", decision=APPROVE, ticket=shown, on=today()
    )
    signed = sign(waiting, by, "validator", ticket=shown)

    assert signed.statement == offered.text


def test_evidence_that_was_withdrawn_keeps_it_from_review_and_from_approval() -> None:
    draft = answered()
    memo = item(draft.model)
    attachments.attach_evidence(draft, "purpose", memo, by=owner())
    assessment_review.submit_assessment(draft, by=owner())
    sign(draft, reviewer("validator"), "validator")
    validation.withdraw_evidence(memo, by=owner(), reason=WHY)

    with pytest.raises(RuleBroken, match="changed since Rev validator as"):
        sign(draft, reviewer("risk_officer"), "risk_officer")
    sign(draft, reviewer("risk_officer"), "risk_officer", SEND_BACK)
    with pytest.raises(RuleBroken, match="withdrawn or not accepted"):
        assessment_review.submit_assessment(draft, by=owner())


def test_evidence_named_by_an_answer_is_part_of_what_is_signed() -> None:
    waiting = submitted(example_id="tier-vendor-aml-floor")
    sheet = Sheet.of(waiting)

    [(key, memo)] = attachments.resting_on(sheet, sheet.questionnaire.question_keys)
    sign(waiting, reviewer("validator"), "validator")
    validation.withdraw_evidence(memo, by=owner(), reason=WHY)

    assert key == "override_memo"
    with pytest.raises(RuleBroken, match="changed since"):
        sign(waiting, reviewer("risk_officer"), "risk_officer")


def test_evidence_verified_between_two_signatures_changes_nothing() -> None:
    draft = answered()
    memo = item(draft.model)
    attachments.attach_evidence(draft, "purpose", memo, by=owner())
    assessment_review.submit_assessment(draft, by=owner())
    sign(draft, reviewer("validator"), "validator")
    validation.verify_evidence(memo, by=actor(reviewer("risk_officer")))

    sign(draft, reviewer("risk_officer"), "risk_officer")

    draft.refresh_from_db()
    assert draft.state == Assessment.State.APPROVED


# -- how it stands


def test_what_was_approved_grows_old() -> None:
    held = approved()

    def stands(days: int) -> tuple[Status, int]:
        found = standing.standing_of([held], today() + timedelta(days=days))
        return found.status, found.age_days

    assert stands(0) == (Status.APPROVED, 0)
    assert stands(365) == (Status.APPROVED, 365)
    assert stands(366) == (Status.EXPIRED, 366)


def test_what_is_stale_counts_no_longer() -> None:
    held = assessment_aging.make_stale(approved(), why="A serious incident.")

    assert standing.standing_of([held], today()).status is Status.EXPIRED


def test_how_a_subject_stands_while_something_is_open() -> None:
    draft = started()
    assert standing.standing_of([], today()).status is Status.NONE
    assert standing.standing_of([draft], today()).status is Status.DRAFT
    assessments.drop_assessment(draft, by=owner(), reason=WHY)
    assert standing.status_of(draft, today()) is Status.NONE

    waiting = submitted()
    assert standing.standing_of([waiting], today()).status is Status.SUBMITTED


def test_what_was_approved_counts_while_a_newer_one_is_answered() -> None:
    held = approved()
    draft = started(held.model)

    found = standing.standing_of([draft, held], today())

    assert (found.status, found.approved, found.open) == (Status.APPROVED, held, draft)


def test_an_outcome_may_shorten_how_long_it_lasts() -> None:
    asked = Sheet.of(started()).questionnaire
    [outcome, *_] = asked.outcomes

    assert lasts_until(asked, outcome, today()) == today() + timedelta(days=365)
    shorter = replace(outcome, max_age_days=90)
    assert lasts_until(asked, shorter, today()) == today() + timedelta(days=90)
