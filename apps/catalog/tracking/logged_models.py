"""Logged models: what a run wrote as a model, described before and after its files are in."""

import uuid
from collections.abc import Iterable

from django.db import transaction

from apps.catalog.models import Experiment, LoggedModel, Run
from apps.catalog.tracking import limits
from apps.catalog.tracking.experiments import require_active
from apps.catalog.tracking.holding import locked, locked_model
from apps.catalog.tracking.rights import require_may_record
from apps.catalog.training import MOST_PARAMETERS
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotFound
from apps.core.inputs import InputRefused, require_text

_NOT_IN_A_NAME = frozenset("/:.%\"'")
Pairs = Iterable[tuple[str, str]]


def create_logged_model(
    experiment: Experiment,
    *,
    by: Actor,
    name: str = "",
    kind: str = "",
    run: Run | None = None,
    parameters: Pairs = (),
    tags: Pairs = (),
) -> LoggedModel:
    """Create a logged model in an experiment, of a run of the actor if one is named."""
    require_may_record(by)
    assert by.user_id is not None
    require_active(experiment)
    uid, now, given, labels = f"m-{uuid.uuid4().hex}", database_now(), list(parameters), dict(tags)
    named = name or f"model-{uid[2:10]}"
    require_text(named, "The name of a logged model", limits.MOST_NAME)
    require_text(kind, "The type of a logged model", 500)
    if _NOT_IN_A_NAME & set(named) or not named.strip():
        raise InputRefused("The name of a logged model is not empty and holds none of / : . % \" '")
    limits.require_parameters(given)
    _require_tags(labels)
    with transaction.atomic():
        return LoggedModel.objects.create(
            uid=uid,
            experiment=experiment,
            run=locked(run, by=by) if run else None,
            name=named,
            kind=kind,
            created_at=now,
            touched_at=now,
            started_by_id=by.user_id,
            parameters=_with({}, given),
            tags=labels,
        )


def finalize(model: LoggedModel, status: LoggedModel.Status, *, by: Actor) -> LoggedModel:
    """Say whether the files of a logged model are in."""
    with transaction.atomic():
        held = locked_model(model, by=by)
        held.status = status
        _save(held, "status")
    return held


def delete_logged_model(model: LoggedModel, *, by: Actor) -> None:
    """Take a logged model away; versions registered from it keep what they took."""
    with transaction.atomic():
        held = locked_model(model, by=by)
        held.deleted_at = database_now()
        _save(held, "deleted_at")


def set_tags(model: LoggedModel, tags: Pairs, *, by: Actor) -> LoggedModel:
    """Set tags on a logged model."""
    with transaction.atomic():
        held = locked_model(model, by=by)
        held.tags = {**held.tags, **dict(tags)}
        _require_tags(held.tags)
        _save(held, "tags")
    return held


def delete_tag(model: LoggedModel, key: str, *, by: Actor) -> None:
    """Delete a tag of a logged model."""
    with transaction.atomic():
        held = locked_model(model, by=by)
        if key not in held.tags:
            raise NotFound(f"The logged model has no tag {key!a:.100}.")
        held.tags = {name: value for name, value in held.tags.items() if name != key}
        _save(held, "tags")


def log_parameters(model: LoggedModel, parameters: Pairs, *, by: Actor) -> None:
    """Add parameters to a logged model; one that is there keeps its value."""
    given = list(parameters)
    limits.require_parameters(given)
    with transaction.atomic():
        held = locked_model(model, by=by)
        held.parameters = _with(held.parameters, given)
        _save(held, "parameters")


def _with(there: dict[str, str], parameters: list[tuple[str, str]]) -> dict[str, str]:
    limits.require_same(there, parameters)
    together = {**there, **dict(parameters)}
    limits.require_room(len(together), MOST_PARAMETERS, "A logged model's list of parameters")
    return together


def _require_tags(tags: dict[str, str]) -> None:
    limits.require_tags(tags.items())
    limits.require_room(len(tags), limits.MOST_TAGS, "A logged model's list of tags")


def _save(model: LoggedModel, *fields: str) -> None:
    model.touched_at = database_now()
    model.save(update_fields=[*fields, "touched_at"])
