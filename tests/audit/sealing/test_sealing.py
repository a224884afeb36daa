"""Sealing: events become leaves, the root is signed, and nothing is signed that is not so."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from pytest_django import Settings

from apps.audit import tasks
from apps.audit.checking import whole
from apps.audit.entries import leaf_hash, origin_tag
from apps.audit.log.notes import opened
from apps.audit.management.commands.seal import AFTER_TROUBLE, IDLE, pause
from apps.audit.models import (
    AsideEvent,
    AuditEvent,
    Leaf,
    Log,
    PendingEvent,
    SignedCheckpoint,
    TileRow,
)
from apps.audit.sealing import batches, reading, signing, spare, states, watching
from apps.audit.sealing.batches import WrongTagKey
from apps.audit.sealing.signing import NoKey
from apps.audit.verifier.notes import read_key
from apps.audit.verifier.proofs import verify_proof
from apps.core.clock import database_now
from tests.audit.log.oracle import tree_hash
from tests.audit.sealing.sealed import (
    ORIGIN,
    entry,
    happened,
    keys,
    leaves,
    seal_all,
    sealer,
    told,
    vkey,
)
from tests.unguarded import unguarded

pytestmark = pytest.mark.django_db


def test_a_new_log_opens_before_all_that_waited_for_it() -> None:
    [event] = happened()
    seal_all()

    [opening] = told("log.open")
    first = Leaf.objects.get(seq=0)
    assert opening["chain"] == {"root": f"log:{ORIGIN}", "rev": 1, "prev": "0" * 64}
    assert opening["detail"] == {"epoch": 1, "previous": None}
    assert opening["subject"] == {"type": "log", "id": ORIGIN}
    assert str(first.event.uid) == opening["id"]
    assert Leaf.objects.get(event=event).seq == 1


def test_events_are_sealed_once_and_in_the_order_of_their_numbers() -> None:
    happened(5)
    seal_all()
    happened(3)
    log = seal_all()

    rows = Leaf.objects.order_by("seq").values_list("seq", "event_id")
    assert [seq for seq, _ in rows] == list(range(9))
    assert [pk for _, pk in rows[1:]] == sorted(pk for _, pk in rows[1:])
    assert log.size == 9
    assert not PendingEvent.objects.exists()


def test_the_log_has_the_root_rfc_6962_defines_over_the_stored_bytes() -> None:
    happened(11)
    log = seal_all()
    events = AuditEvent.objects.order_by("leaf__seq")
    assert leaves() == [leaf_hash(bytes(event.entry)) for event in events]
    assert bytes(log.root) == tree_hash(leaves()) == reading.root_at(12)


def test_what_is_sealed_is_signed_once() -> None:
    happened(2)
    seal_all()
    seal_all()
    checkpoint = SignedCheckpoint.objects.order_by("-size").first()
    assert checkpoint is not None
    read = opened(checkpoint.note, [keys(ORIGIN)[0].verifier])
    assert (read.origin, read.size, read.root) == (ORIGIN, 3, tree_hash(leaves()))
    assert SignedCheckpoint.objects.filter(size=3).count() == 1


def test_tiles_are_filled_as_the_log_grows() -> None:
    happened(600)
    log = seal_all()
    assert log.size == 601
    assert list(TileRow.objects.order_by("n").values_list("level", "n")) == [(0, 0), (0, 1)]
    assert bytes(TileRow.objects.get(n=1).data) == b"".join(leaves()[256:512])
    for size in (1, 255, 256, 257, 512, 601):
        assert reading.root_at(size) == tree_hash(leaves()[:size])


def test_an_event_is_proven_by_code_that_seals_nothing() -> None:
    events = happened(300)
    seal_all()
    proof = reading.proof_of(events[200])
    assert proof is not None
    index, checkpoint = verify_proof(
        proof.text, bytes(events[200].entry), [read_key(vkey())], [], 0
    )
    assert (index, checkpoint.size) == (201, 301)


def test_an_event_that_is_not_sealed_has_no_proof_yet() -> None:
    [event] = happened()
    assert reading.proof_of(event) is None


def test_no_step_is_taken_while_there_is_nothing_to_do() -> None:
    seal_all()
    assert sealer().step() is False


# -- what the application did not write ----------------------------------------------------------


def forged(tag: bytes = b"x" * 32, tag_key: int = 1) -> AuditEvent:
    """Write an event as somebody would who has SQL and no key."""
    [event] = happened()
    copy = AuditEvent(
        uid="019a0000-0000-7000-8000-0000000000ff",
        entry=bytes(event.entry),
        tag=tag,
        tag_key=tag_key,
        action=event.action,
        outcome=event.outcome,
        actor_id=event.actor_id,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
    )
    copy.save(force_insert=True)
    return copy


@pytest.mark.parametrize(("tag", "tag_key"), [(b"x" * 32, 1), (b"", 1), (b"x" * 32, 9)])
def test_a_forged_event_is_set_aside_and_told(
    caplog: pytest.LogCaptureFixture, tag: bytes, tag_key: int
) -> None:
    happened()
    seal_all()
    copy = forged(tag, tag_key)
    later = happened()
    seal_all()

    assert not Leaf.objects.filter(event=copy).exists()
    assert AsideEvent.objects.get().event_id == copy.pk
    assert not PendingEvent.objects.exists()
    [telling] = told("event.forged")
    assert telling["detail"] == {"event": copy.pk}
    assert Leaf.objects.filter(event__in=later).count() == 1
    assert Leaf.objects.filter(event__uid=telling["id"]).count() == 1
    assert f"Event {copy.pk} was not written by the application" in caplog.text


def test_a_process_with_another_key_calls_nothing_forged(settings: Settings) -> None:
    happened()
    seal_all()
    happened()
    settings.AUDIT_TAG_KEYS = {1: b"\x22" * 32}
    with pytest.raises(WrongTagKey):
        sealer().step()
    assert not AsideEvent.objects.exists()
    assert PendingEvent.objects.count() == 1


def test_an_older_key_of_the_application_still_counts(settings: Settings) -> None:
    happened()
    settings.AUDIT_TAG_KEYS = {1: b"\x11" * 32, 2: b"\x22" * 32}
    happened()
    assert seal_all().size == 3


# -- halts -----------------------------------------------------------------------------------------


def is_halted_for(words: str) -> bool:
    log = Log.objects.get()
    return log.is_halted and words in log.trouble


def test_a_damaged_frontier_halts_the_log_and_events_go_on() -> None:
    happened(2)
    seal_all()
    Log.objects.update(frontier=b"x" * 64)
    happened()
    seal_all()

    assert is_halted_for("frontier")
    [halted] = told("log.halt")
    assert "frontier" in halted["detail"]["why"]
    happened()
    assert sealer().step() is False
    assert PendingEvent.objects.count() == 3
    assert Leaf.objects.count() == 3


def test_a_log_is_halted_once_and_tells_it_once(caplog: pytest.LogCaptureFixture) -> None:
    seal_all()
    states.halt("One reason")
    states.halt("Another")
    assert is_halted_for("One reason")
    assert len(told("log.halt")) == 1
    assert caplog.text.count("is halted") == 1


def test_a_root_that_its_rows_do_not_have_is_not_signed() -> None:
    happened(3)
    batches.seal()
    batches.seal()
    with unguarded():
        Leaf.objects.filter(seq=2).update(hash=b"x" * 32)
    seal_all()
    assert is_halted_for("another root")
    assert not SignedCheckpoint.objects.exists()


def test_a_log_behind_what_it_signed_is_not_signed_again() -> None:
    happened(3)
    seal_all()
    with unguarded():
        SignedCheckpoint.objects.create(size=900, root=b"x" * 32, note="", signed_at=database_now())
    happened()
    batches.seal()
    with pytest.raises(states.LogBroken, match="900 was signed"):
        signing.sign(keys)


def test_a_log_that_was_written_anew_is_not_signed() -> None:
    """Somebody with SQL takes an entry out and makes everything else fit; memory disagrees."""
    happened(5)
    one = sealer()
    while one.step():
        pass
    with unguarded():
        SignedCheckpoint.objects.all().delete()
        Leaf.objects.filter(seq__gte=4).delete()
        Log.objects.update(size=0, root=tree_hash([]), frontier=b"")
        Leaf.objects.all().delete()
        PendingEvent.objects.bulk_create(
            PendingEvent(event_id=pk) for pk in AuditEvent.objects.values_list("pk", flat=True)
        )
    while one.step():
        pass
    assert is_halted_for("was signed")


def test_events_that_nobody_queued_are_not_sealed_twice() -> None:
    happened(2)
    seal_all()
    event = AuditEvent.objects.earliest("pk")
    PendingEvent.objects.create(event_id=event.pk)
    with pytest.raises(Exception, match=r"UNIQUE|only ever|unique"):
        batches.seal()


# -- looking after ---------------------------------------------------------------------------------


def test_a_log_begins_with_its_opening_whatever_was_looked_at_before() -> None:
    happened(2)
    PendingEvent.objects.all().delete()
    assert tasks.compare() == 0
    assert watching.sweep(now=database_now() + watching.SETTLED * 2) == 2
    seal_all()
    assert [told_of["chain"]["rev"] for told_of in told("log.open")] == [1]
    assert whole.verify([read_key(vkey())], {}).findings == []


def test_a_silent_log_beats_after_an_hour_and_no_sooner() -> None:
    happened()
    seal_all()
    now = database_now()
    assert not watching.beat(now=now)
    assert watching.beat(now=now + watching.BEAT + timedelta(seconds=1))
    [beat] = told("log.beat")
    assert set(beat["detail"]) == {"sealer", "database"}
    assert beat["chain"]["rev"] == 2
    assert seal_all().size == 3


def test_a_halted_log_does_not_beat() -> None:
    happened()
    seal_all()
    states.halt("Why")
    assert not watching.beat(now=database_now() + watching.BEAT * 2)


def test_an_event_in_no_queue_is_found_queued_and_told(caplog: pytest.LogCaptureFixture) -> None:
    [event] = happened()
    seal_all()
    [lost] = happened()
    PendingEvent.objects.filter(event_id=lost.pk).delete()
    assert watching.sweep(now=database_now()) == 0
    assert watching.sweep(now=database_now() + watching.SETTLED * 2) == 1

    assert told("event.unqueued")[0]["detail"] == {"events": 1, "first": lost.pk}
    assert "in no queue" in caplog.text
    seal_all()
    assert Leaf.objects.filter(event__in=[event, lost]).count() == 2
    assert watching.sweep(now=database_now() + watching.SETTLED * 2) == 0


def test_a_watch_looks_after_the_log_when_that_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(watching, "beat", lambda now: looked.append("beat"))
    monkeypatch.setattr(watching, "sweep", lambda now: looked.append("sweep"))
    monkeypatch.setattr(watching, "close_intents", lambda now: looked.append("intents"))
    watch, now = watching.Watch(), database_now()
    for later in (0, 30, 61, 90, 3601):
        watch.look(now=now + timedelta(seconds=later))
    assert looked == [
        *("beat", "intents", "sweep", "beat", "intents"),
        *("beat", "intents", "sweep"),
    ]


def test_a_sealer_whose_database_does_not_answer_compares_again_before_it_signs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, compare = sealer(), signing.compare
    compared: list[Any] = []

    def noted(*given: Any) -> None:
        compared.append(given)
        compare(*given)

    monkeypatch.setattr(signing, "compare", noted)
    assert pause(one, watching.Watch()) == IDLE
    with monkeypatch.context() as broken:
        broken.setattr(batches, "has_pending", lost)
        broken.setattr(connection, "close", lambda: None)
        assert pause(one, watching.Watch()) == AFTER_TROUBLE
    happened()
    assert pause(one, watching.Watch()) == 0.0
    assert len(compared) == 2


def lost() -> bool:
    raise OperationalError("server closed the connection unexpectedly")


# -- the programs ----------------------------------------------------------------------------------


def test_a_spare_seals_only_what_waits_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    happened()
    assert tasks.seal() is False
    assert not Leaf.objects.exists()
    monkeypatch.setattr(spare, "LATE", timedelta(seconds=-5))
    assert tasks.seal() is True
    assert Leaf.objects.count() == 1


def test_a_spare_without_a_key_seals_and_leaves_signing_to_the_sealer(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    settings.LOG_KEY_FILES, settings.LOG_KEY_IS_MADE = [str(tmp_path / "none")], False
    monkeypatch.setattr(spare, "LATE", timedelta(seconds=-5))
    happened()
    assert spare.step() is True
    assert Leaf.objects.count() == 1
    assert not SignedCheckpoint.objects.exists()


def test_a_spare_halts_a_broken_log(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    happened()
    seal_all()
    settings.LOG_KEY_FILES, settings.LOG_KEY_IS_MADE = [str(tmp_path / "none")], False
    monkeypatch.setattr(spare, "LATE", timedelta(seconds=-5))
    Log.objects.update(frontier=b"")
    happened()
    assert spare.step() is False
    assert Log.objects.get().is_halted


def test_the_command_seals_what_there_is_with_a_key_it_makes_for_itself() -> None:
    happened(4)
    call_command("seal", "--once")
    assert Log.objects.get().size == 5
    [key] = signing.kept_keys(ORIGIN)
    newest = reading.newest_checkpoint()
    assert newest is not None
    assert opened(newest.note, [key.verifier]).size == 5


def test_the_command_refuses_to_start_without_a_key(settings: Settings, tmp_path: Path) -> None:
    settings.LOG_KEY_FILES, settings.LOG_KEY_IS_MADE = [str(tmp_path / "none")], False
    with pytest.raises(CommandError, match="cannot be used"):
        call_command("seal", "--once")


def test_a_key_is_for_its_owner_alone_and_is_never_made_twice(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "log-key"
    signing.make_key(file)
    before = file.read_text()
    signing.make_key(file)
    assert file.read_text() == before
    assert file.stat().st_mode & 0o777 == 0o400
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_holds_no_key_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("00" * 31)
    settings.LOG_KEY_FILES = [str(tmp_path / "key")]
    with pytest.raises(NoKey, match="64 hexadecimal"):
        signing.kept_keys(ORIGIN)


def test_two_keys_both_sign(settings: Settings, tmp_path: Path) -> None:
    files = [tmp_path / "old", tmp_path / "new"]
    for file in files:
        signing.make_key(file)
    settings.LOG_KEY_FILES = [str(file) for file in files]
    happened()
    call_command("seal", "--once")
    newest = reading.newest_checkpoint()
    assert newest is not None
    for key in signing.kept_keys(ORIGIN):
        assert opened(newest.note, [key.verifier]).size == 2


def test_a_log_without_a_given_name_takes_one_that_is_nobodys(settings: Settings) -> None:
    settings.LOG_NAME = ""
    happened()
    assert seal_all().origin.startswith("signet-")
    assert Log.objects.get().origin.endswith(".invalid/audit/1")


def test_a_tag_is_what_tells_an_event_of_ours() -> None:
    [event] = happened()
    good = batches.Pending(1, bytes(event.entry), bytes(event.tag), 1)
    assert good.is_ours
    assert origin_tag(good.entry, key=b"\x11" * 32) == good.tag
    assert entry(event)["action"] == "test.happen"
    assert connection.vendor in {"sqlite", "postgresql"}
