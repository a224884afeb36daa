"""What must hold for people, teams and passwords, said in plain words when it does not."""

import string
from collections.abc import Collection
from functools import cache
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from apps.accounts.models import Team, User
from apps.audit.governed import GovernedRow
from apps.core.actors import Actor, Kind
from apps.core.errors import RuleBroken

MOST_PASSWORD = 1024
_PADDING = string.digits + string.punctuation + string.whitespace


def require_valid(row: GovernedRow, *, leaving_out: Collection[str] = ("password",)) -> None:
    """Refuse a row whose fields do not hold what they may."""
    try:
        row.full_clean(exclude=set(leaving_out))
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages)) from None


def require_free_username(username: str) -> None:
    if User.objects.filter(username=username).exists():
        raise RuleBroken(f"The sign-in name “{username}” is taken. Choose another.")


def require_free_team_name(name: str) -> None:
    if Team.objects.filter(name=name).exists():
        raise RuleBroken(f"There is a team “{name}” already. Choose another name.")


def require_password(password: str, user: User) -> None:
    """Refuse a password that is short, common, endless or made from the account's own words."""
    if len(password) > MOST_PASSWORD:
        raise RuleBroken(f"A password holds at most {MOST_PASSWORD:,} characters.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages)) from None
    folded = password.casefold()
    if folded == user.display_name.casefold():
        raise RuleBroken("The password is the person's name. Choose another.")
    if _is_a_run(folded) or _is_common(folded.strip(_PADDING)):
        raise RuleBroken("Others would guess this password early. A few unrelated words are good.")


def _is_a_run(text: str) -> bool:
    """Say whether a text repeats a few characters, or counts through them."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(text)}
    return len(set(text)) < 5 or steps in ({1}, {9})


def _is_common(word: str) -> bool:
    return word in _common_passwords()


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def require_open(user: User) -> None:
    if not user.is_active:
        raise RuleBroken(f"The account of {user} is closed.")


def require_colleague(user: User) -> None:
    """Refuse an examiner from outside: they look at what an exam grants, and hold nothing."""
    if user.is_examiner:
        raise RuleBroken(f"{user} is an examiner from outside, who looks and can do nothing else.")


def require_person(user: User) -> None:
    if user.is_service_account:
        raise RuleBroken("A service account has tokens, no password and no part in administration.")


def require_answerable(person: User) -> None:
    """Refuse to let a service account, or somebody who left, answer for a service account."""
    if person.is_service_account or not person.is_active:
        raise RuleBroken("Name a person with an open account, who answers for what it does.")
    require_colleague(person)


def require_answered_for(by: Actor) -> None:
    """Refuse a service account nobody answers for: duties would keep nobody from signing."""
    if by.kind is not Kind.SERVICE:
        return
    account = User.objects.select_related("manager").get(pk=by.user_id)
    if account.manager is None or not account.manager.is_active:
        raise RuleBroken(
            f"Nobody answers for the service account {account}, so duties would keep nobody from "
            "signing what it asks for. Have an administrator name the person, then ask again."
        )


def require_another_administrator(user: User) -> None:
    """Refuse to lose the last person who can manage people."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise RuleBroken(f"{user} is the last administrator. Appoint another one first.")
