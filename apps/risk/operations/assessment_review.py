"""Assessments are submitted, signed by every reviewing role, and approved by the last signature."""

from collections.abc import Sequence
from datetime import date

from apps.accounts.confirmation import Confirmation
from apps.accounts.roles import role_named
from apps.accounts.signing.giving import give, require_person
from apps.accounts.signing.statements import Statement
from apps.accounts.signing.terms import TermsTicket
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.risk import effects
from apps.risk.answering import Sheet
from apps.risk.models import Assessment, AssessmentSignOff
from apps.risk.operations import attachments
from apps.risk.operations.assessments import ANSWERING, require_answering, require_respondent
from apps.risk.policy_says import policy
from apps.risk.questionnaires import Question
from apps.risk.reviewing import Offer, lasts_until

_REFUSAL = "You do not answer risk assessments of this model."
SUBMIT = Action("assessment.submit", permission=ANSWERING, refusal=_REFUSAL)
TAKE_BACK = Action(
    "assessment.take_back", permission=ANSWERING, needs_reason=True, refusal=_REFUSAL
)
SIGN = Action(
    "assessment.sign",
    permission="catalog.sign_off",
    needs_reason=True,
    refusal="You hold no role on this model that reviews assessments.",
    sealing=Sealing.FIRST,
)
_MEANING = "review"
_MOST_NAMED = 3
State = Assessment.State
Decision = AssessmentSignOff.Decision


class NotReady(RuleBroken):
    """Something is to be done before an assessment is submitted; ``keys`` are its questions."""

    code = "not_ready"

    def __init__(self, message: str, questions: Sequence[Question]) -> None:
        self.keys = tuple(question.key for question in questions)
        super().__init__(message)


def submit_assessment(assessment: Assessment, *, by: Actor) -> Assessment:
    """Ask for the review of a draft; nothing of it is answered otherwise until it is sent back.

    Raises:
        NotReady: when a question is open, prefilled and not confirmed, or lacks its note.
    """
    with change(SUBMIT, assessment, by=by) as record:
        sheet = Sheet.of(assessment)
        user_id = require_answering(sheet, by=by)
        require_ready(sheet, record.time.date())
        assessment.state, assessment.round = State.SUBMITTED, assessment.round + 1
        assessment.submitted_at, assessment.submitted_by_id = record.time, user_id
        assessment.save()
        record.note(round=assessment.round)
    return assessment


def take_back(assessment: Assessment, *, by: Actor, reason: str) -> Assessment:
    """Make a draft again of what waits for review; what was signed meanwhile counts for nothing."""
    with change(TAKE_BACK, assessment, by=by, reason=reason):
        assessment.require_state(State.SUBMITTED)
        require_respondent(assessment.model, Sheet.of(assessment).questionnaire, by=by)
        _make_draft(assessment)
    return assessment


def sign_assessment(
    assessment: Assessment,
    *,
    by: Actor,
    role: str,
    decision: AssessmentSignOff.Decision,
    ticket: TermsTicket,
    confirmed: Confirmation,
    reason: str,
) -> AssessmentSignOff:
    """Approve an assessment in one role, or send it back; the last approval puts it into effect.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
        RuleBroken: when the registry changed so that others signed another result.
    """
    with change(SIGN, assessment, by=by, reason=reason) as record:
        assessment.require_state(State.SUBMITTED)
        require_person(by, "signs an assessment")
        offer = Offer.of(assessment, record.time.date())
        signed = AssessmentSignOff(
            assessment=assessment,
            round=assessment.round,
            role=role,
            meaning=_MEANING,
            decision=decision,
            reason=record.reason,
        )
        give(
            signed,
            _statement(offer, role, decision, by=by, ticket=ticket),
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=policy().signature.factors_required,
            meaning=decision.value,
        )
        record.note(terms=offer.terms.digest, round=assessment.round)
        if decision == Decision.SEND_BACK:
            _make_draft(assessment)
        elif offer.is_last(role):
            _approve(offer, record, by=by)
    return signed


def statement_offered(
    assessment: Assessment,
    *,
    by: Actor,
    role: str,
    decision: AssessmentSignOff.Decision,
    ticket: TermsTicket,
    on: date,
) -> Statement:
    """Return the words somebody is about to sign, as a passkey signs them.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
        NotAllowed: when this person may not sign in the role.
    """
    assessment.require_state(State.SUBMITTED)
    return _statement(Offer.of(assessment, on), role, decision, by=by, ticket=ticket)


def require_ready(sheet: Sheet, on: date) -> None:
    """Refuse an assessment that still wants something of those who answer it."""
    result = sheet.result(on)
    if not result.applies:
        raise RuleBroken(
            "As the subject is recorded, the questionnaire applies no longer. Drop it."
        )
    asked = sheet.questionnaire
    for questions, words in (
        ([asked.question(key) for key in result.missing], "Answer first"),
        (sheet.unconfirmed(result), "Confirm or change what was filled in from the inventory"),
        (sheet.without_note(result), "Say in a note why it does not apply"),
    ):
        if questions:
            raise NotReady(f"{words}: {_named(questions)}.", questions)
    attachments.require_standing(sheet, result.visible)


def _named(questions: Sequence[Question]) -> str:
    names = [f"“{one.text}”" for one in questions[:_MOST_NAMED]]
    more = len(questions) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _statement(
    offer: Offer,
    role: str,
    decision: AssessmentSignOff.Decision,
    *,
    by: Actor,
    ticket: TermsTicket,
) -> Statement:
    ticket.require_current(offer.terms, by=by)
    _require_seat(offer, role, by)
    if decision == Decision.APPROVE:
        _require_approvable(offer)
    return offer.terms.statement(meaning=decision.value, role=role, by=by, nonce=ticket.nonce)


def _require_seat(offer: Offer, role: str, by: Actor) -> None:
    seat = next((seat for seat in offer.seats(by) if seat.role == role), None)
    if seat is None:
        raise RuleBroken("The questionnaire asks for no signature in this role.")
    if seat.given is not None:
        raise NotAllowed(f"{seat.given.signer_name} signed in this role already.")
    if not seat.is_held:
        raise NotAllowed(f"You do not hold the role {seat.title} on this model.")
    if seat.why_not:
        raise NotAllowed(seat.why_not)


def _require_approvable(offer: Offer) -> None:
    """Refuse to approve what comes to nothing, or to something other than others signed.

    What is asked, and what answers rest on, can change between submission and signature.
    """
    _ = offer.outcome
    if differing := offer.differing():
        raise RuleBroken(
            f"What the registry says changed since {_signers(differing)} signed, and the result "
            "with it. Send it back to be submitted anew."
        )
    if gone := offer.no_longer_by_right():
        raise RuleBroken(
            f"It was signed by {_signers(gone)}, who no longer can. Send it back to be submitted "
            "anew."
        )
    try:
        require_ready(offer.sheet, offer.on)
    except RuleBroken as unready:
        raise RuleBroken(f"{unready} Send it back.") from unready


def _signers(signed: Sequence[AssessmentSignOff]) -> str:
    return " and ".join(
        f"{one.signer_name} as {role_named(one.role).title.lower()}" for one in signed
    )


def _approve(offer: Offer, record: Record, *, by: Actor) -> None:
    """Put what everybody signed into effect, in place of what was approved before."""
    assessment, outcome, on = offer.assessment, offer.outcome, record.time.date()
    _supersede(assessment, record)
    assessment.state, assessment.approved_at = State.APPROVED, record.time
    assessment.outcome, assessment.result = outcome.id, offer.as_kept()
    assessment.valid_until = lasts_until(offer.sheet.questionnaire, outcome, on)
    assessment.save()
    effects.take_effect(assessment, offer.result, record=record, by=by)
    record.note(outcome=outcome.id, valid_until=str(assessment.valid_until))


def _supersede(assessment: Assessment, record: Record) -> None:
    earlier = Assessment.objects.filter(
        model=assessment.model_id,
        kind=assessment.kind,
        version=assessment.version_id,
        use_case=assessment.use_case_id,
        state=State.APPROVED,
    ).first()
    if earlier is not None:
        earlier.state, earlier.superseded_at = State.SUPERSEDED, record.time
        earlier.save()
        record.note(supersedes=earlier.record_id)


def _make_draft(assessment: Assessment) -> None:
    assessment.state = State.DRAFT
    assessment.submitted_at = assessment.submitted_by = None
    assessment.save()
