"""What policies read about models and versions: read for many at once, told one by one."""

from apps.catalog.facts.lineage import dependency_facts
from apps.catalog.facts.records import Records, final_metrics, with_records
from apps.catalog.facts.told import (
    Facts,
    is_withdrawn_for_cause,
    model_facts,
    uses_facts,
    version_facts,
)

__all__ = [
    "Facts",
    "Records",
    "dependency_facts",
    "final_metrics",
    "is_withdrawn_for_cause",
    "model_facts",
    "uses_facts",
    "version_facts",
    "with_records",
]
