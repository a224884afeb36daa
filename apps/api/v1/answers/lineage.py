"""Assets, edges, and what lies upstream and downstream."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.catalog.lineage import BlastRadius, Edge, End, Lineage, Node, kind_of
from apps.catalog.models import Asset, LineageEdge


class AssetLine(Answer):
    """An asset in a list."""

    uid: UUID
    kind: str
    name: str
    version: str
    digest: str
    owner: str | None
    team: str | None
    sensitivity: str
    declared_at: datetime
    retired_at: datetime | None
    url: str
    page: str

    @classmethod
    def of(cls, asset: Asset) -> "AssetLine":
        return cls(**_line(asset))


class AssetPage(Answer):
    """Some assets, the one declared last first; ``next`` leads on, or is nothing."""

    assets: list[AssetLine]
    next: str | None


class AssetAnswer(AssetLine):
    """An asset whole."""

    location: str
    description: str
    license: str

    @classmethod
    def whole(cls, asset: Asset) -> "AssetAnswer":
        return cls(
            **_line(asset),
            location=asset.location,
            description=asset.description,
            license=asset.license,
        )


class EndAnswer(Answer):
    """An end of an edge: an asset, or a version of a model."""

    id: str
    kind: str
    name: str
    asset: UUID | None
    model: str | None
    version: int | None
    url: str

    @classmethod
    def of(cls, end: End) -> "EndAnswer":
        return cls(**_end(end))


class EdgeAnswer(Answer):
    """Something flows from an origin to a target."""

    number: int
    relation: str
    source: str
    origin: EndAnswer
    target: EndAnswer
    declared_at: datetime
    ended_at: datetime | None
    url: str

    @classmethod
    def of(cls, edge: LineageEdge) -> "EdgeAnswer":
        return cls(
            number=edge.pk,
            relation=edge.relation,
            source=edge.source,
            origin=EndAnswer.of(edge.origin),
            target=EndAnswer.of(edge.target),
            declared_at=edge.declared_at,
            ended_at=edge.ended_at,
            url=reverse("v1:edge", args=[edge.pk]),
        )


class NodeAnswer(EndAnswer):
    """Something on the way, with how many edges lie between."""

    distance: int

    @classmethod
    def at(cls, node: Node) -> "NodeAnswer":
        return cls(**_end(node.thing), distance=node.distance)


class EdgeLine(Answer):
    """An edge on the way; its ends are named by their ids."""

    number: int
    relation: str
    source: str
    origin: str
    target: str
    declared_at: datetime

    @classmethod
    def of(cls, edge: Edge, found: Lineage) -> "EdgeLine":
        return cls(
            number=edge.pk,
            relation=edge.relation,
            source=edge.source,
            origin=found.nodes[edge.origin].thing.record_id,
            target=found.nodes[edge.target].thing.record_id,
            declared_at=edge.declared_at,
        )


class LineageAnswer(Answer):
    """What the caller may see around something; ``stopped_at`` names where it may go on."""

    start: EndAnswer
    nodes: list[NodeAnswer]
    edges: list[EdgeLine]
    stopped_at: list[str]

    @classmethod
    def of(cls, found: Lineage) -> "LineageAnswer":
        return cls(
            start=EndAnswer.of(found.start.thing),
            nodes=[NodeAnswer.at(node) for node in found.nodes.values()],
            edges=[EdgeLine.of(edge, found) for edge in found.edges],
            stopped_at=[node.thing.record_id for node in found.stopped_at],
        )


class AffectedVersion(Answer):
    """A version downstream."""

    model: str
    version: int
    stage: str
    distance: int
    url: str


class ToTell(Answer):
    """Somebody who answers for something downstream."""

    person: str
    name: str
    answers_for: list[str]
    has_production: bool


class Blast(Answer):
    """All that lies downstream, and whom to tell; not complete where the walk stopped."""

    versions: list[AffectedVersion]
    assets: list[NodeAnswer]
    people: list[ToTell]
    is_complete: bool

    @classmethod
    def of(cls, found: Lineage) -> "Blast":
        radius = BlastRadius.of(found)
        return cls(
            versions=[
                AffectedVersion(
                    model=one.version.model.name,
                    version=one.version.number,
                    stage=one.version.stage,
                    distance=one.distance,
                    url=reverse("v1:version", args=[one.version.model.name, one.version.number]),
                )
                for one in radius.versions
            ],
            assets=[NodeAnswer.at(node) for node in radius.assets],
            people=[
                ToTell(
                    person=one.person.username,
                    name=one.name,
                    answers_for=list(one.answers_for),
                    has_production=one.has_production,
                )
                for one in radius.people
            ],
            is_complete=not found.stopped_at,
        )


def _end(end: End) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": end.record_id,
        "kind": kind_of(end),
        "name": str(end),
        "asset": None,
        "model": None,
        "version": None,
    }
    if isinstance(end, Asset):
        return told | {"asset": end.uid, "url": reverse("v1:asset", args=[end.uid])}
    return told | {
        "model": end.model.name,
        "version": end.number,
        "url": reverse("v1:version", args=[end.model.name, end.number]),
    }


def _line(asset: Asset) -> dict[str, Any]:
    return {
        "uid": asset.uid,
        "kind": asset.kind,
        "name": asset.name,
        "version": asset.version,
        "digest": asset.digest,
        "owner": asset.owner.username if asset.owner else None,
        "team": asset.team.name if asset.team else None,
        "sensitivity": asset.sensitivity,
        "declared_at": asset.declared_at,
        "retired_at": asset.ended_at,
        "url": reverse("v1:asset", args=[asset.uid]),
        "page": asset.get_absolute_url(),
    }
