"""Steps in the life of a questionnaire, by the real operations."""

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.terms import TermsTicket
from apps.core.actors import Actor
from apps.risk.models import QuestionnaireSignOff, QuestionnaireVersion
from apps.risk.operations import questionnaire_signing
from apps.risk.operations import questionnaires as operations
from apps.risk.questionnaire_standing import terms_of, text_digest
from tests import scenarios
from tests.factories import actor
from tests.risk.questionnaire_texts import SMALL

WHY = "A reason"
OFFICER, COMMITTEE = "risk_officer", "governance_committee"


def writer() -> User:
    """Return a compliance officer who writes questionnaires, and so signs none of them."""
    return scenarios.account("wilma", "Wilma Writer", "compliance_officer")


def chair() -> User:
    return scenarios.account("gina", "Gina Governance", COMMITTEE)


def drafted(text: str = SMALL, *, by: User | None = None) -> QuestionnaireVersion:
    return operations.draft_questionnaire(by=actor(by or writer()), reason=WHY, text=text)


def rewritten(
    draft: QuestionnaireVersion, text: str, *, by: User | None = None
) -> QuestionnaireVersion:
    """Save another text in a draft that was opened now."""
    return operations.change_draft(
        draft, by=actor(by or writer()), text=text, edited=text_digest(draft.text)
    )


def proposed(text: str = SMALL) -> QuestionnaireVersion:
    """Return a questionnaire that waits for its signatures."""
    return operations.propose_questionnaire(drafted(text), by=actor(writer()), reason=WHY)


def ticket(version: QuestionnaireVersion, by: Actor) -> TermsTicket:
    """Open the page of a proposed questionnaire, as it stands now, to sign what it shows."""
    return TermsTicket.issue(terms_of(version), to=by)


def signed(
    version: QuestionnaireVersion,
    who: User | Actor,
    role: str,
    *,
    opened: TermsTicket | None = None,
    confirmed: Confirmation | None = None,
    reason: str = WHY,
) -> QuestionnaireSignOff:
    """Sign as somebody, on a page opened now unless another is given."""
    by = actor(who) if isinstance(who, User) else who
    return questionnaire_signing.sign_questionnaire(
        version,
        by=by,
        role=role,
        ticket=opened or ticket(version, by),
        confirmed=confirmed or scenarios.confirmation(by),
        reason=reason,
    )


def signed_by_both(version: QuestionnaireVersion) -> QuestionnaireVersion:
    """Give both signatures."""
    signed(version, scenarios.risk_officer(), OFFICER)
    signed(version, chair(), COMMITTEE)
    return version


def published(text: str = SMALL) -> QuestionnaireVersion:
    """Put a questionnaire in use, the whole way."""
    version = signed_by_both(proposed(text))
    return operations.publish_questionnaire(version, by=actor(writer()), reason=WHY)


def fresh(version: QuestionnaireVersion) -> QuestionnaireVersion:
    """Read a version again."""
    found: QuestionnaireVersion = QuestionnaireVersion.objects.get(pk=version.pk)
    return found
