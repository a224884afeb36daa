"""Exam rooms: who opens them, for whom, how long, and what comes of an examiner's rights."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts import operations as accounts
from apps.accounts.actors import actor_for, actor_of_token
from apps.accounts.models import User
from apps.accounts.scopes import Scope
from apps.catalog import exams, operations, queries
from apps.catalog.models import ExamRoom, ModelDuty, RegisteredModel, RegisteredModelUserPermission
from apps.core.actors import ANONYMOUS, SYSTEM, WORKER, Actor, Door
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed, NotFound, RuleBroken
from tests import scenarios
from tests.catalog.record import entries, refusals
from tests.examining import EVERY_PART, WHY, exam, examiner, opened
from tests.factories import HOST, actor, person, team

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def credit() -> RegisteredModel:
    return scenarios.registered_model("credit")


def host() -> Actor:
    return actor(scenarios.risk_officer())


def sight(room: ExamRoom) -> Actor:
    """Return the examiner as the door lets them in now."""
    found = actor(room.examiner)
    return exams.as_examiner(found, exams.newest_of(room.examiner), database_now())


def seen(room: ExamRoom) -> set[str]:
    return set(queries.models_visible_to(sight(room)).values_list("name", flat=True))


def test_a_room_shows_what_it_grants_and_nothing_else(credit: RegisteredModel) -> None:
    scenarios.registered_model("fraud")

    room = opened(credit, parts=[ExamRoom.Part.FILES])

    assert seen(room) == {"credit"}
    assert sight(room).may(exams.DOWNLOAD, credit)
    assert not any(sight(room).may(right, credit) for right in ("catalog.sign_off", exams.HOST))
    [entry] = entries("exam_room.open")
    assert entry["detail"]["models"] == [credit.record_id]
    assert entry["subject"]["id"] == room.record_id
    assert entry["chain"]["root"] == room.record_ref


def test_files_are_taken_only_where_the_exam_includes_them(credit: RegisteredModel) -> None:
    assert not sight(opened(credit, parts=())).may(exams.DOWNLOAD, credit)


def test_only_the_door_of_the_exam_lets_an_examiner_look(credit: RegisteredModel) -> None:
    room = opened(credit)

    for elsewhere in (Door.WORKER, Door.COMMAND, Door.WEB):
        found = actor_for(room.examiner, door=elsewhere)
        assert not found.may(queries.VIEW, credit)
        assert not queries.models_visible_to(found).exists()


def test_sight_ends_by_itself_at_the_minute(
    credit: RegisteredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = opened(credit)
    looking = sight(room)
    assert looking.may(queries.VIEW, credit)

    monkeypatch.setattr(timezone, "now", lambda: room.until)

    assert not looking.may(queries.VIEW, credit)
    assert not queries.models_visible_to(looking).exists()
    assert room.is_over(room.until)
    assert not room.is_over(room.until - timedelta(seconds=1))


def test_a_room_is_not_open_before_it_begins(credit: RegisteredModel) -> None:
    assert seen(opened(credit, begins_at=database_now() + DAY)) == set()


def test_a_closed_room_shows_nothing(credit: RegisteredModel) -> None:
    room = opened(credit)

    operations.close_exam(room, by=host(), reason="The exam ended early")

    assert seen(room) == set()
    assert not RegisteredModelUserPermission.objects.filter(user=room.examiner).exists()
    assert entries("exam_room.close")
    with pytest.raises(RuleBroken, match="is over"):
        operations.close_exam(room, by=host(), reason=WHY)
    with pytest.raises(RuleBroken, match="is over"):
        operations.add_models(room, ["credit"], by=host(), reason=WHY)


def test_models_join_and_leave_an_exam_by_events_alone(credit: RegisteredModel) -> None:
    fraud, room = scenarios.registered_model("fraud"), opened(credit)

    operations.add_models(room, ["fraud", "credit"], by=host(), reason="Asked for in the meeting")
    assert seen(room) == {"credit", "fraud"}
    operations.withdraw_model(room, credit, by=host(), reason="Out of scope")
    assert seen(room) == {"fraud"}

    [added], [withdrawn] = entries("exam_room.add_models"), entries("exam_room.withdraw_model")
    assert added["detail"]["models"] == [fraud.record_id]
    assert withdrawn["detail"]["models"] == [credit.record_id]
    with pytest.raises(RuleBroken, match="does not grant"):
        operations.withdraw_model(room, credit, by=host(), reason=WHY)
    with pytest.raises(RuleBroken, match="already"):
        operations.add_models(room, ["fraud"], by=host(), reason=WHY)


def test_a_model_registered_later_does_not_join_by_itself(credit: RegisteredModel) -> None:
    room = opened(credit)
    scenarios.registered_model("later")
    assert seen(room) == {"credit"}


def test_another_exam_begins_once_the_one_before_is_over(credit: RegisteredModel) -> None:
    first, fraud = opened(credit), scenarios.registered_model("fraud")
    with pytest.raises(RuleBroken, match="Close it first"):
        opened(fraud)

    operations.close_exam(first, by=host(), reason="Done")
    second = opened(fraud)

    assert seen(second) == {"fraud"}


BROKEN: dict[str, tuple[dict[str, Any], type[DomainError], str]] = {
    "too long": ({"until": timedelta(days=181)}, RuleBroken, "at most 180 days"),
    "over already": ({"until": timedelta(minutes=-1)}, RuleBroken, "time to come"),
    "backwards": (
        {"begins_at": timedelta(days=2), "until": timedelta(days=1)},
        RuleBroken,
        "after it begins",
    ),
    "untitled": ({"title": " "}, DomainError, "title is missing"),
    "from nobody": ({"authority": ""}, DomainError, "authority is missing"),
    "without a model": ({"names": [" "]}, DomainError, "at least one model"),
    "of an unknown model": ({"names": ["credit", "absent"]}, NotFound, "absent"),
    "of an unknown part": ({"parts": ["everything"]}, DomainError, "parts"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_an_exam_that_makes_no_sense_is_refused(credit: RegisteredModel, case: str) -> None:
    given, kind, words = BROKEN[case]
    at = database_now()
    began = {"begins_at": at - 2 * DAY} if case == "over already" else {}
    changed = began | {
        name: at + value if isinstance(value, timedelta) else value for name, value in given.items()
    }

    with pytest.raises(kind, match=words):
        operations.open_exam(examiner(), exam(credit, **changed), by=host(), reason=WHY)

    assert not ExamRoom.objects.exists()
    assert len(refusals("exam_room.open")) == 1


def test_only_an_examiner_with_an_open_account_is_let_in(credit: RegisteredModel) -> None:
    with pytest.raises(RuleBroken, match="no examiner from outside"):
        opened(credit, to=scenarios.stranger())
    gone = examiner("gone")
    accounts.close_account(gone, by=HOST, reason="Left")
    with pytest.raises(RuleBroken, match="closed"):
        opened(credit, to=gone)


WRONG: dict[str, Callable[[], Actor]] = {
    "the owner": lambda: actor(scenarios.owner()),
    "an auditor": lambda: actor(scenarios.auditor()),
    "an administrator": lambda: actor(person("root", administrator=True)),
    "an examiner": lambda: actor(examiner("other")),
    "a token of a host": lambda: _token_of(scenarios.risk_officer()),
    "the worker": lambda: WORKER,
    "the system": lambda: SYSTEM,
    "nobody": lambda: ANONYMOUS,
}


def _token_of(user: User) -> Actor:
    token, _ = accounts.create_token(
        user, by=actor(user), name="All", scopes=set(Scope), expires_in=DAY
    )
    return actor_of_token(token)


@pytest.mark.parametrize("who", WRONG)
def test_nobody_but_hosts_opens_changes_and_closes(credit: RegisteredModel, who: str) -> None:
    wrong, room = WRONG[who](), opened(credit)
    attempts: list[Callable[[], object]] = [
        lambda: operations.open_exam(examiner("eric"), exam(credit), by=wrong, reason=WHY),
        lambda: operations.add_models(room, ["credit"], by=wrong, reason=WHY),
        lambda: operations.withdraw_model(room, credit, by=wrong, reason=WHY),
        lambda: operations.close_exam(room, by=wrong, reason=WHY),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert seen(room) == {"credit"}
    assert not exams.rooms_visible_to(wrong).exists() or who == "an auditor"


def test_an_examiner_comes_to_hold_nothing(credit: RegisteredModel) -> None:
    eve = opened(credit).examiner
    administrator = HOST
    owner, members = actor(scenarios.owner()), team("readers")
    attempts: list[Callable[[], object]] = [
        lambda: accounts.grant_duty(eve, "auditor", by=administrator, reason=WHY),
        lambda: accounts.join_team(members, by=administrator, user=eve),
        lambda: accounts.appoint_administrator(eve, by=administrator, reason=WHY),
        lambda: operations.grant_model_duty(credit, eve, "operator", by=owner, reason=WHY),
        lambda: accounts.create_user(
            by=HOST, username="bot", display_name="Bot", is_service_account=True, manager=eve
        ),
        lambda: accounts.create_user(
            by=HOST, username="both", display_name="Both", is_staff=True, is_examiner=True
        ),
        lambda: operations.register_model(
            by=actor(scenarios.developer()), name="hers", owner=eve, intended_use="None."
        ),
    ]
    for attempt in attempts:
        with pytest.raises(RuleBroken, match="examiner from outside"):
            attempt()
    for acting in (actor(eve), sight(eve.exams.get())):
        with pytest.raises(NotAllowed):
            accounts.create_token(eve, by=acting, name="Mine", scopes={Scope.READ}, expires_in=DAY)
    assert not ModelDuty.objects.filter(user=eve).exists()
    assert not eve.tokens.exists()


def test_the_parts_left_out_are_left_out_of_every_list(credit: RegisteredModel) -> None:
    looking = sight(opened(credit, parts=[ExamRoom.Part.RECORD]))

    for part in EVERY_PART:
        shown = queries.models_visible_to(looking, part=part).exists()
        assert shown == (part == ExamRoom.Part.RECORD)
    assert queries.is_shown(actor(scenarios.owner()), ExamRoom.Part.FINDINGS)


def test_an_account_says_that_it_is_an_examiners() -> None:
    examiner()
    [entry] = [entry for entry in entries("user.create") if entry["detail"].get("examiner")]
    assert entry["detail"]["examiner"] is True


def test_a_look_is_written_by_the_room_alone(credit: RegisteredModel) -> None:
    room = opened(credit)
    look = operations.Look(page="models:model", address="/models/credit/", method="GET", status=200)
    missed = operations.Look(page="", address="/x" * 400, method="GET", status=404)

    operations.record_look(room.examiner, room, look, by=sight(room))
    operations.record_look(room.examiner, None, missed, by=actor(room.examiner))

    [shown], [refused] = entries("exam_room.look"), entries("exam_room.turn_away")
    assert shown["subject"]["id"] == room.record_id
    assert shown["actor"]["id"] == room.examiner.record_id
    assert refused["subject"]["id"] == room.examiner.record_id
    assert len(refused["detail"]["address"]) == operations.looks.MOST_ADDRESS
    assert not sight(room).may(operations.LOOK.permission)
    assert not sight(room).may(operations.TURN_AWAY.permission)
