"""A registry with something in it, sealed, and with a place outside that keeps its checkpoints."""

import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from apps.catalog.models import ModelVersion
from tests.audit.sealing.sealed import SEED
from tests.catalog.backups.kept import seal
from tests.scenarios import MODEL_FILES, registered_version
from tests.services.postgresql import programs


@pytest.fixture(autouse=True)
def kept_outside(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the sealer a key and a vault, and the commands the programs of PostgreSQL."""
    key = tmp_path / "log-key"
    key.write_text(SEED.hex())
    settings.LOG_KEY_FILES = [str(key)]
    settings.ANCHORS = {"vault": f"folder:{tmp_path / 'vault'}"}
    settings.ANCHORS_REQUIRED = frozenset({"vault"})
    if connection.vendor == "postgresql":
        monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def version(kept_outside: None) -> ModelVersion:
    """Return a registered version; all that happened is sealed, signed and in the vault.

    No other test has its files: what is done to them in the store is done to no other's.
    """
    own = f"# {uuid.uuid4()}\n".encode()
    files = {path: content + own for path, content in MODEL_FILES.items()}
    made: ModelVersion = registered_version(files=files)
    seal()
    return made


@pytest.fixture
def keep_as_of_now(settings: Settings, tmp_path: Path) -> Callable[[], None]:
    """Let the vault hold from some point on what it holds then, as if kept before a backup."""

    def keep() -> None:
        shutil.copytree(tmp_path / "vault", tmp_path / "older")
        settings.ANCHORS = {"vault": f"folder:{tmp_path / 'older'}"}

    return keep
