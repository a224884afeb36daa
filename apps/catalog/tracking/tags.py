"""Tags of runs: set and deleted at any time; the one with MLflow's run name names the run."""

from collections.abc import Iterable

from django.db import transaction

from apps.catalog.models import Run, RunTag
from apps.catalog.tracking import limits
from apps.catalog.tracking.holding import locked
from apps.core.actors import Actor
from apps.core.errors import NotFound
from apps.core.inputs import InputRefused, require_text

RUN_NAME = "mlflow.runName"
SOURCE = "mlflow.source.name"
MOST_RUN_NAME = 250


def set_tags(run: Run, tags: Iterable[tuple[str, str]], *, by: Actor) -> None:
    """Set tags on a run."""
    pairs = list(tags)
    limits.require_tags(pairs)
    with transaction.atomic():
        put(locked(run, by=by), pairs)


def delete_tag(run: Run, key: str, *, by: Actor) -> None:
    """Delete a tag of a run."""
    with transaction.atomic():
        held = locked(run, by=by)
        if key.startswith(limits.RESERVED) or not held.tags.filter(key=key).delete()[0]:
            raise NotFound(f"The run has no tag {key!a:.100}.")


def put(run: Run, tags: Iterable[tuple[str, str]]) -> None:
    """Write tags that were looked at already; the run is locked."""
    last = dict(tags)
    if not last:
        return
    if RUN_NAME in last:
        require_run_name(last[RUN_NAME])
    RunTag.objects.bulk_create(
        (RunTag(run=run, key=key, value=value) for key, value in last.items()),
        update_conflicts=True,
        unique_fields=["run", "key"],
        update_fields=["value"],
    )
    limits.require_room(run.tags.count(), limits.MOST_TAGS, "A run")
    if RUN_NAME in last:
        run.name = last[RUN_NAME]
        run.save(update_fields=["name"])


def require_run_name(name: str) -> None:
    """Refuse a name of a run that is empty or too long."""
    require_text(name, "The name of a run", MOST_RUN_NAME)
    if not name.strip():
        raise InputRefused("The name of a run is not empty.")
