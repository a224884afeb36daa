"""A backup comes back whole, or what it lacks is named; a record that went back comes up halted."""

import base64
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.test import override_settings
from pytest_django import Settings

from apps.approvals import operations
from apps.approvals.models import LegalHold
from apps.approvals.operations import redaction
from apps.audit.checking import whole
from apps.audit.log import notes
from apps.audit.models import AuditEvent, AuditText, Log, PendingEvent, Redaction
from apps.audit.sealing import anchors, reopening, signing
from apps.audit.sealing.signing import NoKey
from apps.audit.verifier.notes import read_key
from apps.catalog import store
from apps.catalog.backups import databases, restoring
from apps.catalog.backups.databases import postgresql
from apps.catalog.backups.folders import Backup
from apps.catalog.backups.problems import CouldNot, Damaged, DoesNotFit, NotABackup
from apps.catalog.models import Artifact, ModelVersion
from apps.core.actors import FixedAuthority
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.exceptions import counsel, records_manager
from tests.audit.sealing.sealed import ORIGIN, happened, told, vkey
from tests.catalog.backups.kept import (
    HOST,
    REASON,
    Killed,
    brought_back,
    damage_in_store,
    elsewhere,
    kept_file,
    killed_at,
    seal,
    taken,
)
from tests.factories import actor
from tests.scenarios import MODEL_FILES

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "Jane Doe fell ill"


def names(found: restoring.Outcome) -> set[str]:
    return {finding.name for finding in found.findings}


def test_held_to_checkpoints_of_before_a_backup_comes_back_whole_and_goes_on(
    version: ModelVersion, tmp_path: Path, keep_as_of_now: Callable[[], None]
) -> None:
    Session.objects.create(session_key="k", session_data="", expire_date="2100-01-01T00:00Z")
    backup = taken(tmp_path / "backups")
    keep_as_of_now()

    with elsewhere(tmp_path):
        with pytest.raises(Killed):
            brought_back(backup, tell=killed_at("Filling the database"))
        assert databases.is_empty()
        found = brought_back(backup)

        assert found.is_whole
        assert (found.outside, found.away, found.halted) == (1, [], "")
        again = ModelVersion.objects.get()
        assert str(again) == str(version)
        for file in again.files.select_related("artifact"):
            with store.open(file.artifact.sha256) as stream:
                assert hashlib.sha256(stream.read()).hexdigest() == file.artifact.sha256
        assert not Session.objects.exists()
        intent, done = told("backup.restore")
        assert [intent["outcome"], done["outcome"]] == ["intent", "done"]
        assert done["parent"] == intent["id"]
        assert done["detail"]["backup"] == backup.manifest.digest
        assert done["detail"]["halted"] is False
        texts = AuditEvent.objects.filter(action="backup.restore", texts__text=REASON)
        assert texts.count() == 2

        assert seal().size > found.size
        assert not PendingEvent.objects.exists()
        assert restoring.look_again(backup).is_whole
        assert whole.verify([read_key(vkey())], {}, with_rows=True).findings == []


def test_a_record_that_went_back_comes_up_halted_until_two_people_open_it_again(
    version: ModelVersion, tmp_path: Path
) -> None:
    backup = taken(tmp_path / "backups")
    happened(5)
    ahead = seal().size

    with elsewhere(tmp_path):
        found = brought_back(backup)

        assert backup.manifest.log is not None
        behind = backup.manifest.log.size
        assert found.halted == f"The database is behind vault: {behind} < {ahead}."
        assert names(found) == {"rollback"}
        assert found.missing == []
        assert told("backup.restore")[-1]["detail"]["halted"] is True
        waiting = PendingEvent.objects.count()
        assert seal().is_halted
        assert PendingEvent.objects.count() == waiting
        assert restoring.look_again(backup).halted == found.halted

        reopening.reopen(
            anchors.configured(),
            signing.kept_keys,
            by=replace(HOST, id="usr_1"),
            second=replace(HOST, id="usr_2"),
            reason="Restored the backup of Tuesday",
        )
        log = seal()
        assert (log.origin, log.is_halted) == ("registry.test/audit/2", False)
        keys = [read_key(vkey(origin)) for origin in (ORIGIN, log.origin)]
        report = whole.verify(keys, {}, with_rows=True)
        assert report.findings == []
        assert len(report.gaps) == 1

    with elsewhere(tmp_path):  # the vault knows the next name by now
        found = brought_back(backup)
        known = "vault knows the log as registry.test/audit/2"
        assert found.halted == f"{known}: it was opened again since."


def test_what_neither_backup_nor_store_holds_is_named_and_the_rest_is_there(
    version: ModelVersion, tmp_path: Path, keep_as_of_now: Callable[[], None]
) -> None:
    backup = taken(tmp_path / "backups")
    keep_as_of_now()
    gone, rotten, kept = (
        version.files.get(path=path).artifact
        for path in ("README.md", "model/weights.safetensors", "MLmodel")
    )
    kept_file(backup, gone.sha256).unlink()
    kept_file(backup, rotten.sha256).write_bytes(b"!" * rotten.size)
    told_missing = sorted(
        f"sha256:{artifact.sha256} of {version}: {path}"
        for artifact, path in ((gone, "README.md"), (rotten, "model/weights.safetensors"))
    )

    with elsewhere(tmp_path):
        found = brought_back(backup)
        assert sorted(map(str, found.missing)) == told_missing
        assert found.findings == []
        assert not found.is_whole
        with store.open(kept.sha256) as stream:
            assert len(stream.read()) == kept.size
        assert sorted(map(str, restoring.look_again(backup).missing)) == told_missing


def test_a_store_that_is_there_keeps_what_is_true_and_gets_what_is_not(
    version: ModelVersion, tmp_path: Path, keep_as_of_now: Callable[[], None]
) -> None:
    backup = taken(tmp_path / "backups")
    keep_as_of_now()
    there, rotten = (version.files.get(path=path).artifact for path in ("README.md", "MLmodel"))
    kept_file(backup, there.sha256).unlink()
    damage_in_store(rotten.sha256, b"?" * rotten.size)

    with elsewhere(tmp_path, has_store=True):
        with pytest.raises(Killed):
            brought_back(backup, tell=killed_at("Checking the record"))
        assert [entry["outcome"] for entry in told("backup.restore")] == ["intent"]
        assert restoring.look_again(backup).is_whole
        with store.open(rotten.sha256) as stream:
            assert stream.read().startswith(MODEL_FILES["MLmodel"])
        assert store.exists(there.sha256)


def test_what_does_not_fit_is_refused_before_anything_is_touched(
    version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = taken(tmp_path / "backups")
    manifest = backup.place / "manifest.json"
    as_it_was = manifest.read_text()

    with pytest.raises(DoesNotFit, match="holds tables already"):
        brought_back(backup)
    with elsewhere(tmp_path):

        def refusal(kind: type[Exception], match: str) -> None:
            with pytest.raises(kind, match=match):
                brought_back(Backup.at(backup.place))
            assert databases.is_empty()

        def said(change: Callable[[dict[str, Any]], object]) -> None:
            told = json.loads(as_it_was)
            change(told)
            manifest.write_text(json.dumps(told))

        with pytest.raises(NotAllowed):
            restoring.restore(backup, by=replace(HOST, authority=FixedAuthority()), reason=REASON)
        with pytest.raises(RuleBroken, match="Give a reason"):
            restoring.restore(backup, by=HOST, reason=" ")
        with override_settings(AUDIT_TAG_KEYS={1: b"\x12" * 32}):
            refusal(DoesNotFit, "not by the keys here")
        with override_settings(AUDIT_TAG_KEYS={2: b"\x11" * 32}):
            refusal(DoesNotFit, "missing here: number 1")
        key = tmp_path / "other-key"
        with override_settings(LOG_KEY_FILES=[str(key)]):
            refusal(NoKey, "Put the key of the log back")
            assert not key.exists()  # none is made in its place
            key.write_text(os.urandom(32).hex())
            refusal(DoesNotFit, "key of the log is another one")

        said(lambda told: told["manifest"]["migrations"].append("catalog.9999_later"))
        refusal(DoesNotFit, "not by the keys here")
        monkeypatch.setattr("apps.catalog.backups.manifest.Tagged.require_own", lambda self: None)
        refusal(DoesNotFit, "newer schema: catalog.9999_later")
        said(lambda told: told["manifest"]["migrations"].remove("audit.0003_sealing"))
        refusal(DoesNotFit, "older schema: audit.0003_sealing.*Then upgrade")
        said(lambda told: told["manifest"]["dump"].update(kind="oracle"))
        refusal(DoesNotFit, "The backup is of oracle")
        for change in (
            lambda told: told["manifest"].update(form=2),
            lambda told: told["manifest"].pop("files"),
            lambda told: told["manifest"].update(more=1),
            lambda told: told["manifest"]["dump"].update(file="../database"),
            lambda told: told.update(tags=[]),
        ):
            said(change)
            refusal(NotABackup, "cannot be read as a manifest")
        manifest.write_text(as_it_was)


def test_a_damaged_backup_is_refused_before_anything_is_touched(
    version: ModelVersion, tmp_path: Path
) -> None:
    backup = taken(tmp_path / "backups")

    def refusal(match: str) -> None:
        with pytest.raises(Damaged, match=match):
            brought_back(backup)
        assert databases.is_empty()

    with elsewhere(tmp_path):
        files = backup.list.read_bytes()
        backup.list.write_bytes(files + b"x\n")
        refusal("files.txt is damaged")
        backup.list.unlink()
        refusal("files.txt is missing")
        backup.list.write_bytes(files)
        dump = bytearray(backup.dump.read_bytes())
        dump[-1] ^= 1
        backup.dump.write_bytes(dump)
        refusal("is damaged: it is not as the manifest says")
        backup.dump.unlink()
        refusal("is missing")
        with pytest.raises(DoesNotFit, match="database is empty"):
            restoring.look_again(backup)


def test_another_secret_and_a_vault_that_is_away_are_told_and_stop_nothing(
    version: ModelVersion, tmp_path: Path, settings: Settings
) -> None:
    backup = taken(tmp_path / "backups")
    note = next((tmp_path / "vault").rglob("*.note")).read_text()
    unreadable = tmp_path / "away" / ORIGIN / f"{9:019}.note"
    unreadable.parent.mkdir(parents=True)
    unreadable.write_bytes(b"\xff")
    settings.SECRET_KEY = base64.b64encode(os.urandom(40)).decode()
    settings.LOG_KEY_FILES = [str(tmp_path / "not-here")]
    settings.ANCHORS = {"vault": f"folder:{tmp_path / 'away'}"}

    with elsewhere(tmp_path):
        found = brought_back(backup, keys=[vkey()], notes={"kept": note})
        assert names(found) == {"secret"}
        assert (found.outside, found.halted) == (1, "")
        assert found.away[0].startswith("vault cannot be read")


def test_a_fork_that_somebody_kept_halts_the_log(
    version: ModelVersion, tmp_path: Path, keep_as_of_now: Callable[[], None]
) -> None:
    backup = taken(tmp_path / "backups")
    keep_as_of_now()
    assert backup.manifest.log is not None
    size = backup.manifest.log.size
    lie = notes.signed(notes.Checkpoint(ORIGIN, size, b"\x01" * 32).text, signing.kept_keys(ORIGIN))

    with elsewhere(tmp_path):
        found = brought_back(backup, notes={"kept": lie})
        assert names(found) == {"fork"}
        assert found.halted.startswith("fork: kept: ")
        assert Log.objects.get().is_halted


@pytest.mark.services
def test_programs_older_than_the_server_are_refused_in_words(
    version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite needs no program")
    monkeypatch.setattr(postgresql, "_installed", lambda name: iter([(9, "/bin/false")]))
    with pytest.raises(CouldNot, match="or newer is needed, and the newest here is of 9"):
        taken(tmp_path / "backups")
    monkeypatch.setattr(postgresql, "_installed", lambda name: iter([(99, "/bin/false")]))
    with pytest.raises(CouldNot, match="false failed"):
        taken(tmp_path / "backups")
    with pytest.raises(DoesNotFit, match=r"backup is of PostgreSQL 99\.1"):
        databases.configured().require_takes("99.1")
    assert Artifact.objects.exists()


def test_a_backup_made_after_words_were_erased_comes_back_whole_and_without_them(
    version: ModelVersion, tmp_path: Path
) -> None:
    placed = operations.place_hold(version.model, by=actor(counsel()), reason=WORDS)
    operations.lift_hold(placed, by=actor(counsel()), reason="Closed")
    said = AuditEvent.objects.get(action="model.place_legal_hold")
    by, officer = actor(records_manager()), scenarios.account("petra", "Petra", "privacy_officer")
    asked = redaction.ask_redaction(said, "reason", basis="request", by=by, reason="She asked")
    redaction.approve_redaction(asked, by=actor(officer), reason="She may")
    seal()
    assert redaction.carry_out_redactions() == 1
    seal()
    backup = taken(tmp_path / "backups")

    with elsewhere(tmp_path):
        assert brought_back(backup).is_whole
        assert restoring.look_again(backup).is_whole
        assert not AuditText.objects.filter(text=WORDS).exists()
        assert LegalHold.objects.get().reason == Redaction.objects.get().mark
        with pytest.raises(DatabaseError, match="only ever added to"):
            AuditText.objects.all().delete()
