"""Lineage as run events of OpenLineage: one for each job, and one for each thing that was made.

OpenLineage knows jobs and datasets. Pipelines are jobs; everything else, versions of models too, is
a dataset. What joins two pipelines has no place there and is left out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from apps.api.openlineage.naming import NAMESPACE, names_of, names_of_version
from apps.catalog.lineage import Edge, End, Lineage, Node, Ref
from apps.catalog.models import Asset, ModelVersion
from apps.core.digests import utc_text

Json = dict[str, Any]

SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS = "https://openlineage.io/spec/facets"
_VERSIONS = {
    "DatasetTypeDatasetFacet": "1-0-1",
    "DatasetVersionDatasetFacet": "1-0-1",
    "DatasourceDatasetFacet": "1-0-1",
    "DocumentationDatasetFacet": "1-1-0",
    "DocumentationJobFacet": "1-1-0",
    "JobTypeJobFacet": "2-0-4",
    "OwnershipDatasetFacet": "1-0-1",
    "OwnershipJobFacet": "1-0-1",
    "TagsDatasetFacet": "1-0-0",
}
_NOWHERE = "urn:signet"
"""Stands for a Signet that was not told its own address."""
_RUNS = UUID("3f0d9a5e-6c1b-4c57-9b0e-6f3c9d1a7e42")
_HEX = frozenset("0123456789abcdef")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!-~]+")


def events_of(found: Lineage, *, site: str) -> list[str]:
    """Return lineage as run events, each as JSON on one line; the same lineage gives the same."""
    teller = _Teller(found, site)
    told = [*teller.of_jobs(), *teller.of_making()]
    return [json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in told]


@dataclass
class _Doing:
    """What one job did: the edges that lead into it, and those that lead out."""

    came: list[Edge] = field(default_factory=list)
    went: list[Edge] = field(default_factory=list)


class _Teller:
    """Tells one lineage, by the address of the Signet that knows it."""

    def __init__(self, found: Lineage, site: str) -> None:
        self._found, self._site = found, site or _NOWHERE

    def of_jobs(self) -> Iterator[Json]:
        """Yield for each pipeline what it reads and makes."""
        doing: dict[Ref, _Doing] = {}
        for edge in self._found.edges:
            origin, target = self._is_job(edge.origin), self._is_job(edge.target)
            if target and not origin:
                doing.setdefault(edge.target, _Doing()).came.append(edge)
            if origin and not target:
                doing.setdefault(edge.origin, _Doing()).went.append(edge)
        for ref, done in doing.items():
            node = self._found.nodes[ref]
            yield self._event(
                run=self._run("job", node),
                job=self._job(node),
                inputs=done.came,
                outputs=[edge.target for edge in done.went],
                edges=[*done.came, *done.went],
            )

    def of_making(self) -> Iterator[Json]:
        """Yield for each thing that data or models flow into what it was made from."""
        made: dict[Ref, list[Edge]] = {}
        for edge in self._found.edges:
            if not self._is_job(edge.origin) and not self._is_job(edge.target):
                made.setdefault(edge.target, []).append(edge)
        for ref, edges in made.items():
            node = self._found.nodes[ref]
            yield self._event(
                run=self._training_run(node.thing) or self._run("made", node),
                job=self._making(node),
                inputs=edges,
                outputs=[ref],
                edges=edges,
            )

    # -- events and their parts

    def _event(
        self, *, run: UUID, job: Json, inputs: Sequence[Edge], outputs: Sequence[Ref],
        edges: Sequence[Edge],
    ) -> Json:  # fmt: skip
        return {
            "eventType": "COMPLETE",
            "eventTime": utc_text(max(edge.declared_at for edge in edges)),
            "producer": self._site,
            "schemaURL": SCHEMA,
            "run": {"runId": str(run)},
            "job": job,
            "inputs": self._inputs(inputs),
            "outputs": [self._dataset(ref, {}) for ref in dict.fromkeys(outputs)],
        }

    def _inputs(self, edges: Sequence[Edge]) -> list[Json]:
        """Return origins, each once, with the relations they stand in and how those are known."""
        tags: dict[Ref, list[Json]] = {}
        for edge in edges:
            told = {"key": f"{NAMESPACE}.{edge.relation}", "value": edge.source, "source": "SIGNET"}
            tags.setdefault(edge.origin, []).append(told)
        return [
            self._dataset(ref, {"tags": self._facet("TagsDatasetFacet", tags=told)})
            for ref, told in tags.items()
        ]

    def _dataset(self, ref: Ref, facets: Json) -> Json:
        thing = self._found.nodes[ref].thing
        if isinstance(thing, ModelVersion):
            namespace, name = names_of_version(thing)
            about = self._of_version(thing)
        else:
            namespace, name = names_of(thing)
            about = self._of_asset(thing)
        return {"namespace": namespace, "name": name, "facets": {**about, **facets}}

    def _of_version(self, version: ModelVersion) -> Json:
        facets = {"datasetType": self._facet("DatasetTypeDatasetFacet", datasetType="MODEL")}
        if version.content_digest:
            facets["version"] = self._facet(
                "DatasetVersionDatasetFacet", datasetVersion=version.content_digest
            )
        owners = _owners(version.model.owner.username, version.model.team)
        return facets | {"ownership": self._facet("OwnershipDatasetFacet", owners=owners)}

    def _of_asset(self, asset: Asset) -> Json:
        facets: Json = {}
        if mark := asset.version or asset.digest:
            facets["version"] = self._facet("DatasetVersionDatasetFacet", datasetVersion=mark)
        if _ADDRESS.fullmatch(asset.location):
            facets["dataSource"] = self._facet(
                "DatasourceDatasetFacet", name=names_of(asset)[0], uri=asset.location
            )
        if asset.description:
            facets["documentation"] = self._facet(
                "DocumentationDatasetFacet", description=asset.description
            )
        if owners := _owners_of(asset):
            facets["ownership"] = self._facet("OwnershipDatasetFacet", owners=owners)
        return facets

    def _job(self, node: Node) -> Json:
        asset = node.thing
        assert isinstance(asset, Asset)
        namespace, name = names_of(asset)
        facets = self._job_type()
        if asset.description:
            facets["documentation"] = self._facet(
                "DocumentationJobFacet", description=asset.description
            )
        if owners := _owners_of(asset):
            facets["ownership"] = self._facet("OwnershipJobFacet", owners=owners)
        return {"namespace": namespace, "name": name, "facets": facets}

    def _making(self, node: Node) -> Json:
        """Return the job that stands for making something: its pipeline, if there is just one."""
        builders = {
            edge.origin
            for edge in self._found.edges
            if edge.target == node.ref and self._is_job(edge.origin)
        }
        if len(builders) == 1:
            return self._job(self._found.nodes[builders.pop()])
        thing = node.thing
        name = names_of(thing)[1] if isinstance(thing, Asset) else names_of_version(thing)[1]
        return {"namespace": NAMESPACE, "name": f"make {name}", "facets": self._job_type()}

    def _job_type(self) -> Json:
        kind = {"processingType": "BATCH", "integration": "SIGNET", "jobType": "LINEAGE"}
        return {"jobType": self._facet("JobTypeJobFacet", **kind)}

    def _facet(self, kind: str, /, **told: Any) -> Json:
        where = f"{_FACETS}/{_VERSIONS[kind]}/{kind}.json#/$defs/{kind}"
        return {"_producer": self._site, "_schemaURL": where, **told}

    # -- what stands for what

    def _is_job(self, ref: Ref) -> bool:
        return self._found.nodes[ref].kind == Asset.Kind.PIPELINE

    def _run(self, what: str, node: Node) -> UUID:
        """Return the id of a run that stands for what is known of a node, the same each time."""
        start, here = self._found.start.thing.record_ref, node.thing.record_ref
        return uuid5(_RUNS, f"{self._site} {what} {here} seen from {start}")

    def _training_run(self, thing: End) -> UUID | None:
        """Return the MLflow run a version came from, whose id is that of a UUID."""
        uid = thing.run_uid if isinstance(thing, ModelVersion) else ""
        return UUID(uid) if len(uid) == 32 and _HEX.issuperset(uid) else None


def _owners_of(asset: Asset) -> list[Mapping[str, str]]:
    return _owners(asset.owner.username if asset.owner else None, asset.team)


def _owners(person: str | None, team: object | None) -> list[Mapping[str, str]]:
    told = [f"user:{person}" if person else "", f"team:{team}" if team else ""]
    return [{"name": name} for name in told if name]
