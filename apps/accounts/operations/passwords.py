"""Passwords are changed by their owner, or set anew by an administrator."""

from apps.accounts import rules
from apps.accounts.models import User
from apps.accounts.rights import MANAGE_PEOPLE
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.core.actors import ON_OWN_SESSION, Actor
from apps.core.errors import NotAllowed, RuleBroken

CHANGE_PASSWORD = Action("user.change_password", permission=ON_OWN_SESSION)
SET_PASSWORD = Action(
    "user.set_password", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.AWAITED
)


class WrongPassword(NotAllowed):
    """The password, or the name it was given for, does not match."""

    code = "wrong_password"


def change_password(user: User, *, by: Actor, current: str, new: str) -> User:
    """Replace one's own password, knowing the current one; all other sessions end."""
    with change(CHANGE_PASSWORD, user, by=by) as record:
        if not user.check_password(current):
            raise WrongPassword("That is not your current password.")
        if current == new:
            raise RuleBroken("The new password is the current one. Choose another.")
        rules.require_password(new, user)
        user.give_password(new, record.time)
    return user


def set_password(user: User, *, by: Actor, new: str, reason: str) -> User:
    """Give a person a new password, for a start or when they lost theirs; all sessions end."""
    with change(SET_PASSWORD, user, by=by, reason=reason) as record:
        rules.require_open(user)
        rules.require_person(user)
        rules.require_password(new, user)
        user.give_password(new, record.time)
    return user
