"""Object permissions on a model follow from the duties held on it, and are never set by hand."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from apps.accounts.models import Team, User
from apps.accounts.roles import permissions_of
from apps.catalog.models import (
    ModelDuty,
    RegisteredModel,
    RegisteredModelGroupPermission,
    RegisteredModelUserPermission,
)

_APP = "catalog."
_NOT_ON_A_MODEL = frozenset(
    {"add_registeredmodel", "declare_assets", "manage_checks", "manage_fields"}
)


def follow_duties(model: RegisteredModel, holder: User | Team) -> bool:
    """Bring a holder's permissions on a model in step with all duties still held there.

    Returns whether any had to change.
    """
    wanted, rows = _wanted(model, holder), _rows(model, holder)
    granted = set(rows.values_list("permission__codename", flat=True))
    if missing := wanted - granted:
        _grant(missing, model, holder)
    if spare := granted - wanted:
        rows.filter(permission__codename__in=spare).delete()
    return wanted != granted


def follow_all_duties() -> int:
    """Do so for everybody who holds a duty on a model; return for how many something changed.

    Needed after a release in which a role may do more or less than before.
    """
    held = ModelDuty.objects.filter(until=None).select_related("model", "user", "team__group")
    holders = {(duty.model, duty.holder) for duty in held.iterator(chunk_size=1000)}
    return sum(follow_duties(model, holder) for model, holder in holders)


def _wanted(model: RegisteredModel, holder: User | Team) -> set[str]:
    kind = "team" if isinstance(holder, Team) else "user"
    duties = ModelDuty.objects.filter(model=model, until=None, **{kind: holder})
    roles = frozenset(duties.values_list("role", flat=True))
    named = {name.removeprefix(_APP) for name in permissions_of(roles) if name.startswith(_APP)}
    return named - _NOT_ON_A_MODEL


def _rows(model: RegisteredModel, holder: User | Team) -> QuerySet[Any]:
    """Return the permissions a holder was granted on a model, one row each."""
    if isinstance(holder, Team):
        groups = RegisteredModelGroupPermission.objects
        return groups.filter(content_object=model, group=holder.group_id)
    return RegisteredModelUserPermission.objects.filter(content_object=model, user=holder)


def _grant(codenames: Collection[str], model: RegisteredModel, holder: User | Team) -> None:
    """Grant permissions all at once, where guardian would ask several times for each."""
    kind = ContentType.objects.get_for_model(RegisteredModel)
    found = Permission.objects.filter(content_type=kind, codename__in=codenames)
    permissions = found.order_by("codename")
    if isinstance(holder, Team):
        group = holder.group_id
        team_rows = [
            RegisteredModelGroupPermission(content_object=model, group_id=group, permission=one)
            for one in permissions
        ]
        RegisteredModelGroupPermission.objects.bulk_create(team_rows, ignore_conflicts=True)
    else:
        user_rows = [
            RegisteredModelUserPermission(content_object=model, user=holder, permission=one)
            for one in permissions
        ]
        RegisteredModelUserPermission.objects.bulk_create(user_rows, ignore_conflicts=True)
