"""Reads about policies, filtered to what the actor may see: drafts are not for everybody."""

from django.db.models import Q, QuerySet

from apps.approvals.models import PolicyVersion
from apps.core.actors import Actor

WRITE, SIGN = "catalog.write_policies", "catalog.sign_policies"
VIEW_RECORD = "audit.view_record"
State = PolicyVersion.State
WAS_IN_FORCE = (State.PUBLISHED, State.REPLACED)


def may_see_drafts(actor: Actor) -> bool:
    """Say whether an actor writes or signs policies, or audits them."""
    return any(actor.may(permission) for permission in (WRITE, SIGN, VIEW_RECORD))


def policies_visible_to(actor: Actor) -> QuerySet[PolicyVersion]:
    """Return the versions that are or were in force, and drafts for those who may see them."""
    seen = Q() if may_see_drafts(actor) else Q(state__in=WAS_IN_FORCE)
    found: QuerySet[PolicyVersion] = PolicyVersion.objects.filter(seen)
    return found.select_related("author", "based_on")


def that_were_in_force() -> QuerySet[PolicyVersion]:
    """Return every version that is or was in force, the newest first."""
    found: QuerySet[PolicyVersion] = PolicyVersion.objects.filter(state__in=WAS_IN_FORCE)
    return found.order_by("-published_at", "-pk")
