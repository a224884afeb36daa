"""Who may do what: read from duties and object permissions each time, never remembered.

A platform administrator manages people, webhooks and backups, nothing else: superusers get no
short cut.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db.models import Exists, Model, Q, QuerySet, Value
from django.utils import timezone
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from apps.accounts.models import Duty, TeamMembership, User
from apps.accounts.roles import permissions_of
from apps.accounts.scopes import SCOPE_OF, SCOPE_ON_OWN, Scope
from apps.core.actors import ON_OWN, ON_OWN_READING, ON_OWN_SESSION
from apps.core.prepared import Prepared, Slot

MANAGE_PEOPLE = "accounts.manage_people"
MANAGE_DUTIES = "accounts.manage_duties"
MANAGE_WEBHOOKS = "integrations.manage_webhooks"
KEEP_BACKUPS = "catalog.keep_backups"
_GRANTED = "(granted)"
"""Stands among roles, none of which is called so."""
PLATFORM_PERMISSIONS = frozenset({MANAGE_PEOPLE, MANAGE_DUTIES, MANAGE_WEBHOOKS, KEEP_BACKUPS})


@dataclass(frozen=True)
class TokenLimits:
    """What a token narrows its owner's rights to."""

    scopes: frozenset[Scope]
    roots: frozenset[str]
    expires_at: datetime

    def admit(self, permission: str, root: object | None) -> bool:
        """Say whether the token lets a right of its owner through."""
        scope = SCOPE_OF.get(permission) or SCOPE_ON_OWN.get(permission)
        if scope is None or scope not in self.scopes or timezone.now() >= self.expires_at:
            return False
        return not self.roots or getattr(root, "record_ref", "") in self.roots


@dataclass(frozen=True)
class ExamLimits(TokenLimits):
    """What an examiner from outside is narrowed to: looking, until a moment, at some parts."""

    parts: frozenset[str] = frozenset()

    def admit(self, permission: str, root: object | None) -> bool:
        """Say whether an examiner may: look while the exam lasts, and keep the own sign-in."""
        return permission == ON_OWN_SESSION or super().admit(permission, root)


NO_EXAM = ExamLimits(frozenset(), frozenset(), datetime.min.replace(tzinfo=UTC))
"""Lets nothing through but the own sign-in: what examiners have unless an exam is open to them."""


@dataclass(frozen=True)
class UserAuthority:
    """The rights of one account, through a session, a command or a token."""

    user_id: int
    limits: TokenLimits | None = None

    def allows(self, permission: str, root: object | None) -> bool:
        if self.limits is not None and not self.limits.admit(permission, root):
            return False
        if permission in {ON_OWN, ON_OWN_SESSION, ON_OWN_READING}:
            is_own = isinstance(root, User) and root.pk == self.user_id
            return is_own and _is_active(self.user_id)
        if permission in PLATFORM_PERMISSIONS:
            return _is_active(self.user_id, is_superuser=True)
        return holds_on(self.user_id, permission, root)


@dataclass(frozen=True)
class DirectoryAuthority:
    """What a token for the directory lets its owner do: manage people, while they are in charge."""

    user_id: int
    expires_at: datetime

    def allows(self, permission: str, root: object | None) -> bool:
        if permission != MANAGE_PEOPLE or timezone.now() >= self.expires_at:
            return False
        return _is_active(self.user_id, is_superuser=True)


def roles_everywhere(user_id: int) -> frozenset[str]:
    """Return the roles a person holds in the whole organization, alone or through a team.

    Whose account is closed holds none.
    """
    return frozenset(role for (role,) in _ROLES.tuples(user_id))


def _roles_held(user_id: Any) -> QuerySet[Duty, Any]:
    is_open = Exists(User.objects.filter(pk=user_id, is_active=True))
    return Duty.objects.filter(is_open, held_by(user_id), until=None).values_list("role")


_ROLES: Prepared[Duty] = Prepared(lambda: _roles_held(Slot()))


def permissions_everywhere(user_id: int) -> frozenset[str]:
    """Return what a person may do on every model."""
    return permissions_of(roles_everywhere(user_id))


def held_by(user_id: Any) -> Q:
    """Return the condition that a duty is held by a person, alone or through a team of theirs."""
    teams = TeamMembership.objects.filter(user=user_id, until=None).values("team")
    return Q(user=user_id) | Q(team__in=teams)


def holds_on(user_id: int, permission: str, root: object | None) -> bool:
    """Say whether a person, or a team of theirs, holds a permission on one root or everywhere."""
    if not isinstance(root, Model) or not hasattr(root, "OBJECT_PERMISSIONS"):
        return permission in permissions_everywhere(user_id)
    asked = (root.pk, permission.rpartition(".")[2], user_id)
    held = frozenset(found for (found,) in _held(type(root)).tuples(*asked))
    return _GRANTED in held or permission in permissions_of(held - {_GRANTED})


@cache
def _held(kind: type[Model]) -> Prepared[Any]:
    """Return the query for a person's roles, and the word that a permission on a root was granted.

    Both are asked with every write, so they are asked at once.
    """
    granted = {"content_object": Slot(0), "permission__codename": Slot(1)}
    by_user = get_user_obj_perms_model(kind())._base_manager.filter(
        **granted, user=Slot(2), user__is_active=True
    )
    by_team = get_group_obj_perms_model(kind())._base_manager.filter(
        **granted, group__user=Slot(2), group__user__is_active=True
    )
    root = kind._base_manager.filter(Exists(by_user) | Exists(by_team), pk=Slot(0))
    granted_there = root.order_by().values_list(Value(_GRANTED))
    return Prepared(lambda: _roles_held(Slot(2)).union(granted_there, all=True))


def _is_active(user_id: int, **also: bool) -> bool:
    return bool(User.objects.filter(pk=user_id, is_active=True, **also).exists())
