"""Assessments in tests, by the real operations."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.terms import TermsTicket
from apps.audit import changes
from apps.catalog import operations as catalog
from apps.catalog.models import RegisteredModel, UseCase
from apps.core.actors import Actor
from apps.risk.answering import Sheet, Subject
from apps.risk.models import Assessment, AssessmentSignOff
from apps.risk.operations import answers, assessment_review, assessments
from apps.risk.questionnaires import shipped
from apps.risk.reviewing import Offer
from apps.validation import operations as validation
from apps.validation.evidence.types import Binding, type_named
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.factories import actor
from tests.remembered import remembered
from tests.risk.questionnaire_texts import EXAMPLES

TIERING, EU, NIST, GENAI = (
    "bank-model-risk-tiering",
    "eu-ai-act-classification",
    "nist-ai-rmf",
    "genai-risk",
)
WHY = "Looked at every answer"
LIGHT = "tier-marketing-propensity"
"""An example of tiering that comes to the lightest tier."""
HEAVY = "tier-retail-pd-irb"
APPROVE, SEND_BACK = AssessmentSignOff.Decision.APPROVE, AssessmentSignOff.Decision.SEND_BACK


# -- people


def reviewer(role: str) -> User:
    """Return whoever signs in a role, made when first asked for."""
    return scenarios.account(f"r-{role.replace('_', '-')}", f"Rev {role}", role)


# -- answers of the shipped examples


@cache
def example(example_id: str) -> Mapping[str, Any]:
    """Return a shipped example."""
    text = (EXAMPLES / f"{example_id}.yaml").read_text(encoding="utf-8")
    told: Mapping[str, Any] = yaml.safe_load(text)
    return told


def as_text(told: Mapping[str, Any], **other: Any) -> str:
    """Return an example as somebody would send it."""
    wanted = ("questionnaire", "questionnaire_version", "answers", "notes")
    return yaml.safe_dump({key: told[key] for key in wanted if key in told} | other)


def as_sent(told: Mapping[str, Any], model: RegisteredModel) -> dict[str, Any]:
    """Return the answers of an example with evidence there is, and notes that are asked for."""
    given, notes = dict(told["answers"]), {}
    for question in shipped(told["questionnaire"]).questions:
        if question.type == "evidence" and given.get(question.key):
            given[question.key] = [item(model, question.evidence_types[0]).record_id]
        chosen = given.get(question.key)
        if any(one.is_not_applicable and one.value == chosen for one in question.options):
            notes[question.key] = "Somebody else does it."
    return {"answers": given, "notes": notes}


def item(model: RegisteredModel, type_id: str = "tiering_override_memo") -> EvidenceItem:
    """Return an evidence item on a model, or on a version or use of it where its type says so."""
    binds = type_named(type_id).binds_to
    subject: Subject = model
    if binds is Binding.VERSION:
        subject = model.versions.first() or scenarios.registered_version(model)
    if binds is Binding.USE_CASE:
        subject = model.use_cases.first() or use(model)
    by = actor(scenarios.owner())
    return validation.add_evidence(
        subject, type_id, by=by, title="Memo", link="https://example.org/memo"
    )


def use(model: RegisteredModel, title: str = "Lending") -> UseCase:
    return catalog.add_use_case(model, by=actor(scenarios.owner()), title=title)


PURPOSE = "Rank applications for a credit officer"


def in_eu(model: RegisteredModel) -> RegisteredModel:
    """Record that a model is used in the European Union."""
    officer = scenarios.account("carla", "Carla Compliance", "compliance_officer")
    catalog.record_values(model, {"eu_in_scope": True}, by=actor(officer))
    model.refresh_from_db()
    return model


def described_use() -> UseCase:
    """Return a use in scope of the EU AI Act, of which the inventory says what it is for."""
    by = actor(scenarios.owner())
    lending = use(in_eu(scenarios.registered_model()))
    catalog.record_values(lending, {"intended_purpose": PURPOSE}, by=by)
    return lending


# -- an assessment on its way, as the owner of the model takes it unless somebody else does


@remembered
def started(
    subject: Subject | None = None, kind: str = TIERING, *, by: User | None = None
) -> Assessment:
    return assessments.start_assessment(
        subject or scenarios.registered_model(), kind, by=actor(by or scenarios.owner())
    )


def say(assessment: Assessment, by: User | None = None, **values: object) -> list[str]:
    """Answer some questions, as somebody who saw what stands."""
    return answers.answer(assessment, values, by=actor(by or scenarios.owner()))


@remembered
def answered(
    subject: Subject | None = None, example_id: str = LIGHT, *, by: User | None = None
) -> Assessment:
    """Return a draft with every answer of an example."""
    told = example(example_id)
    draft = started(subject, told["questionnaire"], by=by)
    sent = as_text(told, **as_sent(told, draft.model))
    answers.import_answers(draft, sent, by=actor(by or scenarios.owner()))
    return draft


@remembered
def submitted(subject: Subject | None = None, example_id: str = LIGHT) -> Assessment:
    draft = answered(subject, example_id)
    return assessment_review.submit_assessment(draft, by=actor(scenarios.owner()))


@remembered
def approved(subject: Subject | None = None, example_id: str = LIGHT) -> Assessment:
    """Return an assessment that every reviewing role signed."""
    waiting = submitted(subject, example_id)
    sign_all(waiting)
    waiting.refresh_from_db()
    return waiting


# -- signatures


def sign_all(assessment: Assessment) -> None:
    """Approve an assessment in every role that reviews it."""
    for role in Sheet.of(assessment).questionnaire.reviewers:
        sign(assessment, reviewer(role), role)


def ticket(assessment: Assessment, by: Actor) -> TermsTicket:
    """Open the page of an assessment, as it stands now, to sign what it shows."""
    on = vars(changes)["database_now"]().date()
    return TermsTicket.issue(Offer.of(assessment, on).terms, to=by)


def sign(
    assessment: Assessment,
    signer: User | Actor,
    role: str,
    decision: AssessmentSignOff.Decision = APPROVE,
    **other: Any,
) -> AssessmentSignOff:
    """Sign an assessment as its page shows it."""
    by = actor(signer) if isinstance(signer, User) else signer
    confirmed = Confirmation(by.user_id or 0, "password", vars(changes)["database_now"]())
    given: dict[str, Any] = {"reason": WHY, "confirmed": confirmed} | other
    given.setdefault("ticket", ticket(assessment, by))
    return assessment_review.sign_assessment(
        assessment, by=by, role=role, decision=decision, **given
    )
