"""Aliases and tags: who may set them, what they may say, and what the record keeps."""

from collections.abc import Callable

import pytest

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import champion, operations
from apps.catalog.models import Alias, ModelTag, ModelVersion, VersionTag
from apps.catalog.operations import (
    DELETE_MODEL_TAG,
    DELETE_VERSION_TAG,
    REMOVE_ALIAS,
    SET_ALIAS,
    SET_MODEL_TAG,
    SET_VERSION_TAG,
)
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.catalog.record import entries, refusals
from tests.factories import actor

pytestmark = pytest.mark.django_db

DECIDE = Action("test.decide", permission="catalog.view_registeredmodel")


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version()


@pytest.fixture
def by() -> Actor:
    return actor(scenarios.developer())


def test_an_alias_points_at_a_version_and_moves(version: ModelVersion, by: Actor) -> None:
    model = version.model
    second = scenarios.registered_version(model)

    operations.set_alias(model, "challenger", version, by=by)
    operations.set_alias(model, "challenger", second, by=by)
    operations.set_alias(model, "challenger", second, by=by)

    assert Alias.objects.get().version == second
    details = [entry["detail"] for entry in entries(SET_ALIAS.name)]
    assert [(detail["origin"], detail["target"]) for detail in details] == [
        (None, version.record_id),
        (version.record_id, second.record_id),
        (second.record_id, second.record_id),
    ]
    assert [len(entry["rows"]) for entry in entries("model.set_alias")] == [1, 1, 0]


def test_an_alias_is_removed(version: ModelVersion, by: Actor) -> None:
    operations.set_alias(version.model, "challenger", version, by=by)

    operations.remove_alias(version.model, "challenger", by=by)

    assert not Alias.objects.exists()
    (entry,) = entries(REMOVE_ALIAS.name)
    assert entry["detail"] == {"alias": "challenger", "origin": version.record_id}
    with pytest.raises(NotFound, match="no alias challenger"):
        operations.remove_alias(version.model, "challenger", by=by)
    states = Alias.history.order_by("history_id").values_list(
        "history_type", "version_id", "event__action"
    )
    assert list(states) == [
        ("+", version.pk, "model.set_alias"),
        ("-", version.pk, "model.remove_alias"),
    ]


@pytest.mark.parametrize("name", ["champion", "Champion", "latest", "v3", "a b"])
def test_some_aliases_are_not_for_people_to_set(
    version: ModelVersion, by: Actor, name: str
) -> None:
    with pytest.raises(InputRefused):
        operations.set_alias(version.model, name, version, by=by)
    with pytest.raises(InputRefused):
        operations.remove_alias(version.model, name, by=by)
    assert len(refusals("model.set_alias")) == len(refusals("model.remove_alias")) == 1


def test_an_alias_stays_within_its_model(version: ModelVersion, by: Actor) -> None:
    with pytest.raises(RuleBroken, match="is not a version of"):
        operations.set_alias(scenarios.registered_model(), "challenger", version, by=by)


def test_tags_are_set_changed_and_deleted(version: ModelVersion, by: Actor) -> None:
    model = version.model
    operations.set_model_tag(model, "team", "credit", by=by)
    operations.set_model_tag(model, "team", "credit", by=by)
    operations.set_model_tag(model, "team", "lending", by=by)
    operations.set_version_tag(version, "note", "", by=by)

    assert ModelTag.objects.get().value == "lending"
    assert VersionTag.objects.get().value == ""
    assert [len(entry["rows"]) for entry in entries(SET_MODEL_TAG.name)] == [1, 0, 1]
    assert entries(SET_VERSION_TAG.name)[0]["subject"]["id"] == version.record_id

    operations.delete_model_tag(model, "team", by=by)
    operations.delete_version_tag(version, "note", by=by)

    assert not ModelTag.objects.exists()
    assert not VersionTag.objects.exists()
    assert entries(DELETE_MODEL_TAG.name)[0]["detail"] == {"key": "team"}
    assert entries(DELETE_VERSION_TAG.name)[0]["detail"] == {"key": "note"}
    with pytest.raises(NotFound, match="no tag 'team'"):
        operations.delete_model_tag(model, "team", by=by)
    with pytest.raises(NotFound, match="no tag 'note'"):
        operations.delete_version_tag(version, "note", by=by)


def test_a_tag_is_held_to_its_limits(version: ModelVersion, by: Actor) -> None:
    with pytest.raises(InputRefused, match="at most 5,000"):
        operations.set_model_tag(version.model, "k", "x" * 5001, by=by)
    with pytest.raises(InputRefused, match="at most 100,000"):
        operations.set_version_tag(version, "k", "x" * 100_001, by=by)
    with pytest.raises(InputRefused, match="key of a tag"):
        operations.set_version_tag(version, "../k", "", by=by)


ATTEMPTS: dict[Action, Callable[[ModelVersion, Actor], object]] = {
    SET_ALIAS: lambda version, by: operations.set_alias(version.model, "a", version, by=by),
    REMOVE_ALIAS: lambda version, by: operations.remove_alias(version.model, "a", by=by),
    SET_MODEL_TAG: lambda version, by: operations.set_model_tag(version.model, "k", "", by=by),
    DELETE_MODEL_TAG: lambda version, by: operations.delete_model_tag(version.model, "k", by=by),
    SET_VERSION_TAG: lambda version, by: operations.set_version_tag(version, "k", "", by=by),
    DELETE_VERSION_TAG: lambda version, by: operations.delete_version_tag(version, "k", by=by),
}


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.auditor, scenarios.risk_officer])
@pytest.mark.parametrize("action", ATTEMPTS, ids=lambda action: action.name)
def test_only_those_who_build_a_model_label_it(
    version: ModelVersion, action: Action, wrong: Callable[[], User]
) -> None:
    with pytest.raises(NotAllowed, match="right to describe this model"):
        ATTEMPTS[action](version, actor(wrong()))

    assert len(refusals(action.name)) == 1
    assert not Alias.objects.exists()
    assert not ModelTag.objects.exists()
    assert not VersionTag.objects.exists()


# -- the champion


def test_the_champion_moves_only_inside_the_change_that_decides(version: ModelVersion) -> None:
    model, second = version.model, scenarios.registered_version(version.model)
    assert champion.of(model) is None

    with change(DECIDE, model, by=actor(scenarios.owner())):
        champion.move(version)
    assert champion.of(model) == version
    with change(DECIDE, model, by=actor(scenarios.owner())):
        champion.move(second)

    assert champion.of(model) == second
    assert str(Alias.objects.get()) == "@champion"
    assert Alias.objects.filter(name=champion.CHAMPION).count() == 1
    assert Alias.history.count() == 2
