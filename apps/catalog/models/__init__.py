"""Facts: registered models, versions, artifacts, aliases, runs, and who holds duties on a model."""

from apps.catalog.models.access import (
    ModelDuty,
    RegisteredModelGroupPermission,
    RegisteredModelUserPermission,
)
from apps.catalog.models.content import (
    Artifact,
    DisposedVersion,
    TrackedFile,
    Upload,
    UploadFile,
    VersionFile,
)
from apps.catalog.models.exams import ExamRoom
from apps.catalog.models.inventory import (
    InventoryRow,
    ModelSheet,
    OwnField,
    ThirdParty,
    UseCase,
    VersionSheet,
)
from apps.catalog.models.labels import Alias, ModelTag, Tombstone, VersionTag
from apps.catalog.models.lineage import Asset, LineageEdge, Relation
from apps.catalog.models.registered import RegisteredModel
from apps.catalog.models.runs import (
    Experiment,
    LoggedModel,
    Run,
    RunDataset,
    RunMetric,
    RunParameter,
    RunTag,
)
from apps.catalog.models.search import SavedView, SearchText
from apps.catalog.models.versions import ModelVersion

__all__ = [
    "Alias",
    "Artifact",
    "Asset",
    "DisposedVersion",
    "ExamRoom",
    "Experiment",
    "InventoryRow",
    "LineageEdge",
    "LoggedModel",
    "ModelDuty",
    "ModelSheet",
    "ModelTag",
    "ModelVersion",
    "OwnField",
    "RegisteredModel",
    "RegisteredModelGroupPermission",
    "RegisteredModelUserPermission",
    "Relation",
    "Run",
    "RunDataset",
    "RunMetric",
    "RunParameter",
    "RunTag",
    "SavedView",
    "SearchText",
    "ThirdParty",
    "Tombstone",
    "TrackedFile",
    "Upload",
    "UploadFile",
    "UseCase",
    "VersionFile",
    "VersionSheet",
    "VersionTag",
]
