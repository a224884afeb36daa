"""What an import does to models: the operations of the catalog, with the reason it was given.

Each writes, in the same transaction, how far the import has come, so that one that was killed
neither doubles nor forgets anything.
"""

from collections.abc import Mapping

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.catalog.operations import sources
from apps.catalog.operations.versions import next_number
from apps.catalog.sources import Found
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.integrations.mlflow_import.rows import ImportedModel, ImportedVersion
from apps.validation import operations as validation

IMPORT_MODEL = Action(
    "model.import",
    permission="catalog.add_registeredmodel",
    needs_reason=True,
    refusal="You do not have the right to register models. Model owners and developers have it.",
)
IMPORT_VERSION = Action(
    "version.import",
    permission="catalog.register_version",
    needs_reason=True,
    refusal="You do not have the right to register versions of this model.",
)


class NumberMoved(RuleBroken):
    """The number is not the next one of the model any more."""

    code = "number_moved"


def import_model(
    address: str,
    name: str,
    *,
    by: Actor,
    reason: str,
    description: str,
    kind: str,
    tags: Mapping[str, str],
) -> ImportedModel:
    """Register a model of another registry under its name, owned by whoever brings it."""
    with change(IMPORT_MODEL, REGISTRY, by=by, reason=reason) as record:
        model = catalog.register_model(
            by=by, name=name, description=description, kind=kind, tags=tags
        )
        record.about(model)
        record.note(origin=address)
        return ImportedModel.objects.create(address=address, name=name, model=model)


def import_version(
    row: ImportedVersion,
    found: Found,
    *,
    by: Actor,
    reason: str,
    run_link: str,
    description: str,
    tags: Mapping[str, str],
) -> ModelVersion:
    """Register a version of another registry under its number; its checks start with its files."""
    model: RegisteredModel = row.origin.model
    with change(IMPORT_VERSION, model, by=by, reason=reason) as record:
        if next_number(model) != row.number:
            raise NumberMoved(f"{model} has got another version {row.number} meanwhile.")
        version = sources.register_found(
            model, found, by=by, run_link=run_link, description=description, tags=tags
        )
        record.about(version)
        record.note(origin=row.origin.address, number=row.number)
        if version.is_ready:
            validation.start_checks(version, by=by)
        row.version = version
        row.save(update_fields=["version"])
    return version
