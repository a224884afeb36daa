"""Experiments: named sets of runs that their creator names, tags, deletes and restores."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from apps.catalog.models import Experiment, Run
from apps.catalog.tracking import limits
from apps.catalog.tracking.rights import require_may_record, require_writer
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotFound, RuleBroken
from apps.core.inputs import InputRefused, require_text


class ExperimentExists(RuleBroken):
    """An experiment has the name already, be it one the actor may see or not."""

    code = "experiment_exists"


def create_experiment(name: str, *, by: Actor, tags: Iterable[tuple[str, str]] = ()) -> Experiment:
    """Create an experiment for runs of its creator and their teams."""
    require_may_record(by)
    _require_name(name)
    pairs = dict(tags)
    _require_tags(pairs)
    now = database_now()
    experiment = Experiment(
        name=name, created_at=now, created_by_id=by.user_id, touched_at=now, tags=pairs
    )
    _save(experiment)
    return experiment


def rename_experiment(experiment: Experiment, name: str, *, by: Actor) -> None:
    """Give an experiment another name."""
    _require_name(name)
    with transaction.atomic():
        held = _locked(experiment, by=by)
        require_active(held)
        held.name = name
        held.touched_at = database_now()
        _save(held)


def delete_experiment(experiment: Experiment, *, by: Actor) -> None:
    """Delete an experiment with its runs, provided they are all its creator's; both come back."""
    with transaction.atomic():
        held = _locked(experiment, by=by)
        require_active(held)
        active = Run.objects.filter(experiment=held, deleted_at=None)
        if active.exclude(started_by=by.user_id).exists():
            raise RuleBroken(
                "The experiment holds runs of other people, which only they may delete."
            )
        now = database_now()
        active.update(deleted_at=now)
        held.deleted_at = held.touched_at = now
        held.save(update_fields=["deleted_at", "touched_at"])


def restore_experiment(experiment: Experiment, *, by: Actor) -> None:
    """Bring back an experiment and the runs that were deleted with it."""
    with transaction.atomic():
        held = _locked(experiment, by=by)
        if held.deleted_at is None:
            raise RuleBroken("The experiment is active; only a deleted one can be restored.")
        Run.objects.filter(experiment=held, deleted_at=held.deleted_at).update(deleted_at=None)
        held.deleted_at = None
        held.touched_at = database_now()
        held.save(update_fields=["deleted_at", "touched_at"])


def set_experiment_tag(experiment: Experiment, key: str, value: str, *, by: Actor) -> None:
    """Set a tag on an experiment."""
    with transaction.atomic():
        held = _locked(experiment, by=by)
        require_active(held)
        held.tags = {**held.tags, key: value}
        _require_tags(held.tags)
        held.touched_at = database_now()
        held.save(update_fields=["tags", "touched_at"])


def delete_experiment_tag(experiment: Experiment, key: str, *, by: Actor) -> None:
    """Delete a tag of an experiment."""
    with transaction.atomic():
        held = _locked(experiment, by=by)
        require_active(held)
        if key not in held.tags:
            raise NotFound(f"The experiment has no tag {key!a:.100}.")
        held.tags = {name: value for name, value in held.tags.items() if name != key}
        held.touched_at = database_now()
        held.save(update_fields=["tags", "touched_at"])


def require_active(experiment: Experiment) -> None:
    """Refuse an experiment that is deleted."""
    if experiment.deleted_at is not None:
        raise RuleBroken(
            f"The experiment {experiment.pk} must be active, and it is deleted. Restore it first."
        )


def _locked(experiment: Experiment, *, by: Actor) -> Experiment:
    require_writer(by, experiment)
    return Experiment.objects.select_for_update().get(pk=experiment.pk)


def _save(experiment: Experiment) -> None:
    try:
        with transaction.atomic():
            experiment.save()
    except IntegrityError:
        raise ExperimentExists(
            "An experiment of this name already exists, active or deleted. "
            "Choose another name, or ask its creator to add you to a team."
        ) from None


def _require_name(name: str) -> None:
    require_text(name, "The name of an experiment", limits.MOST_NAME)
    if not name.strip():
        raise InputRefused("The name of an experiment is not empty.")


def _require_tags(tags: dict[str, str]) -> None:
    limits.require_tags(tags.items(), limits.MOST_EXPERIMENT_TAG)
    limits.require_room(len(tags), limits.MOST_TAGS, "An experiment")
