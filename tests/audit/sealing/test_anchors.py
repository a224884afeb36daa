"""Checkpoints kept elsewhere: handed over, read back, and believed more than the database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.audit.checking import whole
from apps.audit.log.notes import Checkpoint, signed
from apps.audit.log.tree import Frontier
from apps.audit.models import (
    Anchoring,
    AuditEvent,
    AuditText,
    Leaf,
    Log,
    PendingEvent,
    SignedCheckpoint,
)
from apps.audit.sealing import anchoring, anchors, reading, states
from apps.audit.sealing.anchoring import Handover
from apps.audit.sealing.anchors import AnchorAway, FolderAnchor
from apps.audit.sealing.reopening import reopen
from apps.audit.sealing.states import LogBroken
from apps.audit.verifier.notes import read_key
from apps.core.actors import Actor, Door, Kind
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from tests.audit.log.oracle import tree_hash
from tests.audit.sealing.sealed import (
    ORIGIN,
    folder,
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

ADA = Actor("usr_7", Kind.USER, Door.COMMAND)
BOB = Actor("usr_8", Kind.USER, Door.COMMAND)


def notes(place: Path) -> list[str]:
    return sorted(path.name for path in (place / ORIGIN).iterdir())


def note(size: int, root: bytes) -> str:
    return signed(Checkpoint(ORIGIN, size, root).text, keys(ORIGIN))


def test_a_checkpoint_is_handed_over_and_its_receipt_kept(tmp_path: Path) -> None:
    happened(2)
    seal_all(folder(tmp_path))

    newest = reading.newest_checkpoint()
    assert newest is not None
    assert notes(tmp_path)[-1] == f"{3:019}.note"
    assert (tmp_path / ORIGIN / notes(tmp_path)[-1]).read_text() == newest.note
    taken = Anchoring.objects.get(size=3)
    assert (taken.name, taken.receipt) == ("vault", str(tmp_path / ORIGIN / f"{3:019}.note"))
    assert str(taken) == "vault holds 3"


def test_a_place_nobody_waits_for_is_left_alone_for_a_while(tmp_path: Path) -> None:
    place = folder(tmp_path, is_required=False)
    happened()
    seal_all(place)
    happened()
    seal_all(place)
    now = database_now()
    kept = len(notes(tmp_path))
    assert Handover([place]).hand_over(now=now) == 0
    assert Handover([place]).hand_over(now=now + anchoring.EVERY + timedelta(seconds=1)) == 1
    assert len(notes(tmp_path)) == kept + 1


def test_handing_over_again_after_a_lost_receipt_changes_nothing(tmp_path: Path) -> None:
    happened()
    seal_all(folder(tmp_path))
    with unguarded():
        Anchoring.objects.all().delete()
    assert Handover([folder(tmp_path)]).hand_over(now=database_now()) == 1
    assert not Log.objects.get().is_halted


def test_a_place_that_is_away_holds_up_nothing_but_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    away = folder(tmp_path / "file" / "inside", is_required=False)
    happened()
    log = seal_all(away)
    assert log.size == 2
    assert SignedCheckpoint.objects.exists()
    assert not Anchoring.objects.exists()
    assert "did not take checkpoint" in caplog.text


class Away(FolderAnchor):
    """A place that cannot be read."""

    def kept(self, origin: str) -> Iterator[str]:
        raise AnchorAway("no route")


def test_nothing_is_signed_until_a_required_place_can_be_read(tmp_path: Path) -> None:
    happened()
    seal_all(Away("vault", tmp_path, is_required=True))
    assert not SignedCheckpoint.objects.exists()
    seal_all(Away("vault", tmp_path, is_required=False))
    assert SignedCheckpoint.objects.exists()


def test_a_place_that_holds_what_was_never_signed_is_told_and_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ORIGIN).mkdir(parents=True)
    (tmp_path / ORIGIN / f"{900:019}.note").write_text("nonsense")
    happened()
    seal_all(folder(tmp_path))
    assert not Log.objects.get().is_halted
    assert "never signed" in caplog.text


def test_a_folder_that_holds_another_checkpoint_of_the_size_halts_the_log(tmp_path: Path) -> None:
    place = folder(tmp_path)
    happened()
    one = sealer(place)
    one.step()
    one.step()
    place.keep(Checkpoint(ORIGIN, 3, b"x" * 32), note(3, b"x" * 32))
    happened()
    while one.step():
        pass
    assert "another checkpoint" in Log.objects.get().trouble


def test_a_folder_with_a_file_that_is_no_note_takes_none_of_that_size(tmp_path: Path) -> None:
    (tmp_path / ORIGIN).mkdir(parents=True)
    (tmp_path / ORIGIN / f"{1:019}.note").write_text("cut sho")
    with pytest.raises(AnchorAway):
        folder(tmp_path).keep(Checkpoint(ORIGIN, 1, b"x" * 32), note(1, b"x" * 32))


def test_no_draft_stays_behind(tmp_path: Path) -> None:
    place = folder(tmp_path)
    for _ in range(2):
        place.keep(Checkpoint(ORIGIN, 1, b"x" * 32), note(1, b"x" * 32))
    with pytest.raises(LogBroken):
        place.keep(Checkpoint(ORIGIN, 1, b"y" * 32), note(1, b"y" * 32))
    assert notes(tmp_path) == [f"{1:019}.note"]


def put_back(size: int) -> None:
    """Put the record back to an earlier size, as a restored backup would."""
    with unguarded():
        Anchoring.objects.filter(size__gt=size).delete()
        SignedCheckpoint.objects.filter(size__gt=size).delete()
        lost = list(Leaf.objects.filter(seq__gte=size).values_list("event_id", flat=True))
        Leaf.objects.filter(seq__gte=size).delete()
        AuditText.objects.filter(event__in=lost).delete()
        AuditEvent.objects.filter(pk__in=lost).delete()
        PendingEvent.objects.all().delete()
        rest = leaves()
        frontier = Frontier()
        for leaf in rest:
            frontier.add(leaf)
        Log.objects.update(size=size, root=frontier.root(), frontier=frontier.data)


def test_a_database_behind_what_is_kept_elsewhere_is_halted(tmp_path: Path) -> None:
    happened(9)
    seal_all(folder(tmp_path))
    put_back(6)
    happened()
    seal_all(folder(tmp_path))
    assert Log.objects.get().trouble == "The database is behind vault: 6 < 10."
    assert Leaf.objects.count() == 6


def test_a_database_that_says_otherwise_than_what_is_kept_is_halted(tmp_path: Path) -> None:
    happened(9)
    seal_all()
    folder(tmp_path).keep(Checkpoint(ORIGIN, 4, b"x" * 32), note(4, b"x" * 32))
    seal_all(folder(tmp_path))
    assert "another root at 4" in Log.objects.get().trouble


# -- opened again ----------------------------------------------------------------------------------


def test_a_halted_log_goes_on_under_its_next_name_and_tells_what_was_lost(tmp_path: Path) -> None:
    happened(9)
    anchored = seal_all(folder(tmp_path))
    put_back(6)
    seal_all(folder(tmp_path))

    log = reopen([folder(tmp_path)], keys, by=ADA, second=BOB, reason="Restored the backup")

    assert (log.origin, log.size, log.is_halted) == ("registry.test/audit/2", 7, False)
    opening = told("log.open")[1]
    assert opening["actor"]["id"] == "usr_7"
    assert opening["chain"]["root"] == "log:registry.test/audit/2"
    previous = opening["detail"]["previous"]
    assert opening["detail"]["second"] == "usr_8"
    assert previous["origin"] == ORIGIN
    assert previous["restored"] == {"size": 6, "root": tree_hash(leaves()[:6]).hex()}
    assert previous["anchored"] == {"size": 10, "root": bytes(anchored.root).hex()}
    assert previous["lost"] == [6, 10]
    happened()
    after = seal_all(folder(tmp_path))
    assert not after.is_halted
    assert bytes(after.root) == tree_hash(leaves())
    newest = reading.newest_checkpoint()
    assert newest is not None
    assert newest.note.startswith("registry.test/audit/2\n")


def test_a_backup_that_is_opened_twice_passes_over_the_name_it_went_on_under_before(
    tmp_path: Path,
) -> None:
    place = folder(tmp_path)
    happened(9)
    seal_all(place)
    put_back(6)
    seal_all(place)
    reopen([place], keys, by=ADA, second=BOB, reason="Restored the backup")
    happened(4)
    second = seal_all(place)
    kept = {str(each): each.read_text() for each in tmp_path.rglob("*.note")}
    put_back(6)
    Log.objects.update(origin=ORIGIN)
    seal_all(place)

    log = reopen([place], keys, by=ADA, second=BOB, reason="Restored it once more")

    happened(2)
    assert not seal_all(place).is_halted
    assert log.origin == "registry.test/audit/3"
    [passed] = told("log.open")[-1]["detail"]["passed_over"]
    assert passed["origin"] == second.origin
    assert passed["anchored"] == {"size": second.size, "root": bytes(second.root).hex()}
    assert passed["lost"] == [6, second.size]
    names = (ORIGIN, second.origin, log.origin)
    report = whole.verify([read_key(vkey(name)) for name in names], kept)
    assert (report.findings, len(report.gaps)) == ([], 2)


def test_a_sealer_that_runs_all_the_while_goes_on_after_the_log_is_opened(tmp_path: Path) -> None:
    happened(9)
    one = sealer(folder(tmp_path))
    while one.step():
        pass
    put_back(6)
    happened()
    while one.step():
        pass
    assert Log.objects.get().is_halted
    reopen([folder(tmp_path)], keys, by=ADA, second=BOB, reason="Restored the backup")
    while one.step():
        pass
    log = Log.objects.get()
    assert (log.is_halted, log.size) == (False, Leaf.objects.count())
    assert SignedCheckpoint.objects.filter(size=log.size).exists()


def test_a_log_with_a_damaged_frontier_is_mended_by_opening_it_again(tmp_path: Path) -> None:
    happened(3)
    seal_all(folder(tmp_path))
    Log.objects.update(frontier=b"")
    happened()
    seal_all(folder(tmp_path))
    log = reopen([folder(tmp_path)], keys, by=ADA, second=BOB, reason="A disk lied")
    assert not seal_all(folder(tmp_path)).is_halted
    assert told("log.open")[1]["detail"]["previous"]["lost"] == [4, 4]
    assert log.size == 5


def test_a_forked_log_is_held_to_the_last_checkpoint_it_agrees_with(tmp_path: Path) -> None:
    happened(9)
    seal_all()
    place = folder(tmp_path)
    place.keep(Checkpoint(ORIGIN, 4, tree_hash(leaves()[:4])), note(4, tree_hash(leaves()[:4])))
    place.keep(Checkpoint(ORIGIN, 8, b"x" * 32), note(8, b"x" * 32))
    seal_all(place)
    reopen([place], keys, by=ADA, second=BOB, reason="Looked into")
    previous = told("log.open")[1]["detail"]["previous"]
    assert (previous["restored"]["size"], previous["lost"]) == (4, [4, 8])


def test_a_log_whose_leaves_are_damaged_is_not_opened_again(tmp_path: Path) -> None:
    happened(300)
    seal_all()
    states.halt("Why")
    with unguarded():
        Leaf.objects.filter(seq=7).update(hash=b"x" * 32)
    with pytest.raises(RuleBroken, match="disagrees"):
        reopen([], keys, by=ADA, second=BOB, reason="Looked into")
    with unguarded():
        Leaf.objects.filter(seq=7).delete()
    with pytest.raises(RuleBroken, match="Entry 7 is missing"):
        reopen([], keys, by=ADA, second=BOB, reason="Looked into")


@pytest.mark.parametrize(
    ("second", "reason", "words"),
    [(ADA, "Why", "Two people"), (BOB, " ", "reason"), (BOB, "Why", "not halted")],
)
def test_a_log_is_opened_again_by_two_with_a_reason_when_it_is_halted(
    second: Actor, reason: str, words: str
) -> None:
    seal_all()
    with pytest.raises(RuleBroken, match=words):
        reopen([], keys, by=ADA, second=second, reason=reason)


def test_the_operator_names_the_places(settings: Settings, tmp_path: Path) -> None:
    settings.ANCHORS = {"local": f"folder:{tmp_path}", "vault": "folder:/mnt/vault"}
    settings.ANCHORS_REQUIRED = frozenset({"vault"})
    local, vault = anchors.configured()
    assert (local.is_outside, local.is_required) == (False, False)
    assert (vault.is_outside, vault.is_required) == (True, True)
