"""Looks at a registry without bringing anything: what there is, and what would be left."""

from collections.abc import Collection

from apps.catalog import names, prompts, queries
from apps.catalog.operations.registering import free_name
from apps.core.errors import DomainError
from apps.integrations.mlflow_import import answers, files, labels, places, registry, versions
from apps.integrations.mlflow_import.order import Order
from apps.integrations.mlflow_import.places import Origins
from apps.integrations.mlflow_import.registry import Tell


def look(order: Order, wanted: Collection[str], tell: Tell) -> None:
    """Count what the models of these names, or all, would bring, and note what would be left."""
    listed = list(wanted) or list(registry.names_there(order.client))
    for place, name in enumerate(listed):
        tell(place, len(listed), name)
        try:
            _look_at_model(order, name)
        except versions.STOPS:
            raise
        except DomainError as refusal:
            order.notes(name).leave("model", str(refusal))
    tell(len(listed), len(listed), "")
    order.report.is_whole = True


def _look_at_model(order: Order, name: str) -> None:
    told, notes = order.client.model(name), order.notes(name)
    there = queries.model_or_none(order.by, name)
    if there is not None:
        registry.require_ours(there, told, order.by)
    else:
        free_name(name)
    notes.took("prompts" if registry.says_prompt(told) else "models")
    notes.took("tags", len(labels.model_tags(notes, told)))
    last = 0
    for version in order.client.versions(name, prompts=registry.says_prompt(told)):
        notes.took("missing_versions", max(version.version - last - 1, 0))
        last = version.version
        _look_at_version(order, told, version)
    for alias in told.aliases:
        _look_at_alias(order, name, alias)


def _look_at_version(order: Order, model: answers.Model, told: answers.Version) -> None:
    notes = order.notes(model.name, told.version)
    notes.took("versions")
    notes.took("tags", len(labels.version_tags(notes, told, source=told.source or "")))
    if registry.says_prompt(model):
        prompts.content({tag.key: tag.value for tag in told.tags})
        notes.took("files")
        return
    try:
        names.require_source(told.source or "")
        address = order.client.download_address(model.name, told.version)
        folder = places.folder_of(order.client, address, Origins())
        listed = files.surveyed(order.client, folder)
    except versions.STOPS:
        raise
    except DomainError as refusal:
        notes.leave("files", str(refusal))
    else:
        notes.took("files", len(listed))
        notes.took("bytes", sum(file.size or 0 for file in listed))


def _look_at_alias(order: Order, name: str, told: answers.NamedAlias) -> None:
    notes = order.notes(name, told.version)
    try:
        names.require_alias(told.alias)
    except DomainError as refusal:
        notes.leave(f"alias {told.alias}", str(refusal))
    else:
        notes.took("aliases")
