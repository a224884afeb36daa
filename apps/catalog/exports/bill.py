"""The bill of materials of a version: a CycloneDX 1.6 document of the machine-learning kind.

CycloneDX is ECMA-424; its ``modelCard`` object says what a model is for and how it did. The
document depends on the version alone, so the same version gives the same bytes.
"""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from apps.catalog.exports.gathered import Gathered, Package
from apps.catalog.models import ModelVersion, RunMetric
from apps.core.digests import utc_text

Json = dict[str, Any]

_NAMESPACE = uuid.UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"


def bill_of_materials(version: ModelVersion) -> Json:
    """Return the bill of a version: its files, packages, data, and a model card."""
    found = Gathered.about(version)
    components = [*_files(found), *_libraries(found.packages), *_data(found), *_base(version)]
    model = _model(found)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, _identity(version))}",
        "version": 1,
        "metadata": {
            "timestamp": utc_text(version.ready_at or version.created_at),
            "tools": {"components": [{"type": "application", "name": "Signet"}]},
            "component": model,
        },
        "components": components,
        "dependencies": [
            {
                "ref": model["bom-ref"],
                "dependsOn": sorted(part["bom-ref"] for part in components),
            }
        ],
    }


def file_name(version: ModelVersion) -> str:
    """Return what the bill is called as a file."""
    return f"{version.model.name}-v{version.number}.cdx.json"


def _identity(version: ModelVersion) -> str:
    return f"{version.record_ref} {version.content_digest} {version.facts_digest}"


def _model(found: Gathered) -> Json:
    version, model = found.version, found.version.model
    return {
        "type": "machine-learning-model",
        "bom-ref": version.record_ref,
        "name": model.name,
        "version": str(version.number),
        **_if({"description": version.description or model.description or model.intended_use}),
        "authors": [{"name": str(version.created_by)}],
        "modelCard": _card(found),
        "properties": _properties(version),
    }


def _properties(version: ModelVersion) -> list[Json]:
    known = {
        "signet:content_digest": version.content_digest,
        "signet:facts_digest": version.facts_digest,
        "signet:stage": version.stage,
        "signet:framework": version.framework,
        "signet:python_version": version.python_version,
        "signet:code_repository": version.code_repository,
        "signet:code_commit": version.code_commit,
        "signet:container_digest": version.container_digest,
        "signet:source": version.source,
        "signet:run": version.run_uid or (version.run.uid if version.run else ""),
    }
    return [{"name": name, "value": value} for name, value in known.items() if value]


def _card(found: Gathered) -> Json:
    version, model = found.version, found.version.model
    parameters: Json = {
        **_if({"modelArchitecture": model.method, "task": model.domain}),
        "datasets": [{"ref": _data_ref(name)} for name in found.dataset_names],
        "inputs": _formats(version, "inputs"),
        "outputs": _formats(version, "outputs"),
    }
    considerations = {
        "useCases": [text for text in (model.intended_use,) if text],
        "technicalLimitations": [
            text for text in (model.limitations, model.out_of_scope_uses) if text
        ],
    }
    return {
        "bom-ref": f"{version.record_ref}:card",
        "modelParameters": _if(parameters),
        "quantitativeAnalysis": {"performanceMetrics": [_measured(row) for row in found.metrics]},
        "considerations": _if(considerations),
        **_if(
            {
                "properties": [
                    {"name": f"parameter:{row.key}", "value": row.value} for row in found.parameters
                ]
            }
        ),
    }


def _measured(metric: RunMetric) -> Json:
    interval = {
        side: repr(bound)
        for side, bound in (("lowerBound", metric.lower), ("upperBound", metric.upper))
        if bound is not None
    }
    place = ", ".join(part for part in (metric.dataset, metric.slice) if part)
    return {
        "type": metric.key,
        "value": repr(metric.number),
        **_if({"slice": place, "confidenceInterval": interval}),
    }


def _formats(version: ModelVersion, side: str) -> list[Json]:
    """Return the declared columns of one side as CycloneDX formats: ``income: double``."""
    declared = version.signature.get(side) if isinstance(version.signature, dict) else None
    if not isinstance(declared, list):
        return []
    return [
        {"format": f"{column.get('name', 'unnamed')}: {column.get('type', 'any')}"}
        for column in declared
        if isinstance(column, dict)
    ]


def _files(found: Gathered) -> Iterator[Json]:
    for file in found.files:
        yield {
            "type": "file",
            "bom-ref": f"file:{file.path}",
            "name": file.path,
            "hashes": [{"alg": "SHA-256", "content": file.artifact.sha256}],
            "properties": [{"name": "signet:size", "value": str(file.artifact.size)}],
        }


def _libraries(packages: Sequence[Package]) -> Iterator[Json]:
    for package in packages:
        yield {
            "type": "library",
            "bom-ref": package.purl,
            "name": package.name,
            **_if({"version": package.version}),
            "purl": package.purl,
        }


def _data(found: Gathered) -> Iterator[Json]:
    digests: dict[str, list[str]] = {}
    for dataset in found.datasets:
        digests.setdefault(dataset.name, []).append(dataset.digest)
    for name in found.dataset_names:
        known = [{"name": "signet:digest", "value": each} for each in digests.get(name, ())]
        yield {
            "type": "data",
            "bom-ref": _data_ref(name),
            "name": name,
            "data": [{"type": "dataset", "name": name}],
            **_if({"properties": known}),
        }


def _base(version: ModelVersion) -> Iterator[Json]:
    base = version.base_version
    if base is not None:
        yield {
            "type": "machine-learning-model",
            "bom-ref": base.record_ref,
            "name": base.model.name,
            "version": str(base.number),
            "properties": [{"name": "signet:content_digest", "value": base.content_digest}],
        }


def _data_ref(name: str) -> str:
    return f"data:{name}"


def _if(known: Json) -> Json:
    """Keep what is known: CycloneDX knows no empty values."""
    return {key: value for key, value in known.items() if value}
