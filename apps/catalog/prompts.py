"""Prompts: models of the kind ``prompt``, whose versions hold one file with what clients send.

MLflow keeps a prompt in tags. Here those tags are content: they are stored as a file, so that a
prompt version has a digest to sign, and they never change afterwards.
"""

import json
from collections.abc import Mapping

from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import NotAllowed
from apps.core.inputs import InputRefused

IS_PROMPT = "mlflow.prompt.is_prompt"
TEXT = "mlflow.prompt.text"
CONTENT = {
    TEXT: "text",
    "_mlflow_prompt_type": "type",
    "_mlflow_prompt_response_format": "response_format",
    "_mlflow_prompt_model_config": "model_config",
}
"""The tags that are a prompt's content, and what they are called in its file."""

FILE, TYPE = "prompt.json", "application/json"
SOURCES = frozenset({"dummy-source", "prompt-template"})
"""What clients give as the source of a prompt version, which has none."""

_KIND = "Whether this is a prompt was settled when it was registered, and does not change."
_CONTENT = (
    "This tag is the content of the prompt version, which never changes. "
    "Register another version of the prompt."
)


def says_prompt(tags: Mapping[str, str]) -> bool:
    """Say whether the tags of a new model say that it is a prompt."""
    return tags.get(IS_PROMPT, "").lower() == "true"


def is_prompt(model: RegisteredModel) -> bool:
    """Say whether a model is a prompt."""
    return model.kind == RegisteredModel.Kind.PROMPT


def content(tags: Mapping[str, str]) -> bytes:
    """Return the file of a prompt version: what its tags say, in one form only."""
    if TEXT not in tags:
        raise InputRefused(f"A version of a prompt needs the tag {TEXT}.")
    found = {name: tags[key] for key, name in CONTENT.items() if key in tags}
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def text_of(version: ModelVersion) -> str:
    """Return the text of a prompt version; what is no prompt has none."""
    if not is_prompt(version.model):
        return ""
    return version.tags.filter(key=TEXT).values_list("value", flat=True).first() or ""


def require_kind_kept(model: RegisteredModel, key: str, value: str | None) -> None:
    """Refuse a tag that would make a prompt of a model, or a model of a prompt."""
    if key == IS_PROMPT and is_prompt(model) != ((value or "").lower() == "true"):
        raise NotAllowed(_KIND)


def require_content_kept(version: ModelVersion, key: str, value: str | None) -> None:
    """Refuse another value of a tag that is a prompt version's content."""
    if key not in CONTENT or not is_prompt(version.model):
        return
    held = version.tags.filter(key=key).values_list("value", flat=True).first()
    if held != value:
        raise NotAllowed(_CONTENT)
