"""The four commands: what they say, and the code they end with."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import connection
from pytest_django import Settings

from apps.catalog import store
from apps.catalog.backups.folders import Backup
from apps.catalog.backups.problems import NotABackup
from apps.catalog.management.backing import Progress
from apps.catalog.models import ModelVersion
from tests import migrated
from tests.audit.sealing.sealed import happened, vkey
from tests.catalog.backups.kept import REASON, elsewhere, kept_file, seal, taken
from tests.migrated import ROOT


def called(*arguments: object) -> tuple[int, str]:
    """Call a command; return the code it ends with, and what it said."""
    out = StringIO()
    try:
        call_command(*map(str, arguments), stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    except CommandError as refusal:
        return refusal.returncode, str(refusal)
    return 0, out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_they_end_with_nothing_when_all_is_whole_and_say_so(
    version: ModelVersion, tmp_path: Path, keep_as_of_now: Callable[[], None]
) -> None:
    folder = tmp_path / "backups"
    code, said = called("backup", folder)
    assert (code, "3 of 3 files" in said) == (0, True)
    keep_as_of_now()
    code, said = called("verify_backup", folder)
    assert (code, said.endswith(": whole.\n")) == (0, True)

    with elsewhere(tmp_path):
        code, said = called("restore", folder, "--reason", REASON)
        assert (code, said.endswith("entries: whole.\n")) == (0, True)
        code, said = called("verify_restore", folder, "--key", vkey())
        assert (code, said.endswith("entries: whole.\n")) == (0, True)
        code, said = called("restore", folder, "--reason", REASON)
        assert (code, "replaces nothing" in said) == (2, True)


@pytest.mark.django_db(transaction=True)
def test_they_end_with_one_and_a_name_when_something_is_missing(
    version: ModelVersion, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "backups"
    file = version.files.select_related("artifact").get(path="README.md")
    backup = taken(folder)
    kept_file(backup, file.artifact.sha256).unlink()
    code, said = called("verify_backup", folder)
    assert (code, f"sha256:{file.artifact.sha256}: it is missing" in said) == (1, True)

    happened()
    seal()
    with elsewhere(tmp_path):
        code, said = called("restore", folder, "--reason", REASON)
        assert code == 1
        assert f"Missing: sha256:{file.artifact.sha256} of {version}: README.md" in said
        assert "The log is halted: The database is behind vault" in said
        assert "manage.py audit reopen --as NAME --and NAME" in said
    settings.ANCHORS = {}
    with elsewhere(tmp_path):
        code, said = called("restore", backup.place, "--reason", REASON)
        assert (code, "No checkpoint from elsewhere was there" in said) == (1, True)

    store.artifacts().remove(file.artifact.sha256)
    code, said = called("backup", folder)
    assert (code, f"lacks it: sha256:{file.artifact.sha256} of {version}" in said) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_they_tell_wrong_use_from_what_could_not_be_done(
    version: ModelVersion, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "backups"
    assert called("verify_backup", tmp_path / "nowhere")[0] == 2
    assert called("backup", folder, "--as", "nobody")[0] != 0
    (tmp_path / "file").touch()
    assert called("backup", tmp_path / "file" / "backups")[0] == 3
    taken(folder)
    settings.LOG_KEY_FILES = [str(tmp_path / "not-here")]
    with elsewhere(tmp_path):
        code, said = called("restore", folder, "--reason", REASON)
        assert (code, "Put the key of the log back" in said) == (3, True)
        bad = tmp_path / "bad.note"
        assert called("restore", folder, "--reason", REASON, "--checkpoint", bad)[0] == 3


def test_progress_is_drawn_on_a_terminal_and_nowhere_else() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    shown, quiet = Terminal(), StringIO()
    for out in (shown, quiet):
        progress = Progress(OutputWrapper(out))
        progress.tell("Copying the database", 0, 0)
        progress.tell("Copying files", 500_000, 2_000_000)
        progress.tell("Copying files", 600_000, 2_000_000)
        progress.end()
        progress.end()
    assert quiet.getvalue() == ""
    assert shown.getvalue().replace("\u202f", " ").replace("\xa0", " ") == (
        "\rCopying the database …\rCopying files: 500.0 kB of 2.0 MB\n"
    )


FILL = """
import resource, sys
import django
django.setup()
import os, signal
from pathlib import Path
from django.db import transaction
from apps.accounts.actors import command_actor
from apps.catalog import places, store
from apps.catalog.backups import making
from apps.catalog.backups.problems import CouldNot
from apps.catalog.store import Expected
from apps.core.clock import database_now

folder, host = Path(sys.argv[1]), command_actor("tests")
for text in (b"one", b"two", b"three"):
    with transaction.atomic():
        kept = store.artifacts().receive([text], Expected())
        places.artifact_of(kept, at=database_now())

unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, unlimited[1]))
try:
    making.make(folder, by=host)
except CouldNot as problem:
    print(problem, flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

def die(doing, done, total):
    if doing == "Copying files" and done:
        os.kill(os.getpid(), signal.SIGKILL)

making.make(folder, by=host, tell=die)
"""


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="a machine with nothing configured")
def test_out_of_room_killed_repeated_and_restored_on_another_machine(tmp_path: Path) -> None:
    here, there, folder = tmp_path / "here", tmp_path / "there", tmp_path / "backups"

    def run(data: Path, *command: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=ROOT,
            env={
                "DJANGO_SETTINGS_MODULE": "registry_site.settings.development",
                "SIGNET_DATA": str(data),
                "SIGNET_BOOTSTRAP": "0",
                "SIGNET_LOG_NAME": "registry.test",
                "PATH": "/usr/bin:/bin",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    here.mkdir()
    migrated.copied_to(here / "signet.sqlite3")
    killed = run(here, "-c", FILL, folder)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert "The database could not be copied" in killed.stdout
    with pytest.raises(NotABackup, match="broke off"):
        Backup.at(folder)
    again = run(here, "manage.py", "backup", folder)
    assert (again.returncode, "3 of 3 files" in again.stdout) == (0, True), again.stderr

    shutil.copytree(here / "secrets", there / "secrets")
    restored = run(there, "manage.py", "restore", folder, "--reason", REASON)
    assert (restored.returncode, "whole" in restored.stdout) == (0, True), restored.stderr
    kept = [path.name for path in (there / "artifacts").rglob("*") if path.is_file()]
    assert len(kept) == 3
