"""Who manages people. There is always at least one administrator, and none to begin with."""

from apps.accounts import rules
from apps.accounts.models import User
from apps.accounts.operations.people import create_user
from apps.accounts.rights import MANAGE_PEOPLE
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

CREATE_FIRST_ADMINISTRATOR = Action(
    "user.create_first_administrator", permission=MANAGE_PEOPLE, sealing=Sealing.AWAITED
)
APPOINT_ADMINISTRATOR = Action(
    "user.appoint_administrator", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.FIRST
)
DISMISS_ADMINISTRATOR = Action(
    "user.dismiss_administrator",
    permission=MANAGE_PEOPLE,
    needs_reason=True,
    sealing=Sealing.AWAITED,
)


def first_administrator(
    *, by: Actor, username: str, display_name: str, password: str, email: str = ""
) -> User:
    """Create the administrator a new installation begins with; only while there is none."""
    with change(CREATE_FIRST_ADMINISTRATOR, REGISTRY, by=by) as record:
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            raise RuleBroken("There is an administrator already. They can appoint others.")
        user = create_user(
            by=by,
            username=username,
            display_name=display_name,
            email=email,
            password=password,
            is_staff=True,
            is_superuser=True,
        )
        record.about(user)
    return user


def appoint_administrator(user: User, *, by: Actor, reason: str) -> User:
    """Let a person manage people and enter the admin."""
    with change(APPOINT_ADMINISTRATOR, user, by=by, reason=reason):
        rules.require_open(user)
        rules.require_person(user)
        rules.require_colleague(user)
        if user.is_superuser:
            raise RuleBroken(f"{user} is an administrator already.")
        user.is_superuser = user.is_staff = True
        user.save()
    return user


def dismiss_administrator(user: User, *, by: Actor, reason: str) -> User:
    """Take administration from a person, who keeps duties and account."""
    with change(DISMISS_ADMINISTRATOR, user, by=by, reason=reason):
        if not user.is_superuser:
            raise RuleBroken(f"{user} is not an administrator.")
        rules.require_another_administrator(user)
        user.is_superuser = user.is_staff = False
        user.save()
    return user
