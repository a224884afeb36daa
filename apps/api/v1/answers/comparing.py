"""Versions of a model side by side, fact by fact."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from apps.api.v1.answers.base import Answer
from apps.catalog.exports.gathered import Gathered
from apps.catalog.models import ModelVersion
from apps.validation.checks.schema_declared import Malformed, read_side

MOST_ROWS = 1000
"""How many facts of one kind are told; those that differ come first."""

Told = Mapping[str, str]


class Row(Answer):
    """One fact of each version in order, or nothing where a version does not say."""

    name: str
    values: list[str | None]
    is_same: bool


class MetricRow(Answer):
    """One final metric of each version, in order."""

    key: str
    dataset: str
    slice: str
    values: list[float | None]
    higher_is_better: bool | None
    is_same: bool


class Section(Answer):
    """Facts of one kind, those that differ first."""

    kind: str
    rows: list[Row]
    left_out: int


class Comparison(Answer):
    """Versions of a model side by side."""

    versions: list[int]
    metrics: list[MetricRow]
    sections: list[Section]

    @classmethod
    def of(cls, versions: Sequence[ModelVersion]) -> "Comparison":
        """Compare versions; two to five are read, each in a fixed number of queries."""
        gathered = [Gathered.about(version) for version in versions]
        told: Mapping[str, list[Told]] = {
            "parameters": [_parameters(one) for one in gathered],
            "datasets": [_datasets(one) for one in gathered],
            "signature": [_signature(version) for version in versions],
            "packages": [_packages(one) for one in gathered],
            "origin": [_origin(version) for version in versions],
            "files": [_files(one) for one in gathered],
        }
        return cls(
            versions=[version.number for version in versions],
            metrics=_metrics(gathered),
            sections=[_section(kind, facts) for kind, facts in told.items()],
        )


def _metrics(gathered: Sequence[Gathered]) -> list[MetricRow]:
    by_place = [
        {(metric.key, metric.dataset, metric.slice): metric for metric in one.metrics}
        for one in gathered
    ]
    rows: list[MetricRow] = []
    for place in sorted({place for metrics in by_place for place in metrics}):
        found = [metrics.get(place) for metrics in by_place]
        values = [None if one is None or one.is_nan else one.value for one in found]
        rows.append(
            MetricRow(
                key=place[0],
                dataset=place[1],
                slice=place[2],
                values=values,
                higher_is_better=next((one.higher_is_better for one in found if one), None),
                is_same=len(set(values)) == 1,
            )
        )
    return sorted(rows, key=lambda row: row.is_same)[:MOST_ROWS]


def _section(kind: str, facts: Sequence[Told]) -> Section:
    names = sorted({name for told in facts for name in told})
    rows = [_row(name, [told.get(name) for told in facts]) for name in names]
    rows.sort(key=lambda row: row.is_same)
    return Section(
        kind=kind, rows=list(islice(rows, MOST_ROWS)), left_out=max(len(rows) - MOST_ROWS, 0)
    )


def _row(name: str, values: list[str | None]) -> Row:
    return Row(name=name, values=values, is_same=len(set(values)) == 1)


def _parameters(found: Gathered) -> Told:
    return {parameter.key: parameter.value for parameter in found.parameters}


def _datasets(found: Gathered) -> Told:
    return _joined(
        (f"{one.name} ({one.context})" if one.context else one.name, one.digest)
        for one in found.datasets
    )


def _packages(found: Gathered) -> Told:
    return _joined((package.name, package.version or "not pinned") for package in found.packages)


def _files(found: Gathered) -> Told:
    return {file.path: file.artifact.sha256 for file in found.files}


def _joined(pairs: Iterable[tuple[str, str]]) -> Told:
    told: dict[str, str] = {}
    for name, value in pairs:
        told[name] = f"{told[name]}, {value}" if name in told else value
    return told


def _signature(version: ModelVersion) -> Told:
    declared = version.signature if isinstance(version.signature, dict) else {}
    told: dict[str, str] = {}
    for side in ("inputs", "outputs", "params"):
        told |= {f"{side}: {name}": kind for name, kind in _fields(declared.get(side))}
    return told


def _fields(side: object) -> Iterable[tuple[str, str]]:
    if not side:
        return
    try:
        read = read_side(side)
    except Malformed:
        yield "", "cannot be read"
        return
    for column in read.columns:
        yield column.name, column.type if column.is_required else f"{column.type}, optional"
    for tensor in read.tensors:
        shape = " × ".join("any" if length < 0 else str(length) for length in tensor.shape)
        yield tensor.name, f"{tensor.dtype} {shape}".strip()


def _origin(version: ModelVersion) -> Told:
    told = {
        "framework": version.framework,
        "flavors": ", ".join(map(str, version.flavors)),
        "python_version": version.python_version,
        "code_repository": version.code_repository,
        "code_commit": version.code_commit,
        "code_is_dirty": "yes" if version.code_is_dirty else "",
        "container_digest": version.container_digest,
        "base_version": _base(version),
        "source": version.source,
        "content_digest": version.content_digest,
    }
    return {name: value for name, value in told.items() if value}


def _base(version: ModelVersion) -> str:
    """Return the number of the version it is based on, when that is one of the same model."""
    base = version.base_version
    return str(base.number) if base and base.model_id == version.model_id else ""
