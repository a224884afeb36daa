"""Deleting: a tombstone on what nothing refers to, a refusal for everything else."""

from collections.abc import Callable

import pytest

from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals.operations import Referenced
from apps.catalog import operations as catalog
from apps.catalog import queries
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Alias, ModelVersion, RegisteredModel, Tombstone
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from tests import scenarios
from tests.approvals.walk import entries, refusals
from tests.factories import actor

pytestmark = pytest.mark.django_db

WHY = "Registered by mistake"


def developer_deletes(version: ModelVersion) -> None:
    operations.delete_version(version, by=actor(scenarios.developer()), reason=WHY)


def owner_deletes(model: RegisteredModel) -> None:
    operations.delete_model(model, by=actor(scenarios.owner()), reason=WHY)


# -- a version


def test_a_deleted_version_is_gone_from_lists_and_stays_in_the_record() -> None:
    version = scenarios.registered_version()

    developer_deletes(version)

    by = actor(scenarios.developer())
    assert queries.version_or_none(by, version.model.name, version.number) is None
    assert version not in queries.versions_visible_to(by)
    assert ModelVersion.objects.get(pk=version.pk).deleted_at is not None
    assert Tombstone.objects.get().version == version
    [entry] = entries("version.delete")
    assert entry["subject"] == {"type": "version", "id": version.record_id}
    assert entry["detail"]["content"] == version.content_digest


def test_the_number_of_a_deleted_version_is_never_used_again() -> None:
    first = scenarios.registered_version()
    developer_deletes(first)

    assert scenarios.registered_version(first.model).number == first.number + 1


def test_the_aliases_of_a_deleted_version_go_with_it() -> None:
    version = scenarios.registered_version()
    by = actor(scenarios.developer())
    catalog.set_alias(version.model, "challenger", version, by=by)

    developer_deletes(version)

    assert not Alias.objects.exists()


def test_a_version_with_more_aliases_than_one_event_names_keeps_them() -> None:
    version = scenarios.registered_version()
    by = actor(scenarios.developer())
    for number in range(51):
        catalog.set_alias(version.model, f"name-{number}", version, by=by)

    with pytest.raises(RuleBroken, match="Remove some first"):
        developer_deletes(version)

    assert Alias.objects.count() == 51


def test_a_version_is_deleted_once() -> None:
    version = scenarios.registered_version()
    developer_deletes(version)

    with pytest.raises(NotFound, match="deleted already"):
        developer_deletes(version)


@pytest.mark.parametrize(
    "walk",
    [
        lambda: scenarios.requested().version,
        lambda: scenarios.promoted().version,
        lambda: scenarios.promoted(Stage.PRODUCTION).version,
    ],
    ids=["requested", "in staging", "in production"],
)
def test_a_version_a_decision_refers_to_stays(walk: Callable[[], ModelVersion]) -> None:
    version = walk()

    with pytest.raises(Referenced, match="stays"):
        developer_deletes(version)

    version.refresh_from_db()
    assert version.deleted_at is None
    assert refusals("version.delete") == ["referenced"]


def test_a_version_another_one_is_based_on_stays_until_that_is_deleted() -> None:
    base = scenarios.registered_version()
    tuned = scenarios.registered_version(base.model, base_version=base)

    with pytest.raises(Referenced, match="based on"):
        developer_deletes(base)
    developer_deletes(tuned)
    developer_deletes(base)

    assert Tombstone.objects.count() == 2


@pytest.mark.parametrize("who", [scenarios.auditor, scenarios.operator, scenarios.stranger])
def test_only_those_who_build_a_model_delete_its_versions(who: Callable[[], User]) -> None:
    version = scenarios.registered_version()

    with pytest.raises(NotAllowed, match="developers and owner"):
        operations.delete_version(version, by=actor(who()), reason=WHY)


def test_deleting_needs_a_reason() -> None:
    version = scenarios.registered_version()

    with pytest.raises(RuleBroken, match="reason"):
        operations.delete_version(version, by=actor(scenarios.developer()), reason=" ")


def test_a_promotion_of_a_deleted_version_cannot_be_asked_for() -> None:
    version = scenarios.checked()
    developer_deletes(version)

    with pytest.raises(NotFound, match="was deleted"):
        scenarios.requested(version=version)


# -- a model


def test_a_deleted_model_frees_its_name_and_a_new_one_starts_at_version_1() -> None:
    old = scenarios.registered_version(scenarios.registered_model("churn")).model

    owner_deletes(old)

    new = scenarios.registered_model("churn")
    assert new.pk != old.pk
    assert scenarios.registered_version(new).number == 1
    assert queries.model_or_none(actor(scenarios.owner()), "churn") == new
    [entry] = entries("model.delete")
    assert entry["subject"] == {"type": "model", "id": old.record_id}
    assert entry["detail"] == {"name": "churn", "versions": 1}


def test_the_versions_of_a_deleted_model_are_gone_from_lists() -> None:
    version = scenarios.registered_version()

    owner_deletes(version.model)

    assert not queries.versions_visible_to(actor(scenarios.auditor())).exists()


def test_nothing_is_done_to_a_deleted_model() -> None:
    model = scenarios.registered_model()
    owner_deletes(model)

    with pytest.raises(NotFound, match="was deleted"):
        catalog.describe_model(model, by=actor(scenarios.owner()), title="Again")
    with pytest.raises(NotFound, match="was deleted"):
        scenarios.registered_version(model)
    with pytest.raises(NotFound, match="was deleted"):
        owner_deletes(model)


def test_a_model_with_a_version_a_decision_refers_to_stays() -> None:
    version = scenarios.requested().version

    with pytest.raises(Referenced, match="stays in the record"):
        owner_deletes(version.model)

    version.model.refresh_from_db()
    assert version.model.deleted_at is None


@pytest.mark.parametrize("who", [scenarios.developer, scenarios.auditor, scenarios.stranger])
def test_only_its_owner_deletes_a_model(who: Callable[[], User]) -> None:
    model = scenarios.registered_model()

    with pytest.raises(NotAllowed, match="owner"):
        operations.delete_model(model, by=actor(who()), reason=WHY)
