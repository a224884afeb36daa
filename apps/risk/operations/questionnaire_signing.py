"""Signing a questionnaire: each of two roles gives it, by different people who did not write it."""

from apps.accounts.confirmation import Confirmation
from apps.accounts.signing.giving import give, require_person, require_unused
from apps.accounts.signing.statements import Statement
from apps.accounts.signing.terms import TermsTicket
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.core.actors import Actor
from apps.core.errors import NotAllowed
from apps.risk import policy_says
from apps.risk.models import QuestionnaireSignOff, QuestionnaireVersion
from apps.risk.operations.questionnaires import SIGNERS
from apps.risk.questionnaire_queries import SIGN
from apps.risk.questionnaire_standing import MEANING, terms_of, why_not_sign

SIGN_QUESTIONNAIRE = Action(
    "questionnaire.sign", permission=SIGN, refusal=SIGNERS, sealing=Sealing.FIRST
)


def sign_questionnaire(
    proposed: QuestionnaireVersion,
    *,
    by: Actor,
    role: str,
    ticket: TermsTicket,
    confirmed: Confirmation,
    reason: str = "",
) -> QuestionnaireSignOff:
    """Sign in one of the two roles the questionnaire that the ticket says was shown.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
        NotAllowed: when this person may not sign in the role.
    """
    with change(SIGN_QUESTIONNAIRE, proposed, by=by, reason=reason) as record:
        statement = questionnaire_statement_offered(proposed, by=by, role=role, ticket=ticket)
        require_unused(QuestionnaireSignOff, ticket.nonce)
        rules = policy_says.policy().signature
        record.require_reason(is_needed=rules.reason_required)
        signed = QuestionnaireSignOff(
            questionnaire=proposed, role=role, meaning=MEANING, reason=record.reason
        )
        give(
            signed,
            statement,
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=rules.factors_required,
        )
        record.note(digest=proposed.digest)
    return signed


def questionnaire_statement_offered(
    proposed: QuestionnaireVersion, *, by: Actor, role: str, ticket: TermsTicket
) -> Statement:
    """Return the words somebody is about to sign, as a passkey signs them.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
        NotAllowed: when this person may not sign in the role.
    """
    proposed.require_state(QuestionnaireVersion.State.PROPOSED)
    require_person(by, "writes and signs questionnaires")
    terms = terms_of(proposed)
    ticket.require_current(terms, by=by)
    if why_not := why_not_sign(proposed, role, by):
        raise NotAllowed(why_not)
    return terms.statement(meaning=MEANING, role=role, by=by, nonce=ticket.nonce)
