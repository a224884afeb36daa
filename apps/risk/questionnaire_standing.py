"""Where a proposed questionnaire stands: what is signed, who may sign, what is missing."""

from collections.abc import Collection

from apps.accounts.rights import roles_everywhere
from apps.accounts.roles import role_named
from apps.accounts.signing.terms import Terms, terms_in
from apps.audit.models import AuditEvent
from apps.core.actors import Actor
from apps.core.digests import digest_of, digest_of_bytes
from apps.risk import questionnaire_queries
from apps.risk.models import QuestionnaireSignOff, QuestionnaireVersion
from apps.risk.offered import asked_of
from apps.risk.questionnaires import Questionnaire
from apps.risk.questionnaires.differences import Difference, between

SIGNING_ROLES = ("risk_officer", "governance_committee")
"""The roles that sign a questionnaire, each once, each by somebody else."""
WRITING = ("questionnaire.draft", "questionnaire.change_draft")
"""The actions that make somebody one of those who wrote a questionnaire."""
MEANING = "approval"


def text_digest(text: str) -> str:
    """Return the digest of a text to the byte, as it was edited or signed."""
    return digest_of_bytes(text.encode("utf-8"))


def terms_of(proposed: QuestionnaireVersion) -> Terms:
    """Return what a signature binds: the text, and what it says otherwise than the one in use."""
    earlier = questionnaire_queries.before(proposed)
    found = differences_from(earlier, asked_of(proposed))
    named = {
        "questionnaire": proposed.record_id,
        "questionnaire_id": proposed.questionnaire_id,
        "number": proposed.number,
        "digest": proposed.digest,
    }
    said = {
        "text": text_digest(proposed.text),
        "replaces": earlier.digest if earlier else "",
        "differences": digest_of(
            {"differences": [[one.area, one.words, one.step.value] for one in found]}
        ),
    }
    return Terms("questionnaire", named, said)


def differences_from(
    earlier: QuestionnaireVersion | None, questionnaire: Questionnaire
) -> tuple[Difference, ...]:
    """Return what a questionnaire says otherwise than a version; nothing where there is none."""
    return between(asked_of(earlier), questionnaire) if earlier else ()


def why_not_sign(proposed: QuestionnaireVersion, role: str, by: Actor) -> str:
    """Say why a person may not sign in a role, or nothing."""
    if role not in SIGNING_ROLES:
        return "Questionnaires are signed by a risk officer and by the committee."
    if by.user_id is None or role not in roles_everywhere(by.user_id):
        return f"You do not hold the role {role_named(role).title} in the whole organization."
    if by.id in writers_of(proposed):
        return "Nobody who wrote the questionnaire signs it."
    given = {signed.role: signed.signer_id for signed in proposed.sign_offs.all()}
    if role in given:
        return "The signature in this role is given already."
    if by.user_id in given.values():
        return "You signed in the other role. Somebody else signs in this one."
    return ""


def writers_of(version: QuestionnaireVersion) -> frozenset[str]:
    """Return everyone who wrote at a version, or at one it goes on from that was never asked."""
    written: list[str] = []
    one: QuestionnaireVersion | None = version
    while one is not None:
        written.append(one.record_id)
        earlier = one.based_on
        one = earlier if earlier is not None and earlier.published_at is None else None
    events = AuditEvent.objects.filter(
        subject_type=QuestionnaireVersion.RECORD.word,
        subject_id__in=written,
        action__in=WRITING,
        outcome=AuditEvent.Outcome.DONE,
    )
    return frozenset(events.values_list("actor_id", flat=True))


def missing_signatures(proposed: QuestionnaireVersion) -> list[str]:
    """Return the roles whose signature is missing, or no longer stands, as of now."""
    signed = proposed.sign_offs.select_related("signer")
    terms, writers = terms_of(proposed).digest, writers_of(proposed)
    standing = {one.role for one in signed if _stands(one, terms, writers)}
    return [role for role in SIGNING_ROLES if role not in standing]


def _stands(signed: QuestionnaireSignOff, terms: str, writers: Collection[str]) -> bool:
    """Say whether a signature covers what would be published, by somebody who may still sign."""
    return (
        terms_in(signed) == terms
        and signed.signer.is_active
        and signed.role in roles_everywhere(signed.signer_id)
        and signed.signer.record_id not in writers
    )
