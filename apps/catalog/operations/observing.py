"""What a run read becomes lineage of the version registered from it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit, urlunsplit

from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.audit.governed import REGISTRY
from apps.catalog.lineage import End
from apps.catalog.models import Asset, LineageEdge, ModelVersion, Relation, RunDataset
from apps.catalog.models.lineage import MOST_LOCATION
from apps.catalog.operations.lineage import edge_between
from apps.catalog.operations.turns import one_at_a_time
from apps.core.actors import Actor
from apps.core.inputs import InputRefused, require_text

OBSERVE_ASSET = Action("asset.observe", permission="catalog.register_version")
OBSERVE_INPUTS = Action(
    "version.observe_lineage",
    permission="catalog.register_version",
    refusal="You do not have the right to register versions of this model.",
)

MOST_DATASETS = 200
"""How many datasets of one run become lineage; a run that used more says so on its page."""
EDGES_IN_AN_EVENT = 60
_EVALUATION = ("eval", "valid", "test", "holdout", "score")
_PLACES = ("uri", "url", "path", "table_name", "delta_table_name")


@dataclass(frozen=True)
class _Input:
    """A dataset a run read, and what for."""

    dataset: RunDataset
    relation: str


def observe_run_inputs(version: ModelVersion, *, by: Actor) -> int:
    """Note what the run of a version read, and what it is based on; return how many edges are new.

    It may be called again, and inside the change that registers the version: what is known is left
    as it is, and what a person ended stays ended.
    """
    inputs = _inputs(version)
    if not inputs and version.base_version is None:
        return 0
    with change(OBSERVE_INPUTS, version, by=by) as record:
        one_at_a_time()
        assets = _assets([each.dataset for each in inputs], by)
        wanted: list[tuple[End, str]] = [
            (assets[each.dataset.name, each.dataset.digest], each.relation) for each in inputs
        ]
        if version.base_version is not None:
            wanted.append((version.base_version, Relation.DERIVED_FROM))
        written = _observe(version, wanted, by, record)
        record.note(datasets=len(assets), edges=written)
    return written


def _inputs(version: ModelVersion) -> list[_Input]:
    """Return what the run read, once for each purpose."""
    if version.run_id is None:
        return []
    rows = RunDataset.objects.filter(run=version.run_id).order_by("pk")
    told: dict[tuple[str, str, str], _Input] = {}
    named: dict[tuple[str, str], None] = {}
    for row in rows:
        named[row.name, row.digest] = None
        if len(named) > MOST_DATASETS:
            break
        relation = _relation(row.context)
        told.setdefault((row.name, row.digest, relation), _Input(row, relation))
    return list(told.values())


def _relation(context: str) -> str:
    words = context.casefold()
    is_evaluation = any(word in words for word in _EVALUATION)
    return Relation.EVALUATED_ON if is_evaluation else Relation.TRAINED_ON


def _assets(datasets: Sequence[RunDataset], by: Actor) -> Mapping[tuple[str, str], Asset]:
    """Return the asset of each dataset, by name and digest; one that is not known is declared."""
    known = Asset.objects.filter(
        kind=Asset.Kind.DATASET,
        name__in={row.name for row in datasets},
        digest__in={row.digest for row in datasets},
        ended_at=None,
    )
    assets = {(asset.name, asset.digest): asset for asset in known.order_by("-pk")}
    wanted = {(row.name, row.digest): row for row in datasets}
    for key, row in wanted.items():
        if key not in assets:
            assets[key] = _observed_asset(row, by)
    return {key: assets[key] for key in wanted}


def _observed_asset(row: RunDataset, by: Actor) -> Asset:
    asset = Asset(
        kind=Asset.Kind.DATASET,
        name=row.name,
        digest=row.digest,
        location=_location(row.source),
    )
    note_asset(asset, by=by)
    return asset


def note_asset(asset: Asset, *, by: Actor) -> None:
    """Write an asset nobody knew, which was observed, inside the change that observes it."""
    with change(OBSERVE_ASSET, REGISTRY, by=by) as record:
        asset.declared_at, asset.declared_by_id = record.time, by.user_id
        asset.save()
        record.about(asset)


def _observe(
    version: ModelVersion, wanted: Sequence[tuple[End, str]], by: Actor, record: Record
) -> int:
    """Write the edges that are new, a limited number in each event."""
    new = _new_edges(version, wanted, by, record)
    written = 0
    for edge in islice(new, EDGES_IN_AN_EVENT):
        edge.save()
        written += 1
    rest = list(new)
    for start in range(0, len(rest), EDGES_IN_AN_EVENT):
        with change(OBSERVE_INPUTS, version, by=by):
            for edge in rest[start : start + EDGES_IN_AN_EVENT]:
                edge.save()
                written += 1
    return written


def _new_edges(
    version: ModelVersion, wanted: Sequence[tuple[End, str]], by: Actor, record: Record
) -> Iterator[LineageEdge]:
    """Yield what is to be written: edges nobody knew, and declared ones that are now observed."""
    into = LineageEdge.objects.filter(target_version=version)
    known = {(edge.origin_asset_id, edge.origin_version_id, edge.relation): edge for edge in into}
    for origin, relation in wanted:
        is_asset = isinstance(origin, Asset)
        key = (origin.pk, None, relation) if is_asset else (None, origin.pk, relation)
        edge = known.get(key)
        if edge is None:
            source = LineageEdge.Source.OBSERVED
            yield edge_between(origin, version, relation, source, by=by, at=record.time)
        elif edge.ended_at is None and edge.source != LineageEdge.Source.OBSERVED:
            edge.source = LineageEdge.Source.OBSERVED
            yield edge


def _location(source: str) -> str:
    """Return where a dataset lies, as its run told it, without users and passwords."""
    try:
        told = json.loads(source)
    except ValueError:
        told = source
    if isinstance(told, dict):
        told = next((told[place] for place in _PLACES if isinstance(told.get(place), str)), "")
    return plain_location(told) if isinstance(told, str) else ""


def plain_location(address: str) -> str:
    """Return an address without users and passwords; nothing when it is none."""
    try:
        require_text(address, "The location", MOST_LOCATION)
        parts = urlsplit(address)
    except (InputRefused, ValueError):
        return ""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
