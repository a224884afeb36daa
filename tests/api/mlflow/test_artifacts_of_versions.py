"""Files of versions go out by their content: visible, recorded, and never changed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from django.core.files.storage import storages
from django.test import override_settings
from moto import mock_aws
from storages.backends.s3 import S3Storage

from apps.accounts.scopes import Scope
from apps.catalog.models import ModelVersion, VersionFile
from apps.catalog.operations import DOWNLOAD
from tests import scenarios
from tests.api.caller import content_of, token_of
from tests.api.mlflow.homes import Program, content_place, keep_in, place_of, refused, run_of, said
from tests.catalog.labels import ODD
from tests.catalog.record import entries, refusals

pytestmark = pytest.mark.django_db

README = scenarios.MODEL_FILES["README.md"]


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version()


@pytest.fixture
def program() -> Program:
    """The auditor's program: may see and download everything, and register nothing."""
    return Program(token_of(scenarios.auditor()))


def place(version: ModelVersion, path: str = "") -> str:
    return content_place(version.content_digest, path)


def test_a_version_is_listed_by_its_content(program: Program, version: ModelVersion) -> None:
    assert program.listed(place(version)) == {
        "files": [
            {"path": "MLmodel", "is_dir": False, "file_size": 12},
            {"path": "README.md", "is_dir": False, "file_size": len(README)},
            {"path": "model", "is_dir": True},
        ]
    }
    [file] = program.listed(place(version, "model"))["files"]
    assert file["path"] == "weights.safetensors"
    assert program.listed(place(version, "absent")) == {}
    assert program.listed(content_place("0" * 64)) == {}


def test_a_read_is_recorded_before_its_bytes_flow(program: Program, version: ModelVersion) -> None:
    answer = program.get(place(version, "README.md"))

    (entry,) = entries(DOWNLOAD.name)
    assert entry["subject"] == {"type": "version", "id": version.record_id}
    assert entry["actor"]["id"] == scenarios.auditor().record_id
    assert entry["detail"]["sha256"] == hashlib.sha256(README).hexdigest()
    assert content_of(answer) == README
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="README.md"'


def test_a_range_is_recorded_like_the_whole(program: Program, version: ModelVersion) -> None:
    answer = program.get(place(version, "README.md"), {"Range": "bytes=0-3"})

    assert answer.status_code == 206
    assert content_of(answer) == README[:4]
    assert len(entries(DOWNLOAD.name)) == 1


@pytest.mark.parametrize("path", ODD)
def test_g2_odd_names_of_a_version_are_found(program: Program, path: str) -> None:
    version = scenarios.registered_version(files={path: b"1"})

    assert content_of(program.get(place(version, path))) == b"1"


@pytest.mark.parametrize("path", ["absent", "readme.md", "model", "README.md/x"])
def test_a_path_the_version_does_not_hold_is_absent(
    program: Program, version: ModelVersion, path: str
) -> None:
    refused(program.get(place(version, path)), 404, "RESOURCE_DOES_NOT_EXIST")


def test_a_content_without_a_path_is_no_file(program: Program, version: ModelVersion) -> None:
    refused(program.get(place(version)), 400, "BAD_REQUEST")


def test_the_same_content_in_two_models_is_read_from_the_newest_one_may_download(
    program: Program,
) -> None:
    first, second = scenarios.registered_version(), scenarios.registered_version()
    assert first.content_digest == second.content_digest

    content_of(program.get(place(first, "README.md")))
    only_first = Program(token_of(scenarios.auditor(), roots=[first.model.record_ref]))
    content_of(only_first.get(place(second, "README.md")))

    subjects = [entry["subject"]["id"] for entry in entries(DOWNLOAD.name)]
    assert sorted(subjects) == sorted([second.record_id, first.record_id])


def test_an_invisible_version_answers_like_an_absent_one(version: ModelVersion) -> None:
    other = Program(token_of(scenarios.stranger()))

    for digest in (version.content_digest, "0" * 64):
        answer = other.get(content_place(digest, "README.md"))
        assert "no file here" in refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
        assert other.listed(content_place(digest)) == {}
    assert entries(DOWNLOAD.name) == []
    assert refusals(DOWNLOAD.name) == []


def test_b1_a_token_without_the_scope_read_sees_nothing(version: ModelVersion) -> None:
    other = Program(token_of(scenarios.auditor(), Scope.CHECK))

    refused(other.get(place(version, "README.md")), 404, "RESOURCE_DOES_NOT_EXIST")
    assert other.listed(place(version)) == {}


@pytest.mark.parametrize("path", ["README.md", "new", "", "model"])
def test_nothing_of_a_version_is_written_or_deleted_by_anybody(
    version: ModelVersion, path: str
) -> None:
    owner = Program(token_of(scenarios.developer()))
    for where in (place(version, path), content_place("0" * 64, path)):
        for answer in (owner.put(where, b"other"), owner.delete(where)):
            assert "never change" in refused(answer, 403, "PERMISSION_DENIED")
    assert VersionFile.objects.filter(version=version).count() == len(scenarios.MODEL_FILES)


# -- straight from the bucket, when the settings say so


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="artifacts")
        options = {"access_key": "key", "secret_key": "secret", "region_name": "us-east-1"}
        storage = S3Storage(bucket_name="artifacts", signature_version="s3v4", **options)
        monkeypatch.setitem(storages._storages, "artifacts", storage)  # type: ignore[attr-defined]
        yield


@override_settings(S3_REDIRECT=True)
def test_a_whole_file_in_a_bucket_is_fetched_there_for_a_minute(
    bucket: None, program: Program
) -> None:
    version = scenarios.registered_version(files={"pa ge.html": b"<script>"})

    answer = program.get(place(version, "pa ge.html"))

    assert answer.status_code == 307
    assert len(entries(DOWNLOAD.name)) == 1
    address = answer.headers["Location"]
    sha256 = hashlib.sha256(b"<script>").hexdigest()
    assert f"/{sha256[:2]}/{sha256[2:4]}/{sha256}?" in address
    assert "X-Amz-Expires=60&" in address
    assert "response-content-type=application%2Foctet-stream" in address
    assert "response-content-disposition=attachment%3B%20filename%3D%22pa%20ge.html%22" in address
    assert "response-cache-control=private%2C%20no-store" in address
    assert answer.headers["Cache-Control"] == "private, no-store"


@override_settings(S3_REDIRECT=True)
def test_a_file_of_a_run_in_a_bucket_is_fetched_there_too(bucket: None) -> None:
    run, program = run_of(scenarios.developer()), Program(token_of(scenarios.developer()))
    said(program.put(place_of(run, "a"), b"12"))

    assert program.get(place_of(run, "a")).status_code == 307
    part = program.get(place_of(run, "a"), {"Range": "bytes=0-0"})
    assert part.status_code == 206
    assert content_of(part) == b"1"


@override_settings(S3_REDIRECT=True)
def test_who_may_not_see_a_version_is_not_sent_to_the_bucket(bucket: None) -> None:
    version = scenarios.registered_version()
    other = Program(token_of(scenarios.stranger()))

    refused(other.get(place(version, "README.md")), 404, "RESOURCE_DOES_NOT_EXIST")


def test_a_bucket_is_read_here_unless_the_settings_say_otherwise(
    bucket: None, program: Program
) -> None:
    version = scenarios.registered_version()

    assert content_of(program.get(place(version, "README.md"))) == README


@override_settings(S3_REDIRECT=True)
def test_a_folder_sends_its_files_itself(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_in(tmp_path, monkeypatch)
    version = scenarios.registered_version()

    answer = program.get(place(version, "README.md"))

    assert answer.status_code == 200
    assert content_of(answer) == README
