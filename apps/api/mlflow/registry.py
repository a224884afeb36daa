"""Registered models for MLflow clients: made, described, renamed, deleted, tagged, aliased."""

from typing import Any

from apps.api.mlflow import errors, found, promotions, reads, shapes
from apps.api.mlflow.calls import Asked, Call, Given, Json, endpoint
from apps.approvals import operations as approvals
from apps.catalog import names, operations, prompts
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.catalog.models.labels import CHAMPION

PREFIX = "api/2.0/mlflow/registered-models"
DONE: Json = {}


class NewModel(Asked, frozen=True):
    """A model to register."""

    name: Given
    tags: list[found.Tag] | None = None
    description: str | None = None


class Named(Asked, frozen=True):
    """A model by its name."""

    name: Given


class Renamed(Asked, frozen=True):
    """A model and its new name."""

    name: Given
    new_name: Given


class Described(Asked, frozen=True):
    """A model and its description."""

    name: Given
    description: str | None = None


class InStages(Asked, frozen=True):
    """A model and some stages; none means all."""

    name: Given
    stages: list[str] = []


class Tagged(Asked, frozen=True):
    """A tag of a model."""

    name: Given
    key: Given
    value: str | None = None


class Untagged(Asked, frozen=True):
    """A tag to take away."""

    name: Given
    key: Given


class Aliased(Asked, frozen=True):
    """An alias of a model."""

    name: Given
    alias: Given


class Pointed(Asked, frozen=True):
    """An alias and the version it is to point at."""

    name: Given
    alias: Given
    version: found.Number


@endpoint("POST", f"{PREFIX}/create", NewModel)
def create(call: Call[NewModel]) -> Json:
    """Register a model, or a prompt when its tags say so."""
    tags = found.tags(call.asked.tags)
    kinds = RegisteredModel.Kind
    model = operations.register_model(
        by=call.actor,
        name=call.asked.name,
        description=call.asked.description or "",
        kind=kinds.PROMPT if prompts.says_prompt(tags) else kinds.IN_HOUSE,
        tags=tags,
    )
    return _answer(call, model.name)


@endpoint("GET", f"{PREFIX}/get", Named)
def get(call: Call[Named]) -> Json:
    """Show a model; clients ask for this more often than for anything else."""
    return _answer(call, call.asked.name)


@endpoint("POST", f"{PREFIX}/rename", Renamed)
def rename(call: Call[Renamed]) -> Json:
    """Give a model another name."""
    model = found.model(call.actor, call.asked.name)
    operations.rename_model(model, call.asked.new_name, by=call.actor)
    return _answer(call, model.name)


@endpoint("PATCH", f"{PREFIX}/update", Described)
def update(call: Call[Described]) -> Json:
    """Describe a model."""
    model = found.model(call.actor, call.asked.name)
    if call.asked.description is not None:
        operations.describe_model(model, by=call.actor, description=call.asked.description)
    return _answer(call, model.name)


@endpoint("DELETE", f"{PREFIX}/delete", Named)
def delete(call: Call[Named]) -> Json:
    """Delete a model nothing refers to."""
    model = found.model(call.actor, call.asked.name)
    approvals.delete_model(model, by=call.actor, reason=promotions.REASON)
    return DONE


def _latest(call: Call[InStages]) -> Json:
    """Show the newest version in each of some stages."""
    name, stages = call.asked.name, call.asked.stages
    wanted = {promotions.stage_named(stage) for stage in stages}
    shown = {shapes.STAGES[stage] for stage in wanted}
    latest = reads.latest_of(call.actor, name)
    if not latest and reads.model_or_none(call.actor, name) is None:
        raise found.no_model(name)
    kept = [version for version in latest if not shown or version["current_stage"] in shown]
    return {"model_versions": kept} if kept else DONE


latest = endpoint("GET", f"{PREFIX}/get-latest-versions", InStages)(_latest)
latest_by_post = endpoint("POST", f"{PREFIX}/get-latest-versions", InStages)(_latest)


@endpoint("POST", f"{PREFIX}/set-tag", Tagged)
def set_tag(call: Call[Tagged]) -> Json:
    """Give a model a tag."""
    asked = call.asked
    model = found.model(call.actor, asked.name)
    operations.set_model_tag(model, asked.key, asked.value or "", by=call.actor)
    return DONE


@endpoint("DELETE", f"{PREFIX}/delete-tag", Untagged)
def delete_tag(call: Call[Untagged]) -> Json:
    """Take a tag away from a model; one that is not there is no refusal to clients."""
    model = found.model(call.actor, call.asked.name)
    if model.tags.filter(key=call.asked.key).exists():
        operations.delete_model_tag(model, call.asked.key, by=call.actor)
    return DONE


@endpoint("POST", f"{PREFIX}/alias", Pointed)
def set_alias(call: Call[Pointed]) -> Json:
    """Point an alias at a version; ``champion`` is a promotion to Production."""
    asked = call.asked
    version = found.version(call.actor, asked.name, asked.version)
    if asked.alias == CHAMPION:
        promotions.move(version, Stage.PRODUCTION, call)
    else:
        operations.set_alias(version.model, asked.alias, version, by=call.actor)
    return DONE


@endpoint("GET", f"{PREFIX}/alias", Aliased)
def get_alias(call: Call[Aliased]) -> Json:
    """Show the version an alias points at; ``latest`` is the highest number."""
    actor, name, alias = call.actor, call.asked.name, call.asked.alias
    is_latest = alias.lower() == "latest"
    version = (
        reads.highest_or_none(actor, name)
        if is_latest
        else reads.aliased_or_none(actor, name, alias)
    )
    if version is not None:
        return {"model_version": version}
    if reads.model_or_none(actor, name) is None:
        raise found.no_model(name)
    if is_latest:
        raise errors.absent(f"Latest version not found for model {name}.")
    raise errors.invalid(f"Registered model alias {alias} not found.")


@endpoint("DELETE", f"{PREFIX}/alias", Aliased)
def delete_alias(call: Call[Aliased]) -> Json:
    """Take an alias away; one that is not there is no refusal to clients."""
    model, alias = found.model(call.actor, call.asked.name), call.asked.alias
    if names.folded_name(alias) == CHAMPION:
        raise errors.forbidden(f"The alias {CHAMPION} moves by promotion and rollback only.")
    if model.aliases.filter(name=alias).exists():
        operations.remove_alias(model, alias, by=call.actor)
    else:
        names.require_alias(alias)
    return DONE


def _answer(call: Call[Any], name: str) -> Json:
    model = reads.model_or_none(call.actor, name)
    if model is None:
        raise found.no_model(name)
    return {"registered_model": model}


ENDPOINTS = (
    create,
    get,
    rename,
    update,
    delete,
    latest,
    latest_by_post,
    set_tag,
    delete_tag,
    set_alias,
    get_alias,
    delete_alias,
)
