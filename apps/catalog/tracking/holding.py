"""One writer at a time: a run or a logged model, fresh and locked until the transaction ends."""

from django.db.models import F

from apps.catalog.models import LoggedModel, Run
from apps.catalog.tracking.rights import require_writer
from apps.core.actors import Actor
from apps.core.errors import NotFound, RuleBroken


def locked(run: Run, *, by: Actor) -> Run:
    """Return a run for whoever started it to write to, provided it is not deleted."""
    held = locked_anyway(run, by=by)
    if held.deleted_at is not None:
        raise RuleBroken(
            f"The run {held.uid} must be active, and it is deleted. Restore it to write to it."
        )
    return held


def locked_anyway(run: Run, *, by: Actor) -> Run:
    """Return a run for whoever started it, deleted or not."""
    require_writer(by, run)
    held = Run.objects.select_for_update().filter(pk=run.pk).first()
    if held is None:
        raise NotFound("The run is not there any more.")
    return held


def locked_model(model: LoggedModel, *, by: Actor) -> LoggedModel:
    """Return a logged model for whoever started it to write to, provided it is not deleted."""
    require_writer(by, model)
    there = LoggedModel.objects.select_for_update().filter(pk=model.pk, deleted_at=None)
    held = there.first()
    if held is None:
        raise NotFound("The logged model is not there any more.")
    return held


def move_on(run: Run) -> None:
    """Note that a run has facts it did not have before; it is locked."""
    Run.objects.filter(pk=run.pk).update(revision=F("revision") + 1)
