"""A whole registry comes over, once, in order, and never past a gate."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Readiness, Stage
from apps.catalog.models import Alias, ModelVersion, RegisteredModel, Run, Upload
from apps.core.addresses import AddressRefused
from apps.core.errors import NotAllowed
from apps.core.outbound import NotReached
from apps.integrations.mlflow_import import registry
from apps.integrations.mlflow_import.client import Bounds, Busy, SignInRefused, Unusable
from apps.integrations.mlflow_import.order import Order
from apps.integrations.mlflow_import.report import Report
from tests.catalog.record import entries
from tests.factories import actor
from tests.integrations.mlflow_import.carrying import (
    REASON,
    bring,
    carrier,
    client_of,
    fill,
    kept,
    standing,
    whole,
)
from tests.integrations.mlflow_import.lab import FILES, Lab, uid
from tests.scenarios import (
    account,
    developer,
    owner,
    registered_model,
    registered_version,
    stranger,
)

pytestmark = pytest.mark.django_db

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"


def version(name: str, number: int) -> ModelVersion:
    return ModelVersion.objects.select_related("run", "model").get(model__name=name, number=number)


def words(report: Report) -> dict[str, str]:
    """Return what was left, each by model and thing, with the reason."""
    return {f"{left.model} {left.version or ''} {left.what}": left.why for left in report.left}


# -- what comes over -------------------------------------------------------------------------------


def test_a_registry_comes_over_with_versions_under_their_numbers(there: Lab) -> None:
    fill(there)

    report = bring(there)

    assert report.is_whole
    taken = {"models": 2, "prompts": 1, "versions": 5, "missing_versions": 1, "runs": 3}
    assert taken.items() <= report.taken.items()
    numbers = ModelVersion.objects.filter(deleted_at=None).order_by("model__name", "number")
    assert list(numbers.values_list("model__name", "number")) == [
        ("greet", 1),
        ("greet", 2),
        ("iris", 1),
        ("wine", 1),
        ("wine", 3),
    ]
    wine = RegisteredModel.objects.get(name="wine")
    assert (wine.description, wine.owner) == ("About wine", developer())
    assert dict(wine.tags.values_list("key", "value")) == {"domain": "food"}
    assert version("wine", 1).description == "The first"
    assert dict(version("wine", 3).tags.values_list("key", "value")) == {"validated": "yes"}


@pytest.mark.parametrize(("name", "number"), [("wine", 1), ("iris", 1)])
def test_the_files_of_a_version_come_and_its_checks_start(
    there: Lab, name: str, number: int
) -> None:
    fill(there)

    bring(there)

    brought = version(name, number)
    found = {file.path: file.artifact.sha256 for file in brought.files.select_related("artifact")}
    assert {path: kept(digest) for path, digest in found.items()} == FILES
    assert brought.readiness == Readiness.READY
    assert brought.packages == ["scikit-learn==1.6.1"]
    assert brought.check_runs.count() > 0
    assert Upload.objects.count() == 0


def test_a_run_comes_with_everything_it_recorded_under_its_id(there: Lab) -> None:
    fill(there)

    report = bring(there)

    run = Run.objects.get(uid=uid("wine 1"))
    assert version("wine", 1).run == run
    assert version("iris", 1).run_uid == uid("iris 1")  # as the logged model says
    assert (run.name, run.status, str(run.experiment)) == ("wine 1", "FINISHED", "imported: wines")
    assert run.started_by == developer()
    assert list(run.parameters.values_list("key", "value")) == [("depth", "3")]
    assert dict(run.tags.values_list("key", "value"))["mlflow.user"] == "ann"
    assert list(run.datasets.values_list("name", "digest", "context")) == [
        ("wine", "abc123", "training")
    ]
    loss = run.metrics.filter(key="loss").order_by("step")
    assert [(point.step, point.is_last) for point in loss] == [
        (step, step == 4) for step in range(5)
    ]
    assert run.metrics.get(key="odd").is_nan
    assert version("wine", 1).run_revision == run.revision
    refused = f"wine 1 tag signet.own of run {run.uid}"
    assert words(report)[refused] == "Names that begin with signet. are set by Signet alone."


def test_a_prompt_comes_with_its_texts(there: Lab) -> None:
    fill(there)

    report = bring(there)

    greet = RegisteredModel.objects.get(name="greet")
    assert greet.kind == RegisteredModel.Kind.PROMPT
    assert dict(greet.tags.values_list("key", "value")) == {"mlflow.prompt.is_prompt": "true"}
    assert "ids they have over there" in words(report)["greet  tag _mlflow_experiment_ids"]
    second = version("greet", 2)
    [file] = second.files.select_related("artifact")
    assert kept(file.artifact.sha256) == b'{"text":"Good day {{name}}"}'
    assert second.is_ready


def test_a_missing_number_is_used_up_by_a_tombstone(there: Lab) -> None:
    fill(there)

    bring(there)

    missing = version("wine", 2)
    assert missing.deleted_at is not None
    assert missing.tombstones.count() == 1
    [entry] = entries("version.note_missing")
    assert entry["subject"]["id"] == missing.record_id


def test_every_change_is_recorded_with_the_person_and_the_reason(there: Lab) -> None:
    fill(there)

    bring(there, "wine")

    [imported] = entries("model.import")
    assert imported["actor"]["id"] == developer().record_id
    assert imported["reason"] is not None
    assert imported["detail"]["origin"] == there.address
    assert len(entries("version.import")) == 2


def test_more_tags_than_an_event_holds_come_all(there: Lab) -> None:
    many = {f"k{number}": str(number) for number in range(120)}
    there.model("wine", many)
    there.registered("wine", 1, tags=many)

    report = bring(there)

    assert dict(RegisteredModel.objects.get().tags.values_list("key", "value")) == many
    assert dict(version("wine", 1).tags.values_list("key", "value")) == many
    assert report.taken["tags"] == 240


def test_the_texts_of_a_prompt_come_whatever_else_it_is_tagged_with(there: Lab) -> None:
    many = {f"k{number}": str(number) for number in range(80)}
    marks = {"mlflow.prompt.is_prompt": "true"}
    there.model("greet", marks)
    text = {"mlflow.prompt.text": "Hello", "_mlflow_prompt_type": "text"}
    there.version("greet", 1, source="dummy-source", tags={**many, **marks, **text})

    bring(there)

    assert version("greet", 1).tags.count() == 83


# -- governance ------------------------------------------------------------------------------------


def test_nothing_reaches_production_by_an_import(there: Lab) -> None:
    fill(there)

    report = bring(there)

    assert set(ModelVersion.objects.values_list("stage", flat=True)) == {Stage.DEVELOPMENT}
    assert list(Alias.objects.values_list("name", "version__number")) == [("challenger", 3)]
    tags = dict(version("wine", 1).tags.values_list("key", "value"))
    assert tags == {"mlflow.imported.stage": "Production"}
    assert "promotion" in words(report)["wine 1 alias champion"]
    assert "promotion" in words(report)["wine 1 stage Production"]


def test_whoever_may_not_register_models_brings_nothing(there: Lab) -> None:
    fill(there)

    with pytest.raises(NotAllowed):
        bring(there, by=carrier(stranger()))

    assert RegisteredModel.objects.count() == Run.objects.count() == 0


def test_a_model_of_somebody_else_is_left_and_the_rest_goes_on(there: Lab) -> None:
    fill(there)
    registered_model("wine", owner=owner())

    report = bring(there, by=carrier())

    assert "somebody else owns it" in words(report)["wine  model"]
    assert report.taken["models"] == 1
    assert ModelVersion.objects.filter(model__name="wine").count() == 0


def test_an_own_model_keeps_its_versions_and_gets_those_that_follow(there: Lab) -> None:
    model = registered_model("wine", owner=developer())
    first = registered_version(model)
    catalog.set_alias(model, "challenger", first, by=actor(developer()))
    fill(there)

    report = bring(there, "wine")

    assert "another version of this number" in words(report)["wine 1 version"]
    assert version("wine", 1).pk == first.pk
    assert version("wine", 3).is_ready
    assert "stays there" in words(report)["wine  alias challenger"]
    assert model.aliases.get(name="challenger").version == first


def test_a_model_that_was_deleted_here_stays_deleted(
    there: Lab, deleted: Callable[[str], None]
) -> None:
    there.model("wine")
    bring(there)
    deleted("wine")

    report = bring(there)

    assert "stays deleted" in words(report)["wine  model"]
    assert RegisteredModel.objects.filter(deleted_at=None).count() == 0


@pytest.fixture
def deleted() -> Callable[[str], None]:
    """Delete a model, as its owner."""

    def delete(name: str) -> None:
        model = RegisteredModel.objects.get(name=name)
        approvals.delete_model(model, by=actor(developer()), reason="A mistake")

    return delete


def test_a_number_taken_meanwhile_by_somebody_else_is_never_doubled(there: Lab) -> None:
    there.model("wine")
    there.registered("wine", 1)
    taken: list[ModelVersion] = []

    def register_first() -> None:
        """Register a version while the files of the one to come are on their way."""
        if Upload.objects.exists() and not taken:
            taken.append(registered_version(RegisteredModel.objects.get(name="wine")))

    report = bring(there, alive=register_first)

    assert "meanwhile" in words(report)["wine  model"]
    assert ModelVersion.objects.count() == 1


# -- going on --------------------------------------------------------------------------------------


def test_the_same_import_again_changes_nothing(there: Lab) -> None:
    fill(there)
    bring(there)
    before = standing()

    report = bring(there)

    assert standing() == before
    assert not +report.taken
    assert report.there["versions"] == 5


def test_what_is_new_over_there_comes_with_the_next_import(there: Lab) -> None:
    fill(there)
    bring(there)
    there.registered("wine", 4)

    report = bring(there)

    assert report.taken["versions"] == 1
    assert version("wine", 4).is_ready


def test_an_import_interrupted_anywhere_goes_on_without_doubling_or_losing_anything(
    there: Lab,
) -> None:
    fill(there)
    points = range(1, 90, 2) if LONG else (1, 2, 4, 7, 11, 16, 22, 29, 37, 46)
    left = list(points)

    def interrupt() -> None:
        """Stop the import between two requests, or in the middle of a file."""
        asked[0] += 1
        if left and asked[0] >= left[0]:
            left.pop(0)
            raise KeyboardInterrupt

    interrupted = 0
    for _ in points:
        asked = [0]
        try:
            bring(there, alive=interrupt)
        except KeyboardInterrupt:
            interrupted += 1
    bring(there)
    after = standing()

    assert interrupted > 3
    assert after == whole(there)


def test_files_that_came_before_the_interruption_are_not_fetched_again(there: Lab) -> None:
    there.model("wine")
    there.registered("wine", 1)
    there.hook = _hang_up_at("requirements.txt")
    with pytest.raises(NotReached):
        bring(there)
    there.hook = lambda count, sent: None
    there.there.requests.clear()

    bring(there)

    assert [sent.path for sent in there.there.requests if "weights.bin" in sent.path] == []
    assert version("wine", 1).file_count == 3


def _hang_up_at(name: str) -> Callable[[int, Any], None]:
    def hang_up(count: int, sent: Any) -> None:
        if sent.path.endswith(name):
            raise ConnectionError

    return hang_up


# -- a server that cannot be used ------------------------------------------------------------------


def test_an_unreachable_server_ends_the_import_in_words(there: Lab) -> None:
    there.hook = _hang_up_at("")

    with pytest.raises(NotReached, match="did not answer in time"):
        bring(there)


def test_a_server_nobody_trusts_is_not_asked(there: Lab, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []

    with pytest.raises(AddressRefused, match="does not send to"):
        bring(there)

    assert there.count == 0


def test_a_wrong_token_ends_the_import_in_words(there: Lab) -> None:
    fill(there)
    there.authorization = "Bearer right"

    with pytest.raises(SignInRefused, match="refused Signet with status 401"):
        bring(there)


def test_a_server_in_trouble_ends_the_import_and_is_asked_again_later(there: Lab) -> None:
    fill(there)
    there.answers["registered-models/get"] = (503, b"down")
    with pytest.raises(Busy):
        bring(there)
    del there.answers["registered-models/get"]

    assert bring(there).is_whole


@pytest.mark.parametrize(
    "rubbish",
    [
        b"<html>Sign in</html>",
        b"[1, 2]",
        b'{"registered_models": [{"name": 7}]}',
        b"\xff\xfe",
        b'{"x":' * 50_000,
        b'{"registered_models": "none"}',
        b"",
    ],
)
def test_rubbish_is_no_registry(there: Lab, rubbish: bytes) -> None:
    there.answers["registered-models/search"] = (200, rubbish)

    with pytest.raises(Unusable, match="an MLflow server does not"):
        bring(there)


def test_rubbish_about_one_model_leaves_the_others_alone(there: Lab) -> None:
    fill(there)
    there.models["wine"]["aliases"] = "none"
    there.answers["registered-models/search"] = (
        200,
        b'{"registered_models": [{"name": "wine"}, {"name": "iris"}]}',
    )

    report = bring(there)

    assert words(report)["wine  model"].startswith("The server answered something")
    assert version("iris", 1).is_ready


def test_pages_that_turn_in_a_circle_are_left(there: Lab) -> None:
    there.answers["registered-models/search"] = (
        200,
        b'{"registered_models": [{"name": "a"}], "next_page_token": "again"}',
    )

    with pytest.raises(Unusable, match="pages without an end"):
        bring(there)


def test_pages_without_an_end_are_left(there: Lab) -> None:
    for number in range(40):
        there.model(f"model {number}")
    order = Order(client_of(there, bounds=Bounds(pages=5, pauses=())), carrier(), REASON)

    with pytest.raises(Unusable, match="pages without an end"):
        registry.bring(order, (), lambda *told: None)


def test_folders_without_an_end_are_left(there: Lab) -> None:
    there.model("deep")
    run = there.run("deep", files={f"{number}/file": b"x" for number in range(20)})
    there.version("deep", 1, source=f"mlflow-artifacts:/1/{run}/artifacts/model", run_id=run)
    order = Order(client_of(there, bounds=Bounds(folders=9, pauses=())), carrier(), REASON)

    registry.bring(order, (), lambda *told: None)

    assert "folders without an end" in words(order.report)["deep 1 files"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../../etc/passwd", "it is no single name"),
        ("a/b", "it is no single name"),
        ("..", "is refused"),
        ("%2e%2e", "is refused"),
        ("back\\slash", "is refused"),
    ],
)
def test_a_listing_cannot_lead_elsewhere(there: Lab, path: str, why: str) -> None:
    there.model("wine")
    there.registered("wine", 1)
    listing = {"files": [{"path": path, "is_dir": False, "file_size": 3}]}
    there._listed = lambda folder: listing  # type: ignore[method-assign]

    report = bring(there)

    assert why in words(report)["wine 1 files"]
    assert version("wine", 1).readiness == Readiness.PENDING


# -- what may not be here --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["new", "we%20ird", "mix\u0430d", "a/b", "nul\0", " "])
def test_a_name_that_is_refused_here_is_left_and_the_rest_goes_on(there: Lab, name: str) -> None:
    there.model(name)
    there.model("wine")

    report = bring(there)

    assert "is refused" in words(report)[f"{name}  model"]
    assert list(RegisteredModel.objects.values_list("name", flat=True)) == ["wine"]


def test_a_file_larger_than_the_limit_is_left_and_the_version_waits(
    there: Lab, settings: Settings
) -> None:
    settings.MOST_FILE_BYTES = 500
    fill(there)

    report = bring(there, "wine")

    assert "at most 500" in words(report)["wine 1 files"]
    assert version("wine", 1).readiness == Readiness.PENDING
    assert version("wine", 1).run is not None
    assert [sent for sent in there.there.requests if sent.path.endswith("weights.bin")] == []


def test_a_file_that_is_larger_than_was_said_is_left_too(there: Lab, settings: Settings) -> None:
    settings.MOST_FILE_BYTES = 500
    there.model("wine")
    there.registered("wine", 1)
    told = there._listed

    def small(folder: str) -> dict[str, Any]:
        listing = told(folder)
        for entry in listing.get("files", []):
            entry["file_size"] = 1
        return listing

    there._listed = small  # type: ignore[method-assign]

    assert "more than 500 bytes" in words(bring(there))["wine 1 files"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("s3://bucket/model", "The files lie in s3:"),
        ("mlflow-artifacts://elsewhere/1/x/artifacts", "The files lie in mlflow-artifacts:"),
        ("https://elsewhere.example/model", "The files lie in https:"),
    ],
)
def test_files_the_server_does_not_hand_out_are_left_and_the_version_waits(
    there: Lab, source: str, why: str
) -> None:
    there.model("wine")
    there.version("wine", 1, source=source)

    report = bring(there)

    assert why in words(report)["wine 1 files"]
    assert (version("wine", 1).source, version("wine", 1).readiness) == (source, "pending")


def test_a_source_on_the_disk_of_the_server_stays_readable_in_a_tag(there: Lab) -> None:
    there.model("wine")
    there.version("wine", 1, source="/home/ann/mlruns/1")

    report = bring(there)

    tags = dict(version("wine", 1).tags.values_list("key", "value"))
    assert tags == {"mlflow.imported.source": "/home/ann/mlruns/1"}
    assert "a folder of the server" in words(report)["wine 1 files"]


def test_a_version_that_cannot_be_here_leaves_its_number_used(there: Lab) -> None:
    there.model("greet", {"mlflow.prompt.is_prompt": "true"})
    marks = {"mlflow.prompt.is_prompt": "true"}
    there.version("greet", 1, source="dummy-source", tags=marks)
    there.version("greet", 2, source="dummy-source", tags={**marks, "mlflow.prompt.text": "Hello"})

    report = bring(there)

    assert "needs the tag" in words(report)["greet 1 version"]
    assert version("greet", 1).deleted_at is not None
    assert version("greet", 2).is_ready


def test_a_gap_no_registry_has_is_not_filled(there: Lab) -> None:
    there.model("wine")
    there.registered("wine", 1_000_000)

    report = bring(there)

    assert "a gap of more than 10,000" in words(report)["wine  model"]
    assert ModelVersion.objects.count() == 0


def test_a_run_that_is_recorded_here_stays_as_it_is(there: Lab) -> None:
    there.model("wine")
    there.registered("wine", 1)
    other: User = account("other", "Other Developer", "model_developer")
    there.model("port")
    same = {key: there.versions["wine"][0][key] for key in ("source", "run_id")}
    there.version("port", 1, **same)
    bring(there, "port", by=carrier(other))
    there.runs[uid("wine 1")]["data"]["params"] = [{"key": "depth", "value": "9"}]

    report = bring(there, "wine")

    run = Run.objects.get()
    assert report.there["runs"] == 1
    assert (version("wine", 1).run, run.started_by) == (run, other)
    assert run.parameters.get().value == "3"
    assert other.record_id in version("wine", 1).contributors


def test_aliases_that_may_not_be_here_are_left(there: Lab) -> None:
    there.model("wine", aliases={"v1": 1, "good": 1, "lost": 9})
    there.registered("wine", 1)

    report = bring(there)

    assert list(Alias.objects.values_list("name", flat=True)) == ["good"]
    assert "already means a version" in words(report)["wine 1 alias v1"]
    assert "is not here" in words(report)["wine 9 alias lost"]
