"""The talk about a request: comments, answers to dissent, and conditions of sign-offs met."""

import re

from apps.accounts.models import User
from apps.accounts.rights import UserAuthority
from apps.accounts.signing.giving import require_person
from apps.approvals.models import (
    Comment,
    DissentAnswer,
    PromotionRequest,
    SignOff,
    SignOffCondition,
)
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import require_text
from apps.validation.models import EvidenceItem

VIEW = "catalog.view_registeredmodel"
MOST_COMMENT = 10_000
MOST_COMMENTS = 1000
MOST_MENTIONED = 20

COMMENT = Action(
    "request.comment", permission=VIEW, refusal="You do not see the model this is about."
)
RESOLVE_COMMENT = Action(
    "comment.resolve", permission=VIEW, refusal="You do not see the model this is about."
)
ANSWER_DISSENT = Action(
    "sign_off.answer",
    permission="catalog.request_promotion",
    needs_reason=True,
    refusal="Only the model's developers and owner answer a signer.",
)
MEET_CONDITION = Action(
    "condition.meet",
    permission=VIEW,
    needs_reason=True,
    refusal="You do not see the model this is about.",
)

MENTION = re.compile(r"(?<![\w@.])@([a-z0-9](?:[a-z0-9._-]{0,148}[a-z0-9_-])?)")


def comment(
    request: PromotionRequest,
    *,
    by: Actor,
    text: str,
    section: str = Comment.Section.WHOLE,
    answers: Comment | None = None,
) -> Comment:
    """Say something about a request; people named with ``@`` who may see it are noted."""
    with change(COMMENT, request, by=by) as record:
        author_id = _require_author(by, request)
        said = text.strip()
        if not said:
            raise RuleBroken("Write something.")
        require_text(said, "A comment", MOST_COMMENT, lines=True)
        if request.comments.count() >= MOST_COMMENTS:
            raise RuleBroken(f"A request holds at most {MOST_COMMENTS:,} comments.")
        if answers is not None and answers.request_id != request.pk:
            raise NotFound("There is no such comment on this request.")
        written = Comment(
            request=request,
            section=answers.section if answers else section,
            text=said,
            author_id=author_id,
            written_at=record.time,
            mentioned=_mentioned(said, request),
            answers=answers,
        )
        written.full_clean(exclude=["request", "author", "answers", "resolved_by", "mentioned"])
        written.save()
        record.about(written)
        record.note(section=written.section, mentioned=len(written.mentioned))
    return written


def resolve_comment(written: Comment, *, by: Actor) -> None:
    """Mark what was said as settled: its author does, or who asked for the promotion."""
    with change(RESOLVE_COMMENT, written, by=by) as record:
        person_id = require_person(by, "does this")
        if person_id not in {written.author_id, written.request.requested_by_id}:
            raise NotAllowed("Who wrote it, or who asked for the promotion, marks it as resolved.")
        if written.resolved_at is not None:
            raise RuleBroken("It is marked as resolved already.")
        written.resolved_at, written.resolved_by_id = record.time, person_id
        written.save()


def answer_dissent(signed: SignOff, *, by: Actor, reason: str) -> DissentAnswer:
    """Answer in writing somebody who declined or asked for changes; what they said stays."""
    with change(ANSWER_DISSENT, signed, by=by, reason=reason) as record:
        author_id = _require_author(by, signed)
        if signed.decision not in SignOff.DISSENT:
            raise RuleBroken("Nobody dissents here, so there is nothing to answer.")
        if signed.signer_id == author_id:
            raise NotAllowed("Somebody else answers what you asked for.")
        if DissentAnswer.objects.filter(sign_off=signed).exists():
            raise RuleBroken("This was answered already.")
        answer = DissentAnswer(
            sign_off=signed, text=record.reason, author_id=author_id, at=record.time
        )
        answer.save()
        record.note(request=signed.request.record_id, sign_off=signed.record_id)
    return answer


def meet_condition(
    asked: SignOffCondition,
    *,
    by: Actor,
    reason: str,
    evidence: EvidenceItem | None = None,
) -> None:
    """Say that a condition of a sign-off is met, how, and by which evidence."""
    with change(MEET_CONDITION, asked, by=by, reason=reason) as record:
        person_id = _require_author(by, asked)
        if person_id != asked.owner_id:
            raise NotAllowed(f"{asked.owner} was asked for it, and says when it is done.")
        if not asked.is_open or asked.is_missed(record.time.date()):
            raise RuleBroken("It is settled already, or its day is over.")
        if evidence is not None and evidence.model_id != asked.root.pk:
            raise NotFound("There is no such evidence on this model.")
        asked.met_at, asked.met_by_id, asked.evidence = record.time, person_id, evidence
        asked.save()
        record.note(sign_off=asked.sign_off.record_id)


def _require_author(by: Actor, about: PromotionRequest | SignOff | SignOffCondition) -> int:
    """Refuse a program that could not ask for a promotion of the model: seeing it is too little."""
    if by.is_person or not by.may(ANSWER_DISSENT.permission, about.root):
        return require_person(by, "does this")
    if by.user_id is None:
        raise NotAllowed("Only a person or a service account does this.")
    return by.user_id


def _mentioned(text: str, request: PromotionRequest) -> list[int]:
    """Return the ids of the people named in a text who may see the request, each once.

    Names are counted before anybody is looked up, so that a long text costs no more than a short
    one, and the answer tells nothing about which of them exist.
    """
    names = list(dict.fromkeys(MENTION.findall(text)))
    if len(names) > MOST_MENTIONED:
        raise RuleBroken(f"Name at most {MOST_MENTIONED} people in one comment.")
    people = User.objects.filter(username__in=names, is_active=True).order_by("pk")
    return [person.pk for person in people if UserAuthority(person.pk).allows(VIEW, request.root)]
