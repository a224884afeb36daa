"""What the page of an assessment shows: answers, how far it is, its outcome, who signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import TermsTicket
from apps.catalog import queries as catalog
from apps.catalog.duties import roles_on
from apps.core.actors import Actor
from apps.core.errors import DomainError
from apps.risk import assessment_queries as queries
from apps.risk import offered, standing
from apps.risk.assessment_forms import ReviewForm
from apps.risk.models import Assessment, AssessmentSignOff
from apps.risk.operations import assessment_review as review
from apps.risk.operations.assessment_exports import Form
from apps.risk.operations.assessments import ANSWERING
from apps.risk.operations.attachments import usable_items
from apps.risk.pages import outcomes
from apps.risk.pages.asking import Asked
from apps.risk.policy_says import policy
from apps.risk.questionnaires import Questionnaire
from apps.risk.reviewing import Offer, digest_of_kept

State = Assessment.State
Decision = AssessmentSignOff.Decision
Page = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One answer that differs from the last approved assessment, as the diff component reads it."""

    name: str
    before: str | None
    after: str | None


def page_of(
    assessment: Assessment, reader: Actor, *, sent: ReviewForm | None = None, refusal: str = ""
) -> Page:
    """Return what the page shows; a form that was refused stays as it was typed."""
    at = now()
    asked = Asked.of(assessment, at.date(), usable_items(assessment))
    questionnaire = asked.sheet.questionnaire
    seats, why_not_sign, sign_form, offer = _signing(assessment, reader, questionnaire, sent, at)
    page: Page = {
        **frame(assessment, at.date()),
        "asked": asked,
        "refusal": refusal,
        "newer_one": queries.approved_in_place_of(assessment),
        "outcome": outcomes.shown_of(assessment, questionnaire, policy()),
        "would": _would(offer, questionnaire),
        "signatures": [_signature(assessment, seat) for seat in seats],
        "sign_form": sign_form,
        "why_not_sign": why_not_sign,
        "binds": offer.result.digest if offer else "",
        "facts": facts_of(assessment, offer),
        "exports": [
            (form.in_words, reverse("risk:export_assessment", args=[assessment.pk, form]))
            for form in Form
        ],
        **_difference(assessment, asked),
    }
    return page | _draft(assessment, asked, reader, at.date())


def first_section(assessment: Assessment, on: date) -> str:
    """Return the address of the first section with something to do, or of the assessment."""
    first = Asked.of(assessment, on).after("")
    return first.url if first else assessment.get_absolute_url()


def frame(assessment: Assessment, on: date) -> Page:
    """Return what every page of an assessment begins with."""
    status = standing.status_of(assessment, on)
    label = "Dropped" if assessment.state == State.DROPPED else status.in_words
    model = assessment.model
    return {
        "assessment": assessment,
        "questionnaire": assessment.questionnaire,
        "title": assessment.questionnaire.title,
        "subject": subject_in_words(assessment),
        "statuses": [{"label": label, "tone": standing.TONES[status]}],
        "crumbs": [
            ("Models", reverse("models:list")),
            (model.name, model.get_absolute_url()),
            ("Assessments", reverse("risk:assessments", args=[model.name])),
        ],
        "here": assessment.questionnaire.title,
        "why_expired": why_expired(assessment, on),
    }


def subject_in_words(assessment: Assessment) -> str:
    """Return what an assessment is about, with its kind."""
    if assessment.use_case is not None:
        return f"Use “{assessment.use_case.title}” of {assessment.model.shown_title}"
    if assessment.version is not None:
        return str(assessment.version)
    return assessment.model.shown_title


def why_expired(assessment: Assessment, on: date) -> str:
    """Say why an approved assessment counts no longer, or nothing."""
    if assessment.state != State.APPROVED or not standing.is_expired(assessment, on):
        return ""
    return assessment.stale_because or f"It counted until {assessment.valid_until}."


def facts_of(assessment: Assessment, offer: Offer | None = None) -> list[dict[str, Any]]:
    """Return what identifies an assessment."""
    row = assessment.questionnaire
    about = assessment.use_case or assessment.version or assessment.model
    told: list[dict[str, Any]] = [
        {"term": "Assessment", "value": assessment.record_id},
        {
            "term": "About",
            "value": str(assessment.subject_name),
            "href": about.get_absolute_url(),
        },
        {"term": "Questionnaire", "value": f"{row.title} {row.number}"},
        {"term": "Started by", "person": str(assessment.started_by)},
        {"term": "Started", "at": assessment.started_at},
    ]
    if assessment.submitted_at is not None:
        told.append({"term": "Submitted by", "person": str(assessment.submitted_by)})
        told.append({"term": "Submitted", "at": assessment.submitted_at})
    if assessment.approved_at is not None:
        told.append({"term": "Approved", "at": assessment.approved_at})
        told.append({"term": "Counts until", "at": assessment.valid_until})
    if assessment.superseded_at is not None:
        told.append({"term": "Superseded", "at": assessment.superseded_at})
    told.append({"term": "Digest of the questionnaire", "digest": row.digest})
    result = offer.result.digest if offer else digest_of_kept(assessment)
    if offer is not None or assessment.outcome:
        told.append({"term": "Digest of the result", "digest": result})
    return told


def may_answer(assessment: Assessment, reader: Actor, questionnaire: Questionnaire) -> bool:
    """Say whether a reader is one of those who answer it."""
    if reader.user_id is None or not reader.may(ANSWERING, assessment.model):
        return False
    return not roles_on(reader.user_id, assessment.model_id).isdisjoint(questionnaire.respondents)


def answers_in_words(assessment: Assessment, asked: Asked) -> list[Change]:
    """Return what differs from the answers of the last approved assessment of the subject."""
    earlier = queries.approved_before(assessment)
    if earlier is None:
        return []
    before = earlier.result.get("values", {})
    after = asked.result.values
    old, new = offered.asked_of(earlier.questionnaire), asked.sheet.questionnaire
    keys = dict.fromkeys((*new.question_keys, *old.question_keys))
    return [
        one
        for key in keys
        if (one := _change(key, old, new, before.get(key), after.get(key))) is not None
    ]


def _change(
    key: str, old: Questionnaire, new: Questionnaire, before: Any, after: Any
) -> Change | None:
    was = old.question(key).in_words(before) if key in old.question_keys else ""
    now_is = new.question(key).in_words(after) if key in new.question_keys else ""
    if was == now_is:
        return None
    asked = new.question(key) if key in new.question_keys else old.question(key)
    return Change(asked.text, was or None, now_is or None)


def _difference(assessment: Assessment, asked: Asked) -> Page:
    earlier = queries.approved_before(assessment)
    if earlier is None or assessment.state == State.DROPPED:
        return {"earlier": None, "changes": []}
    asked_then = offered.asked_of(earlier.questionnaire)
    return {
        "earlier": earlier,
        "earlier_outcome": outcomes.outcome_label(asked_then, earlier.outcome),
        "changes": answers_in_words(assessment, asked),
    }


def _would(offer: Offer | None, questionnaire: Questionnaire) -> outcomes.OutcomeShown | None:
    """Return what would follow from approval; nothing while the result is provisional."""
    if offer is None or offer.result.is_provisional or offer.result.outcome is None:
        return None
    return outcomes.shown(questionnaire, offer.result.plain(), policy())


def _draft(assessment: Assessment, asked: Asked, reader: Actor, on: date) -> Page:
    """Return how far a draft is, and what its reader can do about it."""
    is_respondent = may_answer(assessment, reader, asked.sheet.questionnaire)
    is_draft = assessment.state == State.DRAFT
    newer = offered.newest(assessment.kind) if is_draft else None
    is_newer = newer is not None and newer.digest != assessment.questionnaire.digest
    return {
        "is_draft": is_draft,
        "may_answer": is_draft and is_respondent,
        "may_take_back": assessment.state == State.SUBMITTED and is_respondent,
        "may_drop": assessment.is_open and is_respondent,
        "next": asked.after("") if is_draft else None,
        "why_not_submit": _why_not_submit(asked, on) if is_draft else "",
        "newer": newer if is_newer else None,
        "sent_back": queries.last_sent_back(assessment) if is_draft else None,
        "progress": f"{asked.result.answered} of {asked.result.required} required answers given",
    }


def _why_not_submit(asked: Asked, on: date) -> str:
    try:
        review.require_ready(asked.sheet, on)
    except DomainError as refusal:
        return str(refusal)
    return ""


def _signing(
    assessment: Assessment,
    reader: Actor,
    questionnaire: Questionnaire,
    sent: ReviewForm | None,
    at: datetime,
) -> tuple[Sequence[RoleSeat[AssessmentSignOff]], str, ReviewForm | None, Offer | None]:
    """Return the roles that sign, why this reader cannot, the form for one who can, the offer."""
    if assessment.state != State.SUBMITTED:
        given = {one.role: one for one in queries.signed_in_round(assessment)}
        seats = [RoleSeat(role, given.get(role)) for role in questionnaire.reviewers]
        return seats, "", sent, None
    offer = Offer.of(assessment, at.date())
    seats = offer.seats(reader)
    free = [seat for seat in seats if seat.is_free]
    if not free or not reader.is_person:
        why = dict.fromkeys(seat.why_not for seat in seats if seat.why_not and not seat.given)
        return seats, " ".join(why), sent, offer
    form = sent or ReviewForm()
    form.offer(free, ticket=TermsTicket.issue(offer.terms, to=reader).sealed())
    return seats, "", form, offer


def _signature(assessment: Assessment, seat: RoleSeat[AssessmentSignOff]) -> Mapping[str, Any]:
    row: dict[str, Any] = {"slot": seat.title}
    if (given := seat.given) is not None:
        is_yes = given.decision == Decision.APPROVE
        return row | {
            "state": "given" if is_yes else "changes",
            "person": given.signer_name,
            "reason": given.reason,
            "at": given.signed_at,
            "digest": given.statement_digest,
            "meaning": given.printed_meaning,
        }
    if assessment.state != State.SUBMITTED:
        note = "Signs once it is submitted." if assessment.state == State.DRAFT else "Not signed."
        return row | {"state": "none", "note": note}
    if seat.is_free:
        return row | {"state": "yours"}
    people = [str(person) for person in catalog.holders_of(seat.role, assessment.model)]
    named = ", ".join(people[:3]) or "Nobody holds this role yet."
    return row | {"state": "waiting", "note": named}
