"""Who may record runs, who sees them, and who writes to one.

A run belongs to whoever started it. Their teams see it, and so does everybody who may see a model
with a version from it. An experiment or a logged model belongs to its creator in the same way.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import TeamMembership
from apps.accounts.rights import UserAuthority, permissions_everywhere
from apps.accounts.scopes import Scope
from apps.catalog import queries
from apps.catalog.ingest import REGISTER
from apps.catalog.models import Experiment, LoggedModel, Run
from apps.core.actors import Actor
from apps.core.errors import NotAllowed

DEFAULT_EXPERIMENT = 0
"""The experiment of runs that name none: nobody's, and open to all who read."""


def may_record(actor: Actor) -> bool:
    """Say whether an actor may record runs: whoever may register a model, or a version of one."""
    if actor.user_id is None or _is_limited_to_models(actor):
        return False
    everywhere = actor.may("catalog.add_registeredmodel")
    return everywhere or queries.models_where(actor, REGISTER).exists()


def require_may_record(actor: Actor) -> None:
    """Refuse an actor who may not record runs."""
    if not may_record(actor):
        raise NotAllowed("You do not have the right to record runs.")


def require_writer(actor: Actor, thing: Run | LoggedModel | Experiment) -> None:
    """Refuse whoever did not start a run or a logged model, or create an experiment."""
    require_may_record(actor)
    is_experiment = isinstance(thing, Experiment)
    writer = thing.created_by_id if isinstance(thing, Experiment) else thing.started_by_id
    if writer is None or writer != actor.user_id:
        what = "experiment" if is_experiment else "run" if isinstance(thing, Run) else "model"
        who = "created" if is_experiment else "started"
        raise NotAllowed(f"Only the person who {who} this {what} may change it.")


def experiments_visible_to(actor: Actor) -> QuerySet[Experiment]:
    """Return the experiments an actor may see, deleted ones too."""
    user_id = _reader(actor)
    if user_id is None:
        return Experiment.objects.none()
    if _is_limited_to_models(actor):
        return Experiment.objects.filter(pk=DEFAULT_EXPERIMENT)
    if queries.VIEW in permissions_everywhere(user_id):
        return Experiment.objects.all()
    return Experiment.objects.filter(Q(pk=DEFAULT_EXPERIMENT) | _by_own(user_id, "created_by"))


def runs_visible_to(actor: Actor) -> QuerySet[Run]:
    """Return the runs an actor may see, deleted ones too."""
    seen = _seen(actor, run="pk")
    return Run.objects.none() if seen is None else Run.objects.filter(seen)


def logged_models_visible_to(actor: Actor) -> QuerySet[LoggedModel]:
    """Return the logged models an actor may see, without deleted ones."""
    seen = _seen(actor, run="run")
    if seen is None:
        return LoggedModel.objects.none()
    return LoggedModel.objects.filter(seen, deleted_at=None)


def experiment_or_none(actor: Actor, pk: int) -> Experiment | None:
    """Return an experiment by its id, if the actor may see it."""
    return experiments_visible_to(actor).filter(pk=pk).first()


def run_or_none(actor: Actor, uid: str) -> Run | None:
    """Return a run by its id, if the actor may see it; one's own is found at once."""
    run = Run.objects.filter(uid=uid).first()
    if run is None or _is_own(actor, run.started_by_id):
        return run
    return runs_visible_to(actor).filter(pk=run.pk).first()


def logged_model_or_none(actor: Actor, uid: str) -> LoggedModel | None:
    """Return a logged model by its id, if the actor may see it; one's own is found at once."""
    found = LoggedModel.objects.filter(uid=uid, deleted_at=None).select_related("run").first()
    if found is None or _is_own(actor, found.started_by_id):
        return found
    visible = logged_models_visible_to(actor).select_related("run")
    return visible.filter(pk=found.pk).first()


def deleted_or_none(actor: Actor, uid: str) -> LoggedModel | None:
    """Return a deleted logged model by its id, if the actor started it."""
    deleted = LoggedModel.objects.filter(uid=uid).exclude(deleted_at=None)
    found = deleted.select_related("run").first()
    return found if found and _is_own(actor, found.started_by_id) else None


def _reader(actor: Actor) -> int | None:
    """Return the account an actor reads for, or nothing for a token out of scope or time."""
    authority = actor.authority
    if not isinstance(authority, UserAuthority):
        return None
    limits = authority.limits
    if limits is not None and (
        Scope.READ not in limits.scopes or timezone.now() >= limits.expires_at
    ):
        return None
    return authority.user_id


def _is_limited_to_models(actor: Actor) -> bool:
    authority = actor.authority
    limits = authority.limits if isinstance(authority, UserAuthority) else None
    return limits is not None and bool(limits.roots)


def _is_own(actor: Actor, starter: int | None) -> bool:
    user_id = None if _is_limited_to_models(actor) else _reader(actor)
    return user_id is not None and user_id == starter


def _seen(actor: Actor, *, run: str) -> Q | None:
    """Return the condition that rows with a starter and a run are seen, or None for no row."""
    user_id = _reader(actor)
    if user_id is None:
        return None
    versions = queries.versions_visible_to(actor).filter(run=OuterRef(run))
    if _is_limited_to_models(actor):
        return Q(Exists(versions))
    if queries.VIEW in permissions_everywhere(user_id):
        return Q()
    return _by_own(user_id, "started_by") | Q(Exists(versions))


def _by_own(user_id: int, column: str) -> Q:
    """Return the condition that a person, or somebody of a team of theirs, stands in a column."""
    memberships = TeamMembership.objects.filter(until=None)
    teams = memberships.filter(user=user_id).values("team")
    mates = memberships.filter(team__in=teams).values("user")
    return Q(**{column: user_id}) | Q(**{f"{column}__in": mates})
