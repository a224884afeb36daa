"""The life of a questionnaire: drafted, changed, proposed, signed by two roles, published."""

import re

from apps.accounts.roles import role_named
from apps.accounts.signing.giving import require_person
from apps.accounts.signing.statements import StaleForm
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor, Kind
from apps.core.errors import NotAllowed, RuleBroken
from apps.risk import offered, policy_says, questionnaires
from apps.risk.models import Assessment, QuestionnaireVersion
from apps.risk.questionnaire_queries import SIGN, WRITE, asked_before
from apps.risk.questionnaire_standing import missing_signatures, text_digest
from apps.risk.questionnaires import SHIPPED, Questionnaire, QuestionnaireRefused, references
from apps.risk.questionnaires.numbers import number_problems

State = QuestionnaireVersion.State

_WRITERS = "Only a risk or compliance officer of the whole organization writes questionnaires."
SIGNERS = "Only a risk officer or the committee of the whole organization signs questionnaires."

DRAFT_QUESTIONNAIRE = Action(
    "questionnaire.draft", permission=WRITE, needs_reason=True, refusal=_WRITERS
)
CHANGE_DRAFT = Action("questionnaire.change_draft", permission=WRITE, refusal=_WRITERS)
DROP_DRAFT = Action(
    "questionnaire.drop_draft", permission=WRITE, needs_reason=True, refusal=_WRITERS
)
PROPOSE = Action("questionnaire.propose", permission=WRITE, needs_reason=True, refusal=_WRITERS)
DECLINE = Action("questionnaire.decline", permission=SIGN, needs_reason=True, refusal=SIGNERS)
PUBLISH = Action(
    "questionnaire.publish",
    permission=WRITE,
    needs_reason=True,
    refusal=_WRITERS,
    sealing=Sealing.FIRST,
)
RETIRE = Action("questionnaire.retire", permission=SIGN, needs_reason=True, refusal=SIGNERS)
RETIRE_SHIPPED = Action(
    "questionnaire.retire_shipped", permission=SIGN, needs_reason=True, refusal=SIGNERS
)
OFFER_AGAIN = Action(
    "questionnaire.offer_again", permission=SIGN, needs_reason=True, refusal=SIGNERS
)

_ID = re.compile(r"^id:.*$", re.MULTILINE)
_VERSION = re.compile(r"^version:.*$", re.MULTILINE)
_STATUS = re.compile(r"^status:.*$", re.MULTILINE)


def draft_questionnaire(
    *, by: Actor, reason: str, text: str = "", shipped: str = "", own_id: str = "",
    based_on: QuestionnaireVersion | None = None,
) -> QuestionnaireVersion:  # fmt: skip
    """Begin a draft with a text, with that of a version, or with a copy of what is shipped.

    A copy of what comes with Signet bears an id of its own, so that later releases still arrive.

    Raises:
        QuestionnaireRefused: when the text cannot be used, with everything that is wrong with it.
    """
    with change(DRAFT_QUESTIONNAIRE, REGISTRY, by=by, reason=reason) as record:
        author = _require_writer(by)
        if shipped:
            text = _copied(_shipped(shipped).text, own_id)
        elif based_on is not None:
            text = _copied(based_on.text, own_id) if based_on.is_shipped else based_on.text
        draft = _new_draft(record, text, based_on=based_on, author_id=author)
        record.about(draft)
        record.note(digest=draft.digest, number=draft.number)
    return draft


def change_draft(
    draft: QuestionnaireVersion, *, by: Actor, text: str, edited: str
) -> QuestionnaireVersion:
    """Give a draft another text, read whole; ``edited`` is the digest of the text that was edited.

    Raises:
        QuestionnaireRefused: when the text cannot be used, with everything that is wrong with it.
        StaleForm: when somebody else changed the draft since the form was opened.
    """
    with change(CHANGE_DRAFT, draft, by=by) as record:
        _require_person(by)
        draft.require_state(State.DRAFT)
        if text_digest(draft.text) != edited:
            raise StaleForm(
                "Somebody changed this draft since you opened it, so nothing was saved. Your text "
                "is kept below. Compare it with theirs, then save it again."
            )
        draft.take(_own(text))
        draft.changed_at = record.time
        draft.save()
        record.note(digest=draft.digest, number=draft.number, text=text_digest(text))
    return draft


def drop_draft(draft: QuestionnaireVersion, *, by: Actor, reason: str) -> None:
    """Give a draft up; it stays on record."""
    with change(DROP_DRAFT, draft, by=by, reason=reason):
        _require_person(by)
        draft.require_state(State.DRAFT)
        draft.state = State.DROPPED
        draft.save()


def propose_questionnaire(
    draft: QuestionnaireVersion, *, by: Actor, reason: str
) -> QuestionnaireVersion:
    """Ask for the signatures of a draft; its text stands still from here on.

    The reason says what changes and whose results do, or that none should.

    Raises:
        QuestionnaireRefused: when its number, a key or what it refers to cannot be used.
    """
    with change(PROPOSE, draft, by=by, reason=reason) as record:
        _require_person(by)
        draft.require_state(State.DRAFT)
        _one_proposed(draft)
        _require_usable(_own(draft.text))
        draft.state, draft.proposed_at = State.PROPOSED, record.time
        draft.save()
        record.note(digest=draft.digest, number=draft.number)
    return draft


def decline_questionnaire(
    proposed: QuestionnaireVersion, *, by: Actor, reason: str
) -> QuestionnaireVersion:
    """Send a proposed questionnaire back; return the new draft of the same text to go on from.

    What was signed stays with the version that was signed, so that nobody takes one for the other.
    """
    with change(DECLINE, proposed, by=by, reason=reason) as record:
        proposed.require_state(State.PROPOSED)
        proposed.state = State.DROPPED
        proposed.save()
        author = proposed.author_id
        draft = _new_draft(record, proposed.text, based_on=proposed, author_id=author)
        record.note(draft=draft.record_id)
    return draft


def publish_questionnaire(
    proposed: QuestionnaireVersion, *, by: Actor, reason: str
) -> QuestionnaireVersion:
    """Ask a questionnaire from now on: signed in both roles, in place of the version before.

    Raises:
        RuleBroken: when a signature is missing or no longer stands.
        QuestionnaireRefused: when what it refers to is no longer there.
    """
    with change(PUBLISH, proposed, by=by, reason=reason) as record:
        _require_person(by)
        proposed.require_state(State.PROPOSED)
        published = _own(proposed.text)
        if published.digest != proposed.digest:
            raise RuleBroken("This release reads the text otherwise. Decline it and propose again.")
        _require_usable(published)
        if missing := missing_signatures(proposed):
            titles = " and ".join(role_named(role).title for role in missing)
            raise RuleBroken(f"It still needs the signature of: {titles}.")
        before = asked_before(proposed.questionnaire_id).filter(state=State.PUBLISHED).first()
        if before is not None:
            record.lock(before.root)
            before.state, before.replaced_at = State.REPLACED, record.time
            before.save()
        proposed.state, proposed.published_at = State.PUBLISHED, record.time
        proposed.save()
        replaced = before.record_id if before else ""
        record.note(digest=proposed.digest, number=proposed.number, replaces=replaced)
    return proposed


def retire_questionnaire(
    version: QuestionnaireVersion, *, by: Actor, reason: str
) -> QuestionnaireVersion:
    """Ask a questionnaire no longer; what was begun goes on, and what was approved still counts."""
    with change(RETIRE, version, by=by, reason=reason) as record:
        _require_person(by)
        _retire(version, record)
    return version


def retire_shipped(name: str, *, by: Actor, reason: str) -> QuestionnaireVersion:
    """Ask a questionnaire that comes with Signet no longer, whatever later releases bring.

    Its text is taken in, so that there is a version that says so.

    Raises:
        RuleBroken: when none of this name comes with Signet, or it is not asked any more.
    """
    with change(RETIRE_SHIPPED, REGISTRY, by=by, reason=reason) as record:
        _require_person(by)
        _shipped(name)
        asked = offered.newest(name)
        if asked is None:
            raise RuleBroken("It is not asked any more.")
        version = offered.take_in(asked, at=record.time, by=by)
        record.lock(version.root)
        version.refresh_from_db()
        _retire(version, record)
        record.about(version)
    return version


def offer_again(version: QuestionnaireVersion, *, by: Actor, reason: str) -> QuestionnaireVersion:
    """Ask a questionnaire that comes with Signet again, in the newest version there is.

    Raises:
        RuleBroken: when it is asked, or somebody of the organization wrote it.
    """
    with change(OFFER_AGAIN, version, by=by, reason=reason) as record:
        _require_person(by)
        version.require_state(State.RETIRED)
        if not version.is_shipped:
            raise RuleBroken(
                "Go on from it in a draft: two people sign it before it is asked again."
            )
        version.state, version.replaced_at = State.PUBLISHED, None
        version.save()
        record.note(digest=version.digest, number=version.number)
    return version


def _retire(version: QuestionnaireVersion, record: Record) -> None:
    version.require_state(State.PUBLISHED)
    version.state, version.replaced_at = State.RETIRED, record.time
    version.save()
    begun = Assessment.objects.filter(kind=version.questionnaire_id, state__in=Assessment.OPEN)
    record.note(digest=version.digest, number=version.number, begun=begun.count())


def _require_writer(by: Actor) -> int:
    """Return the account of one who writes a draft: a person, also with a token of theirs.

    Nobody who wrote a questionnaire signs it, and that is asked of people.
    """
    if by.kind is not Kind.USER or by.user_id is None:
        raise NotAllowed("A questionnaire is written by a person, not by a service account.")
    return by.user_id


def _require_person(by: Actor) -> int:
    return require_person(by, "writes and signs questionnaires")


def _one_proposed(draft: QuestionnaireVersion) -> None:
    waiting = QuestionnaireVersion.objects.filter(
        questionnaire_id=draft.questionnaire_id, state=State.PROPOSED
    )
    if waiting.exists():
        raise RuleBroken(
            "Another version of it waits for signatures. Publish or decline that one first."
        )


def _require_usable(proposed: Questionnaire) -> None:
    """Refuse a number or a key that cannot follow, and what the policy in force does not know."""
    earlier = [offered.asked_of(row) for row in asked_before(proposed.id)]
    found = (
        *number_problems(proposed, before=earlier),
        *references.problems(proposed, policy_says.policy()),
    )
    if found:
        raise QuestionnaireRefused(found)


def _own(text: str) -> Questionnaire:
    """Read a text somebody wrote, which bears no id of what comes with Signet."""
    read = questionnaires.parse(text)
    if read.id in SHIPPED:
        raise QuestionnaireRefused(
            [f"id: {read.id} comes with Signet. Give your copy an id of its own."]
        )
    return read


def _shipped(name: str) -> Questionnaire:
    if name not in SHIPPED:
        raise RuleBroken("No questionnaire of this name comes with Signet.")
    return questionnaires.shipped(name)


def _copied(text: str, own_id: str) -> str:
    """Return a text as the first draft of a questionnaire with an id of its own."""
    if not own_id:
        raise RuleBroken("Give the copy an id of its own, so that later releases still arrive.")
    for pattern, line in ((_ID, f"id: {own_id}"), (_VERSION, "version: 1.0.0")):
        text = pattern.sub(lambda _, line=line: line, text, count=1)  # type: ignore[misc]
    return _STATUS.sub("status: draft", text, count=1)


def _new_draft(
    record: Record, text: str, *, based_on: QuestionnaireVersion | None, author_id: int | None
) -> QuestionnaireVersion:
    draft = QuestionnaireVersion(
        based_on=based_on, author_id=author_id, drafted_at=record.time, changed_at=record.time
    )
    draft.take(_own(text))
    draft.save()
    return draft
