"""What a reader may do with a version of a questionnaire, and where it stands."""

from dataclasses import dataclass
from typing import Any

from apps.accounts.roles import role_named
from apps.accounts.signing.terms import TermsTicket
from apps.core.actors import Actor
from apps.risk import offered, questionnaire_queries, questionnaire_standing
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import QuestionnaireSignOff, QuestionnaireVersion
from apps.risk.offered import asked_of
from apps.risk.pages.questionnaires import readable, status
from apps.risk.questionnaire_forms import SignForm
from apps.risk.questionnaire_standing import SIGNING_ROLES
from apps.risk.questionnaires.differences import Difference, Step

State = QuestionnaireVersion.State
HEADINGS = {
    Step.MAJOR: ("Another meaning", "warn", "Scoring, outcomes, obligations, or what is asked."),
    Step.MINOR: ("Something new to answer", "info", "Answers given before still count."),
    Step.PATCH: ("Wording", "good", "Nothing is decided otherwise."),
}


_WRITTEN = {"propose": State.DRAFT, "drop": State.DRAFT, "publish": State.PROPOSED}
_SIGNED = {"decline": State.PROPOSED, "retire": State.PUBLISHED, "again": State.RETIRED}
"""The forms for those who write and those who sign, each with the state it is for."""


@dataclass(frozen=True)
class Signature:
    """One of the two signatures: given, or missing."""

    title: str
    given: QuestionnaireSignOff | None


@dataclass(frozen=True)
class Desk:
    """What is left to do, and what of it the reader may do."""

    may_write: bool
    may_sign: bool
    sign_form: SignForm | None
    why_not_sign: tuple[str, ...]
    why_not_publish: str
    reason_form: ReasonForm
    asked: str
    """Which of the forms was sent and refused."""
    is_gone: bool
    """Whether the page has that form no longer, so that it says by itself why it was refused."""


def page(
    version: QuestionnaireVersion,
    reader: Actor,
    *,
    sign_form: SignForm | None = None,
    reason_form: ReasonForm | None = None,
    asked: str = "",
) -> dict[str, Any]:
    """Return what the page of one version shows to a reader."""
    return {
        **readable(asked_of(version)),
        "version": version,
        "status": status(version),
        "signatures": _signatures(version),
        "groups": grouped(version) if version.state == State.PROPOSED else [],
        "before": questionnaire_queries.before(version),
        "desk": _desk(version, reader, sign_form, reason_form or ReasonForm(), asked),
    }


def retiring(name: str, reader: Actor, refused: ReasonForm | None) -> dict[str, Any]:
    """Return what a reader may do about a text that comes with Signet."""
    return {
        "not_offered": offered.not_offered(name),
        "may_sign": reader.is_person and reader.may(questionnaire_queries.SIGN),
        "form": refused or ReasonForm(),
        "asked": "retire" if refused else "",
    }


def comparison(version: QuestionnaireVersion) -> dict[str, Any]:
    """Return what a version says otherwise than the one before it."""
    return {
        "version": version,
        "before": questionnaire_queries.before(version),
        "groups": grouped(version),
    }


def grouped(version: QuestionnaireVersion) -> list[dict[str, Any]]:
    """Return what differs from the version before, by how much it takes to change."""
    before = questionnaire_queries.before(version)
    found = questionnaire_standing.differences_from(before, asked_of(version))
    return [
        {"heading": heading, "rows": rows}
        for step, heading in HEADINGS.items()
        if (rows := _of_step(found, step))
    ]


def _of_step(found: tuple[Difference, ...], step: Step) -> list[Difference]:
    return [one for one in found if one.step is step]


def _signatures(version: QuestionnaireVersion) -> list[Signature]:
    given = {one.role: one for one in version.sign_offs.all()}
    if version.is_shipped or (version.state in {State.DRAFT, State.DROPPED} and not given):
        return []
    return [Signature(role_named(role).title, given.get(role)) for role in SIGNING_ROLES]


def _desk(
    version: QuestionnaireVersion,
    reader: Actor,
    sign_form: SignForm | None,
    reason_form: ReasonForm,
    asked: str,
) -> Desk:
    may_write, may_sign = (
        reader.is_person and reader.may(permission)
        for permission in (questionnaire_queries.WRITE, questionnaire_queries.SIGN)
    )
    is_proposed = version.state == State.PROPOSED
    refusals = _refusals(version, reader) if is_proposed and may_sign else {}
    return Desk(
        may_write=may_write,
        may_sign=may_sign,
        sign_form=_sign_form(version, reader, refusals, sign_form),
        why_not_sign=_said(refusals),
        why_not_publish=_why_not_publish(version) if is_proposed and may_write else "",
        reason_form=reason_form,
        asked=asked,
        is_gone=bool(asked) and not _has_form(version, asked, may_write, may_sign),
    )


def _has_form(version: QuestionnaireVersion, name: str, may_write: bool, may_sign: bool) -> bool:
    forms = (_WRITTEN if may_write else {}) | (_SIGNED if may_sign else {})
    return forms.get(name) == version.state


def _refusals(version: QuestionnaireVersion, reader: Actor) -> dict[str, str]:
    return {
        role: questionnaire_standing.why_not_sign(version, role, reader) for role in SIGNING_ROLES
    }


def _said(refusals: dict[str, str]) -> tuple[str, ...]:
    """Return why a person may sign in no role; who may in one is told nothing about the other."""
    if not refusals or not all(refusals.values()):
        return ()
    not_held = [words for words in refusals.values() if words.startswith("You do not hold")]
    others = [words for words in refusals.values() if words not in not_held]
    return tuple(dict.fromkeys(others or not_held))


def _sign_form(
    version: QuestionnaireVersion, reader: Actor, refusals: dict[str, str], sent: SignForm | None
) -> SignForm | None:
    roles = [role for role, why_not in refusals.items() if not why_not]
    if not roles:
        return sent
    form = sent or SignForm()
    terms = questionnaire_standing.terms_of(version)
    form.offer(roles, ticket=TermsTicket.issue(terms, to=reader).sealed())
    return form


def _why_not_publish(version: QuestionnaireVersion) -> str:
    if missing := questionnaire_standing.missing_signatures(version):
        titles = " and ".join(role_named(role).title for role in missing)
        return f"It still needs the signature of: {titles}."
    return ""
