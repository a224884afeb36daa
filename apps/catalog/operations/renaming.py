"""A model takes another name; everything it has comes with it."""

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import search
from apps.catalog.models import RegisteredModel
from apps.catalog.operations.registering import free_name, save_named
from apps.core.actors import Actor

RENAME_MODEL = Action(
    "model.rename",
    permission="catalog.change_registeredmodel",
    refusal="You do not have the right to rename this model.",
)


def rename_model(model: RegisteredModel, name: str, *, by: Actor) -> RegisteredModel:
    """Give a model another name, provided it is free; versions, aliases and record stay with it."""
    with change(RENAME_MODEL, model, by=by) as record:
        record.note(origin=model.name, target=name)
        model.folded_name = free_name(name, besides=model)
        model.name = name
        model.touched_at = record.time
        save_named(model)
        search.refresh(model)
    return model
