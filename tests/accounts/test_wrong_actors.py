"""Every operation on accounts asks who does it, and a refusal changes nothing but the record."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.accounts import operations
from apps.accounts.actors import actor_of_token
from apps.accounts.models import ApiToken, Duty, Team, TeamMembership, User
from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.core.actors import ANONYMOUS, SYSTEM, WORKER, Actor, Door
from apps.core.errors import NotAllowed
from tests.accounts.record import events
from tests.factories import HOST, PASSWORD, actor, person, team

WHY = "A reason"

Wrong = Callable[[], Actor]


def a_colleague() -> Actor:
    """Somebody with duties, but no part in administration."""
    return actor(person("colleague", everywhere=("model_owner", "risk_officer")))


def a_token_of_the_administrator() -> Actor:
    """A program with every scope an administrator's token can have."""
    boss = person("boss", administrator=True)
    token, _ = operations.create_token(
        boss, by=actor(boss), name="All", scopes=set(Scope), expires_in=timedelta(days=1)
    )
    return actor_of_token(token)


def a_closed_administrator() -> Actor:
    """Somebody whose account was closed while they were signed in."""
    boss = person("boss", administrator=True)
    person("spare", administrator=True)
    signed_in = actor(boss)
    operations.close_account(boss, by=HOST, reason=WHY)
    return signed_in


def staff() -> Actor:
    """Somebody who may enter the admin, and no more."""
    return actor(person("operator", staff=True), door=Door.ADMIN)


WRONG_ACTORS: dict[str, Wrong] = {
    "a colleague": a_colleague,
    "staff": staff,
    "a token": a_token_of_the_administrator,
    "a closed administrator": a_closed_administrator,
    "the worker": lambda: WORKER,
    "the system": lambda: SYSTEM,
    "nobody": lambda: ANONYMOUS,
}

OPERATIONS: dict[str, Callable[[User, Actor], object]] = {
    "user.create": lambda ada, by: operations.create_user(by=by, username="eve", display_name="E"),
    "user.create_first_administrator": lambda ada, by: operations.first_administrator(
        by=by, username="eve", display_name="E", password=PASSWORD
    ),
    "user.appoint_administrator": lambda ada, by: operations.appoint_administrator(
        ada, by=by, reason=WHY
    ),
    "user.dismiss_administrator": lambda ada, by: operations.dismiss_administrator(
        ada, by=by, reason=WHY
    ),
    "user.close": lambda ada, by: operations.close_account(ada, by=by, reason=WHY),
    "user.reopen": lambda ada, by: operations.reopen_account(ada, by=by, reason=WHY),
    "user.entrust": lambda ada, by: operations.entrust_account(ada, by=by, manager=ada, reason=WHY),
    "user.set_password": lambda ada, by: operations.set_password(
        ada, by=by, new="another good phrase", reason=WHY
    ),
    "user.change_password": lambda ada, by: operations.change_password(
        ada, by=by, current=PASSWORD, new="another good phrase"
    ),
    "team.create": lambda ada, by: operations.create_team(by=by, name="Evil"),
    "team.join": lambda ada, by: operations.join_team(Team.objects.get(), by=by, user=ada),
    "team.leave": lambda ada, by: operations.leave_team(
        Team.objects.get(), by=by, user=TeamMembership.objects.get().user
    ),
    "duty.grant": lambda ada, by: operations.grant_duty(ada, "auditor", by=by, reason=WHY),
    "duty.end": lambda ada, by: operations.end_duty(Duty.objects.get(user=ada), by=by, reason=WHY),
    "token.create": lambda ada, by: operations.create_token(
        ada, by=by, name="x", scopes={Scope.READ}, expires_in=timedelta(days=1)
    ),
    "token.renew": lambda ada, by: operations.renew_token(ApiToken.objects.get(user=ada), by=by),
    "token.revoke": lambda ada, by: operations.revoke_token(ApiToken.objects.get(user=ada), by=by),
    "token.withdraw": lambda ada, by: operations.withdraw_token(
        ApiToken.objects.get(user=ada), by=by, reason=WHY
    ),
}


@pytest.mark.parametrize("who", WRONG_ACTORS)
@pytest.mark.parametrize("action", OPERATIONS)
def test_who_may_not_is_refused_and_only_the_refusal_stays(
    ada: User, action: str, who: str
) -> None:
    operations.grant_duty(ada, "validator", by=HOST, reason=WHY)
    operations.create_token(
        ada, by=actor(ada), name="t", scopes={Scope.READ}, expires_in=timedelta(days=1)
    )
    team("Credit", person("member"))
    wrong = WRONG_ACTORS[who]()
    done = AuditEvent.objects.filter(outcome="done").count()

    with pytest.raises(NotAllowed):
        OPERATIONS[action](ada, wrong)

    (refused,) = events(action, "refused")
    assert refused.actor_id == wrong.id
    assert AuditEvent.objects.filter(outcome="done").count() == done


@pytest.mark.parametrize(
    "action", ["user.change_password", "token.create", "token.renew", "token.revoke"]
)
def test_an_administrator_does_not_act_on_what_is_a_persons_own(
    ada: User, by_administrator: Actor, action: str
) -> None:
    operations.create_token(
        ada, by=actor(ada), name="t", scopes={Scope.READ}, expires_in=timedelta(days=1)
    )

    with pytest.raises(NotAllowed):
        OPERATIONS[action](ada, by_administrator)
