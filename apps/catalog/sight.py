"""What an actor may see, as one condition in SQL, for reads and searches that must be fast.

It says the same as ``queries.models_visible_to``; a test holds the two to each other.
"""

from dataclasses import dataclass
from string import Template

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from apps.accounts.models import Duty, TeamMembership, User
from apps.accounts.roles import ROLES
from apps.catalog import queries
from apps.catalog.models import (
    RegisteredModelGroupPermission,
    RegisteredModelUserPermission,
)
from apps.core.actors import Actor
from apps.core.kept import kept

_SEEING_ROLES = tuple(role.id for role in ROLES if queries.VIEW in role.permissions)
_TABLES = {
    "duty": Duty._meta.db_table,
    "membership": TeamMembership._meta.db_table,
    "by_user": RegisteredModelUserPermission._meta.db_table,
    "by_team": RegisteredModelGroupPermission._meta.db_table,
    "user_groups": User.groups.through._meta.db_table,
    "permission": Permission._meta.db_table,
    "content_type": ContentType._meta.db_table,
    "codename": queries.VIEW.rpartition(".")[2],
}
_THE_PERMISSION = """
SELECT p.id FROM $permission p JOIN $content_type c ON c.id = p.content_type_id
WHERE c.app_label = 'catalog' AND c.model = 'registeredmodel'
AND p.codename = '$codename'
"""
_EVERYWHERE = """EXISTS (
    SELECT 1 FROM $duty d WHERE d.until IS NULL AND d.role IN ($roles) AND (
        d.user_id = %s OR d.team_id IN (
            SELECT t.team_id FROM $membership t WHERE t.user_id = %s AND t.until IS NULL)))"""
_LOOKED_UP = """(
EXISTS (
    SELECT 1 FROM $by_user g
    WHERE g.content_object_id = m.id AND g.user_id = %s AND g.permission_id = ($the_one))
OR EXISTS (
    SELECT 1 FROM $by_team g JOIN $user_groups u ON u.group_id = g.group_id
    WHERE g.content_object_id = m.id AND u.user_id = %s AND g.permission_id = ($the_one))
)"""
_GRANTED = """
SELECT g.content_object_id FROM $by_user g WHERE g.user_id = %s AND g.permission_id = ($the_one)
UNION ALL
SELECT g.content_object_id FROM $by_team g WHERE g.permission_id = ($the_one)
AND g.group_id IN (SELECT u.group_id FROM $user_groups u WHERE u.user_id = %s)
"""
_CONDITIONS = {"everywhere": _EVERYWHERE, "looked_up": _LOOKED_UP, "granted": _GRANTED}
_WITHIN = {"the_one": _THE_PERMISSION, "roles": ", ".join(["%s"] * len(_SEEING_ROLES))}


def _written(statement: str) -> str:
    for parts in (_CONDITIONS, _WITHIN, _TABLES):
        statement = Template(statement).safe_substitute(parts)
    return statement


_SEEN_EVERYWHERE = _written("$everywhere")
_SEEN_ON_LOOKING = _written("$looked_up")
_SEEN_IN_LIST = _written("m.id IN ($granted)")
_SEEN = _written("($everywhere OR $looked_up)")
_HOW_WIDE = _written(
    "SELECT $everywhere, (SELECT COUNT(*) FROM ($granted LIMIT %s) AS granted_at_most)"
)


@dataclass(frozen=True)
class Sight:
    """A condition on the registered model ``m`` of a statement, and its parameters."""

    condition: str
    parameters: tuple[str | int, ...]


NOTHING = Sight("(1 = 0)", ())


def seen_by(actor: Actor) -> Sight:
    """Return the condition that an actor may see the model ``m``: for statements about one."""
    user = queries.account_that_sees(actor)
    if user is None:
        return NOTHING
    return _within_token(actor, Sight(_SEEN, (*_SEEING_ROLES, user, user, user, user)))


def seen_among_many_by(actor: Actor) -> Sight:
    """Return the same condition for statements that look at many models, at one more question.

    Grants are listed from the grantee while they are few, and else looked up model by model.
    """
    user = queries.account_that_sees(actor)
    if user is None:
        return NOTHING
    by_role: tuple[str | int, ...] = (*_SEEING_ROLES, user, user)
    [(is_everywhere, granted)] = kept(_HOW_WIDE, (*by_role, user, user, queries.FEW + 1))
    if is_everywhere:
        return _within_token(actor, Sight(_SEEN_EVERYWHERE, by_role))
    condition = _SEEN_IN_LIST if granted <= queries.FEW else _SEEN_ON_LOOKING
    return _within_token(actor, Sight(condition, (user, user)))


def _within_token(actor: Actor, sight: Sight) -> Sight:
    """Narrow a condition to the models a token is limited to."""
    roots = queries.models_of_token(actor)
    if roots is None:
        return sight
    places = ", ".join(["%s"] * len(roots)) or "NULL"
    condition = f"({sight.condition} AND m.id IN ({places}))"
    return Sight(condition, (*sight.parameters, *roots))
