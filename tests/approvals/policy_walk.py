"""Steps in the life of a policy, by the real operations: written, tried, signed, published."""

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.approvals import operations, policy_standing
from apps.approvals.dry_runs import asking, runner
from apps.approvals.models import DryRun, PolicySignOff, PolicyVersion
from apps.approvals.policy_statements import PolicyTicket, text_digest
from apps.core.actors import Actor
from apps.core.clock import database_now
from tests import scenarios
from tests.approvals.policy_texts import Change, text_of
from tests.factories import actor
from tests.remembered import remembered

WHY = "A reason"
OFFICER, COMMITTEE = "risk_officer", "governance_committee"


def writer() -> User:
    """Return a risk officer who writes policies, and so signs none of them."""
    return scenarios.account("wanda", "Wanda Writer", OFFICER)


def chair() -> User:
    return scenarios.account("gina", "Gina Governance", COMMITTEE)


@remembered
def drafted(
    change: Change | None = None, *, number: str = "1.0.1", shipped: str = "starter"
) -> PolicyVersion:
    """Return a draft of the writer with a change made to a shipped policy."""
    draft = operations.draft_policy(by=actor(writer()), reason=WHY, shipped=shipped)
    text = text_of(change, number=number, shipped=shipped)
    return rewritten(draft, text)


def rewritten(draft: PolicyVersion, text: str, *, by: User | None = None) -> PolicyVersion:
    """Save another text in a draft that was opened now."""
    return operations.change_draft(
        draft, by=actor(by or writer()), text=text, edited=text_digest(draft.text)
    )


@remembered
def proposed(
    change: Change | None = None, *, number: str = "1.0.1", shipped: str = "starter"
) -> PolicyVersion:
    """Return a policy that waits for its signatures."""
    draft = drafted(change, number=number, shipped=shipped)
    return operations.propose_policy(draft, by=actor(writer()), reason=WHY)


def tried(version: PolicyVersion) -> DryRun:
    """Carry out a dry run of a version, as a worker does."""
    run = asking.ask(version, by=actor(writer()))
    runner.carry_out(run.pk)
    run.refresh_from_db()
    return run


def ticket(version: PolicyVersion, by: Actor) -> PolicyTicket:
    """Open the page of a proposed policy, as it stands now, to sign what it shows."""
    return PolicyTicket.issue(policy_standing.shown_of(version), to=by)


def signed(
    version: PolicyVersion,
    who: User,
    role: str,
    *,
    opened: PolicyTicket | None = None,
    confirmed: Confirmation | None = None,
    reason: str = WHY,
) -> PolicySignOff:
    """Sign a policy as somebody, on a page opened now unless another is given."""
    by = actor(who)
    return operations.sign_policy(
        version,
        by=by,
        role=role,
        ticket=opened or ticket(version, by),
        confirmed=confirmed or scenarios.confirmation(by),
        reason=reason,
    )


def signed_by_both(version: PolicyVersion) -> PolicyVersion:
    """Give both signatures."""
    signed(version, scenarios.risk_officer(), OFFICER)
    signed(version, chair(), COMMITTEE)
    return version


@remembered
def published(
    change: Change | None = None, *, number: str = "1.0.1", shipped: str = "starter"
) -> PolicyVersion:
    """Put a policy in force, the whole way."""
    version = proposed(change, number=number, shipped=shipped)
    tried(version)
    signed_by_both(version)
    return operations.publish_policy(version, by=actor(writer()), reason=WHY)


def fresh(version: PolicyVersion) -> PolicyVersion:
    """Read a version again."""
    found: PolicyVersion = PolicyVersion.objects.get(pk=version.pk)
    return found


def old_confirmation(who: User) -> Confirmation:
    """Return a password that was given yesterday."""
    at = database_now().replace(year=2020)
    return Confirmation(who.pk, "password", at)
