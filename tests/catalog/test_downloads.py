"""Files leave only after the record says who took them."""

import hashlib

import pytest

from apps.catalog import operations, store
from apps.catalog.models import ModelVersion
from apps.catalog.operations import DOWNLOAD
from apps.core.actors import WORKER
from apps.core.errors import NotAllowed, NotFound
from tests import scenarios
from tests.catalog.record import entries, refusals
from tests.factories import actor

pytestmark = pytest.mark.django_db

PATH = "README.md"


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version()


def test_a_download_is_recorded_before_its_bytes_flow(version: ModelVersion) -> None:
    taken = operations.download(version, PATH, by=actor(scenarios.auditor()))

    (entry,) = entries(DOWNLOAD.name)
    sha256 = hashlib.sha256(scenarios.MODEL_FILES[PATH]).hexdigest()
    assert entry["subject"] == {"type": "version", "id": version.record_id}
    assert entry["actor"]["id"] == scenarios.auditor().record_id
    assert entry["detail"] == {"path": PATH, "sha256": sha256, "size": taken.size}
    assert entry["chain"] is None
    with taken.bytes:
        assert taken.bytes.read() == scenarios.MODEL_FILES[PATH]


def test_who_may_not_download_gets_nothing_and_is_recorded(version: ModelVersion) -> None:
    for wrong in (actor(scenarios.stranger()), WORKER):
        with pytest.raises(NotAllowed, match="right to download"):
            operations.download(version, PATH, by=wrong)

    assert len(refusals("version.download")) == 2
    assert entries("version.download") == []


@pytest.mark.parametrize("path", ["../README.md", "readme.md", "README.md/", "", "model"])
def test_g1_only_a_path_of_the_manifest_is_found(version: ModelVersion, path: str) -> None:
    with pytest.raises(NotFound, match="no such file"):
        operations.download(version, path, by=actor(scenarios.auditor()))


def test_a_file_of_another_version_is_not_found(version: ModelVersion) -> None:
    other = scenarios.registered_version(files={"other": b"1"})

    with pytest.raises(NotFound):
        operations.download(version, "other", by=actor(scenarios.auditor()))
    assert other.files.count() == 1


def test_bytes_the_store_lost_are_said_to_be_lost(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(sha256: str) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(store, "open", gone)

    with pytest.raises(NotFound, match="does not hold this file any more"):
        operations.download(version, PATH, by=actor(scenarios.auditor()))
