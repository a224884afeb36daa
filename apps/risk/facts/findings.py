"""What policies read of findings and incidents: how many are open, what is overdue. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from apps.catalog.models import ModelVersion
from apps.risk.models import Finding, Incident, ReportDuty, Severity

Facts = dict[str, object]


@dataclass(frozen=True)
class Unsettled:
    """What is not settled on one model: findings, incidents, and reports still to be made."""

    findings: Iterable[tuple[Finding, int | None]] = ()
    """Each with the number of the first version it is about."""
    incidents: Iterable[Incident] = ()
    duties: Iterable[ReportDuty] = ()

    def facts(self, version: ModelVersion | None, at: datetime) -> dict[str, Facts]:
        """Return what policies read, for a version or for the model as a whole.

        A finding on a version is carried to every later one. An accepted risk is not open, and a
        contained incident is not, though its reports stay due.
        """
        carried = [
            one for one, first in self.findings if one.is_unsettled and _is_carried(first, version)
        ]
        counts = {name: sum(one.severity == name for one in carried) for name in Severity.values}
        serious = (
            one
            for one in self.incidents
            if one.severity == Incident.Severity.SERIOUS and one.state == Incident.State.OPEN
        )
        return {
            "findings": {
                "open_critical": counts[Severity.CRITICAL],
                "open_high": counts[Severity.HIGH],
                "open_medium": counts[Severity.MEDIUM],
                "overdue": sum(one.is_overdue(at.date()) for one in carried),
            },
            "incidents": {
                "open_serious": sum(1 for _ in serious),
                "overdue_reports": sum(one.is_overdue(at) for one in self.duties),
            },
            "production": {"target_open_critical_findings": counts[Severity.CRITICAL]},
        }


def _is_carried(first: int | None, version: ModelVersion | None) -> bool:
    return first is None or version is None or first <= version.number
