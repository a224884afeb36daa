"""Reads of environments and deployments, always already narrowed to what the actor may see."""

from django.db.models import Exists, OuterRef, QuerySet

from apps.accounts.rights import UserAuthority
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.deployments.models import Deployment, Environment, Placement
from apps.deployments.models.deployments import DESIRED, IN_EFFECT

MANAGE = "catalog.manage_environments"


def environments_visible_to(actor: Actor) -> QuerySet[Environment]:
    """Return the environments an actor may know of.

    Whoever sees models sees them all; an examiner, those where a model granted to them is or was.
    """
    environments = environments_of_token(actor)
    if catalog.account_that_sees(actor) is None:
        return environments.none()
    if catalog.exam_limits_of(actor) is None:
        return environments
    there = deployments_visible_to(actor).filter(environment=OuterRef("pk"))
    return environments.filter(Exists(there))


def deployments_visible_to(actor: Actor) -> QuerySet[Deployment]:
    """Return the deployments of the models an actor may see."""
    return _deployments_of(catalog.models_visible_to(actor), actor)


def deployments_where(actor: Actor, permission: str) -> QuerySet[Deployment]:
    """Return the deployments of the models on which an actor holds a permission."""
    return _deployments_of(catalog.models_where(actor, permission), actor)


def environments_of_token(actor: Actor) -> QuerySet[Environment]:
    """Return the environments an actor's token is limited to; all of them when it names none."""
    environments: QuerySet[Environment] = Environment.objects.all()
    named = _named_by_token(actor)
    return environments if named is None else environments.filter(pk__in=named)


def live_placements() -> QuerySet[Placement]:
    """Return every placement that is to run now."""
    found: QuerySet[Placement] = Placement.objects.filter(DESIRED)
    return found


def running_placements() -> QuerySet[Placement]:
    """Return every placement that is to run now, or was brought about last and may run still."""
    found: QuerySet[Placement] = Placement.objects.filter(DESIRED | IN_EFFECT)
    return found


def _deployments_of(models: QuerySet[RegisteredModel], actor: Actor) -> QuerySet[Deployment]:
    found: QuerySet[Deployment] = Deployment.objects.filter(model__in=models.values("pk"))
    named = _named_by_token(actor)
    return found if named is None else found.filter(environment__in=named)


def _named_by_token(actor: Actor) -> list[int] | None:
    """Return the ids of the environments that a token names; nothing when it names none."""
    limits = actor.authority.limits if isinstance(actor.authority, UserAuthority) else None
    start = Environment.RECORD.ref(0).removesuffix("0")
    roots = [root for root in (limits.roots if limits else ()) if root.startswith(start)]
    return [int(root.removeprefix(start)) for root in roots] or None
