"""What a reader may do with a version of the policy, and where it stands."""

from dataclasses import dataclass
from typing import Any

from apps.accounts.roles import role_named
from apps.approvals import in_force, policies, policy_queries, policy_standing
from apps.approvals.dry_runs import asking
from apps.approvals.forms import ReasonForm
from apps.approvals.models import DryRun, PolicyVersion
from apps.approvals.pages.policies import readable
from apps.approvals.policies import differences
from apps.approvals.policy_forms import SignPolicyForm
from apps.approvals.policy_standing import SIGNING_ROLES
from apps.approvals.policy_statements import PolicyTicket
from apps.core.actors import Actor

State = PolicyVersion.State
TONES = {
    State.DRAFT: "idle",
    State.PROPOSED: "info",
    State.PUBLISHED: "good",
    State.REPLACED: "idle",
    State.DROPPED: "idle",
}


_WRITTEN = {"propose": State.DRAFT, "drop": State.DRAFT, "publish": State.PROPOSED}
_SIGNED = {"decline": State.PROPOSED}
"""The forms for those who write and those who sign policies, each with the state it is for."""


@dataclass(frozen=True)
class Signature:
    """One of the two signatures: given, or missing."""

    title: str
    name: str
    at: Any
    reason: str
    digest: str
    meaning: str


@dataclass(frozen=True)
class Desk:
    """What is left to do, and what of it the reader may do."""

    may_write: bool
    may_sign: bool
    may_ask: bool
    sign_form: SignPolicyForm | None
    why_not_sign: tuple[str, ...]
    why_not_publish: str
    reason_form: ReasonForm
    asked: str
    """Which of the forms was sent and refused."""
    is_gone: bool
    """Whether the page has that form no longer, so that it says by itself why it was refused."""


def status(version: PolicyVersion) -> dict[str, str]:
    """Return the state of a version as its page shows it."""
    state = State(version.state)
    return {"label": str(state.label), "tone": TONES[state]}


def page(
    version: PolicyVersion,
    reader: Actor,
    *,
    sign_form: SignPolicyForm | None = None,
    reason_form: ReasonForm | None = None,
    asked: str = "",
) -> dict[str, Any]:
    """Return what the page of one version shows to a reader."""
    policy = policies.parsed(version.text)
    signatures = [_signature(version, role) for role in SIGNING_ROLES]
    return {
        **readable(policy),
        "version": version,
        "status": status(version),
        "signatures": signatures if _is_signed(version) else [],
        "review": _to_review(version),
        "dry_run": asking.newest(version) if policy_queries.may_see_drafts(reader) else None,
        "desk": _desk(version, reader, sign_form, reason_form or ReasonForm(), asked),
    }


def _is_signed(version: PolicyVersion) -> bool:
    return version.state not in {State.DRAFT, State.DROPPED} or version.sign_offs.exists()


def _signature(version: PolicyVersion, role: str) -> Signature:
    given = next((one for one in version.sign_offs.all() if one.role == role), None)
    title = role_named(role).title
    if given is None:
        return Signature(title, "", None, "", "", "")
    return Signature(
        title,
        given.signer_name,
        given.signed_at,
        given.reason,
        given.statement_digest,
        given.printed_meaning,
    )


def _to_review(version: PolicyVersion) -> tuple[differences.Difference, ...]:
    """Return what is not only stricter than in the policy in force, while that matters."""
    if version.state != State.PROPOSED:
        return ()
    before, after = in_force.policy(), policies.parsed(version.text)
    return differences.to_review(differences.between(before, after))


def _desk(
    version: PolicyVersion,
    reader: Actor,
    sign_form: SignPolicyForm | None,
    reason_form: ReasonForm,
    asked: str,
) -> Desk:
    may_write, may_sign = (
        reader.is_person and reader.may(permission)
        for permission in (policy_queries.WRITE, policy_queries.SIGN)
    )
    is_open = version.state in {State.DRAFT, State.PROPOSED}
    is_proposed = version.state == State.PROPOSED
    refusals = _refusals(version, reader) if is_proposed and may_sign else {}
    return Desk(
        may_write=may_write,
        may_sign=may_sign,
        may_ask=is_open and (may_write or may_sign),
        sign_form=_sign_form(version, reader, refusals, sign_form),
        why_not_sign=_said(refusals),
        why_not_publish=_why_not_publish(version) if is_proposed and may_write else "",
        reason_form=reason_form,
        asked=asked,
        is_gone=bool(asked) and not _has_form(version, asked, may_write, may_sign),
    )


def _has_form(version: PolicyVersion, name: str, may_write: bool, may_sign: bool) -> bool:
    forms = (_WRITTEN if may_write else {}) | (_SIGNED if may_sign else {})
    return forms.get(name) == version.state


def _refusals(version: PolicyVersion, reader: Actor) -> dict[str, str]:
    return {role: policy_standing.why_not_sign(version, role, reader) for role in SIGNING_ROLES}


def _said(refusals: dict[str, str]) -> tuple[str, ...]:
    """Return why a person may sign in no role; who may in one is told nothing about the other."""
    if not refusals or not all(refusals.values()):
        return ()
    not_held = [words for words in refusals.values() if words.startswith("You do not hold")]
    others = [words for words in refusals.values() if words not in not_held]
    return tuple(dict.fromkeys(others or not_held))


def _sign_form(
    version: PolicyVersion, reader: Actor, refusals: dict[str, str], sent: SignPolicyForm | None
) -> SignPolicyForm | None:
    roles = [role for role, why_not in refusals.items() if not why_not]
    if not roles:
        return sent
    form = sent or SignPolicyForm()
    shown = policy_standing.shown_of(version)
    form.offer(roles, ticket=PolicyTicket.issue(shown, to=reader).sealed())
    return form


def _why_not_publish(version: PolicyVersion) -> str:
    if missing := policy_standing.missing_signatures(version):
        titles = " and ".join(role_named(role).title for role in missing)
        return f"It still needs the signature of: {titles}."
    if not policy_standing.has_dry_run(version):
        return "It needs a dry run first."
    return ""


def is_waiting(run: DryRun | None) -> bool:
    """Say whether a dry run is not over yet."""
    return run is not None and run.state in asking.UNDER_WAY
