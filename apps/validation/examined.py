"""A version as checks see it: its manifest, stored bytes and record, in plain values.

Only what a check names as its sources is read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from django.db.models import Q

from apps.catalog import disposal, facts, prompts, store
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Asset, LineageEdge, ModelVersion, VersionSheet
from apps.core.digests import utc_text
from apps.validation.checks.contract import Check, Source
from apps.validation.checks.recorded import (
    Champion,
    Code,
    Dataset,
    Edge,
    Metric,
    Record,
    WrittenDocument,
)
from apps.validation.documents import standing
from apps.validation.models import ReferenceList


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a version, opened from the content store when a check asks for its bytes."""

    path: str
    sha256: str
    size: int
    kind: str = ""
    since: str = ""

    def open(self) -> BinaryIO:
        """Open the stored bytes; FileNotFoundError when the store does not hold them."""
        return store.open(self.sha256)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """What a check may know about a version, read once at its start."""

    digest: str
    files: Sequence[StoredFile]
    signature: dict[str, object] | None
    input_example: object | None
    is_prompt: bool
    record: Record = field(default_factory=Record)
    champion: Champion | None = None
    lineage: Sequence[Edge] = ()
    documents: Sequence[WrittenDocument] = ()
    attached: Sequence[StoredFile] = ()
    lists: Mapping[Source, StoredFile] = field(default_factory=dict)


def examined(version: ModelVersion, check: Check) -> StoredVersion:
    """Return a version as one of its checks sees it; one whose files are gone, none does."""
    disposal.require_kept(version)
    manifest = version.files.order_by("path", "pk").values_list(
        "path", "artifact__sha256", "artifact__size"
    )
    more: dict[str, Any] = {}
    for source in sorted(check.sources):
        name, read = _READERS[source]
        if name == "lists":
            more["lists"] = {**more.get("lists", {}), **read(version)}
        else:
            more[name] = read(version)
    return StoredVersion(
        digest=version.content_digest,
        files=tuple(StoredFile(*entry, since=utc_text(version.created_at)) for entry in manifest),
        signature=version.signature,
        input_example=version.input_example,
        is_prompt=prompts.is_prompt(version.model),
        **more,
    )


def record_of(version: ModelVersion) -> Record:
    """Return what was recorded with a version, its run's last measurements included."""
    run = version.run
    sheet = VersionSheet.objects.filter(version=version).first()
    return Record(
        model=version.model.name,
        kind=version.model.kind,
        number=version.number,
        framework=version.framework,
        flavors=tuple(version.flavors),
        python_version=version.python_version,
        packages=tuple(map(str, version.packages)),
        code=Code(version.code_repository, version.code_commit, version.code_is_dirty),
        container_digest=version.container_digest,
        base_version=str(version.base_version or ""),
        license=sheet.values.get("license", "") if sheet else "",
        has_run=run is not None,
        parameters=dict(run.parameters.values_list("key", "value")) if run else {},
        metrics=tuple(_metrics(version)),
        datasets=tuple(
            Dataset(*row) for row in run.datasets.values_list("name", "digest", "context")
        )
        if run
        else (),
    )


def _metrics(version: ModelVersion) -> Sequence[Metric]:
    if version.run_id is None:
        return []
    return [
        Metric(
            metric.key,
            metric.number,
            metric.dataset,
            metric.dataset_digest,
            metric.slice,
            metric.lower,
            metric.upper,
            metric.higher_is_better,
        )
        for metric in facts.final_metrics([version.run_id]).order_by("key", "dataset", "slice")
    ]


def _champion(version: ModelVersion) -> Champion | None:
    found = ModelVersion.objects.filter(model=version.model_id, stage=Stage.PRODUCTION)
    champion = found.exclude(pk=version.pk).select_related("model", "run").order_by("-pk").first()
    if champion is None:
        return None
    return Champion(
        champion.number, champion.content_digest, champion.signature, record_of(champion)
    )


def _lineage(version: ModelVersion) -> Sequence[Edge]:
    edges = LineageEdge.objects.filter(
        Q(origin_version=version) | Q(target_version=version), ended_at=None
    ).select_related("origin_asset", "target_asset", "origin_version", "target_version")
    return [_edge(edge, version) for edge in edges.order_by("pk")]


def _edge(edge: LineageEdge, version: ModelVersion) -> Edge:
    other = edge.origin if edge.target == version else edge.target
    if isinstance(other, Asset):
        named = (other.kind, other.name, other.version, other.digest)
    else:
        named = ("version", other.model.name, str(other.number), other.content_digest)
    leads_here = edge.target == version
    return Edge(edge.relation, *named, source_class=edge.source, leads_here=leads_here)


def _documents(version: ModelVersion) -> Sequence[WrittenDocument]:
    return [
        WrittenDocument(
            found.template.id,
            found.template.title,
            found.status,
            found.filled.percent if found.document else 0,
            tuple(field.label for field in found.filled.missing),
        )
        for found in standing.standings(version)
    ]


def _attached(version: ModelVersion) -> Sequence[StoredFile]:
    """Return what is attached and was not withdrawn, in the order in which it came."""
    counting = version.attestations.filter(withdrawn_at=None).select_related("artifact")
    return [
        StoredFile(
            one.file_name,
            one.artifact.sha256,
            one.artifact.size,
            one.kind,
            utc_text(one.attached_at),
        )
        for one in counting.order_by("pk")
    ]


def _newest_list(source: Source) -> Callable[[ModelVersion], Mapping[Source, StoredFile]]:
    def read(_version: ModelVersion) -> Mapping[Source, StoredFile]:
        newest = ReferenceList.objects.filter(kind=source.value).select_related("artifact")
        found = newest.order_by("-pk").first()
        if found is None:
            return {}
        artifact = found.artifact
        return {source: StoredFile(source.value, artifact.sha256, artifact.size)}

    return read


_READERS: dict[Source, tuple[str, Callable[[ModelVersion], Any]]] = {
    Source.RECORD: ("record", record_of),
    Source.CHAMPION: ("champion", _champion),
    Source.LINEAGE: ("lineage", _lineage),
    Source.DOCUMENTS: ("documents", _documents),
    Source.ATTESTATIONS: ("attached", _attached),
    Source.ADVISORIES: ("lists", _newest_list(Source.ADVISORIES)),
    Source.SIGNERS: ("lists", _newest_list(Source.SIGNERS)),
}
"""Where what is read from each source goes, and how it is read."""
