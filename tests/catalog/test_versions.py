"""A version is registered in one change: number, files, digests, declarations, contributors."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.models import AuditEvent
from apps.catalog import ingest, operations
from apps.catalog.lifecycle import Readiness, Stage
from apps.catalog.manifest import LabelRefused, manifest_digest
from apps.catalog.models import (
    ModelVersion,
    RegisteredModel,
    Run,
    Upload,
    UploadFile,
    VersionFile,
)
from apps.catalog.operations.versions import REGISTER_VERSION
from apps.catalog.training import MetricFacts, RunFacts, facts_digest, json_digest
from apps.core.actors import WORKER, Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.catalog.record import entries, refusals
from tests.factories import actor, person

pytestmark = pytest.mark.django_db


def register(model: RegisteredModel | None = None, **facts: Any) -> ModelVersion:
    return scenarios.registered_version(model, **facts)


# -- what is registered


def test_a_version_is_ready_at_once_with_its_files_and_digest() -> None:
    version = register()
    version.refresh_from_db()

    assert (version.number, version.stage) == (1, Stage.DEVELOPMENT)
    assert (version.readiness, version.ready_at) == (Readiness.READY, version.created_at)
    files = {file.path: file.artifact for file in version.files.select_related("artifact")}
    assert files.keys() == scenarios.MODEL_FILES.keys()
    assert version.content_digest == manifest_digest(_Entry(file) for file in version.files.all())
    assert version.file_count == 3
    assert version.byte_count == sum(map(len, scenarios.MODEL_FILES.values()))


class _Entry:
    def __init__(self, file: VersionFile) -> None:
        self.path, self.sha256, self.size = file.path, file.artifact.sha256, file.artifact.size


def test_one_event_tells_all_of_it() -> None:
    version = register()

    (entry,) = entries(REGISTER_VERSION.name)
    assert entry["subject"] == {"type": "version", "id": version.record_id}
    assert entry["chain"]["root"] == version.model.record_ref
    assert [row["row"] for row in entry["rows"]] == [version.record_ref]
    assert entry["detail"] == {
        "number": 1,
        "content": version.content_digest,
        "facts": version.facts_digest,
        "files": 3,
        "bytes": version.byte_count,
        "empty_files": 0,
    }


def test_the_upload_is_taken_and_empty_afterwards() -> None:
    version = register()

    upload = Upload.objects.get()
    assert upload.taken_at == version.created_at
    assert not UploadFile.objects.exists()


def test_numbers_follow_each_other_for_each_model() -> None:
    one, two = scenarios.registered_model(), scenarios.registered_model()

    assert [register(one).number, register(one).number, register(two).number] == [1, 2, 1]


def test_the_model_moves_up_and_keeps_its_history_short() -> None:
    model = scenarios.registered_model()
    version = register(model)

    model.refresh_from_db()
    assert model.touched_at == version.created_at
    assert RegisteredModel.history.filter(id=model.pk).count() == 1


def test_the_registrant_is_always_a_contributor() -> None:
    alone = register()
    helped = register(contributors=[person("zoe"), scenarios.developer()])

    assert alone.contributors == [scenarios.developer().record_id]
    assert helped.contributors == sorted([scenarios.developer().record_id, person_id("zoe")])


def person_id(username: str) -> str:
    return scenarios.account(username, username).record_id


def test_a_version_can_be_based_on_another_and_declare_everything() -> None:
    base = register()
    version = register(
        base.model,
        base_version=base,
        change_class="minor",
        description="Smaller\ntrees",
        source="https://git.example.org/run/7",
        framework="scikit-learn 1.7",
        flavors=("sklearn", "python_function"),
        python_version="3.11.7",
        packages=("scikit-learn==1.7.0", "numpy==2.2.0"),
        code_repository="https://git.example.org/credit",
        code_commit="ABCDEF0",
        code_is_dirty=True,
        container_digest="sha256:" + "0" * 64,
    )
    version.refresh_from_db()

    assert version.base_version == base
    assert version.flavors == ["python_function", "sklearn"]
    assert version.packages == ["scikit-learn==1.7.0", "numpy==2.2.0"]
    assert (version.code_commit, version.code_is_dirty) == ("abcdef0", True)
    assert version.signature == scenarios.SIGNATURE


MOVE = Action("test.move", permission="catalog.view_registeredmodel")


def test_a_version_moves_as_the_lifecycle_allows_and_its_model_moves_up() -> None:
    version = register()
    before = version.model.touched_at

    with change(MOVE, version, by=by_developer()):
        version.enter(Stage.STAGING)
    with (
        pytest.raises(RuleBroken, match="cannot go from Staging to Decommissioned"),
        change(MOVE, version, by=by_developer()),
    ):
        version.enter(Stage.DECOMMISSIONED)

    version.refresh_from_db()
    assert version.stage == Stage.STAGING
    assert version.model.touched_at > before
    version.require_ready()
    version.readiness = Readiness.PENDING
    with pytest.raises(RuleBroken, match="no complete content"):
        version.require_ready()


# -- runs


def test_a_run_is_written_with_parameters_and_metrics() -> None:
    run = register().run

    assert run is not None
    assert len(run.uid) == 32
    assert run.starter_id == scenarios.developer().record_id
    assert {str(row) for row in run.parameters.all()} == {"depth=3", "seed=7"}
    assert str(run.metrics.get(slice="")) == "auc=0.91"
    assert dict(run.parameters.values_list("key", "value")) == {"depth": "3", "seed": "7"}
    metric = run.metrics.get(slice="")
    assert (metric.key, metric.value, metric.dataset) == ("auc", 0.91, "holdout")
    assert (metric.lower, metric.upper, metric.higher_is_better) == (0.89, 0.93, True)


def test_a_version_without_a_run_has_none_and_one_of_a_known_run_shares_it() -> None:
    first = register()
    assert register(run=None).run is None
    assert register(run=RunFacts()).run is None
    assert register(run=first.run).run == first.run
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (RunFacts(name="x" * 251), "name of the run"),
        (RunFacts(parameters={"": "1"}), "A parameter has no name"),
        (RunFacts(parameters={"k" * 251: "1"}), "name of a parameter"),
        (RunFacts(parameters={"k": "x" * 6001}), "The parameter k holds"),
        (RunFacts(parameters={str(number): "" for number in range(1001)}), "at most 1,000 param"),
        (RunFacts(metrics=[MetricFacts(" ", 1)]), "A metric has no name"),
        (RunFacts(metrics=[MetricFacts("a", float("nan"))]), "not finite"),
        (RunFacts(metrics=[MetricFacts("a", 1, lower=float("-inf"))]), "not finite"),
        (RunFacts(metrics=[MetricFacts("a", 1, lower=2, upper=1)]), "ends before it begins"),
        (RunFacts(metrics=[MetricFacts("a", 1, step=2**63)]), "19 digits"),
        (RunFacts(metrics=[MetricFacts("a", 1), MetricFacts("a", 2)]), "there twice"),
        (RunFacts(metrics=[MetricFacts("a", 1, dataset="x\0")]), "name of a dataset"),
    ],
)
def test_a_run_beyond_its_limits_is_refused(run: RunFacts, words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        register(run=run)
    assert not Run.objects.exists()


# -- digests


def test_the_facts_digest_covers_every_declaration() -> None:
    model = scenarios.registered_model()
    plain: dict[str, Any] = {
        "run": RunFacts(parameters={"depth": "3"}, metrics=[MetricFacts("auc", 0.9)])
    }
    version = register(model, **plain)

    again = ModelVersion.objects.get(pk=version.pk)
    assert facts_digest(again) == version.facts_digest
    changes: list[tuple[str, object]] = [
        ("signature", {}),
        ("input_example", None),
        ("framework", "other"),
        ("flavors", ["onnx"]),
        ("python_version", "3.12"),
        ("packages", ["x==1"]),
        ("code_repository", "https://x"),
        ("code_commit", "1234567"),
        ("code_is_dirty", True),
        ("container_digest", "sha256:" + "1" * 64),
        ("source", "s3://b/x"),
        ("run", None),
    ]
    for name, value in changes:
        changed = ModelVersion.objects.get(pk=version.pk)
        setattr(changed, name, value)
        assert facts_digest(changed) != version.facts_digest, name
    assert again.run is not None
    again.run.metrics.update(value=0.9000000000000001)
    assert facts_digest(again) != version.facts_digest


def test_numbers_digest_as_every_database_keeps_them() -> None:
    assert json_digest({"a": 1e22}) == json_digest({"a": int(Decimal("1e22"))})
    assert json_digest({"a": 1.5, "b": [1]}) == json_digest({"b": [1], "a": 1.5})
    assert json_digest(1.0) != json_digest(1)
    assert json_digest(None) is None


def test_large_and_small_numbers_survive_the_database() -> None:
    example = {"data": [[1e22, 1e-7, 0.1, 1.0, 5e-324, 123456789012345678]]}
    version = register(input_example=example)

    assert facts_digest(ModelVersion.objects.get(pk=version.pk)) == version.facts_digest


# -- what is refused


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"description": "x" * 5001}, "The description holds"),
        ({"source": "file:///etc/passwd"}, "The source is refused"),
        ({"framework": "x" * 121}, "The framework holds"),
        ({"python_version": "3.11\n"}, "cannot be shown"),
        ({"code_repository": "x" * 501}, "The repository holds"),
        ({"code_commit": "main"}, "7 to 64 hexadecimal digits"),
        ({"container_digest": "latest"}, "given by its digest"),
        ({"change_class": "huge"}, "one of initial, material"),
        ({"packages": ["x"] * 1001}, "at most 1,000 packages"),
        ({"packages": ["x" * 501]}, "Each of the packages"),
        ({"flavors": ["a\0"]}, "Each of the flavors"),
        ({"signature": ["a"]}, "object with inputs and outputs"),
        ({"signature": {"a": float("nan")}}, "The signature is refused"),
        ({"input_example": {"a": "\0"}}, "The input example is refused"),
        ({"input_example": ["x" * 2**20]}, "The input example is longer"),
    ],
)
def test_a_declaration_beyond_its_limits_is_refused_and_the_upload_stays(
    facts: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputRefused, match=words):
        register(**facts)

    assert not ModelVersion.objects.exists()
    assert Upload.objects.get().taken_at is None
    assert UploadFile.objects.count() == 3


def test_too_many_contributors_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.catalog.operations.versions.MOST_CONTRIBUTORS", 1)

    with pytest.raises(InputRefused, match="at most 1 contributors"):
        register(contributors=[scenarios.owner(), scenarios.developer()])


def test_nothing_is_based_on_a_version_without_content() -> None:
    base = register()
    base.readiness = Readiness.PENDING

    with pytest.raises(RuleBroken, match="no complete content"):
        register(base.model, base_version=base)


def by_developer() -> Actor:
    return actor(scenarios.developer())


def attempt(upload: Upload, by: Actor | None = None) -> ModelVersion:
    return operations.register_version(
        scenarios.registered_model(), by=by or by_developer(), upload=upload
    )


def test_an_empty_upload_is_no_version() -> None:
    with pytest.raises(RuleBroken, match="holds no file"):
        attempt(ingest.start_upload(by=by_developer()))


def test_empty_files_alone_are_no_version_but_may_lie_beside_others() -> None:
    with pytest.raises(RuleBroken, match="Every file of the upload is empty"):
        attempt(scenarios.uploaded({"a": b"", "b": b""}))

    attempt(scenarios.uploaded({"__init__.py": b"", "weights": b"1"}))
    assert entries("version.register")[0]["detail"]["empty_files"] == 1


def test_an_upload_of_somebody_else_is_not_found() -> None:
    upload = scenarios.uploaded(by=actor(scenarios.owner()))

    with pytest.raises(NotFound, match="There is no such upload"):
        attempt(upload)
    assert Upload.objects.get().taken_at is None


def test_an_expired_upload_is_refused() -> None:
    upload = scenarios.uploaded()
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(RuleBroken, match="has expired"):
        attempt(upload)


def test_g7_an_upload_is_taken_once() -> None:
    upload = scenarios.uploaded()
    attempt(upload)

    with pytest.raises(RuleBroken, match="took these files already"):
        attempt(upload)
    assert ModelVersion.objects.count() == 1


def test_labels_are_looked_at_again_as_a_whole() -> None:
    upload = scenarios.uploaded({"a": b"1"})
    file = UploadFile.objects.get()
    UploadFile.objects.create(
        upload=upload, path="../a", folded_path="../a", artifact=file.artifact
    )

    with pytest.raises(LabelRefused):
        attempt(upload)


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.auditor, scenarios.risk_officer])
def test_nobody_without_the_right_registers_a_version(wrong: Callable[[], User]) -> None:
    upload, model = scenarios.uploaded(), scenarios.registered_model()

    with pytest.raises(NotAllowed, match="right to register versions"):
        operations.register_version(model, by=actor(wrong()), upload=upload)

    assert len(refusals("version.register")) == 1
    assert Upload.objects.get().taken_at is None


def test_an_actor_without_an_account_registers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    upload, model = scenarios.uploaded(), scenarios.registered_model()
    monkeypatch.setattr(Actor, "may", lambda *args: True)

    with pytest.raises(NotAllowed, match="a person or a service account"):
        operations.register_version(model, by=WORKER, upload=upload)


def test_a_broken_insert_of_the_event_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    upload, model = scenarios.uploaded(), scenarios.registered_model()

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr("apps.audit.writing.insert", fail)
        with pytest.raises(OSError):  # noqa: PT011 - the one made here
            operations.register_version(model, by=by_developer(), upload=upload)

    assert not ModelVersion.objects.exists()
    assert not AuditEvent.objects.filter(action="version.register").exists()
    assert Upload.objects.get().taken_at is None


# -- at once


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_when_eight_people_register_at_once() -> None:
    model, by = scenarios.registered_model(), by_developer()
    uploads = [scenarios.uploaded({"weights": str(number).encode()}) for number in range(16)]
    start = threading.Barrier(8)
    troubles: list[Exception] = []

    def register_two(first: int) -> None:
        try:
            start.wait(30)
            for upload in uploads[first : first + 2]:
                operations.register_version(
                    RegisteredModel.objects.get(pk=model.pk), by=by, upload=upload
                )
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=register_two, args=(2 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert troubles == []
    numbers = sorted(model.versions.values_list("number", flat=True))
    assert numbers == list(range(1, 17))
    chain = AuditEvent.objects.filter(chain_root=model.record_ref).order_by("chain_rev")
    assert list(chain.values_list("chain_rev", flat=True)) == list(range(1, 18))


@pytest.mark.django_db(transaction=True)
def test_g7_of_two_who_take_an_upload_at_once_one_is_refused() -> None:
    models = [scenarios.registered_model(), scenarios.registered_model()]
    upload, by = scenarios.uploaded(), by_developer()
    start = threading.Barrier(2)
    said: list[str] = []

    def take(model: RegisteredModel) -> None:
        try:
            start.wait(30)
            operations.register_version(
                RegisteredModel.objects.get(pk=model.pk),
                by=by,
                upload=Upload.objects.get(pk=upload.pk),
            )
            said.append("taken")
        except RuleBroken as refusal:
            said.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(said) == [
        "A version took these files already. Start another upload.",
        "taken",
    ]
    assert ModelVersion.objects.count() == 1
