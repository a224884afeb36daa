"""Brings a whole registry over, model by model, as the person who asks for it may.

Nothing reaches production by it: stages become tags, and an alias that policy protects is left.
"""

from collections.abc import Callable, Collection, Iterator

from apps.catalog import prompts, queries
from apps.catalog.models import RegisteredModel
from apps.catalog.operations.registering import MOST_LONG_TEXT
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import DomainError, RuleBroken
from apps.integrations.mlflow_import import answers, labels, operations, versions
from apps.integrations.mlflow_import.client import Client
from apps.integrations.mlflow_import.order import Order
from apps.integrations.mlflow_import.report import Notes, Report
from apps.integrations.mlflow_import.rows import ImportedModel

Tell = Callable[[int, int, str], None]
"""Hears how many models are done, of how many, and which comes next."""

KIND = RegisteredModel.Kind


class NotOurs(RuleBroken):
    """A model of that name is here, and is not the one that is brought."""

    code = "not_ours"


def bring(order: Order, wanted: Collection[str], tell: Tell) -> None:
    """Bring the models of these names, or all; what is refused is noted and the rest goes on.

    Raises:
        NotReached, Busy, SignInRefused, NotAllowed: when going on is in vain; the same call again
            goes on from there.
    """
    listed = list(wanted) or list(names_there(order.client))
    for place, name in enumerate(listed):
        tell(place, len(listed), name)
        try:
            _bring_model(order, name)
        except versions.STOPS:
            raise
        except DomainError as refusal:
            order.notes(name).leave("model", str(refusal))
    tell(len(listed), len(listed), "")
    order.report.is_whole = True


def names_there(client: Client) -> Iterator[str]:
    """Yield the names of all models, then of all prompts, of a server."""
    seen: set[str] = set()
    for of_prompts in (False, True):
        for model in client.models(prompts=of_prompts):
            if model.name not in seen:
                seen.add(model.name)
                yield model.name


def _bring_model(order: Order, name: str) -> None:
    told = order.client.model(name)
    row = _held(order, told) or _registered(order, told)
    for version in order.client.versions(name, prompts=says_prompt(told)):
        versions.bring_version(order, row, version)
    labels.set_aliases(order, row.model, told)
    if row.done_at is None:
        tags = labels.model_tags(order.notes(name), told)
        labels.set_other_model_tags(order, row.model, tags)
        row.done_at = database_now()
        row.save(update_fields=["done_at"])


def _held(order: Order, told: answers.Model) -> ImportedModel | None:
    """Return what an earlier import began, or take a model of the same name and owner for it."""
    if "\0" in told.name:
        return None  # no model has it, and not every database would look
    begun = ImportedModel.objects.filter(address=order.address, name=told.name)
    row = begun.select_related("model").first()
    there = row.model if row else queries.model_or_none(order.by, told.name)
    if there is None:
        return None
    require_ours(there, told, order.by)
    order.notes(told.name).was_there("prompts" if prompts.is_prompt(there) else "models")
    return row or ImportedModel.objects.create(
        address=order.address, name=told.name, model=there, done_at=database_now()
    )


def require_ours(model: RegisteredModel, told: answers.Model, by: Actor) -> None:
    """Refuse to bring anything into a model that is another one, or somebody else's."""
    if model.deleted_at is not None:
        raise NotOurs("It was imported before and then deleted here, so it stays deleted.")
    if model.owner_id != by.user_id:
        raise NotOurs("A model of this name is here, and somebody else owns it.")
    if prompts.is_prompt(model) != says_prompt(told):
        raise NotOurs("A model of this name is here, and only one of the two is a prompt.")


def says_prompt(told: answers.Model) -> bool:
    """Say whether a model of a server is a prompt."""
    return prompts.says_prompt({tag.key: tag.value for tag in told.tags})


def _registered(order: Order, told: answers.Model) -> ImportedModel:
    notes, is_prompt = order.notes(told.name), says_prompt(told)
    tags = labels.first(labels.model_tags(Notes(Report()), told))  # noted when all are set
    row = operations.import_model(
        order.address,
        told.name,
        by=order.by,
        reason=order.reason,
        description=labels.text_or_blank(notes, "description", told.description, MOST_LONG_TEXT),
        kind=KIND.PROMPT if is_prompt else KIND.IN_HOUSE,
        tags=tags,
    )
    notes.took("prompts" if is_prompt else "models")
    notes.took("tags", len(tags))
    return row
