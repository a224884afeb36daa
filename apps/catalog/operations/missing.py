"""A number that another registry has used and lost: here it is used, and a tombstone says so."""

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import tombstones
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.catalog.operations.versions import next_number
from apps.core.actors import Actor
from apps.core.errors import NotAllowed

NOTE_MISSING = Action(
    "version.note_missing",
    permission="catalog.register_version",
    needs_reason=True,
    refusal="You do not have the right to register versions of this model.",
)


def note_missing_version(model: RegisteredModel, *, by: Actor, reason: str) -> ModelVersion:
    """Use up the next number of a model for a version that is not there, with its tombstone."""
    with change(NOTE_MISSING, model, by=by, reason=reason) as record:
        if by.user_id is None:
            raise NotAllowed("Only a person or a service account registers versions.")
        version = ModelVersion(
            model=model,
            number=next_number(model),
            readiness=Readiness.FAILED,
            contributors=[],
            created_at=record.time,
            touched_at=record.time,
            created_by_id=by.user_id,
        )
        version.save()
        tombstones.lay_version(version, at=record.time)
        record.about(version)
        record.note(number=version.number)
    return version
