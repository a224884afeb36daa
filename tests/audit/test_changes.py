"""``change()``: authorized, written, kept in history and recorded together, or not at all."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Team, TeamMembership, User
from apps.audit import writing
from apps.audit.actions import Action
from apps.audit.changes import Record, change, record_access
from apps.audit.entries import Commitment, leaf_hash, origin_tag
from apps.audit.governed import REGISTRY, UngovernedWrite
from apps.audit.models import AuditEvent, AuditText
from apps.audit.unrecorded import Unrecorded
from apps.core.actors import Actor, Door, FixedAuthority, Kind
from apps.core.digests import canonical
from apps.core.errors import NotAllowed, RuleBroken

pytestmark = pytest.mark.django_db

FOUND = Action("team.found", permission="teams")
RENAME = Action("team.rename", permission="teams", needs_reason=True)
LOOK = Action("team.look", permission="look")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)

FOUNDER = Actor(
    "usr_7", Kind.USER, Door.WEB, name="Ada", authority=FixedAuthority({"teams", "look"})
)
STRANGER = Actor("usr_8", Kind.USER, Door.WEB, name="Bob")


def found(name: str, *, by: Actor = FOUNDER) -> Team:
    with change(FOUND, REGISTRY, by=by) as record:
        group = Group.objects.create(name=name)
        team = Team(name=name, group=group, created_at=record.time)
        team.save()
        record.about(team)
    return team


def rename(team: Team, name: str, *, by: Actor = FOUNDER, reason: str = "Merged") -> None:
    with change(RENAME, team, by=by, reason=reason) as record:
        record.note(origin=team.name, target=name)
        team.name = name
        team.save()


def entries(**found_by: Any) -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(**found_by).order_by("id")
    return [json.loads(bytes(event.entry)) for event in events]


def test_a_change_writes_its_row_its_history_and_its_event_together() -> None:
    team = found("Credit")

    [entry] = entries()
    assert entry["action"] == "team.found"
    assert entry["outcome"] == "done"
    assert entry["subject"] == {"type": "team", "id": team.record_id}
    assert entry["rows"] == [{"row": team.record_ref, "before": None, "after": team.state_digest()}]
    assert team.history.get().event.uid == AuditEvent.objects.get().uid


def test_history_is_what_the_database_holds_and_not_what_a_process_thinks() -> None:
    team = found("Credit")
    stored = Team.objects.get().created_at

    with change(RENAME, team, by=FOUNDER, reason="Merged"):
        team.name, team.created_at = "Lending", NOON
        team.save(update_fields=["name"])

    state = team.history.latest("history_id")
    assert (state.name, state.created_at) == ("Lending", stored)
    assert (state.history_type, state.event.action) == ("~", "team.rename")


def test_an_event_stores_canonical_bytes_and_their_tag() -> None:
    found("Credit")
    event = AuditEvent.objects.get()

    assert canonical(json.loads(bytes(event.entry))) == bytes(event.entry)
    assert bytes(event.tag) == origin_tag(bytes(event.entry), key=b"\x11" * 32)
    assert event.tag_key == 1


def test_the_columns_of_an_event_repeat_its_entry() -> None:
    rename(found("Credit"), "Lending")
    event = AuditEvent.objects.latest("id")
    entry = json.loads(bytes(event.entry))

    assert (event.action, event.outcome, event.actor_id) == (
        entry["action"],
        entry["outcome"],
        entry["actor"]["id"],
    )
    assert str(event.uid) == entry["id"]
    assert {"type": event.subject_type, "id": event.subject_id} == entry["subject"]
    assert (event.chain_root, event.chain_rev) == (entry["chain"]["root"], entry["chain"]["rev"])


def test_the_chain_of_a_root_is_numbered_and_linked() -> None:
    team = found("Credit")
    for name in ("Lending", "Loans", "Credit again"):
        rename(team, name)

    events = AuditEvent.objects.filter(chain_root=team.record_ref).order_by("chain_rev")
    assert [event.chain_rev for event in events] == [1, 2, 3, 4]
    previous = "0" * 64
    for event in events:
        assert json.loads(bytes(event.entry))["chain"]["prev"] == previous
        previous = leaf_hash(bytes(event.entry)).hex()


def test_an_event_says_what_a_row_was_and_is() -> None:
    team = found("Credit")
    before = team.state_digest()
    rename(team, "Lending")

    [row] = entries(action="team.rename")[0]["rows"]
    assert (row["before"], row["after"]) == (before, team.state_digest())
    assert before != team.state_digest()


def test_a_row_saved_twice_stands_in_the_event_once_with_its_first_and_last_state() -> None:
    team = found("Credit")
    before = team.state_digest()
    with change(RENAME, team, by=FOUNDER, reason="Two steps"):
        team.name = "Between"
        team.save()
        team.name = "Lending"
        team.save()

    [row] = entries(action="team.rename")[0]["rows"]
    assert (row["before"], row["after"]) == (before, team.state_digest())


def test_the_reason_is_kept_apart_and_bound_by_its_digest() -> None:
    rename(found("Credit"), "Lending", reason="Names were mixed up")

    text = AuditText.objects.get()
    assert text.text == "Names were mixed up"
    assert "mixed up" not in bytes(text.event.entry).decode()
    commitment = Commitment(text.text, bytes(text.salt))
    assert json.loads(bytes(text.event.entry))["reason"] == commitment.digest


def test_a_change_without_the_right_is_refused_and_only_that_is_recorded() -> None:
    team = found("Credit")

    with pytest.raises(NotAllowed):
        rename(team, "Mine", by=STRANGER)

    assert Team.objects.get().name == "Credit"
    entry = entries()[-1]
    assert (entry["outcome"], entry["actor"]["id"]) == ("refused", "usr_8")
    assert entry["detail"] == {"error": "not_allowed"}


def test_a_refusal_joins_no_chain_and_names_no_row() -> None:
    team = found("Credit")
    with pytest.raises(NotAllowed):
        rename(team, "Mine", by=STRANGER)

    entry = entries()[-1]
    assert entry["chain"] is None
    assert entry["rows"] == []


def test_a_change_that_needs_a_reason_is_refused_without_one() -> None:
    team = found("Credit")
    with pytest.raises(RuleBroken, match="Give a reason"):
        rename(team, "Lending", reason="  ")
    assert entries()[-1]["outcome"] == "refused"


def test_a_reason_beyond_its_limit_is_refused() -> None:
    with pytest.raises(RuleBroken, match="at most"):
        rename(found("Credit"), "Lending", reason="x" * 10_001)


def test_a_reason_that_would_be_shown_in_another_order_is_refused() -> None:
    with pytest.raises(RuleBroken, match="in another order"):
        rename(found("Credit"), "Lending", reason="Not \u202eapproved\u202c yet")


def test_a_rule_broken_midway_undoes_everything() -> None:
    team = found("Credit")
    with pytest.raises(RuleBroken), change(RENAME, team, by=FOUNDER, reason="Try"):
        team.name = "Half"
        team.save()
        raise RuleBroken("Not on a Friday.")

    team.refresh_from_db()
    assert team.name == "Credit"
    assert team.history.count() == 1
    assert [entry["outcome"] for entry in entries()] == ["done", "refused"]


def test_a_failure_is_recorded_as_one_and_rises() -> None:
    team = found("Credit")
    with pytest.raises(ZeroDivisionError), change(RENAME, team, by=FOUNDER, reason="Try"):
        raise ZeroDivisionError

    entry = entries()[-1]
    assert (entry["outcome"], entry["detail"]) == ("failed", {"error": "ZeroDivisionError"})


def test_a_broken_event_leaves_nothing_of_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    team = found("Credit")

    def broken(*args: object, **kwargs: object) -> None:
        raise IntegrityError("audit_event is read-only")

    monkeypatch.setattr(writing, "insert", broken)
    with pytest.raises(IntegrityError):
        rename(team, "Lending")

    team.refresh_from_db()
    assert team.name == "Credit"
    assert team.history.count() == 1


def test_what_could_not_be_recorded_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise IntegrityError("audit_event is read-only")

    team = found("Credit")
    monkeypatch.setattr(Unrecorded, "count", 0)
    monkeypatch.setattr(writing, "insert", broken)
    with pytest.raises(NotAllowed):
        rename(team, "Mine", by=STRANGER)
    assert Unrecorded.count == 1


def test_a_nested_change_is_a_child_in_the_same_transaction() -> None:
    team = found("Credit")
    with change(RENAME, team, by=FOUNDER, reason="Outer"):
        rename(team, "Lending", reason="")

    child, outer = entries(action="team.rename")
    assert child["parent"] == outer["id"]
    assert outer["parent"] is None
    assert (child["chain"]["rev"], outer["chain"]["rev"]) == (2, 3)


def test_a_nested_change_rests_on_the_authority_of_the_outer_one() -> None:
    team = found("Credit")
    opener = Actor("usr_9", Kind.USER, Door.WEB, authority=FixedAuthority({"look"}))
    with change(LOOK, team, by=opener, reason="Opens it"):
        rename(team, "Lending", by=opener)
    assert Team.objects.get().name == "Lending"


def test_a_swallowed_refusal_inside_still_undoes_the_whole_change() -> None:
    team = found("Credit")
    with pytest.raises(RuleBroken, match="Give a reason"), change(FOUND, team, by=FOUNDER):
        team.name = "Half"
        team.save()
        with pytest.raises(RuleBroken):
            rename(team, "Lending", reason="")
    team.refresh_from_db()
    assert team.name == "Credit"


def test_the_subject_is_read_afresh_under_the_lock() -> None:
    team = found("Credit")
    stale = Team.objects.get()
    rename(team, "Lending")

    with change(RENAME, stale, by=FOUNDER, reason="Late"):
        assert stale.name == "Lending"


def test_a_change_inside_a_foreign_transaction_is_refused(transactional_db: None) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        found("Credit")


def test_what_follows_the_commit_is_no_part_of_the_change(transactional_db: None) -> None:
    def failing_hook() -> None:
        with change(FOUND, REGISTRY, by=FOUNDER) as record:  # a change of its own
            record.note(follows=True)
        raise ZeroDivisionError

    team = found("Credit")
    with pytest.raises(ZeroDivisionError), change(RENAME, team, by=FOUNDER, reason="Kept"):
        team.name = "Lending"
        team.save()
        transaction.on_commit(failing_hook)

    assert Team.objects.get().name == "Lending"
    assert [entry["outcome"] for entry in entries()] == ["done", "done", "done"]
    assert entries()[-1]["parent"] is None


@pytest.fixture
def team() -> Team:
    return found("Credit")


def test_a_governed_row_is_never_saved_outside_a_change(team: Team) -> None:
    team.name = "Sly"
    with pytest.raises(UngovernedWrite):
        team.save()


def test_a_governed_row_is_never_deleted(team: Team) -> None:
    with pytest.raises(UngovernedWrite), change(RENAME, team, by=FOUNDER, reason="Gone"):
        team.delete()
    assert Team.objects.exists()


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(name="Sly"),
        lambda rows: rows.delete(),
        lambda rows: rows.bulk_create([]),
        lambda rows: rows.bulk_update([], ["name"]),
        lambda rows: rows.filter(pk=1).update(name="Sly"),
        lambda rows: rows.create(name="Sly"),
        lambda rows: rows.update_or_create(name="Credit", defaults={"name": "Sly"}),
    ],
)
def test_a_bulk_write_on_governed_rows_is_refused(team: Team, write: Any) -> None:
    with pytest.raises(UngovernedWrite):
        write(Team.objects)
    assert [each.name for each in Team.objects.all()] == ["Credit"]


def test_no_governed_column_is_written_alone(team: Team) -> None:
    with pytest.raises(UngovernedWrite):
        team._write("name")


def test_a_row_of_a_root_that_is_not_locked_is_refused(team: Team) -> None:
    other = found("Claims")
    with pytest.raises(UngovernedWrite, match="lock"), change(RENAME, team, by=FOUNDER, reason="x"):
        other.name = "Sly"
        other.save()


def test_a_second_root_can_be_locked_after_the_first(team: Team) -> None:
    other = found("Claims")
    with change(RENAME, team, by=FOUNDER, reason="Both") as record:
        record.lock(other)
        other.name = "Damage"
        other.save()
    assert entries(action="team.rename")[0]["rows"][0]["row"] == other.record_ref


def test_one_change_writes_at_most_64_governed_rows() -> None:
    team = found("Credit")

    def join(record: Record, count: int) -> None:
        for number in range(count):
            user = User(username=f"p{number}", display_name="P", created_at=record.time)
            user.save()
            TeamMembership(team=team, user=user, since=record.time).save()

    with (
        pytest.raises(UngovernedWrite, match="more than 64"),
        change(FOUND, team, by=FOUNDER) as record,
    ):
        join(record, 33)
    assert not User.objects.exists()


def test_a_history_row_cannot_exist_without_an_event() -> None:
    team = found("Credit")
    history = type(team.history.get())
    with pytest.raises(IntegrityError), transaction.atomic():
        history.objects.create(
            id=team.pk,
            name="Sly",
            group_id=team.group_id,
            created_at=NOON,
            history_date=NOON,
            history_type="~",
            event_id=None,
        )


def test_two_events_of_one_chain_never_share_a_number(team: Team) -> None:
    event = AuditEvent.objects.get(chain_root=team.record_ref)
    event.pk, event.uid = None, "019a0000-0000-7000-8000-0000000000ff"
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save(force_insert=True)


def test_a_recorded_read_joins_no_chain(team: Team) -> None:
    record_access(LOOK, team, by=FOUNDER, facts={"pages": 2})
    entry = entries(action="team.look")[0]
    assert entry["chain"] is None
    assert entry["detail"] == {"pages": 2}


def test_a_read_without_the_right_is_refused_and_recorded(team: Team) -> None:
    with pytest.raises(NotAllowed):
        record_access(LOOK, team, by=STRANGER)
    assert entries(action="team.look")[0]["outcome"] == "refused"


def test_a_signature_stands_in_the_event(team: Team) -> None:
    statement = "sha256:" + "0" * 64
    with change(RENAME, team, by=FOUNDER, reason="Signed") as record:
        record.sign(meaning="approve", statement=statement, method="password", at=NOON)
    assert entries(action="team.rename")[0]["sign"] == {
        "meaning": "approve",
        "statement": statement,
        "method": "password",
        "at": "2026-11-25T12:00:00.000000Z",
    }


def test_rights_that_hold_everywhere_are_locked_on_postgresql(team: Team) -> None:
    if connection.vendor != "postgresql":
        assert connection.vendor == "sqlite"  # one writer: nothing to lock
        return
    with change(RENAME, team, by=FOUNDER, reason="Held"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT mode FROM pg_locks JOIN pg_database d ON d.oid = database "
            "WHERE locktype = 'advisory' AND d.datname = current_database()"
        )
        assert cursor.fetchall() == [("ExclusiveLock",)]
