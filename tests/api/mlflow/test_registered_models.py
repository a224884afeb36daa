"""Registered models, as MLflow clients make, describe, rename, delete, tag and alias them."""

from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.catalog.models import RegisteredModel
from apps.catalog.operations import RENAME_MODEL
from tests import scenarios
from tests.api.caller import token_of
from tests.api.mlflow.program import Program, refused, said
from tests.factories import actor

pytestmark = pytest.mark.django_db

INVALID, ABSENT = "INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"
EXISTS, DENIED = "RESOURCE_ALREADY_EXISTS", "PERMISSION_DENIED"


def made(program: Program, name: str = "iris", **facts: Any) -> dict[str, Any]:
    model: dict[str, Any] = said(program.post("registered-models/create", name=name, **facts))[
        "registered_model"
    ]
    return model


def shown(program: Program, name: str = "iris") -> dict[str, Any]:
    model: dict[str, Any] = said(program.get("registered-models/get", name=name))[
        "registered_model"
    ]
    return model


# -- create and get


def test_a_model_is_made_with_tags_and_a_description_in_one_event(dev: Program) -> None:
    tags = [{"key": "team", "value": "risk"}, {"key": "a", "value": ""}]

    model = made(dev, description="Sorts flowers", tags=tags)

    assert model == shown(dev)
    assert model["name"] == "iris"
    assert model["description"] == "Sorts flowers"
    assert model["tags"] == sorted(tags, key=lambda tag: tag["key"])
    assert model["creation_timestamp"] == model["last_updated_timestamp"] > 1_600_000_000_000
    assert not {"latest_versions", "aliases"} & model.keys()
    assert AuditEvent.objects.filter(action="model.register").count() == 1
    assert not AuditEvent.objects.filter(action="model.set_tag").exists()


def test_whoever_makes_a_model_owns_it(dev: Program) -> None:
    made(dev)
    assert RegisteredModel.objects.get(name="iris").owner == scenarios.developer()


def test_a_name_that_is_taken_is_said_to_exist(dev: Program) -> None:
    made(dev)
    refused(dev.post("registered-models/create", name="iris"), 400, EXISTS)
    refused(dev.post("registered-models/create", name="IRIS"), 400, EXISTS)


@pytest.mark.parametrize("name", ["a/b", "a:b", " ", "..", "x" * 257, "a\u200bb"])
def test_a_name_that_could_be_read_otherwise_is_refused(dev: Program, name: str) -> None:
    refused(dev.post("registered-models/create", name=name), 400, INVALID)


def test_too_many_or_too_long_tags_are_refused(dev: Program) -> None:
    many = [{"key": f"k{number}", "value": ""} for number in range(51)]
    for tags in (many, [{"key": "k", "value": "x" * 5001}], [{"key": "k&", "value": ""}]):
        refused(dev.post("registered-models/create", name="iris", tags=tags), 400, INVALID)
    assert not RegisteredModel.objects.exists()


def test_of_a_tag_that_comes_twice_the_last_counts(dev: Program) -> None:
    tags = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
    assert made(dev, tags=tags)["tags"] == [{"key": "a", "value": "2"}]


@pytest.mark.parametrize("body", [b"{}", b'{"name": ""}', b""])
def test_a_missing_name_is_said_in_the_words_clients_know(dev: Program, body: bytes) -> None:
    words = refused(dev.send("POST", "registered-models/create", body), 400, INVALID)
    assert words == "Missing value for required parameter 'name'."
    assert refused(dev.get("registered-models/get"), 400, INVALID) == words


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"name": 1}', b'{"name": "a", "tags": 1}', b"\xff"]
)
def test_a_body_that_is_no_such_object_is_refused(dev: Program, body: bytes) -> None:
    refused(dev.send("POST", "registered-models/create", body), 400, INVALID)


def test_fields_that_are_not_known_are_ignored(dev: Program) -> None:
    assert made(dev, deployment_job_id="7")["name"] == "iris"


def test_a_model_that_may_not_be_seen_is_as_absent_as_one_that_is_not_there(
    dev: Program, stranger: Program
) -> None:
    made(dev)
    assert refused(stranger.get("registered-models/get", name="iris"), 404, ABSENT) == refused(
        dev.get("registered-models/get", name="absent"), 404, ABSENT
    ).replace("absent", "iris")


def test_without_a_token_nothing_is_said() -> None:
    answer = Program().get("registered-models/get", name="iris")
    refused(answer, 401, "UNAUTHENTICATED")


def test_a_token_for_another_model_does_not_open_this_one(dev: Program) -> None:
    made(dev)
    other = scenarios.registered_model()
    narrow = Program(token_of(scenarios.developer(), roots=[other.record_ref]))
    assert shown(narrow, other.name)["name"] == other.name
    refused(narrow.get("registered-models/get", name="iris"), 404, ABSENT)


def test_a_token_that_only_reads_changes_nothing(dev: Program, reader: Program) -> None:
    made(dev)
    refused(reader.post("registered-models/create", name="other"), 403, DENIED)
    refused(reader.patch("registered-models/update", name="iris", description="x"), 403, DENIED)
    refused(reader.post("registered-models/rename", name="iris", new_name="x"), 403, DENIED)
    refused(reader.delete("registered-models/delete", name="iris"), 403, DENIED)
    assert shown(reader)["description"] == ""


# -- update, rename, delete


def test_a_model_is_described(dev: Program) -> None:
    before = made(dev)
    after = said(dev.patch("registered-models/update", name="iris", description="New"))
    assert after["registered_model"]["description"] == "New"
    assert after["registered_model"]["last_updated_timestamp"] >= before["creation_timestamp"]
    refused(
        dev.patch("registered-models/update", name="iris", description="x" * 5001), 400, INVALID
    )
    assert shown(dev)["description"] == "New"


def test_a_model_takes_everything_along_to_its_new_name(dev: Program) -> None:
    model = scenarios.registered_model("iris")
    version = scenarios.registered_version(model)
    said(dev.post("registered-models/alias", name="iris", alias="best", version="1"))
    said(dev.post("registered-models/set-tag", name="iris", key="a", value="b"))

    renamed = said(dev.post("registered-models/rename", name="iris", new_name="Iris 2"))

    assert renamed["registered_model"] == shown(dev, "Iris 2")
    assert renamed["registered_model"]["aliases"] == [{"alias": "best", "version": "1"}]
    assert renamed["registered_model"]["tags"] == [{"key": "a", "value": "b"}]
    assert [v["name"] for v in renamed["registered_model"]["latest_versions"]] == ["Iris 2"]
    refused(dev.get("registered-models/get", name="iris"), 404, ABSENT)
    event = AuditEvent.objects.get(action=RENAME_MODEL.name)
    assert event.chain_root == version.model.record_ref


def test_a_model_is_renamed_only_to_a_name_that_is_free(dev: Program) -> None:
    made(dev)
    made(dev, "wine")
    refused(dev.post("registered-models/rename", name="iris", new_name="Wine"), 400, EXISTS)
    refused(dev.post("registered-models/rename", name="iris", new_name="a/b"), 400, INVALID)
    refused(dev.post("registered-models/rename", name="iris"), 400, INVALID)
    said(dev.post("registered-models/rename", name="iris", new_name="Iris"))
    assert shown(dev, "Iris")["name"] == "Iris"


def test_a_deleted_model_frees_its_name_and_the_next_one_starts_anew(dev: Program) -> None:
    made(dev)
    first = RegisteredModel.objects.get(name="iris")
    scenarios.registered_version(first)

    assert said(dev.delete("registered-models/delete", name="iris")) == {}

    refused(dev.get("registered-models/get", name="iris"), 404, ABSENT)
    refused(dev.get("model-versions/get", name="iris", version="1"), 404, ABSENT)
    assert "latest_versions" not in made(dev)
    assert RegisteredModel.objects.filter(name="iris").count() == 2
    second = RegisteredModel.objects.get(name="iris", deleted_at=None)
    assert scenarios.registered_version(second).number == 1


def test_a_model_with_a_promotion_asked_for_stays(dev: Program) -> None:
    request = scenarios.requested()
    name = request.version.model.name
    owner = Program(token_of(scenarios.owner()))
    refused(owner.delete("registered-models/delete", name=name), 403, DENIED)
    assert shown(dev, name)["name"] == name


# -- latest versions


def test_the_newest_version_of_each_stage_is_shown_with_its_aliases(dev: Program) -> None:
    model = scenarios.registered_model("iris")
    scenarios.promoted(model=model)
    for _ in range(2):
        scenarios.registered_version(model)
    said(dev.post("registered-models/alias", name="iris", alias="best", version="3"))

    latest = said(dev.get("registered-models/get-latest-versions", name="iris"))["model_versions"]
    posted = said(
        dev.post("registered-models/get-latest-versions", name="iris", stages=["staging"])
    )

    assert [(v["version"], v["current_stage"]) for v in latest] == [("1", "Staging"), ("3", "None")]
    assert latest[1]["aliases"] == ["best"]
    assert [v["version"] for v in posted["model_versions"]] == ["1"]
    assert [v["version"] for v in shown(dev)["latest_versions"]] == ["1", "3"]
    none = dev.get("registered-models/get-latest-versions", name="iris", stages=["Production"])
    assert said(none) == {}


def test_a_stage_nobody_knows_is_refused(dev: Program) -> None:
    made(dev)
    asked = {"name": "iris", "stages": ["Live"]}
    refused(dev.get("registered-models/get-latest-versions", **asked), 400, INVALID)
    refused(dev.get("registered-models/get-latest-versions", name="absent"), 404, ABSENT)
    assert said(dev.get("registered-models/get-latest-versions", name="iris")) == {}


# -- tags


def test_a_tag_is_set_changed_and_taken_away(dev: Program) -> None:
    made(dev)
    for value in ("1", "2"):
        assert said(dev.post("registered-models/set-tag", name="iris", key="a", value=value)) == {}
    assert shown(dev)["tags"] == [{"key": "a", "value": "2"}]
    for _ in range(2):
        assert said(dev.delete("registered-models/delete-tag", name="iris", key="a")) == {}
    assert "tags" not in shown(dev)


def test_a_tag_without_a_value_is_empty_and_one_without_a_key_is_refused(dev: Program) -> None:
    made(dev)
    said(dev.post("registered-models/set-tag", name="iris", key="a"))
    assert shown(dev)["tags"] == [{"key": "a", "value": ""}]
    words = refused(dev.post("registered-models/set-tag", name="iris", value="a"), 400, INVALID)
    assert words == "Missing value for required parameter 'key'."
    refused(dev.post("registered-models/set-tag", name="iris", key="../a", value=""), 400, INVALID)
    refused(dev.post("registered-models/set-tag", name="absent", key="a", value=""), 404, ABSENT)


# -- aliases


@pytest.fixture
def iris(dev: Program) -> RegisteredModel:
    """A model with two versions."""
    model = scenarios.registered_model("iris")
    for _ in range(2):
        scenarios.registered_version(model)
    return model


def aliased(program: Program, alias: str) -> str:
    answer = said(program.get("registered-models/alias", name="iris", alias=alias))
    return str(answer["model_version"]["version"])


def test_an_alias_points_moves_and_goes(dev: Program, iris: RegisteredModel) -> None:
    for number in ("1", "2"):
        asked = {"name": "iris", "alias": "best", "version": number}
        assert said(dev.post("registered-models/alias", **asked)) == {}
        assert aliased(dev, "best") == number
    assert iris.aliases.count() == 1
    for _ in range(2):
        assert said(dev.delete("registered-models/alias", name="iris", alias="best")) == {}
    words = refused(dev.get("registered-models/alias", name="iris", alias="best"), 400, INVALID)
    assert words == "Registered model alias best not found."


def test_latest_is_the_highest_number_in_any_case(dev: Program, iris: RegisteredModel) -> None:
    assert aliased(dev, "latest") == aliased(dev, "Latest") == "2"
    made(dev, "empty")
    refused(dev.get("registered-models/alias", name="empty", alias="latest"), 404, ABSENT)
    refused(dev.get("registered-models/alias", name="absent", alias="latest"), 404, ABSENT)


@pytest.mark.parametrize("alias", ["latest", "LATEST", "v1", "V22", "a b", "x" * 256, "a/b"])
def test_an_alias_that_means_something_else_is_refused(
    dev: Program, iris: RegisteredModel, alias: str
) -> None:
    asked = {"name": "iris", "alias": alias, "version": "1"}
    refused(dev.post("registered-models/alias", **asked), 400, INVALID)


@pytest.mark.parametrize("number", ["3", "0"])
def test_an_alias_of_a_version_that_is_not_there_is_refused(
    dev: Program, iris: RegisteredModel, number: str
) -> None:
    asked = {"name": "iris", "alias": "best", "version": number}
    refused(dev.post("registered-models/alias", **asked), 404, ABSENT)


@pytest.mark.parametrize("number", ["one", "-1", "99999999999", "1.5", "", None])
def test_a_number_that_is_none_is_refused(
    dev: Program, iris: RegisteredModel, number: str | None
) -> None:
    asked = {"name": "iris", "alias": "best", "version": number}
    refused(dev.post("registered-models/alias", **asked), 400, INVALID)
    refused(dev.get("model-versions/get", name="iris", version=number or ""), 400, INVALID)


def test_the_alias_of_production_does_not_go(dev: Program, iris: RegisteredModel) -> None:
    for alias in ("champion", "Champion"):
        words = refused(
            dev.delete("registered-models/alias", name="iris", alias=alias), 403, DENIED
        )
        assert "promotion and rollback only" in words


# -- prompts


def test_a_model_made_as_a_prompt_is_one_and_stays_one(dev: Program) -> None:
    is_prompt = {"key": "mlflow.prompt.is_prompt", "value": "true"}
    made(dev, tags=[is_prompt])
    made(dev, "wine")

    assert RegisteredModel.objects.get(name="iris").kind == RegisteredModel.Kind.PROMPT
    key = is_prompt["key"]
    refused(dev.post("registered-models/set-tag", name="iris", key=key, value="no"), 403, DENIED)
    refused(dev.delete("registered-models/delete-tag", name="iris", key=key), 403, DENIED)
    refused(dev.post("registered-models/set-tag", name="wine", key=key, value="true"), 403, DENIED)
    said(dev.post("registered-models/set-tag", name="iris", key=key, value="true"))


# -- what belongs to another


def test_a_reader_of_one_model_by_duty_sees_it(stranger: Program) -> None:
    model = scenarios.registered_model("iris")
    sam = scenarios.stranger()
    refused(stranger.get("registered-models/get", name="iris"), 404, ABSENT)
    from_now = actor(scenarios.owner())
    scenarios.operations.grant_model_duty(model, sam, "model_developer", by=from_now, reason="Help")
    assert shown(stranger)["name"] == "iris"
