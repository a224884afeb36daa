"""Lineage as the rows of a file."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from apps.catalog.lineage import BlastRadius, End, Lineage
from apps.catalog.models import Asset
from apps.console.queries import lineage as pictures
from apps.core.sheets import Cell


def _node_lines(found: Lineage) -> Iterator[Sequence[Cell]]:
    for node in found.nodes.values():
        thing = node.thing
        where = "start" if not node.distance else "up" if node.ref in found.up.nodes else "down"
        if isinstance(thing, Asset):
            yield (
                str(thing.uid), thing.get_kind_display(), thing.name, thing.version, thing.digest,
                "" if thing.is_in_use else "Retired", thing.get_sensitivity_display(),
                str(thing.owner or ""), thing.team.name if thing.team else "", where, node.distance,
            )  # fmt: skip
        else:
            yield (
                thing.record_id, "Model version", thing.model.name, str(thing.number),
                thing.content_digest, thing.get_stage_display(), "", str(thing.model.owner),
                thing.model.team.name if thing.model.team else "", where, node.distance,
            )  # fmt: skip


def _edge_lines(found: Lineage) -> Iterator[Sequence[Cell]]:
    for row in pictures.rows(found):
        edge = row.edge
        yield (
            _id(row.origin.thing), str(row.origin.thing), edge.relation_label,
            _id(row.target.thing), str(row.target.thing), edge.source_label, edge.declared_at,
        )  # fmt: skip


def _affected_lines(found: Lineage) -> Iterator[Sequence[Cell]]:
    for affected in BlastRadius.of(found).versions:
        version = affected.version
        model = version.model
        yield (
            model.name, version.number, version.get_stage_display(), affected.distance,
            str(model.owner), "yes" if model.owner.is_active else "no",
            model.team.name if model.team else "",
        )  # fmt: skip


def _id(thing: End) -> str:
    return str(thing.uid) if isinstance(thing, Asset) else thing.record_id


PARTS: Mapping[str, tuple[Sequence[str], Callable[[Lineage], Iterator[Sequence[Cell]]]]] = {
    "nodes": (
        ("id", "kind", "name", "version", "digest", "stage", "sensitivity", "owner", "team",
         "where", "steps"),
        _node_lines,
    ),
    "edges": (
        ("from id", "from", "relation", "to id", "to", "known", "since"),
        _edge_lines,
    ),
    "affected": (
        ("model", "version", "stage", "steps", "owner", "owner is active", "team"),
        _affected_lines,
    ),
}  # fmt: skip
