"""Accounts and administration."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from apps.accounts import operations, queries, rights
from apps.accounts.models import Duty, TeamMembership, User
from apps.accounts.scopes import Scope
from apps.audit.governed import UngovernedWrite
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from tests.accounts.record import entry_of, events
from tests.factories import HOST, PASSWORD, actor, person, team


def test_a_person_is_created_with_one_event_and_one_state(by_administrator: Actor) -> None:
    user = operations.create_user(
        by=by_administrator,
        username="ada",
        display_name="  Ada   Lovelace ",
        email="ada@example.org",
        password=PASSWORD,
        org_unit="Credit risk",
    )

    event = events("user.create")[-1]
    assert user.display_name == "Ada Lovelace"
    assert user.check_password(PASSWORD)
    assert event.subject_id == user.record_id
    assert event.actor_id == by_administrator.id
    assert entry_of(event)["detail"] == {"administrator": False, "service": False}
    assert [state.event_id for state in user.history.all()] == [event.uid]


def test_a_person_without_a_password_cannot_be_signed_in_with_any(db: None) -> None:
    user = person("ada", password=None)

    assert not user.has_usable_password()
    assert not user.check_password("")
    assert user.password_changed_at is None


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("username", "Ada", "small letters"),
        ("username", "", "blank"),
        ("username", "a" * 151, "at most 150"),
        ("username", "ada\n", "small letters"),
        ("username", "\u0430da", "small letters"),
        ("username", "grace", "taken"),
        ("display_name", " ", "blank"),
        ("display_name", "a" * 151, "at most 150"),
        ("email", "not-an-address", "valid email"),
    ],
)
def test_an_account_whose_words_do_not_fit_is_refused(
    by_administrator: Actor, field: str, value: str, says: str
) -> None:
    words: dict[str, Any] = {"username": "ada", "display_name": "Ada", "email": ""}

    with pytest.raises(RuleBroken, match=says):
        operations.create_user(by=by_administrator, **words | {field: value})

    assert User.objects.count() == 1
    assert len(events("user.create", "refused")) == 1


def test_a_service_account_gets_no_password(by_administrator: Actor) -> None:
    with pytest.raises(RuleBroken, match="service account"):
        operations.create_user(
            by=by_administrator,
            username="robot",
            display_name="Robot",
            password=PASSWORD,
            is_service_account=True,
        )


def test_a_person_answers_for_a_service_account(ada: User, by_administrator: Actor) -> None:
    robot = operations.create_user(
        by=by_administrator,
        username="robot",
        display_name="Robot",
        is_service_account=True,
        manager=ada,
    )
    bob, gone, other = person("bob"), person("gone"), person("other", service=True)
    operations.close_account(gone, by=HOST, reason="Left")
    assert (robot.answerable_id, ada.answerable_id) == (ada.record_id, ada.record_id)
    assert other.answerable_id == other.record_id

    operations.entrust_account(robot, by=by_administrator, manager=bob, reason="Ada moved on")

    [event] = events("user.entrust")
    assert (event.subject_id, entry_of(event)["detail"]) == (robot.record_id, {"to": bob.record_id})
    assert robot.answerable_id == bob.record_id
    assert queries.answering_for_services() == {robot.record_id: (bob.record_id, ada.record_id)}
    for account, manager, words in (
        (robot, bob, "Bob answers for Robot already"),
        (robot, gone, "Name a person with an open account"),
        (robot, other, "Name a person with an open account"),
        (ada, bob, "is a person, and answers for"),
    ):
        with pytest.raises(RuleBroken, match=words):
            operations.entrust_account(account, by=by_administrator, manager=manager, reason="Why")
    with pytest.raises(RuleBroken, match="Name a person with an open account"):
        operations.create_user(
            by=by_administrator,
            username="next",
            display_name="Next",
            is_service_account=True,
            manager=gone,
        )


def test_a_service_account_does_not_administer(by_administrator: Actor) -> None:
    robot = person("robot", service=True)

    with pytest.raises(RuleBroken, match="service account"):
        operations.appoint_administrator(robot, by=by_administrator, reason="Cheaper")


def test_a_person_is_never_deleted(ada: User) -> None:
    with pytest.raises(UngovernedWrite):
        ada.delete()
    with pytest.raises(UngovernedWrite):
        User.objects.all().delete()


def test_closing_ends_everything_a_person_could_act_through(
    ada: User, by_administrator: Actor
) -> None:
    operations.grant_duty(ada, "validator", by=HOST, reason="Needed")
    credit = team("Credit", ada, everywhere=("model_owner",))
    token, _ = operations.create_token(
        ada, by=actor(ada), name="t", scopes={Scope.READ}, expires_in=timedelta(days=1)
    )

    operations.close_account(ada, by=by_administrator, reason="Left the bank")

    (closed,) = events("user.close")
    nested = {"duty.end", "team.leave", "token.withdraw"}
    assert {name for name in nested if events(name)[0].parent_uid == closed.uid} == nested
    assert not ada.is_active
    assert not ada.has_usable_password()
    assert Duty.objects.get(user=ada).until is not None
    assert TeamMembership.objects.get(user=ada).until is not None
    assert not credit.group.user_set.filter(pk=ada.pk).exists()
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert rights.roles_everywhere(ada.pk) == frozenset()
    assert Duty.objects.get(team=credit).until is None


def test_an_account_is_closed_once(ada: User, by_administrator: Actor) -> None:
    operations.close_account(ada, by=by_administrator, reason="Left")

    with pytest.raises(RuleBroken, match="is closed"):
        operations.close_account(ada, by=by_administrator, reason="Left")


def test_a_reopened_account_begins_with_nothing(ada: User, by_administrator: Actor) -> None:
    operations.grant_duty(ada, "validator", by=HOST, reason="Needed")
    operations.close_account(ada, by=by_administrator, reason="Left")

    operations.reopen_account(ada, by=by_administrator, reason="Came back")

    assert ada.is_active
    assert not ada.has_usable_password()
    assert rights.roles_everywhere(ada.pk) == frozenset()
    assert len(events("user.reopen")) == 1


def test_an_open_account_is_not_reopened(ada: User, by_administrator: Actor) -> None:
    with pytest.raises(RuleBroken, match="is open"):
        operations.reopen_account(ada, by=by_administrator, reason="To be sure")


@pytest.mark.parametrize(
    "operation",
    [
        operations.close_account,
        operations.reopen_account,
        operations.appoint_administrator,
        operations.dismiss_administrator,
    ],
)
def test_what_weighs_on_a_person_needs_a_reason(
    ada: User, by_administrator: Actor, operation: object
) -> None:
    with pytest.raises(RuleBroken, match="Give a reason"):
        operation(ada, by=by_administrator, reason="  ")  # type: ignore[operator]


def test_the_first_administrator_is_made_by_a_command_only_while_there_is_none(db: None) -> None:
    first = operations.first_administrator(
        by=HOST, username="grace", display_name="Grace", password=PASSWORD
    )

    with pytest.raises(RuleBroken, match="administrator already"):
        operations.first_administrator(
            by=HOST, username="eve", display_name="Eve", password=PASSWORD
        )

    assert first.is_superuser
    assert first.is_staff
    assert [event.subject_id for event in events("user.create_first_administrator")] == [
        first.record_id
    ]


def test_an_administrator_is_appointed_and_dismissed(ada: User, by_administrator: Actor) -> None:
    operations.appoint_administrator(ada, by=by_administrator, reason="A second pair of hands")
    assert (ada.is_superuser, ada.is_staff) == (True, True)
    with pytest.raises(RuleBroken, match="already"):
        operations.appoint_administrator(ada, by=by_administrator, reason="Again")

    operations.dismiss_administrator(ada, by=by_administrator, reason="Changed teams")

    assert (ada.is_superuser, ada.is_staff) == (False, False)
    with pytest.raises(RuleBroken, match="not an administrator"):
        operations.dismiss_administrator(ada, by=by_administrator, reason="Again")


def test_a_closed_account_is_not_appointed(ada: User, by_administrator: Actor) -> None:
    operations.close_account(ada, by=by_administrator, reason="Left")

    with pytest.raises(RuleBroken, match="is closed"):
        operations.appoint_administrator(ada, by=by_administrator, reason="Trusted")


def test_the_last_administrator_stays(administrator: User, by_administrator: Actor) -> None:
    with pytest.raises(RuleBroken, match="last administrator"):
        operations.dismiss_administrator(administrator, by=by_administrator, reason="Tired")
    with pytest.raises(RuleBroken, match="last administrator"):
        operations.close_account(administrator, by=by_administrator, reason="Tired")

    administrator.refresh_from_db()
    assert administrator.is_superuser
    assert administrator.is_active


def test_a_team_and_its_group_hold_the_same_people(ada: User, by_administrator: Actor) -> None:
    credit = operations.create_team(by=by_administrator, name=" Credit  risk ")
    operations.join_team(credit, by=by_administrator, user=ada)
    assert [*credit.group.user_set.all()] == [ada]

    operations.leave_team(credit, by=by_administrator, user=ada)

    assert credit.name == "Credit risk"
    assert [*credit.group.user_set.all()] == []
    membership = TeamMembership.objects.get()
    assert membership.until == events_time("team.leave")
    assert [len(events(name)) for name in ("team.create", "team.join", "team.leave")] == [1, 1, 1]


def events_time(action: str) -> object:
    """Return the time of the last state an action left in the history of memberships."""
    (event,) = events(action)
    return TeamMembership.history.get(event_id=event.uid).until


def test_a_team_is_joined_once_and_left_once(ada: User, by_administrator: Actor) -> None:
    credit = team("Credit", ada)
    with pytest.raises(RuleBroken, match="already"):
        operations.join_team(credit, by=by_administrator, user=ada)

    operations.leave_team(credit, by=by_administrator, user=ada)

    with pytest.raises(RuleBroken, match="is not in"):
        operations.leave_team(credit, by=by_administrator, user=ada)


def test_a_closed_account_joins_no_team(ada: User, by_administrator: Actor) -> None:
    credit = team("Credit")
    stale = User.objects.get(pk=ada.pk)
    operations.close_account(ada, by=by_administrator, reason="Left")

    with pytest.raises(RuleBroken, match="is closed"):
        operations.join_team(credit, by=by_administrator, user=stale)


@pytest.mark.parametrize(
    ("name", "says"), [("", "blank"), ("x" * 121, "120"), ("Credit", "already")]
)
def test_a_team_needs_a_name_of_its_own(by_administrator: Actor, name: str, says: str) -> None:
    team("Credit")

    with pytest.raises(RuleBroken, match=says):
        operations.create_team(by=by_administrator, name=name)

    assert Group.objects.count() == 1


def test_a_duty_is_granted_and_ended_never_rewritten(ada: User, by_administrator: Actor) -> None:
    duty = operations.grant_duty(ada, "validator", by=by_administrator, reason="Qualified")
    assert rights.roles_everywhere(ada.pk) == {"validator"}

    operations.end_duty(duty, by=by_administrator, reason="Moved on")

    granted, ended = events("duty.grant")[0], events("duty.end")[0]
    assert rights.roles_everywhere(ada.pk) == frozenset()
    assert granted.chain_root == ended.chain_root == ada.record_ref
    assert entry_of(granted)["detail"] == {"holder": ada.record_id, "role": "validator"}
    assert [state.event_id for state in duty.history.order_by("history_id")] == [
        granted.uid,
        ended.uid,
    ]


def test_a_team_holds_a_duty_for_everybody_in_it(ada: User, by_administrator: Actor) -> None:
    credit = team("Credit", ada)

    operations.grant_duty(credit, "auditor", by=by_administrator, reason="Their job")

    assert rights.roles_everywhere(ada.pk) == {"auditor"}


def test_a_duty_is_refused_when_it_cannot_be_held(ada: User, by_administrator: Actor) -> None:
    with pytest.raises(RuleBroken, match="no role"):
        operations.grant_duty(ada, "king", by=by_administrator, reason="He asked")
    duty = operations.grant_duty(ada, "auditor", by=by_administrator, reason="Qualified")
    with pytest.raises(RuleBroken, match="Auditor everywhere already"):
        operations.grant_duty(ada, "auditor", by=by_administrator, reason="Qualified")
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.end_duty(duty, by=by_administrator, reason="")
    operations.close_account(ada, by=by_administrator, reason="Left")
    with pytest.raises(RuleBroken, match="is closed"):
        operations.grant_duty(ada, "validator", by=by_administrator, reason="Qualified")
    duty.refresh_from_db()
    with pytest.raises(RuleBroken, match="ended already"):
        operations.end_duty(duty, by=by_administrator, reason="Again")
