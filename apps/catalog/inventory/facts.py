"""What is known of a record: what was recorded in its fields, and what its row says already."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.catalog.inventory.reading import EntityId
from apps.catalog.inventory.sheets import Subject, entities_of, recorded
from apps.catalog.inventory.values import is_empty
from apps.catalog.models import (
    ModelVersion,
    RegisteredModel,
    Run,
    RunDataset,
    RunMetric,
    RunParameter,
    ThirdParty,
    UseCase,
)
from apps.core import formats
from apps.core.digests import utc_text

Answers = dict[str, object]

DESCRIBED = frozenset({"description", "intended_use", "out_of_scope_uses"})
"""Fields of a model that are columns of its row: recording them describes the model."""
FLAGS = frozenset(RegisteredModel.Flag.values)
"""Fields of a model that are also flags of its row, which policies read."""
FIXED: Mapping[EntityId, frozenset[str]] = {
    EntityId.MODEL: frozenset({"id", "name", "owner", "tags"}),
    EntityId.VERSION: frozenset(),
    EntityId.USE_CASE: frozenset({"id", "title"}),
    EntityId.THIRD_PARTY: frozenset(),
    EntityId.GENERATIVE: frozenset(),
}
"""Fields that say what the row says, and are changed where the row is."""

_SUPPLIED = frozenset({"vendor_transparent", "vendor_opaque", "open_source", "group"})


@dataclass(frozen=True)
class Measured:
    """Which runs recorded parameters, metrics and datasets, read once for many versions."""

    parameters: Collection[int]
    metrics: Collection[int]
    datasets: Collection[int]
    with_dataset: Mapping[int, int]
    """How many metrics of each run name the dataset they were measured on."""

    @classmethod
    def of(cls, versions: Collection[ModelVersion]) -> "Measured":
        """Read what the runs of some versions recorded, in one query."""
        runs = Run.objects.filter(pk__in={version.run_id for version in versions if version.run_id})
        return cls._of({run.pk: run for run in runs.annotate(**cls.annotations("pk"))})

    @classmethod
    def read_off(cls, versions: Iterable[ModelVersion]) -> "Measured":
        """Return what was read with versions that have the annotations."""
        return cls._of({one.run_id: one for one in versions if one.run_id is not None})

    @staticmethod
    def annotations(run: str) -> dict[str, Exists | Coalesce]:
        """Return what tells of the run that a row leads to by a path."""
        of_run = {"run": OuterRef(run)}
        named = RunMetric.objects.filter(**of_run).exclude(dataset="").order_by().values("run")
        counted = Subquery(named.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
        return {
            "has_parameters": Exists(RunParameter.objects.filter(**of_run)),
            "has_metrics": Exists(RunMetric.objects.filter(**of_run)),
            "has_datasets": Exists(RunDataset.objects.filter(**of_run)),
            "metrics_with_dataset": Coalesce(counted, 0),
        }

    @classmethod
    def _of(cls, by_run: Mapping[int, Any]) -> "Measured":
        return cls(
            frozenset(pk for pk, row in by_run.items() if row.has_parameters),
            frozenset(pk for pk, row in by_run.items() if row.has_metrics),
            frozenset(pk for pk, row in by_run.items() if row.has_datasets),
            {pk: row.metrics_with_dataset for pk, row in by_run.items()},
        )


def of_model(model: RegisteredModel, third_parties: Collection[ThirdParty]) -> Answers:
    """Return what is known of a model; ``third_parties`` are its live supplier records."""
    sheet = recorded(model)
    answers: Answers = {
        "limitations": model.limitations,
        **sheet,
        "id": model.record_id,
        "name": model.name,
        "owner": model.owner.record_id,
        "owner_org_unit": model.owner.org_unit,
        "tags": sorted(f"{tag.key}={tag.value}" for tag in model.tags.all()),
        "suppliers": sorted({party.title for party in third_parties}),
        "is_third_party": is_third_party(model, sheet, third_parties),
        **{name: getattr(model, name) for name in DESCRIBED},
        **dict.fromkeys(FLAGS.intersection(model.flags), True),
    }
    return _filled(answers)


def is_third_party(
    model: RegisteredModel, sheet: Mapping[str, object], third_parties: Collection[ThirdParty]
) -> bool:
    """Say whether any part of a model is supplied by somebody else."""
    is_vendor = model.kind in {RegisteredModel.Kind.VENDOR, RegisteredModel.Kind.FOUNDATION}
    return bool(third_parties) or is_vendor or sheet.get("origin") in _SUPPLIED


def of_version(version: ModelVersion, measured: Measured) -> Answers:
    """Return what is known of a version: what came with it wins over what was recorded later."""
    return _filled(recorded(version)) | given_with(version, measured)


def given_with(version: ModelVersion, measured: Measured) -> Answers:
    """Return what came with a version when it was registered, which nobody rewrites."""
    return _filled(
        {
            "number": str(version.number),
            "digest": version.content_digest,
            "stage": version.stage,
            "created_at": utc_text(version.created_at),
            "authorized_at": version.authorized_at and utc_text(version.authorized_at),
            "contributors": list(version.contributors),
            "summary_of_change": version.description,
            "change_class": version.change_class,
            "framework": version.framework,
            "code_ref": _code(version),
            "run_ref": version.run_link or version.run_uid,
            "base_model": str(version.base_version) if version.base_version else "",
            "artifacts": _files(version),
            "environment": _environment(version),
            "hyperparameters": _with_run(version, measured.parameters, "Parameters of its run"),
            "metrics": _with_run(version, measured.metrics, "Metrics of its run"),
            "datasets": _with_run(version, measured.datasets, "Datasets of its run"),
        }
    )


def of_use_case(use: UseCase) -> Answers:
    """Return what is known of a use."""
    return _filled({**recorded(use), "id": use.record_id, "title": use.title})


def of_third_party(party: ThirdParty) -> Answers:
    """Return what is known of a supplier relationship."""
    return _filled(recorded(party))


def of_subject(subject: Subject) -> Answers:
    """Return what is known of one record, reading what it takes."""
    if isinstance(subject, RegisteredModel):
        return of_model(subject, live_third_parties(subject))
    if isinstance(subject, ModelVersion):
        return of_version(subject, Measured.of([subject]))
    return of_use_case(subject) if isinstance(subject, UseCase) else of_third_party(subject)


def fixed_in(subject: Subject) -> frozenset[str]:
    """Return the fields of a record that are not recorded here, but where its row is changed."""
    if isinstance(subject, ModelVersion):
        return frozenset(given_with(subject, Measured.of([subject])))
    return frozenset().union(*(FIXED[entity] for entity in entities_of(subject)))


def live_third_parties(model: RegisteredModel) -> list[ThirdParty]:
    """Return the supplier relationships of a model that have not ended."""
    return [party for party in model.third_parties.all() if party.ended_at is None]


def live_use_cases(model: RegisteredModel) -> list[UseCase]:
    """Return the uses of a model that have not ended."""
    return [use for use in model.use_cases.all() if use.ended_at is None]


def _filled(answers: Mapping[str, object]) -> Answers:
    return {key: value for key, value in answers.items() if not is_empty(value)}


def _code(version: ModelVersion) -> str:
    commit = f"{version.code_commit}{' with uncommitted changes' if version.code_is_dirty else ''}"
    return "@".join(
        part for part in (version.code_repository, version.code_commit and commit) if part
    )


def _files(version: ModelVersion) -> str:
    if not version.file_count:
        return ""
    files = "1 file" if version.file_count == 1 else f"{formats.grouped(version.file_count)} files"
    return f"{files}, {formats.size(version.byte_count)}"


def _environment(version: ModelVersion) -> str:
    python = f"Python {version.python_version}" if version.python_version else ""
    count = len(version.packages)
    packages = f"{count} package{'' if count == 1 else 's'}" if count else ""
    return ", ".join(part for part in (python, packages) if part)


def _with_run(version: ModelVersion, runs: Collection[int], words: str) -> str:
    return words if version.run_id in runs else ""
