"""Evidence: checks and their runs, what they are given, and what they are held against."""

from apps.validation.models.runs import (
    CheckLease,
    CheckRun,
    CheckRunQuerySet,
    NotWaiting,
    StaleConclusion,
)
from apps.validation.models.settings import CheckSetting, ReferenceList

__all__ = [
    "CheckLease",
    "CheckRun",
    "CheckRunQuerySet",
    "CheckSetting",
    "NotWaiting",
    "ReferenceList",
    "StaleConclusion",
]
