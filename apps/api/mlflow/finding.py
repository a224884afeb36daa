"""Finds what a call names among what the caller may see; anything else is absent."""

from collections.abc import Sequence

from apps.api.mlflow import errors
from apps.catalog.models import Experiment, LoggedModel, Run
from apps.catalog.tracking import rights
from apps.core.actors import Actor

MOST_EXPERIMENTS = 10_000
_LONGEST_ID = 18


def experiment_of(actor: Actor, experiment_id: str) -> Experiment:
    """Return the experiment of an id."""
    number = experiment_number(experiment_id)
    found = None if number is None else rights.experiment_or_none(actor, number)
    if found is None:
        raise errors.absent(f"No experiment with the id {experiment_id!a:.100} that you can see.")
    return found


def experiment_number(experiment_id: str) -> int | None:
    """Return the number an experiment's id stands for, or nothing when it is none."""
    is_number = experiment_id.isascii() and experiment_id.isdigit()
    return int(experiment_id) if is_number and len(experiment_id) <= _LONGEST_ID else None


def experiment_numbers(sent: Sequence[str]) -> list[int]:
    """Return the numbers of the experiments a search is in; what is no id is in none."""
    if len(sent) > MOST_EXPERIMENTS:
        raise errors.invalid(f"A search is in at most {MOST_EXPERIMENTS:,} experiments.")
    numbers = {experiment_number(experiment_id) for experiment_id in sent}
    return sorted(number for number in numbers if number is not None)


def run_of(actor: Actor, run_id: str, run_uuid: str = "") -> Run:
    """Return the run of an id; older clients send it under another name, most under both."""
    uid = run_id or run_uuid
    if not uid:
        raise errors.missing("run_id")
    found = rights.run_or_none(actor, uid)
    if found is None:
        raise errors.absent(f"No run with the id {uid!a:.100} that you can see.")
    return found


def logged_model_of(actor: Actor, uid: str) -> LoggedModel:
    """Return the logged model of an id."""
    found = rights.logged_model_or_none(actor, uid)
    if found is None:
        raise errors.absent(f"No logged model with the id {uid!a:.100} that you can see.")
    return found
