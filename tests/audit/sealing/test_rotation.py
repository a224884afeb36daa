"""The key is replaced: named under the old one, both sign for a while, and verifiers follow."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.audit.checking import whole
from apps.audit.log.keys import SigningKey, VerifierKey
from apps.audit.log.notes import Checkpoint, Note, signed
from apps.audit.models import AuditEvent, Leaf, Log, SignedCheckpoint
from apps.audit.sealing import health, keyring, reading, rotating, signing, states, watching
from apps.audit.sealing.reopening import reopen
from apps.audit.sealing.signing import NoKey
from apps.audit.verifier import standalone
from apps.audit.verifier.exports import verify_export
from apps.audit.verifier.notes import Finding, read_key
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from tests import scenarios
from tests.audit.sealing.sealed import ORIGIN, folder, happened, told
from tests.audit.sealing.test_anchors import ADA, BOB
from tests.factories import person
from tests.unguarded import unguarded

pytestmark = pytest.mark.django_db

OVER = keyring.OVERLAP + timedelta(days=1)


class KeyFiles:
    """The files of the sealer's keys, as the operator names them."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.settings = settings
        self.old, self.new, self.third = (folder / name for name in ("old", "new", "third"))
        for file in (self.old, self.new, self.third):
            signing.make_key(file)
        self.name(self.old)

    def name(self, *files: Path) -> None:
        self.settings.LOG_KEY_FILES = [str(file) for file in files]


@pytest.fixture
def files(tmp_path: Path, settings: Settings) -> KeyFiles:
    return KeyFiles(tmp_path, settings)


def text(file: Path, origin: str = ORIGIN) -> str:
    return signing.key_in(file, origin).verifier.text


def seal() -> Log:
    call_command("seal", "--once")
    return Log.objects.get()


def rotated(files: KeyFiles) -> None:
    """Name the new key in the record, sealed under the old one, and let both sign from then on."""
    happened(3)
    seal()
    rotating.rotate(files.new, signing.kept_keys, by=ADA, second=BOB, reason="A year is over")
    happened()
    seal()
    files.name(files.old, files.new)
    happened(2)
    seal()


def retired(files: KeyFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time of the old key be over."""
    rotated(files)
    later = database_now() + OVER
    monkeypatch.setattr(signing, "database_now", lambda: later)
    happened(2)
    seal()


def signers(note: str) -> set[str]:
    return {one.key_id.hex() for one in Note.read(note).signatures}


def ids(*files: Path) -> set[str]:
    return {signing.key_in(file, ORIGIN).key_id.hex() for file in files}


def newest() -> SignedCheckpoint:
    found = reading.newest_checkpoint()
    assert found is not None
    return found


def found_with(*keys: str, outside: dict[str, str] | None = None) -> list[Finding]:
    return whole.verify([read_key(key) for key in keys], outside or {}).findings


def test_a_new_key_is_named_in_the_record_and_sealed_under_the_old_one(files: KeyFiles) -> None:
    rotated(files)

    announced, done = told("log.key")
    assert (announced["outcome"], announced["chain"]) == ("intent", None)
    assert (done["outcome"], done["parent"]) == ("done", announced["id"])
    assert done["chain"]["root"] == f"log:{ORIGIN}"
    assert (done["actor"]["id"], done["detail"]["second"]) == ("usr_7", "usr_8")
    assert done["detail"]["key"] == text(files.new)
    assert done["detail"]["replaces"] == [text(files.old)]
    seq = Leaf.objects.get(event__uid=done["id"]).seq
    sealed = SignedCheckpoint.objects.filter(size__gt=seq).earliest("size")
    assert signers(sealed.note) == ids(files.old)
    assert signers(newest().note) == ids(files.old, files.new)


def test_both_sign_for_thirty_days_and_then_the_old_one_no_longer(
    files: KeyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    retired(files, monkeypatch)
    assert signers(newest().note) == ids(files.new)
    files.name(files.old)
    with pytest.raises(NoKey, match="was replaced"):
        signing.kept_keys(ORIGIN)


def test_a_verifier_follows_from_the_old_key_and_from_the_new_one(
    files: KeyFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Checkpoints kept before, between and after are all believed, whichever key was given."""
    retired(files, monkeypatch)
    notes = SignedCheckpoint.objects.order_by("size").values_list("size", "note")
    kept = {f"kept at {size}": note for size, note in notes}
    scenarios.auditor()
    call_command("audit", "export", str(tmp_path / "log"), "--as", "audrey")
    for key in (text(files.old), text(files.new)):
        assert found_with(key, outside=kept) == []
        for hashes_only in (False, True):
            report = verify_export(tmp_path / "log", [read_key(key)], kept, hashes_only=hashes_only)
            assert (report.findings, report.outside) == ([], len(kept))
    assert {one.name for one in found_with(text(files.third))} == {"checkpoint.signature"}
    module: dict[str, object] = {"__name__": "verify_audit"}
    exec(compile(standalone.text(), standalone.NAME, "exec"), module)
    main = module["main"]
    assert callable(main)
    assert main(["export", str(tmp_path / "log"), "--key", text(files.old)]) == 0


def test_a_checkpoint_signed_by_a_key_that_was_never_named_is_found(
    files: KeyFiles, tmp_path: Path
) -> None:
    rotated(files)
    last = newest()
    stranger = SigningKey(ORIGIN, b"\x33" * 32)
    forged = signed(Checkpoint(ORIGIN, last.size, bytes(last.root)).text, [stranger])
    assert [one.name for one in found_with(text(files.old), outside={"kept": forged})] == [
        "checkpoint.signature"
    ]
    with unguarded():
        SignedCheckpoint.objects.filter(size=last.size).update(note=forged)
    assert [one.name for one in found_with(text(files.old))] == ["checkpoint.signature"]
    scenarios.auditor()
    call_command("audit", "export", str(tmp_path / "log"), "--as", "audrey")
    report = verify_export(tmp_path / "log", [read_key(text(files.old))], {})
    assert [one.name for one in report.findings] == ["checkpoint.signature"]


def test_a_key_named_where_no_known_key_sealed_it_is_not_believed(files: KeyFiles) -> None:
    """Whoever writes a log of their own names the key of ours in vain: ours never sealed that."""
    files.name(files.third)
    happened(2)
    seal()
    rotating.rotate(files.new, signing.kept_keys, by=ADA, second=BOB, reason="A year is over")
    files.name(files.third, files.new)
    seal()
    assert found_with(text(files.third)) == []
    assert {one.name for one in found_with(text(files.old))} == {"checkpoint.signature"}


def test_a_key_is_replaced_more_than_once_and_never_named_again(files: KeyFiles) -> None:
    rotated(files)
    happened()
    rotating.rotate(files.third, signing.kept_keys, by=ADA, second=BOB, reason="It was lost")
    seal()
    files.name(files.new, files.third)
    happened()
    seal()
    for key in (files.old, files.new, files.third):
        assert found_with(text(key)) == []
    for again in (files.old, files.new, files.third):
        with pytest.raises(RuleBroken, match="names this key already"):
            rotating.rotate(again, signing.kept_keys, by=ADA, second=BOB, reason="Once more")


@pytest.mark.parametrize(
    ("which", "second", "reason", "words"),
    [
        ("new", ADA, "Why", "Two people"),
        ("new", BOB, " ", "reason"),
        ("old", BOB, "Why", "holds the key that signs now"),
    ],
)
def test_a_key_is_replaced_by_two_with_a_reason_and_by_another(
    files: KeyFiles, which: str, second: Actor, reason: str, words: str
) -> None:
    happened()
    seal()
    file = {"new": files.new, "old": files.old}[which]
    with pytest.raises(RuleBroken, match=words):
        rotating.rotate(file, signing.kept_keys, by=ADA, second=second, reason=reason)
    assert told("log.key") == []


def test_a_key_is_not_replaced_before_the_log_begins_or_while_it_is_halted(
    files: KeyFiles,
) -> None:
    def rotate() -> None:
        rotating.rotate(files.new, signing.kept_keys, by=ADA, second=BOB, reason="Why")

    with pytest.raises(RuleBroken, match="Nothing is sealed yet"):
        rotate()
    happened()
    seal()
    states.halt("Why")
    with pytest.raises(RuleBroken, match="halted"):
        rotate()


def test_an_announcement_whose_outcome_was_lost_is_closed(
    files: KeyFiles, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    happened()
    seal()

    def dies(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rotating, "_carry_out", dies)
    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(files.new, signing.kept_keys, by=ADA, second=BOB, reason="Why")
    now = database_now()
    assert watching.close_intents(now=now) == 0
    assert watching.close_intents(now=now + watching.OUTCOME * 2) == 1
    assert watching.close_intents(now=now + watching.OUTCOME * 2) == 0

    announced, lost = told("log.key")
    assert (lost["outcome"], lost["parent"], lost["chain"]) == ("failed", announced["id"], None)
    assert lost["detail"] == {"why": watching.LOST}
    assert "Nothing is known of what came of log.key" in caplog.text
    assert keyring.rotations(is_sealed=False) == []


def test_a_new_key_that_does_not_sign_is_shown_until_it_does(files: KeyFiles) -> None:
    def shown(later: timedelta = timedelta(0)) -> list[tuple[str, str]]:
        found = health.protections([], now=database_now() + later)
        return [(one.title, one.tone) for one in found if "key" in one.title]

    happened()
    seal()
    assert shown() == []
    rotating.rotate(files.new, signing.kept_keys, by=ADA, second=BOB, reason="Why")
    assert shown() == []  # not before it is sealed
    seal()
    assert shown() == [("The new key does not sign", "warn")]
    assert shown(OVER) == [("The new key does not sign", "bad")]
    files.name(files.old, files.new)
    happened()
    seal()
    assert shown() == [("The key is being replaced", "good")]
    assert shown(OVER) == []


def test_checkpoints_kept_under_an_old_key_still_count_when_its_file_is_gone(
    files: KeyFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder(tmp_path / "vault")
    retired(files, monkeypatch)
    early = SignedCheckpoint.objects.earliest("size")
    place.keep(Checkpoint(ORIGIN, early.size, bytes(early.root)), early.note)
    files.name(files.new)
    signing.compare([place], signing.kept_keys)
    states.halt("Looked into")
    log = reopen([place], signing.kept_keys, by=ADA, second=BOB, reason="It was nothing")
    assert told("log.open")[1]["detail"]["previous"]["restored"]["size"] == log.size - 1
    known: Sequence[VerifierKey] = keyring.verifiers(log.origin, signing.kept_keys(log.origin))
    assert {key.name for key in known} == {log.origin}


def test_the_command_names_the_key_seals_it_and_says_what_to_do_next(
    files: KeyFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    happened()
    seal()
    person("ada")
    person("bob")
    asked = ["audit", "rotate-key", str(files.new), "--reason", "A year is over"]
    with pytest.raises(CommandError, match="Two people"):
        call_command(*asked, "--as", "ada", "--and", "ada")
    call_command(*asked, "--as", "ada", "--and", "bob")
    said = capsys.readouterr().out
    assert text(files.new) in said
    assert "SIGNET_LOG_KEY_FILES" in said
    [_, done] = told("log.key")
    assert AuditEvent.objects.get(uid=done["id"]).leaf.seq < newest().size
    assert signers(newest().note) == ids(files.old)
    assert json.loads(bytes(AuditEvent.objects.get(uid=done["id"]).entry))["reason"]
