"""Versions at the API: registered from an upload with their checks, shown, listed."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.validation import checks
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.factories import actor

pytestmark = pytest.mark.django_db

FACTS: Mapping[str, Any] = {
    "description": "Trained on data up to May.",
    "change_class": "minor",
    "source": "https://ci.example.org/runs/7",
    "framework": "scikit-learn 1.7",
    "flavors": ["sklearn"],
    "python_version": "3.11.7",
    "packages": ["numpy==2.2.0"],
    "code_repository": "https://git.example.org/triage",
    "code_commit": "0123abc",
    "code_is_dirty": True,
    "container_digest": f"sha256:{'a' * 64}",
    "signature": scenarios.SIGNATURE,
    "input_example": [1, 2.5, None],
    "run": {
        "name": "nightly",
        "parameters": {"depth": "3"},
        "metrics": [
            {"key": "auc", "value": 0.9, "dataset": "holdout", "lower": 0.88, "upper": 0.92},
            {"key": "loss", "value": 1, "step": 2, "higher_is_better": False},
        ],
    },
}


def upload(**files: bytes) -> str:
    """Return the id of an upload of the developer."""
    return str(scenarios.uploaded(files or scenarios.MODEL_FILES).pk)


def test_a_version_is_registered_with_its_facts_and_its_checks_queued(
    caller: Caller, model: RegisteredModel
) -> None:
    scenarios.registered_version(model)
    contributor = scenarios.owner()
    more = {"base_version": 1, "contributors": [contributor.username], "upload": upload()}

    version = said(caller.post(f"/models/{model.name}/versions", {**FACTS, **more}), 201)

    row = ModelVersion.objects.get(model=model, number=2)
    assert (version["number"], version["digest"]) == (2, row.content_digest)
    assert {check["name"]: check["state"] for check in version["checks"]} == dict.fromkeys(
        checks.AT_REGISTRATION, "queued"
    )
    assert [file["path"] for file in version["files"]] == sorted(scenarios.MODEL_FILES)
    assert version["code"] == {
        "repository": "https://git.example.org/triage",
        "commit": "0123abc",
        "is_dirty": True,
    }
    assert row.base_version
    assert row.base_version.number == version["base_version"] == 1
    assert contributor.record_id in version["contributors"]
    assert (row.input_example, row.signature) == ([1, 2.5, None], scenarios.SIGNATURE)
    assert row.run
    assert {metric.key: metric.value for metric in row.run.metrics.all()} == {"auc": 0.9, "loss": 1}
    assert row.run.parameters.get().value == "3"
    shown = said(caller.get(f"/models/{model.name}/versions/2"))
    assert shown | {"checks": []} == version | {"checks": []}
    assert [check["name"] for check in shown["checks"]] == [
        check["name"] for check in version["checks"]
    ]


def test_a_version_says_its_stage_and_aliases(caller: Caller, version: ModelVersion) -> None:
    scenarios.operations.set_alias(
        version.model, "challenger", version, by=actor(scenarios.owner())
    )

    shown = said(caller.get(f"/models/{version.model.name}/versions/1"))

    assert (shown["stage"], shown["aliases"]) == ("development", ["challenger"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base_version": 7}, "has no version 7"),
        ({"base_version": 2**62}, "has no version"),
        ({"contributors": ["dev", "nobody"]}, "Nobody has the sign-in name 'nobody'"),
        ({"change_class": "huge"}, "class of a change"),
        ({"code_commit": "HEAD"}, "hexadecimal"),
        ({"container_digest": "latest"}, "sha256:"),
        ({"source": "file:///etc/passwd"}, "begins with none"),
        ({"signature": []}, "signature: "),
        ({"upload": "here"}, "upload: "),
        ({"upload": 7}, "upload: "),
        ({"run": {"parameters": {"depth": 3}}}, "run.parameters.depth: "),
        ({"run": {"metrics": [{"key": "auc", "value": "0.9"}]}}, "run.metrics.0.value: "),
        ({"run": {"metrics": [{"key": "auc", "value": True}]}}, "run.metrics.0.value: "),
        ({"run": {"metrics": [{"key": "auc", "value": 1, "weight": 2}]}}, "run.metrics.0.weight: "),
        ({"run": {"metrics": [{"key": "", "value": 1}]}}, "has no name"),
        ({"description": "x" * 5001}, "at most 5,000"),
    ],
    ids=str,
)
def test_what_a_version_cannot_say_is_refused_with_its_place(
    caller: Caller, model: RegisteredModel, change: dict[str, object], words: str
) -> None:
    body = {**FACTS, "upload": upload(), **change}

    assert words in refusal(caller.post(f"/models/{model.name}/versions", body), 400)["detail"]
    assert not model.versions.exists()


def test_an_upload_that_cannot_be_taken_makes_no_version(
    caller: Caller, model: RegisteredModel
) -> None:
    path = f"/models/{model.name}/versions"
    somebody_elses = scenarios.uploaded({"a": b"1"}, by=actor(scenarios.owner()))
    empty = said(caller.post("/uploads"), 201)["id"]

    refusal(caller.post(path, {"upload": str(somebody_elses.pk)}), 404)
    refusal(caller.post(path, {"upload": str(uuid.uuid4())}), 404)
    assert "holds no file" in refusal(caller.post(path, {"upload": empty}), 409)["detail"]
    assert "is empty" in refusal(caller.post(path, {"upload": upload(a=b"")}), 409)["detail"]
    assert not model.versions.exists()


def test_an_upload_is_taken_once(caller: Caller, model: RegisteredModel) -> None:
    body = {"upload": upload()}
    said(caller.post(f"/models/{model.name}/versions", body), 201)

    refusal(caller.post(f"/models/{model.name}/versions", body), 409)
    assert model.versions.count() == 1


def test_who_sees_a_model_without_the_right_to_extend_it_is_refused_and_recorded(
    model: RegisteredModel,
) -> None:
    program = Caller(token_of(scenarios.auditor()))

    answer = program.post(f"/models/{model.name}/versions", {"upload": upload()})

    assert "right to register versions" in refusal(answer, 403)["detail"]
    refused = AuditEvent.objects.filter(action="version.register_and_check", outcome="refused")
    assert refused.count() == 1


def test_a_token_that_may_only_register_need_not_see_the_model(model: RegisteredModel) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.REGISTER))

    version = said(program.post(f"/models/{model.name}/versions", {"upload": upload()}), 201)

    assert version["number"] == 1
    refusal(program.get(f"/models/{model.name}/versions/1"), 404)


def test_the_versions_of_a_model_are_listed_in_pages(
    caller: Caller, model: RegisteredModel
) -> None:
    for number in range(3):
        scenarios.registered_version(model, {"a": bytes([number + 1])})
    path = f"/models/{model.name}/versions"

    first = said(caller.get(f"{path}?limit=2"))
    second = said(caller.get(f"{path}?limit=2&page={first['next']}"))

    assert [line["number"] for line in first["versions"] + second["versions"]] == [3, 2, 1]
    assert second["next"] is None
    other = scenarios.registered_version(scenarios.registered_model("other")).model
    wrong = caller.get(f"/models/{other.name}/versions?page={first['next']}")
    assert refusal(wrong, 400)["code"] == "bad_mark"


def test_a_version_takes_as_many_queries_with_many_files_as_with_few(
    caller: Caller, model: RegisteredModel
) -> None:
    scenarios.registered_version(model, {"a": b"1"})
    scenarios.registered_version(model, {f"file-{number}": b"1" for number in range(20)})
    path = f"/models/{model.name}/versions"
    said(caller.get(f"{path}/1"))

    with CaptureQueriesContext(connection) as few:
        said(caller.get(f"{path}/1"))
    with CaptureQueriesContext(connection) as many:
        assert len(said(caller.get(f"{path}/2"))["files"]) == 20

    assert len(many) == len(few)


@pytest.mark.parametrize(
    "number", ["0", "2", str(2**31), str(2**63), "9" * 5000, "-1", "1.0", "one"]
)
def test_a_number_no_version_has_is_not_there(
    caller: Caller, version: ModelVersion, number: str
) -> None:
    refusal(caller.get(f"/models/{version.model.name}/versions/{number}"), 404)
