"""What an actor may see, as one condition in SQL, for single reads that must be fast.

It says the same as ``queries.models_visible_to``; a test holds the two to each other.
"""

from dataclasses import dataclass
from string import Template

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from apps.accounts.models import Duty, TeamMembership, User
from apps.accounts.rights import TokenLimits, UserAuthority
from apps.accounts.roles import ROLES
from apps.accounts.scopes import SCOPE_OF
from apps.catalog.models import (
    RegisteredModel,
    RegisteredModelGroupPermission,
    RegisteredModelUserPermission,
)
from apps.catalog.queries import VIEW
from apps.core.actors import Actor

_SEEING_ROLES = tuple(role.id for role in ROLES if VIEW in role.permissions)
_TABLES = {
    "duty": Duty._meta.db_table,
    "membership": TeamMembership._meta.db_table,
    "by_user": RegisteredModelUserPermission._meta.db_table,
    "by_team": RegisteredModelGroupPermission._meta.db_table,
    "user_groups": User.groups.through._meta.db_table,
    "permission": Permission._meta.db_table,
    "content_type": ContentType._meta.db_table,
}
_THE_PERMISSION = """
SELECT p.id FROM $permission p JOIN $content_type c ON c.id = p.content_type_id
WHERE c.app_label = 'catalog' AND c.model = 'registeredmodel' AND p.codename = %s
"""
_CONDITION = """(
EXISTS (
    SELECT 1 FROM $duty d WHERE d.until IS NULL AND d.role IN ($roles) AND (
        d.user_id = %s OR d.team_id IN (
            SELECT t.team_id FROM $membership t WHERE t.user_id = %s AND t.until IS NULL)))
OR EXISTS (
    SELECT 1 FROM $by_user g
    WHERE g.content_object_id = m.id AND g.user_id = %s AND g.permission_id = ($the_one))
OR EXISTS (
    SELECT 1 FROM $by_team g JOIN $user_groups u ON u.group_id = g.group_id
    WHERE g.content_object_id = m.id AND u.user_id = %s AND g.permission_id = ($the_one))
)"""
_SEEN = Template(
    Template(_CONDITION).safe_substitute(
        the_one=_THE_PERMISSION, roles=", ".join(["%s"] * len(_SEEING_ROLES))
    )
).substitute(_TABLES)


@dataclass(frozen=True)
class Sight:
    """A condition on the registered model ``m`` of a statement, and its parameters."""

    condition: str
    parameters: tuple[str | int, ...]


NOTHING = Sight("(1 = 0)", ())


def seen_by(actor: Actor) -> Sight:
    """Return the condition that an actor may see the model ``m``."""
    authority = actor.authority
    if not isinstance(authority, UserAuthority):
        return NOTHING
    limits = authority.limits
    if limits is not None and not _is_in_scope(limits):
        return NOTHING
    user = authority.user_id
    codename = VIEW.rpartition(".")[2]
    parameters: tuple[str | int, ...] = (*_SEEING_ROLES, user, user, user, codename, user, codename)
    if limits is None or not limits.roots:
        return Sight(_SEEN, parameters)
    ids = _ids(limits)
    places = ", ".join(["%s"] * len(ids)) or "NULL"
    return Sight(f"({_SEEN} AND m.id IN ({places}))", (*parameters, *ids))


def _is_in_scope(limits: TokenLimits) -> bool:
    return SCOPE_OF[VIEW] in limits.scopes and timezone.now() < limits.expires_at


def _ids(limits: TokenLimits) -> list[int]:
    """Return the ids of the models a token is limited to."""
    start = RegisteredModel.RECORD.ref(0).removesuffix("0")
    return [int(root.removeprefix(start)) for root in limits.roots if root.startswith(start)]
