"""A data scientist's files, with the MLflow client as it is, against the web server as it runs."""

from pathlib import Path

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from tests.journeys.serving import Served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # those of the client are its own
]

ODD = ("a file with spaces.txt", "a+b&c=d.txt", "Modèle 🦊.onnx", "50% done.txt", "100%25.txt", "…")
AS_SENT = {"100%25.txt": "100%.txt"}
"""The client does not encode a percent sign that two digits follow, so another name arrives."""


def test_files_go_in_and_come_back_as_they_were(client: MlflowClient, tmp_path: Path) -> None:
    run_id = client.create_run("0").info.run_id
    sent = tmp_path / "sent"
    for path in ("plots/deep/roc.png", "plots/auc.txt", "empty/__init__.py", "top.txt"):
        (sent / path).parent.mkdir(parents=True, exist_ok=True)
        (sent / path).write_bytes(b"" if path.startswith("empty") else path.encode())

    client.log_artifact(run_id, str(sent / "top.txt"))
    client.log_artifacts(run_id, str(sent), "everything")

    assert [(file.path, file.is_dir, file.file_size) for file in client.list_artifacts(run_id)] == [
        ("everything", True, None),
        ("top.txt", False, 7),
    ]
    assert [file.path for file in client.list_artifacts(run_id, "everything/plots")] == [
        "everything/plots/auc.txt",
        "everything/plots/deep",
    ]
    assert client.list_artifacts(run_id, "top.txt") == []
    got = Path(client.download_artifacts(run_id, "everything", str(tmp_path)))
    files = {path.relative_to(got): path.read_bytes() for path in got.rglob("*") if path.is_file()}
    assert files == {
        path.relative_to(sent): path.read_bytes() for path in sent.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("name", ODD)
def test_g2_odd_names_come_back(client: MlflowClient, tmp_path: Path, name: str) -> None:
    run_id = client.create_run("0").info.run_id
    (tmp_path / name).write_bytes(name.encode())

    client.log_artifact(run_id, str(tmp_path / name), "folder & more")

    [file] = client.list_artifacts(run_id, "folder & more")
    assert file.path == f"folder & more/{AS_SENT.get(name, name)}"
    (tmp_path / "got").mkdir()
    got = Path(client.download_artifacts(run_id, "folder & more", str(tmp_path / "got")))
    assert [path.read_bytes() for path in got.iterdir()] == [name.encode()]


def test_a_dictionary_is_written_again(client: MlflowClient, tmp_path: Path) -> None:
    run_id = client.create_run("0").info.run_id

    for value in (1, 2):
        client.log_dict(run_id, {"value": value}, "facts/run.json")

    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/facts/run.json") == {"value": 2}


def test_files_are_deleted_by_who_started_the_run_alone(
    client: MlflowClient, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = client.create_run("0")
    client.log_text(run.info.run_id, "text", "a/b.txt")
    client.log_text(run.info.run_id, "text", "c.txt")
    files = get_artifact_repository(run.info.artifact_uri)

    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", served.auditor)
    assert [file.path for file in files.list_artifacts()] == ["a", "c.txt"]
    with pytest.raises(requests.HTTPError, match="403"):
        files.delete_artifacts("a")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", served.developer)
    files.delete_artifacts("a")

    assert [file.path for file in files.list_artifacts()] == ["c.txt"]
    files.delete_artifacts()
    assert files.list_artifacts() == []


def test_a_large_file_is_sent_in_one_piece_when_parts_are_asked_for(
    client: MlflowClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "1000")
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "true")
    run_id = client.create_run("0").info.run_id
    (tmp_path / "large").write_bytes(b"x" * 5_000_000)

    client.log_artifact(run_id, str(tmp_path / "large"))

    (tmp_path / "got").mkdir()
    got = client.download_artifacts(run_id, "large", str(tmp_path / "got"))
    assert Path(got).read_bytes() == b"x" * 5_000_000


def test_a_path_that_leads_elsewhere_is_refused_in_words(client: MlflowClient) -> None:
    run_id = client.create_run("0").info.run_id

    with pytest.raises((MlflowException, requests.HTTPError)):
        client.download_artifacts(run_id, "../../etc/passwd")


def test_a_version_is_downloaded_by_its_content(client: MlflowClient, tmp_path: Path) -> None:
    run = client.create_run("0")
    client.log_text(run.info.run_id, "flavors: {}\n", "model/MLmodel")
    client.log_text(run.info.run_id, "weights", "model/data/weights.bin")
    client.create_registered_model("downloaded")
    source = f"{run.info.artifact_uri}/model"

    version = client.create_model_version("downloaded", source, run.info.run_id)
    client.log_text(run.info.run_id, "another", "model/MLmodel")  # the run may move on

    uri = client.get_model_version_download_uri("downloaded", version.version)
    assert uri.startswith("mlflow-artifacts:/content/")
    got = Path(mlflow.artifacts.download_artifacts(uri, dst_path=str(tmp_path)))
    assert (got / "MLmodel").read_text() == "flavors: {}\n"
    assert (got / "data/weights.bin").read_text() == "weights"
    with pytest.raises(requests.HTTPError, match="403"):
        get_artifact_repository(uri).log_artifact(str(got / "MLmodel"))
