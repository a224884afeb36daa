"""What a webhook is sent: MLflow's payloads, made from the states rows had after their event."""

from collections.abc import Callable, Mapping
from typing import Any

from apps.audit.models import AuditEvent
from apps.catalog import prompts
from apps.catalog.models import (
    Alias,
    ModelTag,
    ModelVersion,
    RegisteredModel,
    VersionTag,
)

Payload = dict[str, Any]

_MARKS = frozenset({prompts.IS_PROMPT, "_mlflow_prompt_type"})
"""Tags that only say that something is a prompt, and which sort."""


def envelope(happening: str, *, at: str, data: Payload) -> Payload:
    """Return what is sent, around the data of one thing that happened."""
    entity, _, action = happening.partition(".")
    return {"entity": entity, "action": action, "timestamp": at, "data": data}


def data_of(happening: str, *, event: AuditEvent, row_id: int) -> Payload:
    """Return the data of one thing an event did to one row."""
    return _WRITERS[happening](event, row_id)


def example_of(happening: str) -> Payload:
    """Return data of the form a happening has, for tests of a webhook."""
    return dict(_EXAMPLES[happening])


def _model_created(event: AuditEvent, row_id: int) -> Payload:
    model = _state(RegisteredModel, event, row_id)
    tags = ModelTag.history.filter(model_id=row_id, history_date=model.history_date)
    return {"name": model.name, "tags": _tags(tags), "description": model.description}


def _prompt_created(event: AuditEvent, row_id: int) -> Payload:
    return _without_marks(_model_created(event, row_id))


def _version_created(event: AuditEvent, row_id: int) -> Payload:
    version = _state(ModelVersion, event, row_id)
    name = _name_of(version.model_id)
    tags = VersionTag.history.filter(version_id=row_id, history_date=version.history_date)
    return {
        "name": name,
        "version": str(version.number),
        "source": version.source or f"models:/{name}/{version.number}",
        "run_id": version.run_uid or None,
        "tags": _tags(tags),
        "description": version.description or None,
    }


def _prompt_version_created(event: AuditEvent, row_id: int) -> Payload:
    whole = _without_marks(_version_created(event, row_id))
    tags = dict(whole["tags"])
    return {
        "name": whole["name"],
        "version": whole["version"],
        "template": tags.pop(prompts.TEXT, None),
        "tags": tags,
        "description": whole["description"],
    }


def _version_tag_deleted(event: AuditEvent, row_id: int) -> Payload:
    tag = _state(VersionTag, event, row_id)
    version = ModelVersion.objects.select_related("model").get(pk=tag.version_id)
    return {"name": version.model.name, "version": str(version.number), "key": tag.key}


def _version_tag_set(event: AuditEvent, row_id: int) -> Payload:
    tag = _state(VersionTag, event, row_id)
    return {**_version_tag_deleted(event, row_id), "value": tag.value}


def _prompt_tag_deleted(event: AuditEvent, row_id: int) -> Payload:
    tag = _state(ModelTag, event, row_id)
    return {"name": _name_of(tag.model_id), "key": tag.key}


def _prompt_tag_set(event: AuditEvent, row_id: int) -> Payload:
    tag = _state(ModelTag, event, row_id)
    return {**_prompt_tag_deleted(event, row_id), "value": tag.value}


def _alias_deleted(event: AuditEvent, row_id: int) -> Payload:
    alias = _state(Alias, event, row_id)
    return {"name": _name_of(alias.model_id), "alias": alias.name}


def _alias_created(event: AuditEvent, row_id: int) -> Payload:
    alias = _state(Alias, event, row_id)
    number = ModelVersion.objects.values_list("number", flat=True).get(pk=alias.version_id)
    return {**_alias_deleted(event, row_id), "version": str(number)}


_WRITERS: Mapping[str, Callable[[AuditEvent, int], Payload]] = {
    "registered_model.created": _model_created,
    "model_version.created": _version_created,
    "model_version_tag.set": _version_tag_set,
    "model_version_tag.deleted": _version_tag_deleted,
    "model_version_alias.created": _alias_created,
    "model_version_alias.deleted": _alias_deleted,
    "prompt.created": _prompt_created,
    "prompt_version.created": _prompt_version_created,
    "prompt_tag.set": _prompt_tag_set,
    "prompt_tag.deleted": _prompt_tag_deleted,
    "prompt_version_tag.set": _version_tag_set,
    "prompt_version_tag.deleted": _version_tag_deleted,
    "prompt_alias.created": _alias_created,
    "prompt_alias.deleted": _alias_deleted,
}

_TAG: Payload = {"key": "example_key"}
_TAGS: Payload = {"tags": {"example_key": "example_value"}}
_MODEL: Payload = {"name": "example_model"}
_PROMPT: Payload = {"name": "example_prompt"}
_ALIAS: Payload = {"alias": "example_alias"}
_FIRST: Payload = {"version": "1"}
_VALUE: Payload = {"value": "example_value"}
_EXAMPLES: Mapping[str, Payload] = {
    "registered_model.created": {
        **_MODEL,
        **_TAGS,
        "description": "An example registered model",
    },
    "model_version.created": {
        **_MODEL,
        **_FIRST,
        "source": "models:/123",
        "run_id": "abcd1234abcd5678",
        **_TAGS,
        "description": "An example model version",
    },
    "model_version_tag.set": {**_MODEL, **_FIRST, **_TAG, **_VALUE},
    "model_version_tag.deleted": {**_MODEL, **_FIRST, **_TAG},
    "model_version_alias.created": {**_MODEL, **_ALIAS, **_FIRST},
    "model_version_alias.deleted": {**_MODEL, **_ALIAS},
    "prompt.created": {**_PROMPT, **_TAGS, "description": "An example prompt"},
    "prompt_version.created": {
        **_PROMPT,
        **_FIRST,
        "template": "Hello {{name}}!",
        **_TAGS,
        "description": "An example prompt version",
    },
    "prompt_tag.set": {**_PROMPT, **_TAG, **_VALUE},
    "prompt_tag.deleted": {**_PROMPT, **_TAG},
    "prompt_version_tag.set": {**_PROMPT, **_FIRST, **_TAG, **_VALUE},
    "prompt_version_tag.deleted": {**_PROMPT, **_FIRST, **_TAG},
    "prompt_alias.created": {**_PROMPT, **_ALIAS, **_FIRST},
    "prompt_alias.deleted": {**_PROMPT, **_ALIAS},
}


def _state(rows: Any, event: AuditEvent, row_id: int) -> Any:
    """Return the state a row had after an event, also of one that is gone since."""
    return rows.history.filter(id=row_id, event=event.uid).order_by("history_id").last()


def _name_of(model_id: int) -> str:
    return RegisteredModel.objects.values_list("name", flat=True).get(pk=model_id)


def _tags(states: Any) -> dict[str, str]:
    return dict(states.order_by("history_id").values_list("key", "value"))


def _without_marks(payload: Payload) -> Payload:
    tags = {key: value for key, value in payload["tags"].items() if key not in _MARKS}
    return {**payload, "tags": tags}
