"""Versions, as MLflow clients register, describe, move, tag and delete them."""

from typing import Any

import pytest

from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.validation import checks
from tests import scenarios
from tests.api.caller import token_of
from tests.api.mlflow.program import Program, refused, said
from tests.catalog.tracked import FOLDER, logged_with, run_with

pytestmark = pytest.mark.django_db

INVALID, ABSENT, DENIED = (
    "INVALID_PARAMETER_VALUE",
    "RESOURCE_DOES_NOT_EXIST",
    "PERMISSION_DENIED",
)


@pytest.fixture
def iris() -> RegisteredModel:
    return scenarios.registered_model("iris")


def made(program: Program, source: str = "s3://bucket/model", **facts: Any) -> dict[str, Any]:
    answer = said(program.post("model-versions/create", name="iris", source=source, **facts))
    version: dict[str, Any] = answer["model_version"]
    return version


def shown(program: Program, number: str = "1") -> dict[str, Any]:
    answer = said(program.get("model-versions/get", name="iris", version=number))
    version: dict[str, Any] = answer["model_version"]
    return version


def place(program: Program, number: str = "1") -> str:
    answer = said(program.get("model-versions/get-download-uri", name="iris", version=number))
    return str(answer["artifact_uri"])


# -- create


def test_a_version_is_said_in_the_shape_clients_read(dev: Program, iris: RegisteredModel) -> None:
    tags = [{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]

    version = made(
        dev,
        run_id="c" * 32,
        run_link="https://tracking.example/1",
        description="First",
        tags=tags,
        model_id=f"m-{'d' * 32}",
        await_creation_for=300,
    )

    created = version.pop("creation_timestamp")
    assert created == version.pop("last_updated_timestamp") > 1_600_000_000_000
    assert version == {
        "name": "iris",
        "version": "1",
        "user_id": "dev",
        "current_stage": "None",
        "description": "First",
        "source": "s3://bucket/model",
        "run_id": "c" * 32,
        "status": "READY",
        "run_link": "https://tracking.example/1",
        "tags": sorted(tags, key=lambda tag: tag["key"]),
    }
    assert (
        said(dev.get("registered-models/get", name="iris"))["registered_model"][
            "last_updated_timestamp"
        ]
        == created
    )


def test_numbers_have_no_gaps_and_are_never_used_again(dev: Program, iris: RegisteredModel) -> None:
    assert [made(dev)["version"] for _ in range(3)] == ["1", "2", "3"]
    refused(dev.post("model-versions/create", name="iris", source="/etc/passwd"), 400, INVALID)
    said(dev.post("registered-models/alias", name="iris", alias="best", version="3"))
    assert said(dev.delete("model-versions/delete", name="iris", version="3")) == {}
    refused(dev.get("model-versions/get", name="iris", version="3"), 404, ABSENT)
    refused(dev.get("registered-models/alias", name="iris", alias="best"), 400, INVALID)
    assert made(dev)["version"] == "4"


def test_a_version_with_its_files_here_is_checked_at_once(
    dev: Program, iris: RegisteredModel, django_capture_on_commit_callbacks: Any
) -> None:
    logged = logged_with(FOLDER)
    with django_capture_on_commit_callbacks(execute=True):
        made(dev, f"models:/{logged.uid}", model_id=logged.uid)

    [version] = ModelVersion.objects.all()
    assert version.is_ready
    assert version.check_runs.count() == len(checks.AT_REGISTRATION)


def test_a_version_whose_bytes_lie_elsewhere_is_ready_to_clients_and_shut_to_gates(
    dev: Program, iris: RegisteredModel
) -> None:
    assert made(dev)["status"] == "READY"
    [version] = ModelVersion.objects.all()
    assert version.readiness == Readiness.PENDING
    assert not version.check_runs.exists()


@pytest.mark.parametrize("missing", ["name", "source"])
def test_what_is_required_is_named(dev: Program, iris: RegisteredModel, missing: str) -> None:
    asked = {"name": "iris", "source": "s3://bucket/model"}
    for body in (
        {key: value for key, value in asked.items() if key != missing},
        asked | {missing: ""},
    ):
        words = refused(dev.post("model-versions/create", **body), 400, INVALID)
        assert words == f"Missing value for required parameter '{missing}'."


@pytest.mark.parametrize(
    "facts",
    [
        {"run_id": "x" * 33},
        {"model_id": "x" * 65},
        {"run_link": "x" * 501},
        {"description": "x" * 5001},
        {"source": f"s3://{'x' * 500}"},
        {"tags": [{"key": "a", "value": "x" * 100_001}]},
        {"tags": [{"key": "a&b", "value": ""}]},
        {"tags": [{"key": f"k{number}", "value": ""} for number in range(51)]},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_what_is_too_long_or_too_much_is_refused(
    dev: Program, iris: RegisteredModel, facts: dict[str, Any]
) -> None:
    asked = {"name": "iris", "source": "s3://bucket/model", **facts}
    refused(dev.post("model-versions/create", **asked), 400, INVALID)
    assert not ModelVersion.objects.exists()


def test_a_model_that_is_not_there_gets_no_version(dev: Program, stranger: Program) -> None:
    scenarios.registered_model("iris")
    asked = {"source": "s3://bucket/model"}
    refused(dev.post("model-versions/create", name="absent", **asked), 404, ABSENT)
    refused(stranger.post("model-versions/create", name="iris", **asked), 404, ABSENT)


def test_a_token_that_only_reads_registers_nothing(reader: Program, iris: RegisteredModel) -> None:
    asked = {"name": "iris", "source": "s3://bucket/model"}
    refused(reader.post("model-versions/create", **asked), 403, DENIED)
    assert not ModelVersion.objects.exists()


# -- where its files are


def test_files_that_are_here_are_found_by_their_content_and_copies_at_the_same_place(
    dev: Program, iris: RegisteredModel
) -> None:
    logged = logged_with(FOLDER)
    made(dev, f"models:/{logged.uid}")
    made(dev, "models:/iris/1")
    made(dev, "models:/iris/2")

    [digest] = {version.content_digest for version in ModelVersion.objects.all()}
    address = f"mlflow-artifacts:/content/{digest.removeprefix('sha256:')}"
    assert [place(dev, number) for number in "123"] == [address] * 3
    assert shown(dev, "3")["source"] == "models:/iris/2"


def test_files_that_are_elsewhere_are_found_at_their_source_also_by_copies(
    dev: Program, iris: RegisteredModel
) -> None:
    made(dev)
    made(dev, "models:/iris/1")
    made(dev, "models:/iris/2")
    assert [place(dev, number) for number in "123"] == ["s3://bucket/model"] * 3


def test_the_place_of_a_version_nobody_may_see_is_not_told(
    dev: Program, stranger: Program, iris: RegisteredModel
) -> None:
    made(dev)
    for program, number in ((stranger, "1"), (dev, "2")):
        answer = program.get("model-versions/get-download-uri", name="iris", version=number)
        refused(answer, 404, ABSENT)


def test_a_version_of_a_run_says_so(dev: Program, iris: RegisteredModel) -> None:
    run = run_with({"m/MLmodel": b"flavors: {}\n"})
    assert made(dev, f"runs:/{run.uid}/m", run_id=run.uid)["run_id"] == run.uid
    other = dev.post(
        "model-versions/create", name="iris", source=f"runs:/{run.uid}/m", run_id="e" * 32
    )
    refused(other, 400, INVALID)


# -- update, tags


def test_a_version_is_described(dev: Program, iris: RegisteredModel) -> None:
    made(dev)
    asked = {"name": "iris", "version": "1"}
    after = said(dev.patch("model-versions/update", **asked, description="New"))["model_version"]
    assert after == shown(dev)
    assert after["description"] == "New"
    said(dev.patch("model-versions/update", **asked))
    assert shown(dev)["description"] == "New"
    refused(dev.patch("model-versions/update", **asked, description="x" * 5001), 400, INVALID)


def test_tags_of_a_version_are_set_changed_and_taken_away(
    dev: Program, iris: RegisteredModel
) -> None:
    made(dev)
    asked = {"name": "iris", "version": "1", "key": "a"}
    for value in ("1", "x" * 100_000):
        assert said(dev.post("model-versions/set-tag", **asked, value=value)) == {}
        assert shown(dev)["tags"] == [{"key": "a", "value": value}]
    for _ in range(2):
        assert said(dev.delete("model-versions/delete-tag", **asked)) == {}
    assert "tags" not in shown(dev)
    refused(dev.post("model-versions/set-tag", **(asked | {"version": "2"})), 404, ABSENT)
    refused(dev.post("model-versions/set-tag", **asked, value="x" * 100_001), 400, INVALID)


# -- prompts


def test_the_content_of_a_prompt_version_never_changes(dev: Program) -> None:
    is_prompt = {"key": "mlflow.prompt.is_prompt", "value": "true"}
    text = {"key": "mlflow.prompt.text", "value": "Say {{what}}"}
    said(dev.post("registered-models/create", name="iris", tags=[is_prompt]))

    version = made(dev, "dummy-source", tags=[is_prompt, text, {"key": "team", "value": "x"}])

    assert version["source"] == "dummy-source"
    assert place(dev) == "dummy-source"
    asked = {"name": "iris", "version": "1", "key": text["key"]}
    words = refused(dev.post("model-versions/set-tag", **asked, value="Other"), 403, DENIED)
    assert "Register another version" in words
    refused(dev.delete("model-versions/delete-tag", **asked), 403, DENIED)
    late = asked | {"key": "_mlflow_prompt_model_config"}
    refused(dev.post("model-versions/set-tag", **late, value="{}"), 403, DENIED)
    said(dev.post("model-versions/set-tag", **asked, value=text["value"]))
    said(dev.post("model-versions/set-tag", **(asked | {"key": "team"}), value="y"))


# -- delete


def test_a_version_with_a_promotion_asked_for_stays(dev: Program) -> None:
    request = scenarios.requested(model=scenarios.registered_model("iris"))
    words = refused(
        dev.delete("model-versions/delete", name="iris", version=str(request.version.number)),
        403,
        DENIED,
    )
    assert "stays" in words
    assert shown(dev)["version"] == "1"


def test_a_version_is_deleted_by_whoever_builds_the_model(
    dev: Program, iris: RegisteredModel
) -> None:
    made(dev)
    auditor = Program(token_of(scenarios.auditor()))
    refused(auditor.delete("model-versions/delete", name="iris", version="1"), 403, DENIED)
    said(dev.delete("model-versions/delete", name="iris", version="1"))
    refused(dev.delete("model-versions/delete", name="iris", version="1"), 404, ABSENT)
