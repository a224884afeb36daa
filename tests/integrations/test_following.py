"""What happens becomes deliveries: each once, none skipped, to whoever asked for it."""

import json
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from mlflow.entities.webhook import WebhookEvent
from mlflow.webhooks import types as mlflow_types
from pytest_django import DjangoAssertNumQueries

from apps.audit.models import AuditEvent, Leaf, Log, PendingEvent
from apps.audit.sealed import NONE_YET
from apps.catalog import operations as catalog
from apps.catalog import prompts, sources
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.clock import database_now
from apps.integrations import following, formats, operations, payloads
from apps.integrations.happenings import EVENTS
from apps.integrations.models import RecordPosition, WebhookDelivery
from apps.validation import operations as validation
from tests import scenarios
from tests.audit.sealing.sealed import seal_events
from tests.factories import actor
from tests.integrations.record import followed, webhook
from tests.scenarios import developer, registered_model, registered_version

pytestmark = pytest.mark.django_db


def payload_of(happening: str) -> dict[str, Any]:
    """Return the data of the only delivery of a kind."""
    delivery = WebhookDelivery.objects.select_related("event").get(happening=happening)
    sent: dict[str, Any] = formats.payload_of(delivery)
    assert f"{sent['entity']}.{sent['action']}" == happening
    assert json.loads(json.dumps(sent)) == sent
    data: dict[str, Any] = sent["data"]
    expected = payloads.example_of(happening)
    assert list(data) == list(expected)
    return data


def a_prompt() -> tuple[RegisteredModel, ModelVersion]:
    """Register a prompt with a version, as an MLflow client does."""
    by = actor(developer())
    marks = {prompts.IS_PROMPT: "true", "_mlflow_prompt_type": "text"}
    prompt = catalog.register_model(
        by=by, name="greeting", kind="prompt", description="Greets", tags={**marks, "team": "a"}
    )
    version = validation.register_source_and_check(
        prompt,
        sources.Claim("dummy-source", "", ""),
        by=by,
        tags={**marks, prompts.TEXT: "Hello {{name}}!", "tone": "calm"},
        description="Short",
    )
    return prompt, version


# -- what is sent ----------------------------------------------------------------------------------


@pytest.mark.parametrize("happening", EVENTS)
def test_examples_are_those_of_mlflow(happening: str) -> None:
    event = WebhookEvent.from_str(happening)  # type: ignore[arg-type]
    assert payloads.example_of(happening) == mlflow_types.get_example_payload_for_event(event)


def test_models_versions_tags_and_aliases_are_told() -> None:
    webhook()
    by = actor(developer())
    model = registered_model("tumor-triage", description="Sorts", tags={"area": "chest"})
    version = registered_version(model, description="First", source="https://git.example/1")
    catalog.set_version_tag(version, "reviewed", "no", by=by)
    catalog.set_alias(model, "candidate", version, by=by)
    catalog.delete_version_tag(version, "reviewed", by=by)
    catalog.remove_alias(model, "candidate", by=by)

    assert followed() == [
        "registered_model.created",
        "model_version.created",
        "model_version_tag.set",
        "model_version_alias.created",
        "model_version_tag.deleted",
        "model_version_alias.deleted",
    ]
    assert payload_of("registered_model.created") == {
        "name": "tumor-triage",
        "tags": {"area": "chest"},
        "description": "Sorts",
    }
    assert payload_of("model_version.created") == {
        "name": "tumor-triage",
        "version": "1",
        "source": "https://git.example/1",
        "run_id": version.run_uid or None,
        "tags": {},
        "description": "First",
    }
    first = {"name": "tumor-triage", "version": "1"}
    assert payload_of("model_version_tag.set") == {**first, "key": "reviewed", "value": "no"}
    assert payload_of("model_version_tag.deleted") == {**first, "key": "reviewed"}
    assert payload_of("model_version_alias.created") == {**first, "alias": "candidate"} | first
    assert payload_of("model_version_alias.deleted") == {
        "name": "tumor-triage",
        "alias": "candidate",
    }


def test_prompts_are_told_as_prompts() -> None:
    webhook()
    by = actor(developer())
    prompt, version = a_prompt()
    catalog.set_model_tag(prompt, "area", "front", by=by)
    catalog.delete_model_tag(prompt, "area", by=by)
    catalog.set_version_tag(version, "reviewed", "yes", by=by)
    catalog.delete_version_tag(version, "reviewed", by=by)
    catalog.set_alias(prompt, "live", version, by=by)
    catalog.remove_alias(prompt, "live", by=by)

    assert followed() == [
        "prompt.created",
        "prompt_version.created",
        "prompt_tag.set",
        "prompt_tag.deleted",
        "prompt_version_tag.set",
        "prompt_version_tag.deleted",
        "prompt_alias.created",
        "prompt_alias.deleted",
    ]
    assert payload_of("prompt.created") == {
        "name": "greeting",
        "tags": {"team": "a"},
        "description": "Greets",
    }
    assert payload_of("prompt_version.created") == {
        "name": "greeting",
        "version": "1",
        "template": "Hello {{name}}!",
        "tags": {"tone": "calm"},
        "description": "Short",
    }
    assert payload_of("prompt_tag.set") == {"name": "greeting", "key": "area", "value": "front"}
    assert payload_of("prompt_version_tag.set")["value"] == "yes"
    assert payload_of("prompt_alias.created")["version"] == "1"
    for happening in ("prompt_tag.deleted", "prompt_version_tag.deleted", "prompt_alias.deleted"):
        assert payload_of(happening)["name"] == "greeting"


def test_a_payload_says_what_was_true_then() -> None:
    webhook(events=["model_version_tag.set"])
    version = registered_version()
    for value in ("first", "second"):
        catalog.set_version_tag(version, "k", value, by=actor(developer()))
    followed()

    values = [
        formats.payload_of(delivery)["data"]["value"]
        for delivery in WebhookDelivery.objects.order_by("event")
    ]
    assert values == ["first", "second"]


def test_tags_of_models_are_told_of_prompts_only() -> None:
    webhook()
    model = registered_model()
    catalog.set_model_tag(model, "k", "v", by=actor(developer()))
    assert followed() == ["registered_model.created"]


def test_a_promotion_tells_where_champion_went() -> None:
    webhook(events=["model_version_alias.created"])
    request = scenarios.promoted(to=Stage.PRODUCTION)
    followed()
    assert payload_of("model_version_alias.created") == {
        "name": request.version.model.name,
        "alias": "champion",
        "version": "1",
    }


def test_what_changes_nothing_is_not_told() -> None:
    webhook()
    version = registered_version()
    for _ in range(2):
        catalog.set_version_tag(version, "k", "v", by=actor(developer()))
    assert followed().count("model_version_tag.set") == 1


# -- to whom ---------------------------------------------------------------------------------------


def test_each_webhook_hears_what_it_asked_for_since_it_is_there() -> None:
    registered_model("before")
    webhook(events=["registered_model.created"])
    webhook(events=["model_version.created"])
    registered_version(registered_model("after"))

    assert followed() == ["registered_model.created", "model_version.created"]
    assert payload_of("registered_model.created")["name"] == "after"


def test_a_disabled_webhook_hears_nothing_of_that_time_later() -> None:
    made, by = webhook(), actor(developer())
    operations.change_webhook(made, by=by, status="DISABLED")
    registered_model("meanwhile")
    assert followed() == []
    operations.change_webhook(made, by=by, status="ACTIVE")
    registered_model("afterwards")
    assert followed() == ["registered_model.created"]
    assert payload_of("registered_model.created")["name"] == "afterwards"


def test_a_refusal_is_not_told() -> None:
    webhook()
    with pytest.raises(catalog.NameTaken):
        registered_model(registered_model().name)
    assert followed() == ["registered_model.created"]


# -- each once, none skipped -----------------------------------------------------------------------


def test_following_again_makes_nothing_twice() -> None:
    webhook()
    registered_version()
    assert followed() == followed()
    assert WebhookDelivery.objects.count() == 2


def test_nothing_is_told_before_it_is_sealed() -> None:
    webhook()
    registered_model()
    following.follow(database_now())
    assert not WebhookDelivery.objects.exists()
    assert followed() == ["registered_model.created"]


def test_an_event_that_appears_behind_others_is_not_skipped() -> None:
    webhook(events=["registered_model.created"])
    registered_model("late")
    late = AuditEvent.objects.latest("pk").pk
    registered_model("early")
    PendingEvent.objects.filter(pk=late).delete()  # stands for a commit still to come
    assert followed() == ["registered_model.created"]

    PendingEvent.objects.create(pk=late)

    assert followed() == ["registered_model.created"] * 2
    models = WebhookDelivery.objects.order_by("event").values_list("model__name", flat=True)
    assert list(models) == ["late", "early"]


def test_the_position_moves_though_nobody_listens() -> None:
    registered_model()
    followed()
    position = RecordPosition.objects.get(pk=following.FOLLOWER)
    assert position.seq == Log.objects.get().size - 1
    assert str(position) == f"webhooks at {position.seq}"


def test_a_long_log_is_followed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_BATCH", 3)
    webhook(events=["model_version_tag.set"])
    version = registered_version()
    for number in range(7):
        catalog.set_version_tag(version, f"k{number}", "v", by=actor(developer()))
    assert followed() == ["model_version_tag.set"] * 7


# -- positions that counted events -----------------------------------------------------------------


def carried_over(dealt_with: int, name: str = "go_by_entries") -> RecordPosition:
    """Let a migration carry over the position of a follower that counted events."""
    position, _ = RecordPosition.objects.update_or_create(
        follower=following.FOLLOWER, defaults={"event_id": dealt_with}
    )
    migration = import_module("apps.integrations.migrations.0004_sealed_order")
    getattr(migration, name)(apps, SimpleNamespace(connection=connection))
    position.refresh_from_db()
    return position


def test_a_position_is_carried_over_to_a_log_that_is_sealed_in_part() -> None:
    webhook(events=["registered_model.created"])
    registered_model("told, sealed late")
    late = AuditEvent.objects.latest("pk").pk
    registered_model("told")
    dealt_with = AuditEvent.objects.latest("pk").pk
    registered_model("untold")
    PendingEvent.objects.filter(pk=late).delete()
    seal_events()
    PendingEvent.objects.create(pk=late)
    registered_model("untold too")

    position = carried_over(dealt_with)

    assert Leaf.objects.get(seq=position.seq + 1).event_id > dealt_with
    assert followed() == ["registered_model.created"] * 2
    models = WebhookDelivery.objects.order_by("event").values_list("model__name", flat=True)
    assert list(models) == ["untold", "untold too"]
    assert carried_over(dealt_with, "go_by_events").event_id == AuditEvent.objects.latest("pk").pk


def test_a_position_is_carried_over_to_a_log_without_entries() -> None:
    webhook(events=["registered_model.created"])
    registered_model("told")
    dealt_with = AuditEvent.objects.latest("pk").pk
    registered_model("untold")

    assert carried_over(dealt_with).seq == NONE_YET
    assert carried_over(dealt_with, "go_by_events").event_id == dealt_with
    assert followed() == ["registered_model.created"]
    assert payload_of("registered_model.created")["name"] == "untold"


def test_a_delivery_made_before_the_position_moved_over_it_is_made_once() -> None:
    webhook(events=["registered_model.created"])
    registered_model()
    followed()
    RecordPosition.objects.all().delete()
    assert followed() == ["registered_model.created"]


def test_what_happened_while_no_worker_ran_is_made_up_for() -> None:
    webhook(events=["registered_model.created"])
    for _ in range(3):
        registered_model()
    seal_events()
    following.follow(database_now() + timedelta(days=3))
    assert WebhookDelivery.objects.count() == 3


def test_following_asks_as_often_for_many_events_as_for_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    webhook()
    version = registered_version()
    followed()
    for number in range(20):
        catalog.set_version_tag(version, f"k{number}", "v", by=actor(developer()))
    seal_events()
    with django_assert_max_num_queries(12):
        following.follow(database_now())
    assert WebhookDelivery.objects.count() == 22
