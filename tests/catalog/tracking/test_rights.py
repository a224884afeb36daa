"""Who may record runs, who sees them, and who writes to one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.operations import leave_team
from apps.accounts.rights import TokenLimits, UserAuthority
from apps.accounts.scopes import Scope
from apps.catalog import operations
from apps.catalog.models import Experiment, LoggedModel, ModelVersion, Run
from apps.catalog.tracking import logged_models, rights
from apps.core.actors import ANONYMOUS, Actor
from apps.core.errors import NotAllowed
from tests import factories, scenarios
from tests.api.mlflow.homes import experiment as default_experiment
from tests.catalog.tracking.world import developer, new_run
from tests.factories import actor

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class World:
    """One run of the developer with all that belongs to it."""

    run: Run
    experiment: Experiment
    model: LoggedModel


@pytest.fixture
def world() -> World:
    run = new_run()
    assert run.experiment is not None
    model = logged_models.create_logged_model(run.experiment, by=developer(), run=run)
    return World(run, run.experiment, model)


def limited(user: User, *scopes: Scope, roots: frozenset[str] = frozenset()) -> Actor:
    """Return a person through a token of some scopes, limited to some models if any are given."""
    limits = TokenLimits(frozenset(scopes), roots, timezone.now() + timedelta(hours=1))
    plain = actor(user)
    return Actor(
        plain.id,
        plain.kind,
        plain.door,
        user_id=user.pk,
        authority=UserAuthority(user.pk, limits),
    )


def sees(by: Actor, world: World) -> dict[str, bool]:
    """Say what of a world an actor sees, in lists and one by one, which must agree."""
    listed = {
        "run": world.run in rights.runs_visible_to(by),
        "experiment": world.experiment in rights.experiments_visible_to(by),
        "model": world.model in rights.logged_models_visible_to(by),
    }
    found = {
        "run": rights.run_or_none(by, world.run.uid) is not None,
        "experiment": rights.experiment_or_none(by, world.experiment.pk) is not None,
        "model": rights.logged_model_or_none(by, world.model.uid) is not None,
    }
    assert listed == found
    return listed


ALL = {"run": True, "experiment": True, "model": True}
NONE = {"run": False, "experiment": False, "model": False}


def version_from(run: Run) -> ModelVersion:
    """Register a version, and say that it came from a run."""
    version = scenarios.registered_version(scenarios.registered_model("from-a-run"))
    ModelVersion._base_manager.filter(pk=version.pk).update(run=run, run_uid=run.uid)
    return version


def grant_sight(version: ModelVersion, user: User) -> None:
    operations.grant_model_duty(
        version.model, user, "peer_reviewer", by=actor(scenarios.owner()), reason="Reviews it"
    )


def test_who_started_a_run_sees_it_and_writes_to_it(world: World) -> None:
    assert sees(developer(), world) == ALL
    for thing in (world.run, world.experiment, world.model):
        rights.require_writer(developer(), thing)


def test_a_stranger_sees_nothing_of_it(world: World) -> None:
    assert sees(actor(scenarios.stranger()), world) == NONE
    assert sees(ANONYMOUS, world) == NONE


def test_whoever_sees_every_model_sees_every_run_and_writes_to_none(world: World) -> None:
    auditor = actor(scenarios.auditor())

    assert sees(auditor, world) == ALL
    for thing in (world.run, world.experiment, world.model):
        with pytest.raises(NotAllowed):
            rights.require_writer(auditor, thing)


def test_a_team_sees_what_its_members_started_as_long_as_they_are_in_it(world: World) -> None:
    mate = factories.person("mona")
    crew = factories.team("Crew", mate, scenarios.developer())

    assert sees(actor(mate), world) == ALL
    with pytest.raises(NotAllowed):
        rights.require_writer(actor(mate), world.run)

    leave_team(crew, by=factories.HOST, user=scenarios.developer())
    assert sees(actor(mate), world) == NONE


def test_another_recorder_of_the_team_does_not_write_to_it(world: World) -> None:
    mate = factories.person("mona", everywhere=("model_developer",))
    factories.team("Crew", mate, scenarios.developer())

    for thing, words in ((world.run, "this run"), (world.model, "this model")):
        with pytest.raises(NotAllowed, match=f"Only the person who started {words}"):
            rights.require_writer(actor(mate), thing)
    with pytest.raises(NotAllowed, match="Only the person who created this experiment"):
        rights.require_writer(actor(mate), world.experiment)


def test_who_sees_a_version_sees_the_run_it_came_from_and_what_that_wrote(world: World) -> None:
    version = version_from(world.run)
    reader = factories.person("petra")
    assert sees(actor(reader), world) == NONE

    grant_sight(version, reader)

    assert sees(actor(reader), world) == {"run": True, "experiment": False, "model": True}


def test_a_token_limited_to_models_sees_runs_of_their_versions_and_records_none(
    world: World,
) -> None:
    version, other = version_from(world.run), scenarios.registered_model("another")
    scopes = (Scope.READ, Scope.REGISTER)

    inside = limited(scenarios.developer(), *scopes, roots=frozenset({version.model.record_ref}))
    outside = limited(scenarios.developer(), *scopes, roots=frozenset({other.record_ref}))

    assert sees(inside, world) == {"run": True, "experiment": False, "model": True}
    assert sees(outside, world) == NONE
    assert not rights.may_record(inside)
    with pytest.raises(NotAllowed):
        rights.require_writer(inside, world.run)


def test_reading_needs_one_scope_and_writing_another(world: World) -> None:
    reader = limited(scenarios.developer(), Scope.READ)
    writer = limited(scenarios.developer(), Scope.REGISTER)

    assert sees(reader, world) == ALL
    assert not rights.may_record(reader)
    assert sees(writer, world) == NONE
    assert rights.may_record(writer)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (scenarios.developer, True),
        (scenarios.owner, True),
        (scenarios.auditor, False),
        (scenarios.stranger, False),
        (scenarios.operator, False),
    ],
)
def test_whoever_may_register_may_record(who: Callable[[], User], may: bool) -> None:
    assert rights.may_record(actor(who())) is may


def test_whoever_may_register_versions_of_one_model_may_record() -> None:
    model, holder = scenarios.registered_model(), factories.person("mila")
    assert not rights.may_record(actor(holder))

    operations.grant_model_duty(
        model, holder, "model_developer", by=actor(scenarios.owner()), reason="Trains"
    )

    assert rights.may_record(actor(holder))


def test_nobody_writes_to_the_experiment_of_runs_that_name_none() -> None:
    default = default_experiment()

    assert default in rights.experiments_visible_to(actor(scenarios.stranger()))
    with pytest.raises(NotAllowed):
        rights.require_writer(developer(), default)
