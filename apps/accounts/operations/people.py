"""Accounts are created, closed and reopened; never deleted."""

from apps.accounts import held_factors, rules
from apps.accounts.models import Duty, User
from apps.accounts.operations.duties import end_duty
from apps.accounts.operations.factors import withdraw_factors
from apps.accounts.operations.teams import leave_team
from apps.accounts.operations.tokens import withdraw_token
from apps.accounts.rights import MANAGE_PEOPLE
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

CREATE_USER = Action("user.create", permission=MANAGE_PEOPLE, sealing=Sealing.FIRST)
CLOSE_ACCOUNT = Action(
    "user.close", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.AWAITED
)
REOPEN_ACCOUNT = Action(
    "user.reopen", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.FIRST
)
ENTRUST_ACCOUNT = Action(
    "user.entrust", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.FIRST
)


def create_user(
    *,
    by: Actor,
    username: str,
    display_name: str,
    email: str = "",
    password: str | None = None,
    org_unit: str = "",
    manager: User | None = None,
    is_staff: bool = False,
    is_superuser: bool = False,
    is_service_account: bool = False,
    is_examiner: bool = False,
) -> User:
    """Create a person or a service account. A person without a password cannot sign in yet.

    The manager of a service account is who answers for it. An examiner from outside never becomes
    anything else.
    """
    with change(CREATE_USER, REGISTRY, by=by) as record:
        user = User(
            username=username,
            display_name=" ".join(display_name.split()),
            email=email,
            org_unit=org_unit,
            manager=manager,
            is_staff=is_staff,
            is_superuser=is_superuser,
            is_service_account=is_service_account,
            is_examiner=is_examiner,
            created_at=record.time,
        )
        rules.require_free_username(username)
        rules.require_valid(user)
        if is_staff or is_superuser or password is not None:
            rules.require_person(user)
        if is_examiner:
            rules.require_person(user)
        if is_staff or is_superuser:
            rules.require_colleague(user)
        if is_service_account and manager is not None:
            rules.require_answerable(manager)
        if password is None:
            user.set_unusable_password()
        else:
            rules.require_password(password, user)
            user.set_password(password)
            user.password_changed_at = record.time
        user.save()
        record.about(user)
        record.note(administrator=is_superuser, service=is_service_account)
        if is_examiner:
            record.note(examiner=True)
    return user


def close_account(user: User, *, by: Actor, reason: str) -> User:
    """Close an account: duties, teams, tokens, factors, sessions end; its signatures stay."""
    with change(CLOSE_ACCOUNT, user, by=by, reason=reason) as record:
        rules.require_open(user)
        if user.is_superuser:
            rules.require_another_administrator(user)
        for duty in Duty.objects.filter(user=user, until=None).order_by("pk"):
            end_duty(duty, by=by, reason=reason)
        memberships = user.memberships.filter(until=None).select_related("team").order_by("team_id")
        for membership in memberships:
            leave_team(membership.team, by=by, user=user)
        for token in user.tokens.filter(revoked_at=None).order_by("pk"):
            withdraw_token(token, by=by, reason=reason)
        if held_factors.held_by(user.pk).any:
            withdraw_factors(user, by=by, reason=reason)
        user.close(record.time)
    return user


def reopen_account(user: User, *, by: Actor, reason: str) -> User:
    """Reopen a closed account, without a password, duty, team, token or factor it had."""
    with change(REOPEN_ACCOUNT, user, by=by, reason=reason):
        if user.is_active:
            raise RuleBroken(f"The account of {user} is open.")
        user.is_active = True
        user.save()
    return user


def entrust_account(user: User, *, by: Actor, manager: User, reason: str) -> User:
    """Let a person answer for a service account: what it does counts as done by them at duties."""
    with change(ENTRUST_ACCOUNT, user, by=by, reason=reason) as record:
        rules.require_open(user)
        if not user.is_service_account:
            raise RuleBroken(f"{user} is a person, and answers for what they do themselves.")
        rules.require_answerable(manager)
        if user.manager_id == manager.pk:
            raise RuleBroken(f"{manager} answers for {user} already.")
        user.manager = manager
        user.save()
        record.note(to=manager.record_id)
    return user
