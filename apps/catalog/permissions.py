"""Object permissions on a model follow from the duties held on it, and are never set by hand."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

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
    {
        "add_registeredmodel",
        "declare_assets",
        "manage_checks",
        "manage_environments",
        "manage_fields",
        "open_exams",
        "post_sightings",
        "write_policies",
        "sign_policies",
        "write_questionnaires",
        "sign_questionnaires",
    }
)


def follow_duties(model: RegisteredModel, holder: User | Team) -> bool:
    """Bring a holder's permissions on a model in step with all duties still held there.

    Returns whether any had to change.
    """
    kind, about = _row_of(model, holder)
    rows = kind.objects.filter(**about)
    wanted, granted = (
        _wanted(model, holder),
        set(rows.values_list("permission__codename", flat=True)),
    )
    if missing := wanted - granted:
        added = [kind(permission=permission, **about) for permission in _permissions(missing)]
        kind.objects.bulk_create(added, ignore_conflicts=True)
    if spare := granted - wanted:
        rows.filter(permission__codename__in=spare).delete()
    return wanted != granted


def follow_exam(examiner: User, model_ids: Collection[int], granted: Collection[str]) -> None:
    """Bring an examiner's permissions in step with what their exam grants: nothing beside it."""
    kind, wanted = RegisteredModelUserPermission, set(model_ids)
    named = {name.removeprefix(_APP) for name in granted}
    held = kind.objects.filter(user=examiner)
    held.exclude(permission__codename__in=named, content_object__in=wanted).delete()
    for permission in _permissions(named):
        there = set(held.filter(permission=permission).values_list("content_object", flat=True))
        added = [
            kind(permission=permission, user=examiner, content_object_id=pk)
            for pk in sorted(wanted - there)
        ]
        kind.objects.bulk_create(added, ignore_conflicts=True)


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


def _row_of(model: RegisteredModel, holder: User | Team) -> tuple[Any, dict[str, Any]]:
    """Return the class of rows that grant a holder something, and what all of them have."""
    if isinstance(holder, Team):
        team = {"content_object": model, "group_id": holder.group_id}
        return RegisteredModelGroupPermission, team
    return RegisteredModelUserPermission, {"content_object": model, "user": holder}


def _permissions(codenames: Collection[str]) -> Sequence[Permission]:
    """Return permissions on models; guardian would ask for them one by one.

    Raises:
        Permission.DoesNotExist: when a migration that makes one was not carried out.
    """
    kind = ContentType.objects.get_for_model(RegisteredModel)
    found = Permission.objects.filter(content_type=kind, codename__in=codenames)
    permissions = list(found.order_by("codename"))
    if lacking := set(codenames) - {permission.codename for permission in permissions}:
        raise Permission.DoesNotExist(f"No migration made: {', '.join(sorted(lacking))}.")
    return permissions
