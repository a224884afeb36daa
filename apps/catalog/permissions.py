"""Object permissions on a model follow from the duties held on it, and are never set by hand."""

from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm, remove_perm

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
    wanted, granted = _wanted(model, holder), _granted(model, holder)
    subject: User | Group = holder.group if isinstance(holder, Team) else holder
    for codename in sorted(wanted - granted):
        assign_perm(codename, subject, model)
    for codename in sorted(granted - wanted):
        remove_perm(codename, subject, model)
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


def _granted(model: RegisteredModel, holder: User | Team) -> set[str]:
    if isinstance(holder, Team):
        rows = RegisteredModelGroupPermission.objects.filter(
            content_object=model, group=holder.group_id
        )
    else:
        rows = RegisteredModelUserPermission.objects.filter(content_object=model, user=holder)
    return set(rows.values_list("permission__codename", flat=True))
