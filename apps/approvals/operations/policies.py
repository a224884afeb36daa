"""The life of a policy: drafted, changed, proposed, signed by two roles, published for good."""

from apps.accounts.confirmation import Confirmation
from apps.accounts.roles import role_named
from apps.accounts.signing.giving import give, require_person, require_unused
from apps.accounts.signing.statements import StaleForm, Statement
from apps.approvals import in_force, policies
from apps.approvals.models import PolicySignOff, PolicyVersion
from apps.approvals.policies import Policy, PolicyRefused, lineage
from apps.approvals.policy_standing import (
    has_dry_run,
    missing_signatures,
    shown_of,
    why_not_sign,
)
from apps.approvals.policy_statements import MEANING, PolicyTicket, statement_of, text_digest
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.risk import offered

State = PolicyVersion.State

_WRITE, _SIGN = "catalog.write_policies", "catalog.sign_policies"
_WRITERS = "Only a risk officer of the whole organization writes policies."
_SIGNERS = "Only a risk officer or the committee of the whole organization signs policies."

DRAFT_POLICY = Action("policy.draft", permission=_WRITE, needs_reason=True, refusal=_WRITERS)
CHANGE_DRAFT = Action("policy.change_draft", permission=_WRITE, refusal=_WRITERS)
DROP_DRAFT = Action("policy.drop_draft", permission=_WRITE, needs_reason=True, refusal=_WRITERS)
PROPOSE_POLICY = Action(
    "policy.propose", permission=_WRITE, needs_reason=True, refusal=_WRITERS, sealing=Sealing.FIRST
)
SIGN_POLICY = Action("policy.sign", permission=_SIGN, refusal=_SIGNERS, sealing=Sealing.FIRST)
DECLINE_POLICY = Action(
    "policy.decline", permission=_SIGN, needs_reason=True, refusal=_SIGNERS, sealing=Sealing.AWAITED
)
PUBLISH_POLICY = Action(
    "policy.publish", permission=_WRITE, needs_reason=True, refusal=_WRITERS, sealing=Sealing.FIRST
)


def draft_policy(
    *, by: Actor, reason: str, based_on: PolicyVersion | None = None, shipped: str = ""
) -> PolicyVersion:
    """Begin a draft with the text of a version, of a shipped policy, or of the one in force.

    Raises:
        RuleBroken: when no policy of that name is shipped.
    """
    with change(DRAFT_POLICY, REGISTRY, by=by, reason=reason) as record:
        if based_on is None and not shipped:
            based_on = PolicyVersion.objects.filter(state=State.PUBLISHED).first()
        text = based_on.text if based_on else _shipped(shipped or in_force.STARTER).text
        draft = _new_draft(record, text, based_on=based_on, author_id=_require_person(by))
        record.about(draft)
        record.note(digest=draft.digest, number=draft.number)
    return draft


def change_draft(draft: PolicyVersion, *, by: Actor, text: str, edited: str) -> PolicyVersion:
    """Give a draft another text, read whole; ``edited`` is the digest of the text that was edited.

    Raises:
        PolicyRefused: when the text cannot be used, with everything that is wrong with it.
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
        _write(draft, _parsed(text))
        draft.changed_at = record.time
        draft.save()
        record.note(digest=draft.digest, number=draft.number, text=text_digest(text))
    return draft


def drop_draft(draft: PolicyVersion, *, by: Actor, reason: str) -> None:
    """Give a draft up; it stays on record."""
    with change(DROP_DRAFT, draft, by=by, reason=reason):
        draft.require_state(State.DRAFT)
        draft.state = State.DROPPED
        draft.save()


def propose_policy(draft: PolicyVersion, *, by: Actor, reason: str) -> PolicyVersion:
    """Ask for the signatures of a draft; its text stands still from here on.

    Raises:
        PolicyRefused: when its text, its number or an id in it cannot be used.
    """
    with change(PROPOSE_POLICY, draft, by=by, reason=reason) as record:
        draft.require_state(State.DRAFT)
        if PolicyVersion.objects.filter(state=State.PROPOSED).exists():
            raise RuleBroken("Another policy waits for signatures. Publish or decline it first.")
        proposed = _parsed(draft.text)
        if proposed.digest == in_force.policy().digest and _is_anything_published():
            raise RuleBroken("It says what the policy in force says. Change it first.")
        _require_usable(proposed)
        draft.state, draft.proposed_at = State.PROPOSED, record.time
        draft.save()
        record.note(digest=draft.digest, number=draft.number)
    return draft


def sign_policy(
    proposed: PolicyVersion,
    *,
    by: Actor,
    role: str,
    ticket: PolicyTicket,
    confirmed: Confirmation,
    reason: str = "",
) -> PolicySignOff:
    """Sign in one of the two roles the policy that the ticket says was shown."""
    with change(SIGN_POLICY, proposed, by=by, reason=reason) as record:
        proposed.require_state(State.PROPOSED)
        _require_person(by)
        ticket.require_current(shown_of(proposed), by=by)
        require_unused(PolicySignOff, ticket.nonce)
        _require_seat(proposed, role, by)
        rules = in_force.policy().signature
        record.require_reason(is_needed=rules.reason_required)
        signed = PolicySignOff(policy=proposed, role=role, meaning=MEANING, reason=record.reason)
        give(
            signed,
            Statement(statement_of(ticket.shown, role=role, by=by, nonce=ticket.nonce)),
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=rules.factors_required,
        )
        record.note(digest=proposed.digest)
    return signed


def policy_statement_offered(
    proposed: PolicyVersion, *, by: Actor, role: str, ticket: PolicyTicket
) -> str:
    """Return the words somebody is about to sign, as a passkey signs them.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
        NotAllowed: when this person may not sign in the role.
    """
    proposed.require_state(State.PROPOSED)
    ticket.require_current(shown_of(proposed), by=by)
    _require_person(by)
    _require_seat(proposed, role, by)
    return statement_of(ticket.shown, role=role, by=by, nonce=ticket.nonce)


def decline_policy(proposed: PolicyVersion, *, by: Actor, reason: str) -> PolicyVersion:
    """Send a proposed policy back; return the new draft of the same text to go on from.

    What was signed stays with the version that was signed, so that nobody takes one for the other.
    """
    with change(DECLINE_POLICY, proposed, by=by, reason=reason) as record:
        proposed.require_state(State.PROPOSED)
        proposed.state = State.DROPPED
        proposed.save()
        draft = _new_draft(record, proposed.text, based_on=proposed, author_id=proposed.author_id)
        record.note(draft=draft.record_id)
    return draft


def publish_policy(proposed: PolicyVersion, *, by: Actor, reason: str) -> PolicyVersion:
    """Put a policy in force: signed in both roles, after a dry run of exactly what it says."""
    with change(PUBLISH_POLICY, proposed, by=by, reason=reason) as record:
        proposed.require_state(State.PROPOSED)
        published = _parsed(proposed.text)
        if published.digest != proposed.digest:
            raise RuleBroken("This release reads the text otherwise. Decline it and propose again.")
        _require_usable(published)
        if missing := missing_signatures(proposed):
            titles = " and ".join(role_named(role).title for role in missing)
            raise RuleBroken(f"It still needs the signature of: {titles}.")
        if not has_dry_run(proposed):
            raise RuleBroken("Carry out a dry run of this text first, and look at what it says.")
        before = PolicyVersion.objects.filter(state=State.PUBLISHED).first()
        if before is not None:
            record.lock(before.root)
            before.state, before.replaced_at = State.REPLACED, record.time
            before.save()
        proposed.state, proposed.published_at = State.PUBLISHED, record.time
        proposed.save()
        replaced = before.record_id if before else ""
        record.note(digest=proposed.digest, number=proposed.number, replaces=replaced)
    return proposed


def _require_seat(proposed: PolicyVersion, role: str, by: Actor) -> None:
    if why_not := why_not_sign(proposed, role, by):
        raise NotAllowed(why_not)


def _require_person(by: Actor) -> int:
    return require_person(by, "writes and signs policies")


def _require_usable(proposed: Policy) -> None:
    """Refuse a number that is not higher, and an id that came back with another meaning."""
    published = PolicyVersion.objects.filter(state__in=[State.PUBLISHED, State.REPLACED])
    in_turn = published.order_by("published_at", "pk")
    numbers = list(in_turn.values_list("policy_id", "number"))
    earlier = lineage.Earlier(
        numbers,
        last=in_force.policy() if numbers else None,
        read=lambda: map(policies.parsed, in_turn.values_list("text", flat=True)),
    )
    if problems := tuple(lineage.problems(proposed, earlier, _all_shipped())):
        raise PolicyRefused(problems)


def _is_anything_published() -> bool:
    return PolicyVersion.objects.filter(state=State.PUBLISHED).exists()


def _shipped(name: str) -> Policy:
    if name not in policies.SHIPPED:
        raise RuleBroken("No policy of this name comes with Signet.")
    return policies.shipped(name)


def _all_shipped() -> list[Policy]:
    return [policies.shipped(name) for name in policies.SHIPPED]


def _parsed(text: str) -> Policy:
    """Read a text that may name whatever questionnaire was published by now."""
    return policies.parse(text, own=offered.ever_asked())


def _new_draft(
    record: Record, text: str, *, based_on: PolicyVersion | None, author_id: int
) -> PolicyVersion:
    draft = PolicyVersion(
        based_on=based_on, author_id=author_id, drafted_at=record.time, changed_at=record.time
    )
    _write(draft, _parsed(text))
    draft.save()
    return draft


def _write(draft: PolicyVersion, policy: Policy) -> None:
    draft.policy_id, draft.number, draft.title = policy.id, policy.version, policy.title[:200]
    draft.text, draft.digest = policy.text, policy.digest
