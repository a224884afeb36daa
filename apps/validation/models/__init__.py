"""Evidence: checks and their runs, what they are given, and what they are held against."""

from apps.validation.models.attestations import Attestation
from apps.validation.models.documents import Document, DocumentRevision, DocumentSignature
from apps.validation.models.evidence import EvidenceItem
from apps.validation.models.external import ExternalCheck
from apps.validation.models.monitoring import Breach, MonitoringPoint, MonitoringSeries
from apps.validation.models.runs import (
    CheckLease,
    CheckRun,
    CheckRunQuerySet,
    NotWaiting,
    StaleConclusion,
)
from apps.validation.models.settings import CheckSetting, ReferenceList

__all__ = [
    "Attestation",
    "Breach",
    "CheckLease",
    "CheckRun",
    "CheckRunQuerySet",
    "CheckSetting",
    "Document",
    "DocumentRevision",
    "DocumentSignature",
    "EvidenceItem",
    "ExternalCheck",
    "MonitoringPoint",
    "MonitoringSeries",
    "NotWaiting",
    "ReferenceList",
    "StaleConclusion",
]
