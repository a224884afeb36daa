"""Lineage leaves Signet as a file only after the record says who took it."""

from apps.accounts.models import User
from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.catalog.models import Asset, ModelVersion
from apps.core.actors import ON_OWN, Actor
from apps.core.errors import NotAllowed

EXPORT_LINEAGE = Action(
    "version.export_lineage",
    permission="catalog.view_registeredmodel",
    refusal="You do not have the right to see this model.",
    sealing=Sealing.FIRST,
)
EXPORT_ASSET = Action(
    "user.export_asset",
    permission=ON_OWN,
    refusal="Only a person in a browser session exports the lineage of an asset.",
    sealing=Sealing.FIRST,
)


def export_version_lineage(version: ModelVersion, *, by: Actor, rows: int) -> None:
    """Record that somebody takes the lineage of a version as a file."""
    record_access(EXPORT_LINEAGE, version, by=by, facts={"rows": rows})


def export_asset_lineage(asset: Asset, *, by: Actor, rows: int) -> None:
    """Record that somebody takes the lineage of an asset as a file.

    No right is held on an asset, since all who hold a duty see it: the event is about who took it.
    """
    person = User.objects.filter(pk=by.user_id).first()
    if person is None:
        raise NotAllowed(EXPORT_ASSET.refusal)
    record_access(EXPORT_ASSET, person, by=by, facts={"asset": asset.record_id, "rows": rows})
