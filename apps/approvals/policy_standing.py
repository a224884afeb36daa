"""Where a proposed policy stands: what is shown of it, who may sign, what is missing."""

import json
from collections.abc import Collection

from django.db.models import CharField, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from apps.accounts.rights import roles_everywhere
from apps.accounts.roles import role_named
from apps.approvals import in_force, policies
from apps.approvals.models import DryRun, PolicySignOff, PolicyVersion
from apps.approvals.policy_statements import Shown
from apps.audit.models import AuditEvent
from apps.core.actors import Actor
from apps.core.prepared import Slot

State = PolicyVersion.State
SIGNING_ROLES = ("risk_officer", "governance_committee")
"""The roles that sign a policy, each once, each by somebody else (README of policies, 11)."""
WRITING = ("policy.draft", "policy.change_draft")
"""The actions that make somebody one of those who wrote a policy."""


def shown_of(proposed: PolicyVersion) -> Shown:
    """Return what the page of a proposed policy shows, and a signature covers."""
    return Shown.of(proposed, policies.parsed(proposed.text), in_force.policy())


def why_not_sign(proposed: PolicyVersion, role: str, by: Actor) -> str:
    """Say why a person may not sign in a role, or nothing."""
    if role not in SIGNING_ROLES:
        return "Policies are signed by a risk officer and by the committee."
    if by.user_id is None or role not in roles_everywhere(by.user_id):
        return f"You do not hold the role {role_named(role).title} in the whole organization."
    if by.id in writers_of(proposed):
        return "Nobody who wrote the policy signs it."
    given = {signed.role: signed.signer_id for signed in proposed.sign_offs.all()}
    if role in given:
        return "The signature in this role is given already."
    if by.user_id in given.values():
        return "You signed in the other role. Somebody else signs in this one."
    return ""


def writers_of(version: PolicyVersion) -> frozenset[str]:
    """Return everyone who wrote at a version, or at one it goes on from that never was in force."""
    written: list[str] = []
    one: PolicyVersion | None = version
    while one is not None:
        written.append(one.record_id)
        before = one.based_on
        one = before if before is not None and before.published_at is None else None
    events = AuditEvent.objects.filter(
        subject_type=PolicyVersion.RECORD.word,
        subject_id__in=written,
        action__in=WRITING,
        outcome=AuditEvent.Outcome.DONE,
    )
    return frozenset(events.values_list("actor_id", flat=True))


def writing_of(actor_id: str | Slot, policy_id: Combinable) -> QuerySet[AuditEvent]:
    """Return the events of an actor's writing at the version of some id, to ask if there is one."""
    prefix = Value(f"{PolicyVersion.RECORD.prefix}_")
    return AuditEvent.objects.filter(
        subject_type=PolicyVersion.RECORD.word,
        subject_id=Concat(prefix, Cast(policy_id, CharField())),
        action__in=WRITING,
        outcome=AuditEvent.Outcome.DONE,
        actor_id=actor_id,
    )


def missing_signatures(proposed: PolicyVersion) -> list[str]:
    """Return the roles whose signature is missing, or no longer stands, as of now."""
    signed = proposed.sign_offs.select_related("signer")
    shown, writers = shown_of(proposed), writers_of(proposed)
    standing = {one.role for one in signed if _stands(one, shown, writers)}
    return [role for role in SIGNING_ROLES if role not in standing]


def has_dry_run(version: PolicyVersion) -> bool:
    """Say whether a dry run held exactly what a version says against the policy in force now."""
    carried_out = DryRun.objects.filter(
        policy=version, digest=version.digest, state=DryRun.State.DONE
    )
    before = PolicyVersion.objects.filter(state=State.PUBLISHED).first()
    if before is not None:
        carried_out = carried_out.filter(asked_at__gte=before.published_at)
    return carried_out.exists()


def _stands(signed: PolicySignOff, shown: Shown, writers: Collection[str]) -> bool:
    """Say whether a signature covers what would be published, by somebody who may still sign."""
    said = json.loads(signed.statement)
    is_same = all(said.get(name) == value for name, value in vars(shown).items())
    return (
        is_same
        and signed.signer.is_active
        and signed.role in roles_everywhere(signed.signer_id)
        and signed.signer.record_id not in writers
    )
