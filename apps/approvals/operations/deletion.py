"""Deleting what nothing relies on: a tombstone is set, and the rows stay for the record.

It lives with the decisions, since only here is it known which requests refer to a version.
"""

from django.db.models import Q, QuerySet

from apps.approvals.models import PromotionRequest
from apps.approvals.operations.retention import require_no_hold
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog import tombstones
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound

DELETE_VERSION = Action(
    "version.delete",
    permission="catalog.delete_version",
    needs_reason=True,
    refusal="Only the model's developers and owner delete its versions.",
    sealing=Sealing.FIRST,
)
DELETE_MODEL = Action(
    "model.delete",
    permission="catalog.delete_model",
    needs_reason=True,
    refusal="Only the model's owner deletes it.",
    sealing=Sealing.FIRST,
)


class Referenced(NotAllowed):
    """Something refers to what was to be deleted, so it stays."""

    code = "referenced"


def delete_version(version: ModelVersion, *, by: Actor, reason: str) -> None:
    """Set a tombstone on a version that nothing refers to; its number is never used again."""
    with change(DELETE_VERSION, version, by=by, reason=reason) as record:
        if version.deleted_at is not None:
            raise NotFound(f"{version} was deleted already.")
        require_no_hold(version.model)
        _require_unreferenced(ModelVersion.objects.filter(pk=version.pk), str(version))
        record.note(number=version.number, content=version.content_digest)
        tombstones.lay_version(version, at=record.time)


def delete_model(model: RegisteredModel, *, by: Actor, reason: str) -> None:
    """Set a tombstone on a model none of whose versions anything refers to; its name is free."""
    with change(DELETE_MODEL, model, by=by, reason=reason) as record:
        require_no_hold(model)
        versions = model.versions.filter(deleted_at=None)
        _require_unreferenced(versions, str(model))
        record.note(name=model.name, versions=versions.count())
        tombstones.lay_model(model, at=record.time)


def _require_unreferenced(versions: QuerySet[ModelVersion], name: str) -> None:
    """Refuse while a decision, a stage, or another model's version relies on one of these."""
    ids = versions.order_by().values("pk")
    if versions.filter(~Q(stage=Stage.DEVELOPMENT) | Q(authorized_at__isnull=False)).exists():
        raise Referenced(f"{name} is, or was, past development, so it stays in the record.")
    if PromotionRequest.objects.filter(version__in=ids).exists():
        raise Referenced(f"A promotion of {name} was asked for, so it stays in the record.")
    based = ModelVersion.objects.filter(base_version__in=ids, deleted_at=None).exclude(pk__in=ids)
    if based.exists():
        raise Referenced(f"Another version is based on {name}, so it stays.")
