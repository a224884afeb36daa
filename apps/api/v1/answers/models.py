"""Models, and their tags and aliases."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.catalog.models import Alias, ModelTag, RegisteredModel, VersionTag
from apps.catalog.queries import Summary


class ModelLine(Answer):
    """A registered model in a list."""

    name: str
    title: str
    kind: str
    owner: str
    team: str | None
    domain: str
    method: str
    flags: list[str]
    intended_use: str
    out_of_scope_uses: str
    limitations: str
    latest_version: int | None
    champion: int | None
    registered_at: datetime
    touched_at: datetime
    url: str

    @classmethod
    def of(cls, summary: Summary) -> "ModelLine":
        return cls(**_line(summary))


class ModelPage(Answer):
    """Some models; ``next`` leads on, or is nothing."""

    models: list[ModelLine]
    next: str | None


class Model(ModelLine):
    """A registered model whole."""

    description: str
    tags: dict[str, str]
    aliases: dict[str, int]
    page: str

    @classmethod
    def whole(cls, summary: Summary) -> "Model":
        """Return a model with its tags and aliases."""
        model: RegisteredModel = summary.model
        tags = model.tags.order_by("key").values_list("key", "value")
        aliases = model.aliases.order_by("name").values_list("name", "version__number")
        return cls(
            **_line(summary),
            description=model.description,
            tags=dict(tags),
            aliases=dict(aliases),
            page=model.get_absolute_url(),
        )


class Tag(Answer):
    """A tag of a model or a version."""

    key: str
    value: str

    @classmethod
    def of(cls, tag: ModelTag | VersionTag) -> "Tag":
        return cls(key=tag.key, value=tag.value)


class AliasAnswer(Answer):
    """An alias and the version it points at."""

    alias: str
    version: int
    url: str

    @classmethod
    def of(cls, alias: Alias) -> "AliasAnswer":
        version = alias.version
        return cls(
            alias=alias.name,
            version=version.number,
            url=reverse("v1:version", args=[alias.model.name, version.number]),
        )


def _line(summary: Summary) -> dict[str, Any]:
    model: RegisteredModel = summary.model
    return {
        "name": model.name,
        "title": model.title,
        "kind": model.kind,
        "owner": model.owner.username,
        "team": model.team.name if model.team else None,
        "domain": model.domain,
        "method": model.method,
        "flags": model.flags,
        "intended_use": model.intended_use,
        "out_of_scope_uses": model.out_of_scope_uses,
        "limitations": model.limitations,
        "latest_version": summary.latest.number if summary.latest else None,
        "champion": summary.champion.number if summary.champion else None,
        "registered_at": model.created_at,
        "touched_at": model.touched_at,
        "url": reverse("v1:model", args=[model.name]),
    }
