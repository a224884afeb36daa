"""Who sees which ends of lineage: assets by whoever holds a duty, versions by right."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import Duty
from apps.accounts.rights import UserAuthority, held_by, permissions_everywhere
from apps.catalog import queries
from apps.catalog.models import Asset, LineageEdge, ModelDuty, ModelVersion
from apps.core.actors import Actor


def assets_visible_to(actor: Actor) -> QuerySet[Asset]:
    """Return the assets: all for whoever holds any duty, none for anybody else.

    Assets are the organization's shared names. A token for some models only sees none of them.
    """
    assets: QuerySet[Asset] = Asset.objects.all()
    return assets if sees_assets(actor) else assets.none()


def asset_or_none(actor: Actor, uid: UUID) -> Asset | None:
    """Return the asset of an id, if the actor may see it."""
    named = assets_visible_to(actor).filter(uid=uid)
    return named.select_related("owner", "team", "declared_by").first()


@dataclass(frozen=True)
class Sight:
    """What one actor may see, asked once for a whole walk."""

    versions: QuerySet[ModelVersion]
    sees_assets: bool
    sees_every_model: bool

    @classmethod
    def of(cls, actor: Actor) -> Self:
        return cls(
            versions=queries.versions_visible_to(actor),
            sees_assets=sees_assets(actor),
            sees_every_model=_sees_every_model(actor),
        )

    def of_end(self, end: str) -> Q:
        """Return the condition that the end of an edge, origin or target, may be seen."""
        visible = Q(Exists(self.versions.filter(pk=OuterRef(f"{end}_version"))))
        return visible | Q(**{f"{end}_version": None}) if self.sees_assets else visible


def outside(version: ModelVersion, actor: Actor) -> int:
    """Return how many edges lead from a version to others that an examiner is not shown."""
    if queries.exam_limits_of(actor) is None:
        return 0
    live, seen = LineageEdge.objects.filter(ended_at=None), queries.versions_visible_to(actor)
    to = live.filter(origin_version=version, target_version__isnull=False)
    came = live.filter(target_version=version, origin_version__isnull=False)
    return (
        to.exclude(target_version__in=seen).count() + came.exclude(origin_version__in=seen).count()
    )


def sees_assets(actor: Actor) -> bool:
    """Say whether an actor holds any duty, and so sees the assets."""
    user_id, limits = queries.account_that_sees(actor), _limits(actor)
    if user_id is None or (limits is not None and limits.roots):
        return False
    held = Q(until=None) & held_by(user_id)
    return Duty.objects.filter(held).exists() or ModelDuty.objects.filter(held).exists()


def _sees_every_model(actor: Actor) -> bool:
    user_id, limits = queries.account_that_sees(actor), _limits(actor)
    if user_id is None or (limits is not None and limits.roots):
        return False
    return queries.VIEW in permissions_everywhere(user_id)


def _limits(actor: Actor) -> Any:
    return actor.authority.limits if isinstance(actor.authority, UserAuthority) else None
