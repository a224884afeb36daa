"""Lineage: assets and edges, and what lies upstream and downstream of something."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from ninja import Router

from apps.api.callers import Call
from apps.api.conditional import unless_changed
from apps.api.v1 import found
from apps.api.v1.answers.lineage import (
    AssetAnswer,
    AssetLine,
    AssetPage,
    Blast,
    EdgeAnswer,
    LineageAnswer,
)
from apps.api.v1.asked.common import Limit, Reason, Words
from apps.api.v1.asked.lineage import DescribedAsset, NewAsset, NewEdge
from apps.catalog import lineage, operations
from apps.catalog.models import Asset
from apps.catalog.operations import AssetFacts
from apps.core.paging import Order

router = Router(tags=["lineage"])
NEWEST_FIRST = Order(("id",))
_ASSET = "/lineage/assets/{uuid:uid}"
_EDGE = "/lineage/edges/{int:edge}"
_VERSION = "/models/{name}/versions/{int:number}"
_IDENTITY = {"kind", "name", "version", "digest"}


@router.get("/lineage/assets", url_name="assets", response=AssetPage)
def list_assets(
    request: Call, kind: Words = "", name: Words = "", limit: Limit = 100, page: str = ""
) -> AssetPage:
    """List the assets the caller may see, the one declared last first."""
    narrowed = {key: value for key, value in (("kind", kind), ("name", name)) if value}
    assets = lineage.assets_visible_to(request.actor).filter(**narrowed)
    bound_to = f"assets for {request.actor.id}: {[kind, name]}"
    rows = NEWEST_FIRST.page(
        assets.select_related("owner", "team"), size=limit, mark=page, bound_to=bound_to
    )
    return AssetPage(assets=[AssetLine.of(one) for one in rows.rows], next=rows.older or None)


@router.post("/lineage/assets", url_name="assets", response={201: AssetAnswer})
def declare_asset(request: Call, asked: NewAsset) -> AssetAnswer:
    """Declare something beside models that lineage can name."""
    identity = asked.model_dump(include=_IDENTITY)
    facts = AssetFacts(**_people(asked.model_dump(exclude=_IDENTITY)))
    return AssetAnswer.whole(operations.declare_asset(by=request.actor, facts=facts, **identity))


@router.get(_ASSET, url_name="asset", response=AssetAnswer)
def show_asset(request: Call, uid: UUID) -> AssetAnswer:
    """Show an asset."""
    return AssetAnswer.whole(found.asset(request.actor, uid))


@router.patch(_ASSET, url_name="asset", response=AssetAnswer)
def describe_asset(request: Call, uid: UUID, asked: DescribedAsset) -> AssetAnswer:
    """Change where an asset lies, who answers for it and what it says about itself."""
    asset = found.asset(request.actor, uid)
    facts = _facts(asset, asked)
    read = AssetAnswer.whole(asset)
    with unless_changed(request, lambda: show_asset(request, uid), since=read):
        operations.describe_asset(asset, facts, by=request.actor)
    return show_asset(request, uid)


@router.delete(_ASSET, url_name="asset", response={204: None})
def retire_asset(request: Call, uid: UUID, asked: Reason) -> None:
    """Take an asset out of use: nothing new is joined to it, and what was joined stays."""
    asset = found.asset(request.actor, uid)
    with unless_changed(request, lambda: show_asset(request, uid)):
        operations.retire_asset(asset, by=request.actor, reason=asked.reason)


@router.post("/lineage/edges", url_name="edges", response={201: EdgeAnswer})
def declare_edge(request: Call, asked: NewEdge) -> EdgeAnswer:
    """Declare that something flows from an origin to a target."""
    origin, target = found.end(request.actor, asked.origin), found.end(request.actor, asked.target)
    edge = operations.declare_edge(
        origin, target, asked.relation, by=request.actor, source=asked.source
    )
    return EdgeAnswer.of(edge)


@router.get(_EDGE, url_name="edge", response=EdgeAnswer)
def show_edge(request: Call, edge: int) -> EdgeAnswer:
    """Show an edge, both ends of which the caller may see."""
    return EdgeAnswer.of(found.edge(request.actor, edge))


@router.delete(_EDGE, url_name="edge", response={204: None})
def end_edge(request: Call, edge: int, asked: Reason) -> None:
    """Take back an edge that does not hold; that it was said stays on record."""
    known = found.edge(request.actor, edge)
    with unless_changed(request, lambda: show_edge(request, edge)):
        operations.end_edge(known, by=request.actor, reason=asked.reason)


# -- walks -----------------------------------------------------------------------------------------


@router.get(f"{_ASSET}/upstream", url_name="asset_upstream", response=LineageAnswer)
def upstream_of_asset(request: Call, uid: UUID) -> LineageAnswer:
    """Show what an asset is made from, as far as the caller may see."""
    return LineageAnswer.of(lineage.upstream(found.asset(request.actor, uid), request.actor))


@router.get(f"{_ASSET}/downstream", url_name="asset_downstream", response=LineageAnswer)
def downstream_of_asset(request: Call, uid: UUID) -> LineageAnswer:
    """Show what an asset flows into, as far as the caller may see."""
    return LineageAnswer.of(lineage.downstream(found.asset(request.actor, uid), request.actor))


@router.get(f"{_ASSET}/blast-radius", url_name="asset_blast", response=Blast)
def blast_of_asset(request: Call, uid: UUID) -> Blast:
    """Show which versions and assets a change of an asset reaches, and whom to tell."""
    return Blast.of(lineage.downstream(found.asset(request.actor, uid), request.actor))


@router.get(f"{_VERSION}/lineage", url_name="lineage", response=LineageAnswer)
def around_version(request: Call, name: str, number: int) -> LineageAnswer:
    """Show what lies around a version, upstream and downstream."""
    around, _ = lineage.around(found.version(request.actor, name, number), request.actor)
    return LineageAnswer.of(around)


@router.get(f"{_VERSION}/upstream", url_name="version_upstream", response=LineageAnswer)
def upstream_of_version(request: Call, name: str, number: int) -> LineageAnswer:
    """Show what a version is made from, as far as the caller may see."""
    version = found.version(request.actor, name, number)
    return LineageAnswer.of(lineage.upstream(version, request.actor))


@router.get(f"{_VERSION}/downstream", url_name="version_downstream", response=LineageAnswer)
def downstream_of_version(request: Call, name: str, number: int) -> LineageAnswer:
    """Show what uses a version, as far as the caller may see."""
    version = found.version(request.actor, name, number)
    return LineageAnswer.of(lineage.downstream(version, request.actor))


@router.get(f"{_VERSION}/blast-radius", url_name="version_blast", response=Blast)
def blast_of_version(request: Call, name: str, number: int) -> Blast:
    """Show which versions and assets a version reaches, and whom to tell."""
    version = found.version(request.actor, name, number)
    return Blast.of(lineage.downstream(version, request.actor))


def _facts(asset: Asset, asked: DescribedAsset) -> AssetFacts:
    """Return the facts of an asset with what is given put in their place."""
    present = {field.name: getattr(asset, field.name) for field in fields(AssetFacts)}
    given = {key: value for key, value in asked.model_dump().items() if value is not None}
    return AssetFacts(**(present | _people(given)))


def _people(given: dict[str, Any]) -> dict[str, Any]:
    """Return facts with people and teams found by their names; an empty name is nobody's."""
    finders = {"owner": found.person, "team": found.team}
    return given | {key: find(given[key] or None) for key, find in finders.items() if key in given}
