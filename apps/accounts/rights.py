"""Who may do what: read from duties and object permissions each time, never remembered.

A platform administrator manages people and nothing else; there is no short cut for superusers.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, Q
from django.utils import timezone
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from apps.accounts.models import Duty, TeamMembership, User
from apps.accounts.roles import permissions_of
from apps.accounts.scopes import SCOPE_OF, Scope
from apps.core.actors import ON_OWN

MANAGE_PEOPLE = "accounts.manage_people"
MANAGE_DUTIES = "accounts.manage_duties"
PLATFORM_PERMISSIONS = frozenset({MANAGE_PEOPLE, MANAGE_DUTIES})


@dataclass(frozen=True)
class TokenLimits:
    """What a token narrows its owner's rights to."""

    scopes: frozenset[Scope]
    roots: frozenset[str]
    expires_at: datetime

    def admit(self, permission: str, root: object | None) -> bool:
        """Say whether the token lets a right of its owner through."""
        scope = SCOPE_OF.get(permission)
        if scope is None or scope not in self.scopes or timezone.now() >= self.expires_at:
            return False
        return not self.roots or getattr(root, "record_ref", "") in self.roots


@dataclass(frozen=True)
class UserAuthority:
    """The rights of one account, through a session, a command or a token."""

    user_id: int
    limits: TokenLimits | None = None

    def allows(self, permission: str, root: object | None) -> bool:
        if self.limits is not None and not self.limits.admit(permission, root):
            return False
        standing = User.objects.filter(pk=self.user_id, is_active=True)
        is_administrator = standing.values_list("is_superuser", flat=True).first()
        if is_administrator is None:
            return False
        if permission == ON_OWN:
            return self.limits is None and isinstance(root, User) and root.pk == self.user_id
        if permission in PLATFORM_PERMISSIONS:
            return bool(is_administrator)
        return permission in permissions_everywhere(self.user_id) or holds_on(
            self.user_id, permission, root
        )


def roles_everywhere(user_id: int) -> frozenset[str]:
    """Return the roles a person holds in the whole organization, alone or through a team."""
    return frozenset(
        Duty.objects.filter(held_by(user_id), until=None).values_list("role", flat=True)
    )


def permissions_everywhere(user_id: int) -> frozenset[str]:
    """Return what a person may do on every model."""
    return permissions_of(roles_everywhere(user_id))


def held_by(user_id: int) -> Q:
    """Return the condition that a duty is held by a person, alone or through a team of theirs."""
    teams = TeamMembership.objects.filter(user=user_id, until=None).values("team")
    return Q(user=user_id) | Q(team__in=teams)


def holds_on(user_id: int, permission: str, root: object | None) -> bool:
    """Say whether a permission was granted to a person, or a team of theirs, on one root."""
    if not isinstance(root, Model) or not hasattr(root, "OBJECT_PERMISSIONS"):
        return False
    codename = permission.rpartition(".")[2]
    by_user = get_user_obj_perms_model(root)._base_manager.filter(
        content_object=root.pk, permission__codename=codename, user=user_id
    )
    by_team = get_group_obj_perms_model(root)._base_manager.filter(
        content_object=root.pk, permission__codename=codename, group__user=user_id
    )
    return by_user.exists() or by_team.exists()
