"""Finds the asset or version a person means by what was typed, among what they may see."""

import re
from uuid import UUID

from django.db.models import QuerySet

from apps.catalog import lineage
from apps.catalog import queries as catalog
from apps.catalog.lineage import End
from apps.catalog.models import Asset
from apps.core.actors import Actor
from apps.core.errors import NotFound
from apps.core.inputs import InputRefused

MOST_SUGGESTED = 200
_UID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_VERSION = re.compile(r"(?P<name>.+?)(?:/versions/|[/ ]+v?)(?P<number>\d{1,9})/?", re.IGNORECASE)


def found(actor: Actor, text: str) -> End:
    """Return what is meant by a name, a model with a version, or the address of an asset's page.

    Raises:
        NotFound: when nothing the actor may see is called so.
        InputRefused: when several are.
    """
    uid = _UID.search(text)
    if uid is not None:
        meant: list[End] = list(lineage.assets_visible_to(actor).filter(uid=UUID(uid[0])))
    else:
        meant = [*_assets(actor, text), *_versions(actor, text)]
    if not meant:
        raise NotFound("Nothing you can see is called this. Declare the asset first.")
    if len(meant) > 1:
        raise InputRefused("Several are called this. Give the address of the one's page.")
    return meant[0]


def suggestions(actor: Actor) -> list[tuple[str, str]]:
    """Return the names of the assets declared last, to complete a form with."""
    assets = lineage.assets_visible_to(actor).filter(ended_at=None).order_by("-pk")
    return [(str(asset), asset.get_kind_display()) for asset in assets[:MOST_SUGGESTED]]


def _assets(actor: Actor, text: str) -> list[Asset]:
    """Return the assets in use with a name, or with a name followed by their version or digest."""
    in_use: QuerySet[Asset] = lineage.assets_visible_to(actor).filter(ended_at=None)
    name, _, mark = text.rpartition(" ")
    by_mark = [asset for asset in in_use.filter(name=name)[:MOST_SUGGESTED] if _has(asset, mark)]
    return [*in_use.filter(name=text).order_by("pk")[:2], *by_mark]


def _has(asset: Asset, mark: str) -> bool:
    return asset.version == mark if asset.version else asset.digest.startswith(mark)


def _versions(actor: Actor, text: str) -> list[End]:
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return []
    name = match["name"].rpartition("/models/")[2]
    version = catalog.version_or_none(actor, name, int(match["number"]))
    return [version] if version is not None else []
