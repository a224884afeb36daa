"""Checks see the manifest and the stored bytes of a version, and nothing else."""

import pytest

from apps.catalog.models import ModelVersion
from apps.validation.checks import artifact_integrity
from apps.validation.examined import StoredFile, examined


def test_the_adapter_names_every_file_with_its_digest_and_size(version: ModelVersion) -> None:
    seen = examined(version, artifact_integrity.CHECK)

    assert seen.digest == version.content_digest
    assert len(seen.files) == version.file_count > 0
    assert sum(file.size for file in seen.files) == version.byte_count
    assert [file.path for file in seen.files] == sorted(file.path for file in seen.files)


def test_a_file_is_read_from_the_store_and_can_be_sought_in(version: ModelVersion) -> None:
    file = examined(version, artifact_integrity.CHECK).files[0]

    with file.open() as stream:
        whole = stream.read()
        stream.seek(0)
        assert stream.read() == whole
    assert len(whole) == file.size


def test_a_file_the_store_lost_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        StoredFile("model.bin", "0" * 64, 1).open()


def test_a_real_check_reads_a_real_version(version: ModelVersion) -> None:
    assert artifact_integrity.examine(examined(version, artifact_integrity.CHECK)).passed
