"""Versions are registered from where a client says their files are, and from nowhere else."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion, RegisteredModel, RunTag, VersionFile
from apps.catalog.operations.sources import (
    COMPLETE_VERSION,
    DESCRIBE_VERSION,
    complete_version,
    describe_version,
    register_from_source,
)
from apps.core.actors import WORKER
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused
from apps.validation import operations as validation
from tests import scenarios
from tests.catalog.record import entries
from tests.catalog.tracked import FOLDER, logged_with, run_with
from tests.factories import actor

pytestmark = pytest.mark.django_db


def registered(source: str, model: RegisteredModel | None = None, **facts: Any) -> ModelVersion:
    by = actor(scenarios.developer())
    return register_from_source(
        model or scenarios.registered_model(),
        source,
        by=by,
        **facts,
    )


def recorded(version: ModelVersion, action: str) -> bool:
    """Say whether the last entry of an action is about a version."""
    return bool(entries(action)[-1]["subject"]["id"] == version.record_id)


def paths(version: ModelVersion) -> set[str]:
    return set(version.files.values_list("path", flat=True))


# -- files that are here


def test_a_version_takes_the_files_and_the_run_of_a_logged_model() -> None:
    run = run_with({})
    logged = logged_with(FOLDER, run=run)

    version = registered(f"models:/{logged.uid}")

    assert version.is_ready
    assert paths(version) == set(FOLDER)
    assert (version.run_id, version.run_uid) == (run.pk, run.uid)
    assert version.logged_model_uid == logged.uid
    assert recorded(version, "version.register")


def test_what_is_written_again_later_leaves_the_version_as_it_was() -> None:
    logged = logged_with(FOLDER)
    version = registered(f"models:/{logged.uid}")
    logged.files.all().delete()

    assert paths(version) == set(FOLDER)
    assert registered_digest(FOLDER) == version.content_digest


def registered_digest(files: Mapping[str, bytes]) -> str:
    digest: str = scenarios.registered_version(files=files).content_digest
    return digest


def test_a_version_takes_the_files_below_a_folder_of_a_run() -> None:
    run = run_with({f"model/{path}": content for path, content in FOLDER.items()} | {"x.txt": b"x"})

    version = registered(f"runs:/{run.uid}/model")

    assert paths(version) == set(FOLDER)
    assert (version.run_id, version.run_uid) == (run.pk, run.uid)
    assert version.content_digest == registered_digest(FOLDER)


def test_a_folder_of_a_run_may_be_the_name_of_a_model_it_logged() -> None:
    run = run_with({"x.txt": b"x"})
    logged = logged_with(FOLDER, run=run, name="classifier")

    version = registered(f"runs:/{run.uid}/classifier")

    assert paths(version) == set(FOLDER)
    assert version.logged_model_uid == logged.uid


def test_one_file_of_a_run_can_be_a_version() -> None:
    run = run_with({"out/model.onnx": b"onnx"})
    assert paths(registered(f"runs:/{run.uid}/out/model.onnx")) == {"model.onnx"}


def test_an_address_of_the_artifact_door_leads_below_its_run_or_logged_model() -> None:
    run, logged = run_with({"m/MLmodel": b"flavors: {}\n"}), logged_with(FOLDER)

    of_run = registered(f"mlflow-artifacts:/0/{run.uid}/artifacts/m", run_uid=run.uid)
    of_logged = registered(f"mlflow-artifacts:/0/models/{logged.uid}/artifacts")

    assert paths(of_run) == {"MLmodel"}
    assert paths(of_logged) == set(FOLDER)


def test_what_holds_no_files_is_no_source() -> None:
    run, logged = run_with({"x.txt": b"x"}), logged_with({"MLmodel": b""})
    for source in (f"runs:/{run.uid}/model", f"models:/{logged.uid}"):
        with pytest.raises(RuleBroken, match=r"holds (no|only empty) files"):
            registered(source)


# -- copies


def test_a_copy_has_the_same_content_and_declares_the_same() -> None:
    original = scenarios.registered_version()
    source = f"models:/{original.model.name}/{original.number}"

    copy = registered(source)
    again = registered(f"models:/{copy.model.name}/1")

    assert copy.content_digest == again.content_digest == original.content_digest
    assert copy.signature == original.signature
    assert copy.run_id == original.run_id
    assert copy.source == source


def test_a_copy_names_the_number_its_alias_stood_for() -> None:
    original = scenarios.registered_version()
    by = actor(scenarios.developer())
    catalog.set_alias(original.model, "best", original, by=by)

    for alias in ("best", "latest"):
        copy = registered(f"models:/{original.model.name}@{alias}")
        assert copy.source == f"models:/{original.model.name}/1"


def test_the_content_of_a_version_can_be_registered_by_whoever_may_download_it() -> None:
    original = scenarios.registered_version()
    digest = original.content_digest.removeprefix("sha256:")

    copy = registered(f"mlflow-artifacts:/content/{digest}")

    assert copy.content_digest == original.content_digest
    with pytest.raises(InputRefused, match="no version whose files you may download"):
        registered(f"mlflow-artifacts:/content/{'0' * 64}")


def test_a_version_of_a_model_nobody_showed_is_no_source() -> None:
    hidden = scenarios.registered_version()
    hers = her_model()
    digest = hidden.content_digest.removeprefix("sha256:")

    with pytest.raises(NotFound):
        register_from_source(hers, f"models:/{hidden.model.name}/1", by=actor(hers.owner))
    with pytest.raises(InputRefused):
        register_from_source(hers, f"mlflow-artifacts:/content/{digest}", by=actor(hers.owner))


def her_model() -> RegisteredModel:
    """Return a model of somebody who builds on that one, and sees no other."""
    bea = scenarios.account("bea", "Bea Builder")
    return scenarios.registered_model("hers", owner=bea)


# -- bytes that lie elsewhere


@pytest.mark.parametrize(
    "source",
    [
        "s3://bucket/model",
        "https://tracking.example/api/2.0/mlflow-artifacts/artifacts/1/model",
        "dbfs:/models/1",
        "abfss://container/model",
        f"runs:/{'a' * 32}/model",
        f"models:/m-{'b' * 32}",
        f"mlflow-artifacts:/7/{'a' * 32}/artifacts/model",
        f"mlflow-artifacts://elsewhere.example/7/{'a' * 32}/artifacts/model",
    ],
)
def test_a_source_that_is_not_known_here_is_kept_and_waits_for_its_bytes(source: str) -> None:
    version = registered(source)
    assert version.source == source
    assert version.readiness == Readiness.PENDING
    assert version.content_digest == ""


def test_ids_that_are_not_known_here_are_kept() -> None:
    run_uid, logged = "c" * 32, f"m-{'d' * 32}"
    version = registered(
        "s3://bucket/model",
        run_uid=run_uid,
        logged_model_uid=logged,
        run_link="https://tracking.example/#/runs/1",
    )
    assert (version.run_id, version.run_uid) == (None, run_uid)
    assert version.logged_model_uid == logged
    assert version.run_link == "https://tracking.example/#/runs/1"


def test_a_run_of_somebody_else_is_as_if_it_were_not_known() -> None:
    run = run_with({"m/MLmodel": b"flavors: {}\n"}, by=scenarios.developer())
    model = her_model()

    version = register_from_source(model, f"runs:/{run.uid}/m", by=actor(model.owner))

    assert (version.readiness, version.run_id) == (Readiness.PENDING, None)


def test_a_copy_of_what_lies_elsewhere_says_where_it_lies() -> None:
    original = registered("s3://bucket/model")
    copy = registered(f"models:/{original.model.name}/1")
    assert copy.source == "s3://bucket/model"
    assert copy.readiness == Readiness.PENDING


def test_the_bytes_of_a_version_come_once() -> None:
    version = registered("s3://bucket/model")
    brought = list(scenarios.registered_version(files=FOLDER).files.select_related("artifact"))

    validation.complete_and_check(version, brought, by=WORKER)

    version.refresh_from_db()
    assert version.is_ready
    assert paths(version) == set(FOLDER)
    assert version.content_digest == registered_digest(FOLDER)
    assert version.check_runs.count() > 0
    assert recorded(version, "version.complete_and_check")
    assert recorded(version, COMPLETE_VERSION.name)
    with pytest.raises(RuleBroken, match="has its content already"):
        complete_version(version, brought, by=WORKER)


def test_only_a_worker_brings_the_bytes() -> None:
    version = registered("s3://bucket/model")
    with pytest.raises(NotAllowed):
        complete_version(version, [], by=actor(scenarios.owner()))


def test_nothing_with_anything_in_it_completes_no_version() -> None:
    version = registered("s3://bucket/model")
    with pytest.raises(RuleBroken, match="no file with anything in it"):
        complete_version(version, [VersionFile()][:0], by=WORKER)


# -- what is refused


@pytest.mark.parametrize(
    "source",
    [
        "",
        "/etc/passwd",
        "model",
        "file:///etc/passwd",
        "ftp://host/x",
        "C:\\models\\1",
        "s3://bucket/../other",
        "s3://bucket/%2e%2e/other",
        "s3://bucket/%252e%252e/other",
        "s3://user:secret@bucket/model",
        "s3://bucket/model#part",
        "s3://bucket/\0",
        "runs:/",
        f"runs://host/{'a' * 32}/model",
        f"runs:/{'a' * 33}/model",
        f"runs:/{'a' * 32}/../model",
        "models:/name",
        "models:/name/Production",
        "models:/name/0",
        "models:/name/1/x",
        "models://host/name/1",
        f"models:/m-{'b' * 80}",
        "mlflow-artifacts:/",
        "mlflow-artifacts:/0/models",
        "mlflow-artifacts:/content/abc",
        f"mlflow-artifacts:/0/{'a' * 32}/artifacts/../../1",
        f"mlflow-artifacts:/0/{'a' * 32}/artifacts?x=..",
        "dummy-source",
    ],
)
def test_a_source_that_is_local_or_ambiguous_or_steps_out_is_refused(source: str) -> None:
    model = scenarios.registered_model()
    with pytest.raises(InputRefused):
        registered(source, model, tags={"mlflow.prompt.is_prompt": "true"})
    assert not model.versions.exists()


def test_a_source_must_be_of_the_run_and_the_logged_model_that_are_named() -> None:
    run, logged = run_with({"m/x": b"x"}), logged_with(FOLDER)
    other = "e" * 32
    for source in (f"runs:/{run.uid}/m", f"mlflow-artifacts:/0/{run.uid}/artifacts/m"):
        with pytest.raises(InputRefused, match="it is not of the run"):
            registered(source, run_uid=other)
    for source in (
        f"models:/{logged.uid}",
        f"mlflow-artifacts:/0/models/{logged.uid}/artifacts",
    ):
        with pytest.raises(InputRefused, match="it is not of the logged model"):
            registered(source, logged_model_uid=f"m-{other}")


def test_a_run_is_not_found_below_another_experiment() -> None:
    run = run_with({"m/x": b"x"})
    version = registered(f"mlflow-artifacts:/1/{run.uid}/artifacts/m")
    assert version.readiness == Readiness.PENDING


def test_whoever_may_not_register_leaves_nothing_behind() -> None:
    model = scenarios.registered_model()
    with pytest.raises(NotAllowed):
        register_from_source(model, "s3://bucket/model", by=actor(scenarios.auditor()))
    assert not model.versions.exists()


def test_more_tags_than_one_event_names_are_refused_in_words() -> None:
    model = scenarios.registered_model()
    with pytest.raises(InputRefused, match="At most 50 tags"):
        registered("s3://bucket/model", model, tags={f"k{n}": "" for n in range(51)})
    assert not model.versions.exists()
    version = registered("s3://bucket/model", model, tags={f"k{n}": "" for n in range(50)})
    assert version.tags.count() == 50


# -- who built it, and from which code


def test_whoever_trained_and_logged_it_built_it_too() -> None:
    trainer = scenarios.account("tess", "Tess Trainer", "model_developer")
    run = run_with({"m/x": b"x"}, by=trainer)
    version = registered(f"runs:/{run.uid}/m")
    assert set(version.contributors) == {trainer.record_id, scenarios.developer().record_id}
    copy = register_from_source(
        scenarios.registered_model(),
        f"models:/{version.model.name}/1",
        by=actor(scenarios.owner()),
    )
    assert trainer.record_id in copy.contributors


def test_the_code_comes_from_the_tags_of_the_run_without_secrets() -> None:
    run = run_with({"m/x": b"x"})
    commit = "0123456789abcdef0123456789abcdef01234567"
    RunTag.objects.create(run=run, key="mlflow.source.git.commit", value=commit)
    RunTag.objects.create(
        run=run, key="mlflow.source.git.repoURL", value="https://me:secret@git.example/a.git"
    )
    version = registered(f"runs:/{run.uid}/m")
    assert version.code_commit == commit
    assert version.code_repository == "https://git.example/a.git"


def test_tags_that_are_no_code_are_left_out() -> None:
    run = run_with({"m/x": b"x"})
    RunTag.objects.create(run=run, key="mlflow.source.git.commit", value="none")
    RunTag.objects.create(run=run, key="mlflow.source.git.repoURL", value="x" * 501)
    version = registered(f"runs:/{run.uid}/m")
    assert (version.code_commit, version.code_repository) == ("", "")


# -- prompts


def test_a_version_of_a_prompt_holds_what_its_tags_say_as_a_file() -> None:
    prompt = scenarios.registered_model(kind=RegisteredModel.Kind.PROMPT)
    tags = {"mlflow.prompt.text": "Say {{what}}", "_mlflow_prompt_type": "text", "team": "x"}

    version = registered("dummy-source", prompt, tags=tags)

    [file] = version.files.all()
    assert file.path == "prompt.json"
    assert content_of(version) == {"text": "Say {{what}}", "type": "text"}
    assert version.is_ready


def content_of(version: ModelVersion) -> object:
    by = actor(scenarios.developer())
    with catalog.download(version, "prompt.json", by=by).bytes as stored:
        return json.loads(stored.read())


@pytest.mark.parametrize(
    ("source", "tags"),
    [("dummy-source", {}), ("s3://bucket/model", {"mlflow.prompt.text": "x"})],
)
def test_a_version_of_a_prompt_needs_its_text_and_has_no_source(
    source: str, tags: dict[str, str]
) -> None:
    prompt = scenarios.registered_model(kind=RegisteredModel.Kind.PROMPT)
    with pytest.raises(InputRefused):
        registered(source, prompt, tags=tags)


def test_a_prompt_is_no_source_of_a_model() -> None:
    prompt = scenarios.registered_model(kind=RegisteredModel.Kind.PROMPT)
    registered("dummy-source", prompt, tags={"mlflow.prompt.text": "x"})
    with pytest.raises(InputRefused, match="prompt"):
        registered(f"models:/{prompt.name}/1")


# -- words


def test_a_version_is_described() -> None:
    version = registered("s3://bucket/model")
    by = actor(scenarios.developer())

    describe_version(version, by=by, description="Better on the tail")

    version.refresh_from_db()
    assert version.description == "Better on the tail"
    assert recorded(version, DESCRIBE_VERSION.name)
    with pytest.raises(InputRefused, match="5,000"):
        describe_version(version, by=by, description="x" * 5001)
    with pytest.raises(NotAllowed):
        describe_version(version, by=actor(scenarios.auditor()), description="Mine")
