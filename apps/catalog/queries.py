"""Reads of models and versions, always already narrowed to what the actor may see.

A person with few grants is narrowed by a list of ids, one with many by a look into the tables of
grants row by row: each is fast where the other is slow.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from apps.accounts.models import Duty, User
from apps.accounts.rights import (
    ExamLimits,
    TokenLimits,
    UserAuthority,
    held_by,
    permissions_everywhere,
)
from apps.accounts.roles import ROLES
from apps.accounts.scopes import SCOPE_OF
from apps.catalog.duties import who_holds
from apps.catalog.models import (
    Alias,
    ModelDuty,
    ModelVersion,
    RegisteredModel,
    RegisteredModelGroupPermission,
    RegisteredModelUserPermission,
    SearchText,
    Upload,
)
from apps.catalog.models.labels import CHAMPION
from apps.core.actors import Actor
from apps.core.prepared import Prepared, Slot

Row = TypeVar("Row", bound=Model)

VIEW = "catalog.view_registeredmodel"
MOST_NUMBER = 2**31 - 1
"""The highest number a version can have: no database is asked beyond it."""
FEW = 1000
"""Up to how many granted models are listed by id."""


def models_visible_to(actor: Actor, *, part: str = "") -> QuerySet[RegisteredModel]:
    """Return the models an actor may see; none where an exam leaves out the part asked about."""
    models = models_where(actor, VIEW)
    return models if is_shown(actor, part) else models.none()


def versions_visible_to(actor: Actor, *, part: str = "") -> QuerySet[ModelVersion]:
    """Return the versions of the models an actor may see; none of a part an exam leaves out."""
    versions: QuerySet[ModelVersion] = ModelVersion.objects.filter(deleted_at=None)
    versions = _narrowed(versions, actor, VIEW, model="model")
    return versions if is_shown(actor, part) else versions.none()


def exam_limits_of(actor: Actor) -> ExamLimits | None:
    """Return what an examiner from outside is narrowed to; nothing for everybody else."""
    limits = actor.authority.limits if isinstance(actor.authority, UserAuthority) else None
    return limits if isinstance(limits, ExamLimits) else None


def is_shown(actor: Actor, part: str) -> bool:
    """Say whether an actor is shown a part of the models they see: examiners, what was granted."""
    limits = exam_limits_of(actor)
    return limits is None or not part or part in limits.parts


def search_texts_visible_to(actor: Actor) -> QuerySet[SearchText]:
    """Return what the models an actor may see are found by; deleted ones have no such row.

    All of them are counted, so grants are listed however many they are.
    """
    return _narrowed(SearchText.objects.all(), actor, VIEW, model="model", granted=_all_listed)


def models_where(actor: Actor, permission: str) -> QuerySet[RegisteredModel]:
    """Return the models on which an actor holds a permission."""
    return _narrowed(RegisteredModel.objects.filter(deleted_at=None), actor, permission, model="pk")


def models_held(
    actor: Actor, permission: str, *, everywhere: Collection[str]
) -> QuerySet[RegisteredModel]:
    """Return what ``models_where`` does, asking nothing before the query itself is asked.

    ``everywhere`` holds the permissions the actor is known to hold on every model.
    """
    user_id = _user_of(actor, permission)
    if user_id is None:
        return RegisteredModel.objects.none()
    return _within_token(models_held_by(user_id, permission, everywhere=everywhere), actor, "pk")


def models_held_by(
    user_id: int | Slot, permission: str, *, everywhere: Collection[str]
) -> QuerySet[RegisteredModel]:
    """Return what ``models_held`` does for a person, who may come into the query later."""
    models: QuerySet[RegisteredModel] = RegisteredModel.objects.filter(deleted_at=None)
    if permission in everywhere:
        return models
    return models.filter(_all_listed(user_id, permission, "pk"))


def versions_held_by(user_id: int | Slot, permission: str) -> QuerySet[ModelVersion]:
    """Return the versions on whose model a person holds a permission, there or everywhere.

    Nothing is asked before it, and each version is looked up by itself: narrow it to a few.
    """
    versions: QuerySet[ModelVersion] = ModelVersion.objects.filter(
        deleted_at=None, model__deleted_at=None
    )
    roles = [role.id for role in ROLES if permission in role.permissions]
    duties = Duty.objects.filter(held_by(user_id), role__in=roles, until=None)
    return versions.filter(Q(Exists(duties)) | _is_granted(user_id, permission, "model"))


def model_or_none(actor: Actor, name: str) -> RegisteredModel | None:
    """Return the model of a name, if the actor may see it."""
    found = _MODEL.row(name)
    return found if found is not None and actor.may(VIEW, found) else None


def version_or_none(actor: Actor, name: str, number: int) -> ModelVersion | None:
    """Return one version of the model of a name, if the actor may see it."""
    if not 0 < number <= MOST_NUMBER:
        return None
    found = _VERSION.row(name, number)
    if found is None or not actor.may(VIEW, found.model):
        return None
    return without_outside(found, actor)


OUTSIDE = "a model outside this exam"


def without_outside(version: ModelVersion, actor: Actor) -> ModelVersion:
    """Return a version whose base, for an examiner who may not see it, bears no name."""
    base = version.base_version if exam_limits_of(actor) is not None else None
    if base is not None and not actor.may(VIEW, base.model):
        nameless = copy(base)
        nameless.model = RegisteredModel(pk=base.model_id, name=OUTSIDE)
        version.base_version = nameless
    return version


def account_that_sees(actor: Actor) -> int | None:
    """Return the account whose grants count when an actor looks; none for a token out of scope."""
    return _user_of(actor, VIEW)


def account_that_may(actor: Actor, permission: str) -> int | None:
    """Return the account whose grants of a permission count; none for a token out of scope."""
    return _user_of(actor, permission)


def models_of_token(actor: Actor) -> list[int] | None:
    """Return the ids of the models an actor's token is limited to; nothing when it is not."""
    limits = actor.authority.limits if isinstance(actor.authority, UserAuthority) else None
    if limits is None or not limits.roots:
        return None
    start = RegisteredModel.RECORD.ref(0).removesuffix("0")
    return [int(root.removeprefix(start)) for root in limits.roots if root.startswith(start)]


_MODEL: Prepared[RegisteredModel] = Prepared(
    lambda: RegisteredModel.objects.filter(name=Slot(), deleted_at=None).select_related(
        "owner", "team"
    )
)
_VERSION: Prepared[ModelVersion] = Prepared(
    lambda: ModelVersion.objects.filter(
        model__name=Slot(0), model__deleted_at=None, number=Slot(1), deleted_at=None
    ).select_related("model", "run")
)


def upload_or_none(actor: Actor, upload_id: UUID) -> Upload | None:
    """Return an upload, if the actor started it."""
    return Upload.objects.filter(pk=upload_id, starter=actor.user_id).first()


def holders_of(role: str, model: RegisteredModel) -> list[User]:
    """Return the active people who hold a role on a model, everywhere or there, or by a team."""
    return holders_of_each([role], model)[role]


def holders_of_each(roles: Collection[str], model: RegisteredModel) -> Mapping[str, list[User]]:
    """Return the active people who hold each of some roles on a model, in two queries."""
    held = who_holds(roles, model.pk)
    everyone = frozenset[int]().union(*held.values())
    people = User.objects.filter(pk__in=everyone, is_active=True).order_by("display_name", "pk")
    found = list(people)
    return {role: [user for user in found if user.pk in held.get(role, ())] for role in roles}


def duties_on(model: RegisteredModel) -> QuerySet[ModelDuty]:
    """Return the duties held on one model, in order of role and time."""
    held: QuerySet[ModelDuty] = ModelDuty.objects.filter(model=model, until=None)
    return held.select_related("user", "team", "model").order_by("role", "since", "pk")


@dataclass(frozen=True)
class Summary:
    """A model with its newest version and its champion."""

    model: RegisteredModel
    latest: ModelVersion | None
    champion: ModelVersion | None


def summaries(models: Sequence[RegisteredModel]) -> list[Summary]:
    """Return the summaries of some models, in two queries however many there are."""
    latest = latest_versions(models)
    aliases = Alias.objects.filter(model__in=models, name=CHAMPION).select_related("version")
    champions = {alias.model_id: alias.version for alias in aliases}
    return [Summary(model, _within(model, latest), _within(model, champions)) for model in models]


def latest_versions(models: Iterable[RegisteredModel]) -> Mapping[int, ModelVersion]:
    """Return the newest version of each model that has one, by the model's id, in one query."""
    there = ModelVersion.objects.filter(model=OuterRef("pk"), deleted_at=None)
    newest = there.order_by("-number").values("pk")[:1]
    ids = RegisteredModel.objects.filter(pk__in=[model.pk for model in models])
    versions = ModelVersion.objects.filter(pk__in=ids.order_by().values(newest=Subquery(newest)))
    return {version.model_id: version for version in versions}


def _within(model: RegisteredModel, versions: Mapping[int, ModelVersion]) -> ModelVersion | None:
    """Return a model's version with the model at hand, so that its address needs no query."""
    version = versions.get(model.pk)
    if version is not None:
        version.model = model
    return version


# -- what an actor may see -------------------------------------------------------------------------


def _few_listed(user_id: int, permission: str, model: str) -> Q:
    """Return the condition that a row's model is granted: listed while few are, else looked up."""
    ids = [pk for (pk,) in _granted(user_id, permission)[: FEW + 1]]
    return (
        Q(**{f"{model}__in": ids}) if len(ids) <= FEW else _is_granted(user_id, permission, model)
    )


def _all_listed(user_id: int | Slot, permission: str, model: str) -> Q:
    return Q(**{f"{model}__in": _granted(user_id, permission)})


def _narrowed(
    rows: QuerySet[Row, Row],
    actor: Actor,
    permission: str,
    *,
    model: str,
    granted: Callable[[int, str, str], Q] = _few_listed,
) -> QuerySet[Row, Row]:
    """Keep the rows whose model, found in the column ``model``, the permission is held on."""
    user_id = _user_of(actor, permission)
    if user_id is None:
        return rows.none()
    rows = _within_token(rows, actor, model)
    if permission in permissions_everywhere(user_id):
        return rows
    return rows.filter(granted(user_id, permission, model))


def _user_of(actor: Actor, permission: str) -> int | None:
    """Return the account whose grants count, or nothing for a token out of scope or time."""
    authority = actor.authority
    if not isinstance(authority, UserAuthority):
        return None
    limits = authority.limits
    if limits is not None and not _is_in_scope(limits, permission):
        return None
    return authority.user_id


def _is_in_scope(limits: TokenLimits, permission: str) -> bool:
    return SCOPE_OF.get(permission) in limits.scopes and timezone.now() < limits.expires_at


def _within_token(rows: QuerySet[Row, Row], actor: Actor, model: str) -> QuerySet[Row, Row]:
    ids = models_of_token(actor)
    return rows if ids is None else rows.filter(**{f"{model}__in": ids})


def _granted(user_id: int | Slot, permission: str) -> QuerySet[Any]:
    """Return the ids of the models a permission was granted on, found from the grantee."""
    by_user, by_team = _grants(permission)
    teams = User.groups.through.objects.filter(user=user_id).values("group")
    alone = by_user.filter(user=user_id).values_list("content_object")
    by_team = by_team.filter(group__in=teams).values_list("content_object")
    return alone.union(by_team, all=True)  # told apart, all would be read before the first


def _is_granted(user_id: int | Slot, permission: str, model: str) -> Q:
    """Return the condition that a row's model is among those granted, found from the model."""
    by_user, by_team = _grants(permission)
    here = OuterRef(model)
    return Q(Exists(by_user.filter(content_object=here, user=user_id))) | Q(
        Exists(by_team.filter(content_object=here, group__user=user_id))
    )


def _grants(permission: str) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Return the grants of a permission to people, and to teams."""
    app, _, codename = permission.partition(".")
    named = Permission.objects.filter(
        content_type__app_label=app, content_type__model="registeredmodel", codename=codename
    )
    the_one = Subquery(named.values("pk")[:1])
    return (
        RegisteredModelUserPermission.objects.filter(permission=the_one),
        RegisteredModelGroupPermission.objects.filter(permission=the_one),
    )
