"""Whatever somebody with all SQL does to the record is found: the table of AUDIT_DESIGN 13."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from apps.audit.checking import whole
from apps.audit.models import AuditEvent, AuditText, Leaf, PendingEvent
from apps.audit.sealing import states
from apps.audit.verifier.exports import Report
from apps.audit.verifier.notes import open_checkpoint, read_key
from apps.audit.verifier.proofs import verify_proof
from apps.catalog.lifecycle import Stage
from apps.core.identifiers import uuid7
from tests import scenarios
from tests.audit.beside import BesideTwin, beside
from tests.audit.sealing.sealed import folder, happened, seal_all, vkey
from tests.audit.tampered import TABLE, sealed_with
from tests.factories import person
from tests.scenarios import developer, registered_model
from tests.unguarded import unguarded

pytestmark = pytest.mark.django_db
__all__ = ["beside"]

ONLY_OUTSIDE_TELLS = {
    "the last entry with all keys",
    "the last entry is gone, all rebuilt",
    "put back to an older checkpoint",
}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    sealed_with(folder(tmp_path))
    return tmp_path


def verify(kept: Path | None = None, **how: Any) -> Report:
    files = sorted(kept.rglob("*.note")) if kept else []
    outside = {file.name: file.read_text() for file in files}
    return whole.verify([read_key(vkey())], outside, with_rows=True, **how)


def names(report: Report) -> set[str]:
    return {finding.name for finding in report.findings}


@pytest.fixture
def undone(kept: Path) -> Iterator[None]:
    """Undo what a test did, before its database is looked at for rows that refer to none."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_good_record_is_whole(kept: Path) -> None:
    report = verify(kept)
    assert report.findings == []
    assert report.size > 340
    assert report.outside >= 2


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.usefixtures("undone")
def test_what_was_done_to_the_record_is_found_however_many_processes_look(
    kept: Path, name: str, beside: type[BesideTwin]
) -> None:
    tamper, expected = TABLE[name]
    with unguarded():
        tamper()
        with_outside, alone = verify(kept), verify(processes=2)
    assert beside.started == 2
    assert [one for one in with_outside.findings if one in alone.findings] == alone.findings
    assert expected <= names(with_outside), with_outside.findings[:5]
    assert (names(alone) <= {"guard"}) == (name in ONLY_OUTSIDE_TELLS), alone.findings[:5]


def test_an_unsealed_event_that_goes_with_its_mark_leaves_no_trace(kept: Path) -> None:
    """The one limit: hence nobody is answered, and nothing outside told, before sealing."""
    [event] = happened()
    with unguarded():
        AuditEvent.objects.filter(pk=event.pk).delete()
        PendingEvent.objects.filter(event_id=event.pk).delete()
    assert verify(kept).findings == []


def test_a_guard_that_is_gone_is_found(kept: Path) -> None:
    with unguarded():
        assert names(verify(kept)) == {"guard"}


def test_an_event_of_its_own_excuses_no_missing_text_that_two_people_did_not_decide_on(
    kept: Path,
) -> None:
    text = AuditText.objects.select_related("event").first()
    assert text is not None
    subject = states.LogSubject(str(text.event.uid), record_word="event")
    happened(1, action="event.redact", subject=subject)
    with unguarded():
        AuditText.objects.filter(event=text.event).delete()
    assert "text.missing" in names(verify(kept))


def test_only_hashes_are_checked_when_that_is_asked_for(kept: Path) -> None:
    with unguarded():
        AuditEvent.objects.filter(leaf__seq=50).update(actor_id="usr_9")
    assert names(whole.verify([read_key(vkey())], {}, hashes_only=True)) == set()


# -- the command -----------------------------------------------------------------------------------


def called(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = 0
    try:
        call_command("audit", *map(str, arguments))
    except SystemExit as ended:
        code = int(ended.code or 0)
    except CommandError as refusal:
        return refusal.returncode, str(refusal)
    return code, capsys.readouterr().out


def test_the_command_says_what_it_found_and_what_it_was_held_to(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = called("verify", "--key", vkey(), "--checkpoint", kept, "--rows", capsys=capsys)
    assert code == 0
    assert "from elsewhere: whole." in said
    with unguarded():
        Leaf.objects.filter(seq=7).delete()
    code, said = called("verify", "--key", vkey(), capsys=capsys)
    assert code == 1
    assert "leaf.gap: entry 7" in said
    assert "whether the record was put back is not known" in said


def test_the_command_tells_it_to_programs(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = called("verify", "--key", vkey(), "--json", "--processes", 1, capsys=capsys)
    assert (code, json.loads(said)["findings"]) == (0, [])
    assert called("verify", "--key", vkey(), "--processes", 9, capsys=capsys)[0] == 1


def test_a_record_that_was_never_sealed_cannot_be_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    registered_model()
    assert called("verify", "--key", vkey(), capsys=capsys)[0] == 3
    assert called("verify", "--key", "nonsense", capsys=capsys)[0] == 2
    assert called("checkpoint", capsys=capsys)[0] == 3
    assert called("key", capsys=capsys)[0] == 3


def test_the_command_goes_by_the_keys_of_the_sealer(capsys: pytest.CaptureFixture[str]) -> None:
    happened()
    call_command("seal", "--once")
    code, said = called("key", capsys=capsys)
    assert code == 0
    assert said.startswith("registry.test/audit/1+")
    assert called("verify", capsys=capsys)[0] == 0
    assert called("verify", "--key", said.strip(), capsys=capsys)[0] == 0


def test_two_people_open_a_halted_log_again_and_its_loss_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one, other = registered_model().owner.username, developer().username
    call_command("seal", "--once")
    states.halt("Why")
    opened = ["reopen", "--as", one, "--reason", "Looked into", "--and"]
    assert called(*opened, one, capsys=capsys) == (1, "Two people open a halted log again.")
    code, said = called(*opened, other, capsys=capsys)
    assert code == 0
    assert "goes on as registry.test/audit/2" in said
    call_command("seal", "--once")
    code, said = called("verify", "--rows", capsys=capsys)
    assert code == 0
    assert "Gap on record" in said


def test_a_log_is_exported_and_checked_by_the_file_that_comes_with_it(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    auditor = person("aud", everywhere=["auditor"]).username
    code, said = called("export", out, "--as", auditor, capsys=capsys)
    assert code == 0
    assert f"entries are in {out}" in said
    call = [sys.executable, "-I", "-S", str(out / "verify_audit.py"), "export", str(out)]
    kept_too = ["--key", vkey(), "--checkpoint", str(kept)]
    checked = subprocess.run([*call, *kept_too], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    event = AuditEvent.objects.get(action="record.export")
    assert json.loads(bytes(event.entry))["outcome"] == "done"
    assert called("export", out, "--as", auditor, capsys=capsys)[0] == 1


def test_who_may_not_read_the_whole_record_does_not_take_it_away(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    code, said = called("export", out, "--as", developer().username, capsys=capsys)
    assert code == 1
    assert "whole record" in said
    assert not out.exists()
    assert AuditEvent.objects.get(action="record.export").outcome == "refused"


def test_an_entry_is_proven_by_its_id(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    event = AuditEvent.objects.get(leaf__seq=77)
    code, said = called("proof", event.uid, capsys=capsys)
    assert code == 0
    assert verify_proof(said, bytes(event.entry), [read_key(vkey())], [], 0)[0] == 77
    assert called("proof", uuid7(), capsys=capsys)[0] == 3


def test_the_newest_checkpoint_is_printed_to_be_kept(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = called("checkpoint", capsys=capsys)
    assert code == 0
    assert open_checkpoint(said, [read_key(vkey())]).size == Leaf.objects.count()


def test_a_key_is_made_where_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = called("make-key", tmp_path / "key", capsys=capsys)
    assert code == 0
    assert "SIGNET_LOG_KEY_FILES" in said
    assert called("make-key", tmp_path / "key", capsys=capsys)[0] == 2


def test_rows_history_and_record_of_a_whole_promotion_agree() -> None:
    scenarios.promoted(Stage.PRODUCTION)
    seal_all()
    report = verify()
    assert report.findings == []
    assert report.size > 30
