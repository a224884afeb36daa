"""Facts: registered models, versions, artifacts, aliases, runs, and who holds duties on a model."""

from apps.catalog.models.access import (
    ModelDuty,
    RegisteredModelGroupPermission,
    RegisteredModelUserPermission,
)
from apps.catalog.models.content import Artifact, Upload, UploadFile, VersionFile
from apps.catalog.models.labels import Alias, ModelTag, VersionTag
from apps.catalog.models.registered import RegisteredModel
from apps.catalog.models.runs import Run, RunMetric, RunParameter
from apps.catalog.models.versions import ModelVersion

__all__ = [
    "Alias",
    "Artifact",
    "ModelDuty",
    "ModelTag",
    "ModelVersion",
    "RegisteredModel",
    "RegisteredModelGroupPermission",
    "RegisteredModelUserPermission",
    "Run",
    "RunMetric",
    "RunParameter",
    "Upload",
    "UploadFile",
    "VersionFile",
    "VersionTag",
]
